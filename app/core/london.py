"""The calendar of London: every day and hour that people are told, and every midnight that decides, is reckoned by it."""

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")


def london_day(moment: datetime) -> date:
    """The day it is in London at that moment."""
    return moment.astimezone(LONDON).date()


def at_london(on: date, hour: time) -> datetime:
    """That hour of that day in London, in UTC."""
    return datetime.combine(on, hour, LONDON).astimezone(UTC)


def day_in_words(day: date) -> str:
    """As people read it: 26 November 2026."""
    return f"{day.day} {day:%B %Y}"
