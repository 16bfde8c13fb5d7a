"""The phases of frameworks and rounds, and what they need before they may be, as truth tables."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest

from app.core.london import at_london
from app.frameworks.rules import (
    ROUND_CLOSES,
    Phase,
    RoundPhase,
    phase,
    round_phase,
    why_not_approve,
    why_not_open_round,
)
from tests import NOON

START, END = date(2026, 6, 1), date(2030, 5, 31)
MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("approved", "withdrawn", "on", "expected"),
    [
        (False, False, date(2026, 7, 1), Phase.DRAFT),
        (True, False, date(2026, 5, 31), Phase.APPROVED),
        (True, False, START, Phase.LIVE),
        (True, False, END, Phase.LIVE),
        (True, False, date(2030, 6, 1), Phase.ENDED),
        (False, True, START, Phase.WITHDRAWN),
        (True, True, START, Phase.WITHDRAWN),
    ],
)
def test_a_framework_stands_where_its_facts_and_the_day_put_it(
    approved: bool, withdrawn: bool, on: date, expected: Phase
) -> None:
    approved_at, withdrawn_at = (NOON if approved else None), (NOON if withdrawn else None)
    assert phase(approved_at=approved_at, withdrawn_at=withdrawn_at, starts_on=START, ends_on=END, on=on) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOON - MS, RoundPhase.PLANNED),
        (NOON, RoundPhase.OPEN),
        (NOON + timedelta(days=1) - MS, RoundPhase.OPEN),
        (NOON + timedelta(days=1), RoundPhase.CLOSED),
    ],
)
def test_a_round_is_open_by_the_clock_alone(now: datetime, expected: RoundPhase) -> None:
    assert round_phase(opens_at=NOON, closes_at=NOON + timedelta(days=1), now=now) is expected


WHOLE = {
    "phase": Phase.DRAFT,
    "writer": False,
    "lots": 2,
    "lots_without_evidence": [],
    "regions": 1,
    "call_off": 1,
    "weights": [(30, 70), (30, 70)],
    "agreement": "We agree.",
    "years": 4.0,
    "max_years": None,
}


def test_a_whole_draft_may_be_approved_by_a_second_person() -> None:
    assert why_not_approve(**WHOLE) is None


@pytest.mark.row("2.19")
@pytest.mark.parametrize(
    ("different", "code"),
    [
        ({"phase": Phase.LIVE}, "not_a_draft"),
        ({"writer": True}, "second_person"),
        ({"lots": 0}, "no_lots"),
        ({"lots_without_evidence": ["Lot 1: Training"]}, "no_evidence"),
        ({"regions": 0}, "no_regions"),
        ({"call_off": 0}, "no_call_off"),
        ({"weights": []}, "no_criteria"),
        ({"weights": [(60, 70), (60, 70)]}, "weights"),
        ({"weights": [(10, 40), (10, 40)]}, "weights"),
        ({"agreement": "  "}, "no_agreement"),
        ({"max_years": 4, "years": 4.5}, "term"),
    ],
)
def test_each_thing_a_framework_must_state_stops_its_approval(different: dict[str, object], code: str) -> None:
    refusal = why_not_approve(**{**WHOLE, **different})
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(("ordered", "future", "scope", "overlap"), list(product((True, False), repeat=4)))
def test_a_round_needs_everything_at_once(
    phase: Phase, ordered: bool, future: bool, scope: bool, overlap: bool
) -> None:
    closes = NOON + timedelta(days=1 if future else -1)
    refusal = why_not_open_round(
        phase=phase,
        opens_at=closes - timedelta(days=5) if ordered else closes,
        closes_at=closes,
        now=NOON,
        scope=int(scope),
        overlaps="Round 1" if overlap else None,
    )
    may = phase in (Phase.APPROVED, Phase.LIVE) and ordered and future and scope and not overlap
    assert (refusal is None) is may


def test_a_day_in_summer_begins_an_hour_earlier_in_utc() -> None:
    assert at_london(date(2027, 7, 1), ROUND_CLOSES).hour == 11
    assert at_london(date(2027, 1, 1), ROUND_CLOSES).hour == 12
