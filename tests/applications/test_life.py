"""The life of an application over every act, phase, actor and moment."""

from datetime import timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from app.applications.rules import (
    Act,
    Certifying,
    Phase,
    phase,
    why_not_act,
    why_not_carry,
    why_not_certify,
    why_not_choose,
    why_not_restore,
    why_not_start,
    why_not_submit,
    why_not_take_back,
)
from app.core.refusals import Refusal
from app.frameworks.rules import Phase as FrameworkPhase
from app.frameworks.rules import RoundPhase
from tests import NOON

BOTH = (True, False)
POSSIBLE = {
    Phase.IN_PROGRESS: {Act.EDIT, Act.ASK_TO_CERTIFY, Act.SUBMIT, Act.WITHDRAW},
    Phase.AWAITING_CERTIFICATION: {Act.GO_ON_WRITING, Act.CERTIFY, Act.SUBMIT, Act.WITHDRAW},
    Phase.LAPSED: {Act.CARRY},
    Phase.SUBMITTED: {Act.TAKE_BACK, Act.WITHDRAW},
    Phase.DECIDED: set(),
    Phase.WITHDRAWN: {Act.RESTORE},
}
OWNERS = {Act.SUBMIT, Act.TAKE_BACK, Act.WITHDRAW, Act.RESTORE}


@pytest.mark.parametrize(("submitted", "withdrawn", "ready", "undecided"), list(product(BOTH, BOTH, BOTH, (0, 2))))
@pytest.mark.parametrize("round_phase", list(RoundPhase))
def test_where_an_application_stands(
    submitted: bool, withdrawn: bool, ready: bool, undecided: int, round_phase: RoundPhase
) -> None:
    found = phase(
        submitted_at=NOON if submitted else None,
        withdrawn_at=NOON + timedelta(days=1) if withdrawn else None,
        undecided=undecided,
        round_phase=round_phase,
        ready_at=NOON if ready else None,
    )
    if withdrawn:
        assert found is Phase.WITHDRAWN
    elif submitted:
        assert found is (Phase.SUBMITTED if undecided else Phase.DECIDED)
    elif round_phase is RoundPhase.CLOSED:
        assert found is Phase.LAPSED
    else:
        assert found is (Phase.AWAITING_CERTIFICATION if ready else Phase.IN_PROGRESS)


@pytest.mark.bar("R3")
@pytest.mark.parametrize(("act", "phase", "owner"), list(product(Act, Phase, BOTH)))
def test_an_act_is_possible_only_as_the_table_says(act: Act, phase: Phase, owner: bool) -> None:
    refusal = why_not_act(act, phase=phase, owner=owner)
    assert (refusal is None) is (act in POSSIBLE[phase] and (owner or act not in OWNERS))
    assert refusal is None or refusal.words.endswith(".")


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(
    ("parts", "statement", "owner", "missing"),
    list(product((0, 1), ("", "We help."), BOTH, ((), (Refusal("answer_missing", "It is not answered."),)))),
)
def test_submission_needs_everything_and_evidence_is_no_gate(
    phase: Phase, parts: int, statement: str, owner: bool, missing: tuple[Refusal, ...]
) -> None:
    def refusal(act: Act) -> object:
        return why_not_submit(
            act=act,
            phase=phase,
            parts=parts,
            statement=statement,
            owner=owner,
            application_id=uuid4(),
            provider_id=uuid4(),
            missing=missing,
        )

    whole = bool(parts) and bool(statement) and not missing
    assert (refusal(Act.SUBMIT) is None) is (Act.SUBMIT in POSSIBLE[phase] and whole and owner)
    assert (refusal(Act.ASK_TO_CERTIFY) is None) is (phase is Phase.IN_PROGRESS and whole)


@pytest.mark.row("2.10")
@pytest.mark.parametrize(("by_two", "certified", "mine"), list(product(BOTH, repeat=3)))
def test_where_two_certify_they_are_two(by_two: bool, certified: bool, mine: bool) -> None:
    certifying = Certifying(by_two, certified, mine)
    submits = why_not_submit(
        phase=Phase.AWAITING_CERTIFICATION,
        parts=1,
        statement="We help.",
        owner=True,
        certifying=certifying,
        application_id=uuid4(),
        provider_id=uuid4(),
    )
    assert (submits is None) is (not by_two or (certified and not mine))
    first = why_not_certify(phase=Phase.AWAITING_CERTIFICATION, certifying=certifying)
    assert (first is None) is (by_two and not certified)


@pytest.mark.parametrize(("phase", "owner", "round_phase", "decided"), list(product(Phase, BOTH, RoundPhase, (0, 1))))
def test_it_is_taken_back_before_the_close_and_before_any_decision(
    phase: Phase, owner: bool, round_phase: RoundPhase, decided: int
) -> None:
    refusal = why_not_take_back(phase=phase, owner=owner, round_phase=round_phase, decided=decided)
    assert (refusal is None) is (
        phase is Phase.SUBMITTED and owner and round_phase is not RoundPhase.CLOSED and not decided
    )


@pytest.mark.parametrize(
    ("phase", "owner", "round_phase", "other"), list(product(Phase, BOTH, RoundPhase, (None, uuid4())))
)
def test_a_withdrawal_is_undone_before_the_close(
    phase: Phase, owner: bool, round_phase: RoundPhase, other: UUID | None
) -> None:
    refusal = why_not_restore(phase=phase, owner=owner, round_phase=round_phase, other=other)
    assert (refusal is None) is (
        phase is Phase.WITHDRAWN and owner and round_phase is not RoundPhase.CLOSED and not other
    )


@pytest.mark.parametrize(("phase", "rounds"), list(product(Phase, (0, 2))))
def test_what_lapsed_is_carried_into_an_open_round(phase: Phase, rounds: int) -> None:
    assert (why_not_carry(phase=phase, rounds=rounds) is None) is (phase is Phase.LAPSED and rounds > 0)


@pytest.mark.parametrize("round_phase", list(RoundPhase))
@pytest.mark.parametrize("framework", list(FrameworkPhase))
def test_an_application_starts_in_an_open_round_by_an_active_provider(
    round_phase: RoundPhase, framework: FrameworkPhase
) -> None:
    open_and_lasting = round_phase is RoundPhase.OPEN and framework in (FrameworkPhase.APPROVED, FrameworkPhase.LIVE)
    for paused, restricted, closed, told in product((True, False), repeat=4):
        refusal = why_not_start(
            round_phase=round_phase,
            framework=framework,
            paused=paused,
            restricted=restricted,
            closed=closed,
            unfinished=() if told else ("the areas you cover",),
            provider_id=uuid4(),
        )
        may = open_and_lasting and told and not (paused or restricted or closed)
        assert (refusal is None) is may, (paused, restricted, closed, told)


@pytest.mark.parametrize("already", [0, 1, 5])
def test_members_need_not_apply_again(already: int) -> None:
    assert (why_not_choose(already_members=already) is None) is (already == 0)
