"""Working days know the bank holidays of England and Wales, and say when the file must be renewed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.working_days import after_working_days, bank_holidays, is_working_day, known_until, working_days


@pytest.mark.row("3.12")
@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 20), date(2026, 11, 23), 1),
        (date(2026, 12, 24), date(2026, 12, 29), 1),  # Christmas Day, a weekend, the substitute for Boxing Day
        (date(2027, 3, 25), date(2027, 3, 30), 1),  # Easter
        (date(2026, 12, 23), date(2027, 1, 8), 9),
        (date(2026, 11, 23), date(2026, 11, 20), 0),
    ],
)
def test_weekends_and_bank_holidays_do_not_count(since: date, until: date, expected: int) -> None:
    assert working_days(since, until) == expected


@pytest.mark.parametrize("days", [0, 1, 5, 10, 20])
def test_so_many_after_is_the_other_way_round(days: int) -> None:
    start = date(2026, 12, 14)
    end = after_working_days(start, days)
    assert working_days(start, end) == days
    assert is_working_day(end)


def test_the_file_has_eight_bank_holidays_a_year_all_on_weekdays() -> None:
    years = [day.year for day in bank_holidays()]
    assert {year: years.count(year) for year in years} == dict.fromkeys(range(2024, 2029), 8)
    assert all(day.weekday() < 5 for day in bank_holidays())


def test_the_file_is_renewed_before_it_ends() -> None:
    """Fails half a year before the bank holidays end: fetch www.gov.uk/bank-holidays.json and add what is new."""
    assert datetime.now(UTC).date() + timedelta(days=183) <= known_until()
