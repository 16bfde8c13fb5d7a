"""Where the applicants for one lot in one region come, and where the line of its most members runs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.applications.scoring.rules.marks import Verdict
from app.core.scoring import places


class Standing(StrEnum):
    """Where one comes against the line."""

    ADMITTED = "admitted"
    WITHIN = "within"
    ACROSS = "tied across the line"
    BEYOND = "beyond"
    BELOW = "below"
    OUT = "refused"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One part that asks for the lot in the region.

    `preferred` counts the reasons recorded to put one before those it ties with, from 1, the first one first; 0 without one.
    """

    part_id: UUID
    verdict: Verdict
    total: Decimal | None = None
    admitted: bool = False
    refused: bool = False
    preferred: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """`rank` is 0 where it takes no part in the ranking; `tied` when another that does has the same score."""

    part_id: UUID
    rank: int
    tied: bool
    standing: Standing


def ranking(candidates: Sequence[Candidate], *, free: int) -> tuple[Ranked, ...]:
    """The best score first, whatever the order given; `free` counts the places that no member holds.

    Who is refused or scored below the pass mark has no rank. A tie at the line is settled by a recorded reason alone.
    """
    known = {one.part_id: one for one in candidates}
    scores = {
        one.part_id: -(one.total or Decimal(0))
        for one in candidates
        if not one.refused and (one.admitted or one.verdict is not Verdict.BELOW)
    }
    open_ones = [one for one in candidates if one.part_id in scores and not one.admitted]
    placed = places(scores)
    ranked = [
        Ranked(
            part_id,
            placed[part_id].rank if part_id in placed else 0,
            part_id in placed and placed[part_id].tied,
            _standing(one, open_ones, free),
        )
        for part_id, one in known.items()
    ]
    return tuple(
        sorted(
            ranked,
            key=lambda one: (one.rank or len(ranked) + 1, known[one.part_id].preferred or len(ranked) + 1, one.part_id),
        )
    )


def _standing(one: Candidate, open_ones: Sequence[Candidate], free: int) -> Standing:
    if one.admitted:
        return Standing.ADMITTED
    if one.refused:
        return Standing.OUT
    if one not in open_ones:
        return Standing.BELOW
    score = one.total or Decimal(0)
    better = sum((other.total or Decimal(0)) > score for other in open_ones)
    level = [other for other in open_ones if (other.total or Decimal(0)) == score]
    left = free - better
    if left >= len(level):
        return Standing.WITHIN
    if left <= 0:
        return Standing.BEYOND
    preferred = sorted(other.preferred for other in level if other.preferred)[:left]
    if one.preferred in preferred:
        return Standing.WITHIN
    return Standing.BEYOND if len(preferred) == left else Standing.ACROSS
