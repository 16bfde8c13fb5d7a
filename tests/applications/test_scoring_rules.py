"""Scores, thresholds and pass marks; what passes by itself; rankings with a line; batches; and who may do what when."""

from datetime import date
from decimal import Decimal
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.applications.rules import Phase, RefusalReason, batch_of, why_not_yet
from app.applications.scoring.rules import (
    Candidate,
    ScoredQuestion,
    Sheets,
    Standing,
    Tally,
    Verdict,
    all_pass,
    answered,
    evidenced,
    needs_note,
    ranking,
    scored,
    tally,
    why_not_accept,
    why_not_agree,
    why_not_break_tie,
    why_not_declare,
    why_not_ground,
    why_not_moderate,
    why_not_name,
    why_not_release,
    why_not_score,
    why_not_submit,
)
from app.core.refusals import Refusal
from app.evidence.rules import Standing as Worth
from app.frameworks.rules import RoundPhase

BOTH = (True, False)
FIRST, SECOND = ScoredQuestion(uuid4(), "How?", 60, 3), ScoredQuestion(uuid4(), "Who?", 40)


def code(refusal: Refusal | None) -> str | None:
    assert refusal is None or refusal.words.endswith(".")
    return refusal.code if refusal else None


@pytest.mark.row("2.9")
@pytest.mark.parametrize(
    ("marks", "pass_mark", "verdict", "total", "below"),
    [
        ((), None, Verdict.WAITING, None, 0),
        ((5,), 60, Verdict.WAITING, None, 0),
        ((5, 5), 100, Verdict.MEETS, "100.00", 0),
        ((3, 3), 60, Verdict.MEETS, "60.00", 0),
        ((3, 3), 61, Verdict.BELOW, "60.00", 1),
        ((2, 5), None, Verdict.BELOW, "64.00", 1),
        ((2, 0), 60, Verdict.BELOW, "24.00", 2),
        ((3, 0), None, Verdict.MEETS, "36.00", 0),
    ],
)
def test_marks_are_held_against_thresholds_and_the_pass_mark(
    marks: tuple[int, ...], pass_mark: int | None, verdict: Verdict, total: str | None, below: int
) -> None:
    found = tally((FIRST, SECOND), dict(zip((FIRST.id, SECOND.id), marks, strict=False)), pass_mark)
    assert (found.verdict, found.total, len(found.below)) == (verdict, Decimal(total) if total else None, below)


def test_a_lot_without_scored_questions_has_no_score() -> None:
    assert tally((), {FIRST.id: 5}, 60) == Tally(Verdict.NOTHING_SCORED)


@pytest.mark.row("2.9")
@pytest.mark.parametrize(
    ("given_marks", "agreed", "noted"),
    [
        ((3, 3), 3, False),
        ((3, 4), 3, False),
        ((3, 4), 5, True),
        ((2, 4), 3, True),
        ((3, 3), 2, True),
        ((0, 5), 0, True),
    ],
)
def test_marks_two_apart_or_an_agreed_one_outside_them_need_a_note(
    given_marks: tuple[int, ...], agreed: int, noted: bool
) -> None:
    assert needs_note(given_marks, agreed) is noted
    assert code(why_not_agree(given_marks, agreed, "")) == ("note" if noted else None)
    assert why_not_agree(given_marks, agreed, "Read together, the answer names nobody.") is None


@pytest.mark.row("2.7")
@pytest.mark.parametrize("standing", list(Worth))
def test_evidence_passes_by_itself_when_it_is_verified(standing: Worth) -> None:
    check = evidenced("Public liability insurance", standing)
    assert check.passed is (standing is Worth.VERIFIED)
    assert check.words.endswith(".") and "Public liability" in check.rule


@pytest.mark.row("2.7")
@pytest.mark.parametrize(("answer", "passed"), [("Yes", True), ("Both", True), ("No", False), ("", False)])
def test_an_answer_passes_by_itself_only_as_stated(answer: str, passed: bool) -> None:
    assert answered("Are you insured?", ("Yes", "Both"), answer).passed is passed


