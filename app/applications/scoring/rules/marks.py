"""What the agreed marks of an application come to for a lot: its score, its thresholds and its pass mark. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.scoring import quality_score

LEAST_ASSESSORS: Final = 2
NOTED_SPREAD: Final = 2
"""Points between the lowest and the highest mark from which the agreed one needs a note."""


class Verdict(StrEnum):
    NOTHING_SCORED = "nothing scored"
    WAITING = "waiting"
    MEETS = "meets"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class ScoredQuestion:
    """`weight` is its share, in per cent, among the scored questions of a lot; `threshold` the least points, if any."""

    id: UUID
    text: str
    weight: int
    threshold: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What an application comes to in a lot: `total` of 100 once every question has an agreed mark, and why it is below."""

    verdict: Verdict
    total: Decimal | None = None
    below: tuple[str, ...] = ()


def tally(questions: Sequence[ScoredQuestion], marks: Mapping[UUID, int], pass_mark: int | None) -> Tally:
    """Thresholds and the pass mark are held against agreed marks; the weights of a lot's questions add up to 100."""
    if not questions:
        return Tally(Verdict.NOTHING_SCORED)
    if any(question.id not in marks for question in questions):
        return Tally(Verdict.WAITING)
    total = sum((quality_score([marks[question.id]], question.weight) for question in questions), Decimal(0))
    below = [
        f"“{question.text}” has {marks[question.id]} points, and needs {question.threshold}"
        for question in questions
        if question.threshold is not None and marks[question.id] < question.threshold
    ]
    if pass_mark is not None and total < pass_mark:
        below.append(f"the score is {total}%, and the pass mark {pass_mark}%")
    return Tally(Verdict.BELOW if below else Verdict.MEETS, total, tuple(below))


def needs_note(given: Sequence[int], agreed: int) -> bool:
    """Whether the agreed mark needs words: the assessors were two or more points apart, or it is none between theirs."""
    return max(given) - min(given) >= NOTED_SPREAD or not min(given) <= agreed <= max(given)
