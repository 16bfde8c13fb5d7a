"""How a past is told: the clock is set and given back, and stories come out in one order of time."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.demo.telling import Calendar, Story, at, weave

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_inside_it_is_that_moment_and_afterwards_the_clock_is_the_real_one() -> None:
    real = clock.now
    with at(MONDAY):
        assert clock.now(None) == MONDAY  # type: ignore[arg-type]
    assert clock.now is real


def test_the_clock_is_given_back_when_a_story_breaks_off() -> None:
    real = clock.now
    with pytest.raises(LookupError), at(MONDAY):
        raise LookupError
    assert clock.now is real


def test_stories_are_woven_into_one_order_of_time() -> None:
    told: list[tuple[str, datetime]] = []

    def story(name: str, *hours: int) -> Story:
        for hour in hours:
            yield MONDAY + hour * HOUR
            told.append((name, clock.now(None)))  # type: ignore[arg-type]

    weave([story("long", 1, 4, 6), story("late", 5), story("early", 0, 2), story("silent")])
    assert [name for name, _ in told] == ["early", "long", "early", "long", "late", "long"]
    assert [moment for _, moment in told] == [MONDAY + hour * HOUR for hour in (0, 1, 2, 4, 5, 6)]


@pytest.mark.parametrize(
    ("now", "days", "expected"),
    [
        (MONDAY, 0, "2026-11-23"),
        (MONDAY, -1, "2026-11-20"),
        (MONDAY, -6, "2026-11-13"),
        (MONDAY, 5, "2026-11-30"),
        (SUNDAY, -1, "2026-11-20"),
        (SUNDAY, 1, "2026-11-23"),
    ],
)
def test_working_days_are_counted_from_monday_to_friday(now: datetime, days: int, expected: str) -> None:
    assert f"{Calendar(now).day(days)}" == expected


def test_an_hour_is_an_hour_in_london_in_summer_too() -> None:
    in_june = Calendar(datetime(2026, 6, 30, 22, 0, tzinfo=UTC))
    assert in_june.ago(1, 9, 30) == datetime(2026, 6, 29, 8, 30, tzinfo=UTC)
    assert in_june.ahead(1) == datetime(2026, 7, 1, 11, 0, tzinfo=UTC)


def test_today_is_londons_day() -> None:
    assert f"{Calendar(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)).today}" == "2026-07-01"
