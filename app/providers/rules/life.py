"""Where a provider stands in its life: registered, active, paused until a day or until it says so, archived. Pure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal


class State(StrEnum):
    REGISTERED = "registered"
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


MOVES: Final = {
    ("pause", State.REGISTERED): State.PAUSED,
    ("pause", State.ACTIVE): State.PAUSED,
    ("pause", State.PAUSED): State.PAUSED,
    ("return", State.PAUSED): State.ACTIVE,
    ("archive", State.REGISTERED): State.ARCHIVED,
    ("archive", State.ACTIVE): State.ARCHIVED,
    ("archive", State.PAUSED): State.ARCHIVED,
}
"""Pausing while paused tells another day of return."""


def is_paused(paused_at: datetime | None, paused_until: date | None, on: date) -> bool:
    """A pause ends by itself at 00:00 London on its day of return; without one it lasts until somebody ends it."""
    return paused_at is not None and (paused_until is None or on < paused_until)


def state(*, paused: bool, archived: bool, complete: bool) -> State:
    if archived:
        return State.ARCHIVED
    if paused:
        return State.PAUSED
    return State.ACTIVE if complete else State.REGISTERED


def why_not_move(verb: str, now: State) -> Refusal | None:
    if (verb, now) in MOVES:
        return None
    return Refusal(f"not_{verb}", f"This provider is {now.value}, so it cannot {verb}.")


def why_not_until(until: date | None, on: date) -> Refusal | None:
    """A day of return lies ahead, and not so far that somebody must have mistyped the year."""
    if until is None:
        return None
    if until <= on:
        return Refusal("until_past", "The day you return must be after today")
    if until.year > on.year + 2:
        return Refusal(
            "until_far", "The day you return must be within two years. Leave it empty if you do not know yet"
        )
    return None
