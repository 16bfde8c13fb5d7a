"""When an unfinished application is chased, what it lacks, and how long that takes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

CHASED: Final = (2, 7)
"""Days before the day on which the round closes, the last chaser first."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something left to do, and about how many minutes it takes."""

    words: str
    minutes: int


def chaser_due(*, closes_on: date, on: date, started_on: date) -> int | None:
    """Which chaser is due on a London day, by its days before the close; none for what was started since that day.

    Of several that a pause has left over only the last is due, and none on the day of the close itself.
    """
    left = (closes_on - on).days
    mark = next((mark for mark in CHASED if 0 < left <= mark), None)
    return mark if mark and (closes_on - started_on).days > mark else None


def lacks(*, parts: int, statement: str, ready: bool, asked: Sequence[Lack] = ()) -> tuple[Lack, ...]:
    """What stands between an unfinished application and its submission, in the order of its task list.

    `asked` is what its questions and prices lack.
    """
    first = ((not parts, Lack("choose lots and regions", 5)), (not statement, Lack("write your statement", 20)))
    last = ((not ready, Lack("check your answers", 5)), (True, Lack("an owner certifies and submits", 2)))
    return (
        *(lack for is_lacking, lack in first if is_lacking),
        *asked,
        *(lack for is_lacking, lack in last if is_lacking),
    )
