"""Working days in England and Wales: Monday to Friday without bank holidays, from the file beside this one."""

import json
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).parent / "data" / "bank_holidays.json"


@lru_cache
def bank_holidays() -> frozenset[date]:
    return frozenset(date.fromisoformat(event["date"]) for event in _told()["events"])


@lru_cache
def known_until() -> date:
    """The last day for which the file has bank holidays; later ones count as working days."""
    return date.fromisoformat(_told()["to"])


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays()


def working_days(since: date, until: date) -> int:
    """Working days after `since`, up to and with `until`."""
    return sum(is_working_day(since + timedelta(n)) for n in range(1, (until - since).days + 1))


def after_working_days(since: date, days: int) -> date:
    """The working day that is so many after `since`."""
    day = since
    while days > 0:
        day += timedelta(1)
        days -= is_working_day(day)
    return day


def before_working_days(until: date, days: int) -> date:
    """The working day that is so many before `until`."""
    day = until
    while days > 0:
        day -= timedelta(1)
        days -= is_working_day(day)
    return day


@lru_cache
def _told() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return told
