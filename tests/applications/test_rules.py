"""The moves of a part of an application, over every state and every step."""

from datetime import date
from itertools import product

import pytest

from app.applications.rules import (
    PartState,
    Phase,
    Step,
    as_the_provider_sees,
    is_done,
    part_state,
    why_not_look_again,
    why_not_own,
    why_not_step,
)
from tests import NOON

ALLOWED = {
    (Step.ACCEPT, PartState.REQUESTED),
    (Step.ACCEPT, PartState.REFUSAL_PROPOSED),
    (Step.PROPOSE_REFUSAL, PartState.REQUESTED),
    (Step.CONFIRM_REFUSAL, PartState.REFUSAL_PROPOSED),
    (Step.UPHOLD, PartState.REVIEW_REQUESTED),
    (Step.OVERTURN, PartState.REVIEW_REQUESTED),
}
BY_OTHERS = {Step.CONFIRM_REFUSAL, Step.UPHOLD, Step.OVERTURN}
OWN = why_not_own(belongs=True, vouched=False)
REVIEW = {Step.UPHOLD, Step.OVERTURN}


@pytest.mark.bar("R3")
@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(PartState))
def test_a_part_moves_only_as_the_table_says(step: Step, state: PartState) -> None:
    for phase, mine, own in product(Phase, (True, False), (True, False)):
        may = (
            (step, state) in ALLOWED
            and (phase in (Phase.SUBMITTED, Phase.DECIDED) or (phase is Phase.WITHDRAWN and step in REVIEW))
            and not own
            and not (step in BY_OTHERS and mine)
        )
        refusal = why_not_step(step, state=state, phase=phase, took_part=mine, own=OWN if own else None)
        assert (refusal is None) is may, (phase, mine, own)
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
        (Step.UPHOLD, PartState.UPHELD): True,
        (Step.OVERTURN, PartState.OVERTURNED): True,
    }
    assert is_done(step, state=state, took_part=mine) is done.get((step, state), False)


@pytest.mark.parametrize(
    ("decision", "proposed", "asked", "outcome", "expected", "told"),
    [
        (None, False, False, None, PartState.REQUESTED, PartState.REQUESTED),
        (None, True, False, None, PartState.REFUSAL_PROPOSED, PartState.REQUESTED),
        ("accepted", False, False, None, PartState.ACCEPTED, PartState.ACCEPTED),
        ("accepted", True, False, None, PartState.ACCEPTED, PartState.ACCEPTED),
        ("refused", True, False, None, PartState.REFUSED, PartState.REFUSED),
        ("refused", True, True, None, PartState.REVIEW_REQUESTED, PartState.REVIEW_REQUESTED),
        ("refused", True, True, "upheld", PartState.UPHELD, PartState.UPHELD),
        ("refused", True, True, "overturned", PartState.OVERTURNED, PartState.OVERTURNED),
    ],
)
def test_a_provider_never_sees_a_proposal(
    decision: str | None, proposed: bool, asked: bool, outcome: str | None, expected: PartState, told: PartState
) -> None:
    state = part_state(
        decision=decision,
        proposed_at=NOON if proposed else None,
        review_asked_at=NOON if asked else None,
        review_outcome=outcome,
    )
    assert state is expected
    assert as_the_provider_sees(state) is told


@pytest.mark.bar("R3")
@pytest.mark.row("2.14")
@pytest.mark.parametrize(("state", "owner"), list(product(PartState, (True, False))))
@pytest.mark.parametrize(
    ("on", "in_time"), [(date(2026, 12, 18), True), (date(2027, 1, 6), True), (date(2027, 1, 7), False)]
)
def test_a_refusal_may_be_asked_to_be_looked_at_again_within_ten_working_days(
    state: PartState, owner: bool, on: date, in_time: bool
) -> None:
    """Refused on Friday 18 December 2026: Christmas, the Monday after it for Boxing Day, and New Year's Day do not count."""
    refusal = why_not_look_again(state=state, refused_on=date(2026, 12, 18), on=on, owner=owner)
    assert (refusal is None) is (state is PartState.REFUSED and owner and in_time)
    assert refusal is None or refusal.words.endswith(".")
