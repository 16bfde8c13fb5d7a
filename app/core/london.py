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


def time_in_words(moment: datetime, shape: str = "%H:%M") -> str:
    """The time of day in London; in the one hour of a year that comes twice, with which of the two it is: '01:30 BST'."""
    local = moment.astimezone(LONDON)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:{shape}} {local:%Z}" if twice else f"{local:{shape}}"


def day_in_words(day: date) -> str:
    """As people read it: 26 November 2026."""
    return f"{day.day} {day:%B %Y}"