@pytest.mark.row("2.7")
@pytest.mark.parametrize(
    ("found", "ranked", "passed"),
    [
        (Tally(Verdict.NOTHING_SCORED), False, None),
        (Tally(Verdict.NOTHING_SCORED), True, False),
        (Tally(Verdict.WAITING), False, False),
        (Tally(Verdict.WAITING), True, False),
        (Tally(Verdict.MEETS, Decimal(60)), False, True),
        (Tally(Verdict.MEETS, Decimal(60)), True, False),
        (Tally(Verdict.BELOW, Decimal(40), ("the score is 40%",)), False, False),
    ],
)
def test_a_score_passes_by_itself_but_a_ranking_never(found: Tally, ranked: bool, passed: bool | None) -> None:
    check = scored(found, pass_mark=60, ranked=ranked)
    assert (check.passed if check else None) is passed


def test_what_no_rule_covers_goes_to_a_person() -> None:
    yes, no = evidenced("Insurance", Worth.VERIFIED), evidenced("Insurance", Worth.MISSING)
    assert [all_pass(checks) for checks in ((), (yes,), (yes, no), (no,))] == [False, True, False, False]


def _of(total: int, **different: int) -> Candidate:
    return Candidate(uuid4(), Verdict.MEETS, Decimal(total), **different)


@pytest.mark.row("2.9")
@pytest.mark.parametrize(
    ("candidates", "free", "expected"),
    [
        ([_of(90), _of(80), _of(70)], 2, "1 within, 2 within, 3 beyond"),
        ([_of(90), _of(80), _of(80)], 2, "1 within, 2= tied across the line, 2= tied across the line"),
        ([_of(90), _of(80), _of(80, preferred=1)], 2, "1 within, 2= within, 2= beyond"),
        ([_of(80, preferred=1), _of(80, preferred=2)], 1, "1= within, 1= beyond"),
        ([_of(80), _of(80)], 2, "1= within, 1= within"),
        ([_of(80), _of(80)], 0, "1= beyond, 1= beyond"),
        ([_of(80), _of(80), _of(80, preferred=1)], 2, "1= within, 1= tied across the line, 1= tied across the line"),
        ([_of(90, admitted=True), _of(80), _of(70)], 1, "1 admitted, 2 within, 3 beyond"),
        ([_of(90, refused=True), _of(80), _of(70)], 1, "1 within, 2 beyond, 0 refused"),
        ([Candidate(uuid4(), Verdict.BELOW, Decimal(99)), _of(70)], 5, "1 within, 0 below"),
        ([Candidate(uuid4(), Verdict.NOTHING_SCORED)], 1, "1 within"),
    ],
)
def test_the_line_of_the_most_members_runs_through_the_ranking(
    candidates: list[Candidate], free: int, expected: str
) -> None:
    for order in (candidates, candidates[::-1]):
        found = ranking(order, free=free)
        assert ", ".join(f"{one.rank}{'=' * one.tied} {one.standing}" for one in found) == expected


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=8, unique_by=lambda one: one[1]),
    st.integers(0, 5),
)
def test_never_more_than_the_free_places_are_within_and_none_before_a_better_one(
    scores: list[tuple[int, int]], free: int
) -> None:
    candidates = [_of(total, preferred=preferred) for total, preferred in scores]
    totals = {one.part_id: one.total for one in candidates}
    found = {one.part_id: one.standing for one in ranking(candidates, free=free)}
    within = [part_id for part_id, standing in found.items() if standing is Standing.WITHIN]
    assert len(within) <= free
    left_out = [totals[part_id] or Decimal(0) for part_id in found if part_id not in within]
    assert not within or max(left_out, default=Decimal(0)) <= min(totals[part_id] or Decimal(0) for part_id in within)
    if Standing.ACROSS not in found.values():
        assert len(within) == min(free, len(candidates))


@pytest.mark.row("2.4")
@pytest.mark.parametrize(
    ("on", "batch"),
    [
        (date(2027, 1, 9), date(2027, 1, 10)),
        (date(2027, 1, 10), date(2027, 1, 10)),
        (date(2027, 1, 11), date(2027, 4, 10)),
        (date(2027, 4, 11), None),
    ],
)
def test_an_application_falls_into_the_first_batch_that_is_not_over(on: date, batch: date | None) -> None:
    assert batch_of(on, (date(2027, 4, 10), date(2027, 1, 10))) == batch
    assert batch_of(on, ()) is None


@pytest.mark.row("2.4")
@pytest.mark.parametrize(
    ("on", "early"), [(date(2027, 1, 9), True), (date(2027, 1, 10), False), (date(2028, 1, 1), False)]
)
def test_nothing_is_decided_before_its_batch(on: date, early: bool) -> None:
    assert code(why_not_yet(date(2027, 1, 10), on)) == ("before_batch" if early else None)
    assert why_not_yet(None, on) is None


