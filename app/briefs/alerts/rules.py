"""How often an alert tells, and when that is due. Pure."""

from datetime import date
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal

MONDAY: Final = 0
MOST: Final = 20


class Often(StrEnum):
    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS: Final = {
    Often.INSTANT: "At once",
    Often.DAILY: "Once a day",
    Often.WEEKLY: "Once a week, on Monday",
}


def due_on(day: date) -> tuple[Often, ...]:
    """Which alerts the duty of a London day tells."""
    return (Often.DAILY, Often.WEEKLY) if day.weekday() == MONDAY else (Often.DAILY,)


def why_not_save(*, alerts: int, same: bool) -> Refusal | None:
    if same:
        return Refusal("same", "You have this alert already.")
    if alerts >= MOST:
        return Refusal("many", f"You have {MOST} alerts. End one before you save another.")
    return None
