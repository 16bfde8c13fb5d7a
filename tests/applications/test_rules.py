"""The moves of an application and of its parts, over every state and every step."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest

from app.applications.rules import (
    PartState,
    Phase,
    Step,
    as_the_provider_sees,
    is_done,
    part_state,
    phase,
    why_not_choose,
    why_not_edit,
    why_not_start,
    why_not_step,
    why_not_submit,
    why_not_withdraw,
)
from app.frameworks.rules import Phase as FrameworkPhase
from app.frameworks.rules import RoundPhase
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


@pytest.mark.parametrize(("submitted", "withdrawn", "undecided"), list(product((True, False), (True, False), (0, 2))))
@pytest.mark.parametrize("round_phase", list(RoundPhase))
def test_where_an_application_stands(submitted: bool, withdrawn: bool, undecided: int, round_phase: RoundPhase) -> None:
    found = phase(
        submitted_at=NOON if submitted else None,
        withdrawn_at=NOON + timedelta(days=1) if withdrawn else None,
        undecided=undecided,
        round_phase=round_phase,
    )
    if withdrawn:
        assert found is Phase.WITHDRAWN
    elif submitted:
        assert found is (Phase.SUBMITTED if undecided else Phase.DECIDED)
    else:
        assert found is (Phase.LAPSED if round_phase is RoundPhase.CLOSED else Phase.IN_PROGRESS)


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(("parts", "statement", "owner"), list(product((0, 1), ("", "We help."), (True, False))))
def test_submission_needs_everything_and_evidence_is_no_gate(
    phase: Phase, parts: int, statement: str, owner: bool
) -> None:
    application, provider = uuid4(), uuid4()
    refusal = why_not_submit(
        phase=phase, parts=parts, statement=statement, owner=owner, application_id=application, provider_id=provider
    )
    assert (refusal is None) is (phase is Phase.IN_PROGRESS and bool(parts) and bool(statement) and owner)
    if phase is Phase.IN_PROGRESS and refusal:
        assert refusal.fix is not None


@pytest.mark.parametrize("phase", list(Phase))
def test_only_a_draft_is_edited(phase: Phase) -> None:
    assert (why_not_edit(phase) is None) is (phase is Phase.IN_PROGRESS)


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("owner", [True, False])
def test_an_owner_withdraws_before_all_is_decided(phase: Phase, owner: bool) -> None:
    may = owner and phase not in (Phase.DECIDED, Phase.LAPSED)
    assert (why_not_withdraw(phase=phase, owner=owner) is None) is may


@pytest.mark.parametrize("round_phase", list(RoundPhase))
@pytest.mark.parametrize("framework", list(FrameworkPhase))
@pytest.mark.parametrize(("paused", "restricted", "closed", "told"), list(product((True, False), repeat=4)))
def test_an_application_starts_in_an_open_round_by_an_active_provider(
    round_phase: RoundPhase, framework: FrameworkPhase, paused: bool, restricted: bool, closed: bool, told: bool
) -> None:
    refusal = why_not_start(
        round_phase=round_phase,
        framework=framework,
        paused=paused,
        restricted=restricted,
        closed=closed,
        unfinished=() if told else ("the areas you cover",),
        provider_id=uuid4(),
    )
    lasting = framework in (FrameworkPhase.APPROVED, FrameworkPhase.LIVE)
    assert (refusal is None) is (
        round_phase is RoundPhase.OPEN and lasting and told and not (paused or restricted or closed)
    )


@pytest.mark.parametrize("already", [0, 1, 5])
def test_members_need_not_apply_again(already: int) -> None:
    assert (why_not_choose(already_members=already) is None) is (already == 0)
