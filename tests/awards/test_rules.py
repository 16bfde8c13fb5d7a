"""When bids may be opened, what a score is, who may see it and who may award."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.awards.rules.award import needs_reason, why_not_compare, why_not_decide, why_not_propose, why_not_win
from app.awards.rules.letters import BidResult, Line, fingerprint, letter
from app.awards.rules.opening import why_not_appoint, why_not_declare, why_not_open, why_not_release
from app.awards.rules.scoring import (
    Criterion,
    Entry,
    Ranked,
    is_scored,
    ranking,
    why_not_read,
    why_not_score,
    why_not_see_results,
    why_not_submit,
)
from app.briefs.rules import Phase
from app.core.refusals import Refusal
from app.core.scoring import PriceFormula, price_score
from tests import NOON

BRIEF, CHAIR, OTHER = uuid4(), uuid4(), uuid4()
DRAIN = timedelta(seconds=60)


def every(*values: Iterable[Any]) -> list[tuple[Any, ...]]:
    """All combinations."""
    return list(product(*values))


def _code(refusal: Refusal | None) -> str | None:
    assert refusal is None or refusal.words
    return refusal.code if refusal else None


def _opening(
    phase: Phase = Phase.CLOSED,
    after: float = 60,
    *,
    assessors: int = 2,
    undeclared: int = 0,
    approvals: tuple[UUID, ...] = (),
    person: UUID = CHAIR,
    chair: bool = True,
) -> str | None:
    return _code(
        why_not_open(
            phase=phase,
            closes_at=NOON,
            drain=DRAIN,
            now=NOON + timedelta(seconds=after),
            assessors=assessors,
            undeclared=undeclared,
            approvals=approvals,
            person=person,
            chair=chair,
            brief_id=BRIEF,
        )
    )


@pytest.mark.parametrize("chair", [True, False])
@pytest.mark.parametrize("approvals", [(), (CHAIR,), (OTHER,)])
@pytest.mark.parametrize("phase", [p for p in Phase if p is not Phase.CLOSED])
def test_only_a_closed_brief_can_be_opened_by_anybody(phase: Phase, approvals: tuple[UUID, ...], chair: bool) -> None:
    expected = {Phase.OPEN: "sealed", Phase.OPENED: "already_open", Phase.AWARDED: "already_open"}
    assert _opening(phase, approvals=approvals, chair=chair) == expected.get(phase, "not_live")


@pytest.mark.parametrize(
    ("after", "expected"),
    [(-86400, "sealed"), (-0.001, "sealed"), (0, "draining"), (59.999, "draining"), (60, None), (86400, None)],
)
def test_the_drain_must_have_passed(after: float, expected: str | None) -> None:
    assert _opening(after=after) == expected


@pytest.mark.row("8.6")
@pytest.mark.parametrize(("assessors", "undeclared"), [(0, 0), (1, 1), (2, 1), (1, 0), (3, 0)])
def test_everybody_who_assesses_has_declared(assessors: int, undeclared: int) -> None:
    expected = "no_assessor" if not assessors else "undeclared" if undeclared else None
    assert _opening(assessors=assessors, undeclared=undeclared) == expected


@pytest.mark.parametrize(
    ("approvals", "person", "chair", "expected"),
    [
        ((), CHAIR, True, None),
        ((), OTHER, False, "chair_first"),
        ((CHAIR,), CHAIR, True, "same_person"),
        ((CHAIR,), OTHER, False, None),
        ((CHAIR,), OTHER, True, None),
    ],
)
def test_two_people_the_chair_first(approvals: tuple[UUID, ...], person: UUID, chair: bool, expected: str) -> None:
    assert _opening(approvals=approvals, person=person, chair=chair) == expected


@pytest.mark.parametrize(("phase", "proposed"), every(Phase, [True, False]))
def test_who_may_be_asked_and_when(phase: Phase, proposed: bool) -> None:
    live = phase in (Phase.OPEN, Phase.CLOSED, Phase.OPENED)
    expected = "draft" if phase is Phase.DRAFT else "over" if not live else "proposed" if proposed else None
    assert _code(why_not_appoint(phase=phase, proposed=proposed)) == expected


def test_who_has_declared_stays() -> None:
    assert why_not_release(declared=False) is None
    assert _code(why_not_release(declared=True)) == "declared"


@pytest.mark.parametrize(("phase", "declared"), every(Phase, [True, False]))
def test_a_declaration_is_fixed_by_the_opening(phase: Phase, declared: bool) -> None:
    live = phase in (Phase.OPEN, Phase.CLOSED, Phase.OPENED)
    expected = "not_live" if not live else "fixed" if phase is Phase.OPENED and declared else None
    assert _code(why_not_declare(phase=phase, declared=declared)) == expected


@pytest.mark.parametrize(("phase", "declared"), every(Phase, [True, False]))
def test_reading_needs_a_declaration_and_an_opening(phase: Phase, declared: bool) -> None:
    sealed = {Phase.OPEN: "sealed", Phase.CLOSED: "sealed", Phase.OPENED: None, Phase.AWARDED: None}
    expected = sealed.get(phase, "not_live") if declared else "undeclared"
    assert _code(why_not_read(phase=phase, declared=declared, brief_id=BRIEF)) == expected


@pytest.mark.parametrize(("phase", "opened", "submitted"), every(Phase, [True, False], [True, False]))
def test_scores_are_written_after_reading_and_before_submitting(phase: Phase, opened: bool, submitted: bool) -> None:
    expected = "not_open" if phase is not Phase.OPENED else "unread" if not opened else "locked" if submitted else None
    assert _code(why_not_score(phase=phase, opened=opened, submitted=submitted)) == expected


@pytest.mark.parametrize(("opened", "unscored"), every([True, False], [0, 1, 2]))
def test_scores_are_submitted_whole(opened: bool, unscored: int) -> None:
    expected = "unread" if not opened else "unscored" if unscored else None
    assert _code(why_not_submit(phase=Phase.OPENED, opened=opened, unscored=unscored)) == expected


@pytest.mark.row("8.4")
@pytest.mark.parametrize(("phase", "waiting", "conflicted"), every(Phase, [0, 1, 2], [True, False]))
def test_results_are_seen_when_all_scores_are_in(phase: Phase, waiting: int, conflicted: bool) -> None:
    opened = phase in (Phase.OPENED, Phase.AWARDED)
    expected = "conflicted" if conflicted else "not_open" if not opened else "waiting" if waiting else None
    assert _code(why_not_see_results(phase=phase, waiting=waiting, conflicted=conflicted)) == expected


def _criterion(weight: int, *, price: bool = False) -> Criterion:
    return Criterion(uuid4(), "Price" if price else "Quality", "", price, weight)


@pytest.mark.row("8.8")
@pytest.mark.parametrize(
    ("price", "lowest", "weight", "expected"),
    [
        (240_000, 240_000, 30, "30.00"),
        (270_000, 240_000, 30, "26.67"),
        (300_000, 200_000, 25, "16.67"),
        (160, 1, 2, "0.01"),  # 0.0125
        (400, 1, 2, "0.01"),  # 0.005, half up
        (0, 0, 30, "30.00"),
        (100, 0, 30, "0.00"),
    ],
)
def test_a_price_score(price: int, lowest: int, weight: int, expected: str) -> None:
    assert str(price_score(price, lowest, weight)) == expected


@pytest.mark.row("8.8")
@pytest.mark.parametrize(
    ("price", "lowest", "weight", "expected"),
    [
        (240_000, 240_000, 30, "30.00"),
        (300_000, 240_000, 30, "22.50"),  # a quarter above the lowest, a quarter of the weight lost
        (479_999, 240_000, 100, "0.00"),
        (480_000, 240_000, 30, "0.00"),
        (900_000, 240_000, 30, "0.00"),
        (100, 0, 30, "0.00"),
        (0, 0, 30, "30.00"),
    ],
)
def test_a_price_score_on_a_straight_line(price: int, lowest: int, weight: int, expected: str) -> None:
    assert str(price_score(price, lowest, weight, PriceFormula.STRAIGHT_LINE)) == expected


def _half_up(value: Fraction) -> Decimal:
    return Decimal((value * 100 + Fraction(1, 2)).__floor__()) / 100


@given(st.integers(1, 10**10), st.integers(0, 10**10), st.integers(0, 100))
def test_a_price_score_is_exact(price: int, less: int, weight: int) -> None:
    lowest = max(1, price - less)
    assert price_score(price, lowest, weight) == _half_up(Fraction(lowest * weight, price))


@st.composite
def _competitions(draw: st.DrawFn) -> tuple[list[Criterion], list[Entry]]:
    first = draw(st.integers(0, 100))
    second = draw(st.integers(0, 100 - first))
    criteria = [_criterion(first), _criterion(second), _criterion(100 - first - second, price=True)]
    entries = [
        Entry(
            uuid4(),
            draw(st.integers(1, 9) | st.integers(1, 10**9)),
            {c.id: draw(st.lists(st.integers(0, 5), min_size=1, max_size=4)) for c in criteria if not c.is_price},
        )
        for _ in range(draw(st.integers(1, 6)))
    ]
    return criteria, entries


@given(_competitions(), st.randoms())
def test_a_ranking_is_fair_whatever_the_bids(made: tuple[list[Criterion], list[Entry]], chance: Random) -> None:
    criteria, entries = made
    ranked = ranking(criteria, entries)
    price = criteria[2]
    lowest = min(entry.price_pence for entry in entries)
    prices = {entry.bid_id: entry.price_pence for entry in entries}
    for bid in ranked:
        assert bid.total == sum(bid.scores.values()) <= 100
        if prices[bid.bid_id] == lowest:
            assert bid.scores[price.id] == price.weight
    keys = [(-bid.total, prices[bid.bid_id]) for bid in ranked]
    assert keys == sorted(keys) and ranked[0].rank == 1
    for bid in ranked:
        same = [other for other in ranked if other.rank == bid.rank]
        assert bid.tied == (len(same) > 1)
        assert {(other.total, prices[other.bid_id]) for other in same} == {(bid.total, prices[bid.bid_id])}
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert ranking(criteria, shuffled) == ranked


def test_the_lower_price_breaks_a_tie_of_totals_and_nothing_breaks_a_full_tie() -> None:
    quality, price = _criterion(80), _criterion(20, price=True)
    dear, cheap, twin = (
        Entry(uuid4(), 200, {quality.id: [5]}),  # 80 + 10
        Entry(uuid4(), 100, {quality.id: [4, 5, 4, 4, 5]}),  # 70.40 + 20
        Entry(uuid4(), 200, {quality.id: [5, 5]}),
    )
    ranked = {
        bid.bid_id: (bid.rank, bid.tied, str(bid.total)) for bid in ranking([quality, price], [dear, cheap, twin])
    }
    assert ranked == {
        cheap.bid_id: (1, False, "90.40"),
        dear.bid_id: (2, True, "90.00"),
        twin.bid_id: (2, True, "90.00"),
    }
    same_total = [Entry(uuid4(), 100, {quality.id: [4]}), Entry(uuid4(), 200, {quality.id: [4]})]
    even = _criterion(0, price=True)
    assert [(bid.rank, bid.tied) for bid in ranking([quality, even], same_total)] == [(1, False), (2, False)]


def test_no_bids_rank_as_nothing() -> None:
    assert ranking([_criterion(100)], []) == ()


def test_a_bid_is_scored_when_somebody_scored_every_criterion_but_price() -> None:
    quality, price = _criterion(80), _criterion(20, price=True)
    assert is_scored(Entry(uuid4(), 1, {quality.id: [0]}), [quality, price])
    assert not is_scored(Entry(uuid4(), 1, {}), [quality, price])


@pytest.mark.parametrize(("phase", "proposed", "bids", "unscored"), every(Phase, [True, False], [0, 2], [0, 1]))
def test_when_a_ranking_is_ready_for_an_award(phase: Phase, proposed: bool, bids: int, unscored: int) -> None:
    expected = (
        "not_open"
        if phase is not Phase.OPENED
        else "proposed"
        if proposed
        else "no_bids"
        if not bids
        else "unscored"
        if unscored
        else None
    )
    assert _code(why_not_compare(phase=phase, proposed=proposed, bids=bids, unscored=unscored)) == expected


LAPSED = Refusal("evidence", "Its insurance has expired.")


@pytest.mark.parametrize(
    ("rank", "tied", "long", "eligible"), every([1, 2], [True, False], [True, False], [True, False])
)
def test_a_winner_out_of_turn_needs_a_reason(rank: int, tied: bool, long: bool, eligible: bool) -> None:
    bid = Ranked(uuid4(), rank, tied, {}, Decimal(90))
    refusal = why_not_propose(bid, reason="x" * (20 if long else 19), ineligible=() if eligible else (LAPSED,))
    assert needs_reason(bid) == (tied or rank > 1)
    assert _code(refusal) == ("ineligible" if not eligible else "reason" if (tied or rank > 1) and not long else None)


@pytest.mark.row("9.2")
@pytest.mark.parametrize(
    ("phase", "proposed", "proposer", "assessor", "conflicted"), every(Phase, *[[True, False]] * 4)
)
def test_who_decides_about_an_award(
    phase: Phase, proposed: bool, proposer: bool, assessor: bool, conflicted: bool
) -> None:
    refusal = why_not_decide(
        phase=phase, proposed=proposed, proposer=proposer, assessor=assessor, conflicted=conflicted
    )
    may = phase is Phase.OPENED and proposed and not (proposer or assessor or conflicted)
    assert (refusal is None) == may


def test_a_winner_is_eligible_at_the_moment_of_approval() -> None:
    assert why_not_win(()) is None
    assert LAPSED.words in why_not_win((LAPSED,)).words  # type: ignore[union-attr]


ABOUT = {"brief": "B-1", "title": "T", "agency": "A", "party": "A"}
WHY = "The family asked for a place that it can walk to."


def _result(name: str, reason: str, total: str) -> BidResult:
    lines = (Line("Approach", 70, False, Decimal(total), (reason,)), Line("Price", 30, True, Decimal("30.00"), ()))
    return BidResult(uuid4(), uuid4(), name, 200_000, 1, False, Decimal(total) + 30, lines)


@pytest.mark.row("9.5")
def test_a_letter_tells_the_bidders_scores_and_the_winners_and_no_others() -> None:
    own, winner = _result("Birch", "Thin on sleep", "42.00"), _result("Alder", "Strong on sleep", "56.00")
    content = letter(
        own, winner, reason="", brief="B-1", title="Therapy", agency="Test agency", party="Test Council for Test agency"
    )
    assert content["outcome"] == "unsuccessful"
    assert content["own"] == {
        "provider": "Birch",
        "total": "72.00",
        "criteria": [
            {"name": "Approach", "weight": 70, "price": False, "score": "42.00", "reasons": ["Thin on sleep"]},
            {"name": "Price", "weight": 30, "price": True, "score": "30.00", "reasons": []},
        ],
    }
    assert content["winner"]["total"] == "86.00"
    assert letter(winner, winner, reason="", **ABOUT)["outcome"] == "successful"
    assert fingerprint(content) != fingerprint(content | {"title": "Other"})


@pytest.mark.row("9.5")
@pytest.mark.parametrize(
    ("winner", "own", "standing"),
    [
        ((1, False), (2, False), None),
        ((1, False), (2, True), None),
        ((1, True), (1, True), "shared the first place"),
        ((1, True), (3, False), None),
        ((2, False), (1, False), "was not ranked first"),
        ((2, True), (2, True), "was not ranked first"),
        ((2, False), (3, False), None),
    ],
)
def test_the_reason_of_an_award_out_of_rank_is_told_to_whom_it_concerns(
    winner: tuple[int, bool], own: tuple[int, bool], standing: str | None
) -> None:
    """The winner, and who ranked above it or level with it; the scores explain it to everybody else."""
    chosen, bid = (
        replace(_result(name, "", "50.00"), rank=rank, tied=tied)
        for name, (rank, tied) in (("Alder", winner), ("Birch", own))
    )
    told = letter(bid, chosen, reason=WHY, **ABOUT)
    assert (told.get("standing"), told.get("reason")) == (standing, WHY if standing else None)
    its_own = letter(chosen, chosen, reason=WHY, **ABOUT)
    assert its_own.get("reason") == (None if winner == (1, False) else WHY)