@pytest.mark.bar("R3")
@pytest.mark.row("2.9")
@pytest.mark.parametrize(("verdict", "standing", "waiting"), list(product(Verdict, (None, *Standing), (0, 2))))
def test_a_part_is_accepted_only_with_its_score_and_its_place(
    verdict: Verdict, standing: Standing | None, waiting: int
) -> None:
    found = Tally(verdict, below=("it has 40%",) if verdict is Verdict.BELOW else ())
    expected = {Verdict.WAITING: "unscored", Verdict.BELOW: "below"}.get(verdict)
    if expected is None and standing is not None:
        places = {Standing.BEYOND: "beyond", Standing.ACROSS: "tied"}
        expected = "others_unscored" if waiting else places.get(standing)
    assert code(why_not_accept(found=found, standing=standing, waiting=waiting)) == expected
    grounds = {
        reason
        for reason in RefusalReason
        if why_not_ground(reason, found=found, standing=standing, waiting=waiting) is None
    }
    by_score = {RefusalReason.SCORE: verdict is Verdict.BELOW}
    by_rank = {RefusalReason.RANK: standing is Standing.BEYOND and not waiting}
    assert grounds == {reason for reason in RefusalReason if {**by_score, **by_rank}.get(reason, True)}
    tie = why_not_break_tie(standing=standing, waiting=waiting)
    assert (tie is None) is (standing is Standing.ACROSS and not waiting)


@pytest.mark.bar("R3")
@pytest.mark.row("2.9")
@pytest.mark.parametrize(
    ("phase", "round_phase", "rolling", "submitted", "moderated"), list(product(Phase, RoundPhase, BOTH, BOTH, BOTH))
)
def test_an_assessor_scores_what_can_no_longer_change(
    phase: Phase, round_phase: RoundPhase, rolling: bool, submitted: bool, moderated: bool
) -> None:
    refusal = why_not_score(
        phase=phase, round_phase=round_phase, rolling=rolling, submitted=submitted, moderated=moderated
    )
    settled = rolling or round_phase is RoundPhase.CLOSED
    assert (refusal is None) is (phase is Phase.SUBMITTED and settled and not submitted and not moderated)
    assert code(refusal) is None or refusal is not None


@pytest.mark.bar("R3")
@pytest.mark.row("2.9")
@pytest.mark.parametrize(
    ("phase", "submitted", "waiting", "interested", "decided"), list(product(Phase, (0, 1, 2), (0, 1), BOTH, BOTH))
)
def test_marks_are_compared_when_those_of_two_or_more_are_in(
    phase: Phase, submitted: int, waiting: int, interested: bool, decided: bool
) -> None:
    found = code(
        why_not_moderate(phase=phase, sheets=Sheets(submitted, waiting), interested=interested, decided=decided)
    )
    checks = (
        (interested, "interested"),
        (phase is Phase.WITHDRAWN, "application_withdrawn"),
        (waiting > 0, "waiting"),
        (submitted < 2, "too_few"),
        (decided, "decided"),
    )
    assert found == next((name for holds, name in checks if holds), None)


def test_small_rules_of_assessors() -> None:
    assert [code(why_not_name(scored=s, belongs=b)) for s, b in product(BOTH, BOTH)] == [
        "belongs",
        None,
        "nothing_scored",
        "nothing_scored",
    ]
    releases = [code(why_not_release(on_record=said, reason=why)) for said, why in product(BOTH, ("", "Is ill"))]
    assert releases == ["reason", None, None, None]
    assert [code(why_not_declare(interested=interested)) for interested in BOTH] == ["declared", None]
    assert [code(why_not_submit(unmarked=unmarked)) for unmarked in (0, 1, 2)] == [None, "unmarked", "unmarked"]


def test_a_ranking_does_not_depend_on_ids() -> None:
    first, last = UUID(int=1), UUID(int=2)
    for ids in ((first, last), (last, first)):
        better, worse = (Candidate(i, Verdict.MEETS, Decimal(t)) for i, t in zip(ids, (9, 1), strict=True))
        assert [one.part_id for one in ranking([worse, better], free=1)] == [better.part_id, worse.part_id]
