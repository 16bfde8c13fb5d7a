"""The moves of a part of an application, over every state and every step."""

from itertools import product

import pytest

from app.applications.rules import (
    PartState,
    Phase,
    Step,
    as_the_provider_sees,
    is_done,
    part_state,
    why_not_step,
)
from tests import NOON

ALLOWED = {
    (Step.ACCEPT, PartState.REQUESTED),
    (Step.ACCEPT, PartState.REFUSAL_PROPOSED),
    (Step.PROPOSE_REFUSAL, PartState.REQUESTED),
    (Step.CONFIRM_REFUSAL, PartState.REFUSAL_PROPOSED),
}


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(PartState))
@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(("mine", "own"), list(product((True, False), repeat=2)))
def test_a_part_moves_only_as_the_table_says(step: Step, state: PartState, phase: Phase, mine: bool, own: bool) -> None:
    may = (
        (step, state) in ALLOWED
        and phase in (Phase.SUBMITTED, Phase.DECIDED)
        and not own
        and not (step is Step.CONFIRM_REFUSAL and mine)
    )
    refusal = why_not_step(step, state=state, phase=phase, proposed_by_actor=mine, own_provider=own)
    assert (refusal is None) is may
    assert refusal is None or refusal.words.endswith(".")


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(PartState))
@pytest.mark.parametrize("mine", [True, False])
def test_a_second_click_is_quiet_but_a_colleague_s_proposal_is_not_mine(
    step: Step, state: PartState, mine: bool
) -> None:
    done = {
        (Step.ACCEPT, PartState.ACCEPTED): True,
        (Step.PROPOSE_REFUSAL, PartState.REFUSAL_PROPOSED): mine,
        (Step.CONFIRM_REFUSAL, PartState.REFUSED): True,
    }
    assert is_done(step, state=state, proposed_by_actor=mine) is done.get((step, state), False)


@pytest.mark.parametrize(
    ("decision", "proposed", "expected", "told"),
    [
        (None, False, PartState.REQUESTED, PartState.REQUESTED),
        (None, True, PartState.REFUSAL_PROPOSED, PartState.REQUESTED),
        ("accepted", False, PartState.ACCEPTED, PartState.ACCEPTED),
        ("accepted", True, PartState.ACCEPTED, PartState.ACCEPTED),
        ("refused", True, PartState.REFUSED, PartState.REFUSED),
    ],
)
def test_a_provider_never_sees_a_proposal(
    decision: str | None, proposed: bool, expected: PartState, told: PartState
) -> None:
    state = part_state(decision=decision, proposed_at=NOON if proposed else None)
    assert state is expected
    assert as_the_provider_sees(state) is told
