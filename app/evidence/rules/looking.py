"""What a checker looks at point by point, on which registers, and when somebody else looks again. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.core.london import day_in_words
from app.core.refusals import Refusal
from app.core.working_days import after_working_days

ONE_IN: Final = 10  # of the verifications, one in so many is looked at again by somebody else
LOOK_DAYS: Final = 10  # working days for which a look at a register counts; ours, as the target for a decision
REGISTER: Final = "register"  # the key of the point that asks for a look at an official register


class Settlement(StrEnum):
    """What became of a proposed refusal."""

    CONFIRMED = "confirmed"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


class Found(StrEnum):
    """What a look at a register showed."""

    MATCHES = "matches"
    DIFFERS = "differs"
    NOT_FOUND = "not_found"


FOUND: Final = {
    Found.MATCHES: "Found, and it matches",
    Found.DIFFERS: "Found, but it differs",
    Found.NOT_FOUND: "Not found",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to look at before a kind of evidence is verified."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A point as its checker left it: seen, or not applicable for a reason."""

    seen: bool = False
    reason: str = ""

    @property
    def answered(self) -> bool:
        return self.seen or bool(self.reason.strip())


def unanswered(points: Iterable[Point], ticks: Mapping[str, Tick]) -> list[Point]:
    """The points that are neither seen nor said not to apply."""
    return [point for point in points if not ticks.get(point.key, Tick()).answered]


def why_not_ticked(points: Iterable[Point], ticks: Mapping[str, Tick]) -> Refusal | None:
    """Every point is seen, or does not apply for a reason; the words name each that is neither."""
    left = unanswered(points, ticks)
    if not left:
        return None
    words = "; ".join(point.words for point in left)
    return Refusal("checklist", f"Tick each point, or say why it does not apply. Still open: {words}.")


def counts_until(looked_on: date) -> date:
    """The last day on which a verification may rest on a look of this day."""
    return after_working_days(looked_on, LOOK_DAYS)


def why_not_looked(looked_on: date, *, sent_on: date, on: date) -> Refusal | None:
    """What a register showed before this version of the fact was sent says nothing about it."""
    if looked_on > on:
        return Refusal("looked_later", "The day on which you looked cannot be in the future.")
    if looked_on < sent_on:
        words = (
            f"This was sent on {day_in_words(sent_on)}. Look at the register again, and enter the day on which you did."
        )
        return Refusal("looked_before", words)
    return None


def why_not_register(
    item_id: UUID, points: Iterable[Point], ticks: Mapping[str, Tick], found: Iterable[Found]
) -> Refusal | None:
    """Where an official register exists, its look is recorded before the point is ticked. Source: state machine 5.

    `found` is what each register showed last, of looks that count: of this version of the fact, and recent.
    """
    asked = any(point.key == REGISTER for point in points) and ticks.get(REGISTER, Tick()).seen
    if not asked or Found.MATCHES in found:
        return None
    words = (
        "You ticked the register, but no look at it that matches is recorded, or none that counts still. "
        f"A look counts for {LOOK_DAYS} working days, and after a second look that disagreed only a new one does."
    )
    return Refusal("register", words, (f"/checks/{item_id}#registers", "Look at the register and record it"))


def looked_at_again(item_id: UUID) -> bool:
    """One verification in ten, by the item's own digest: nobody can choose which, and everybody finds the same."""
    return int.from_bytes(sha256(item_id.bytes).digest()[:8]) % ONE_IN == 0


def why_not_second(*, first: UUID, second: UUID | None) -> Refusal | None:
    if first != second:
        return None
    return Refusal("second_person", "You decided this first, so somebody else must look again.")


def why_not_anew(*, contradicted: Collection[UUID], person: UUID | None) -> Refusal | None:
    """What a second look has undone is verified anew by somebody whose check of it nobody disagreed with."""
    if person not in contradicted:
        return None
    words = "A second look disagreed with your check of this, so somebody else must check it anew."
    return Refusal("second_person", words)


def why_not_settle(*, proposer: UUID, person: UUID | None) -> Refusal | None:
    """A refusal takes two: who proposed it may take it back, and nobody confirms their own."""
    if proposer != person:
        return None
    return Refusal("second_person", "You proposed this refusal, so another checker must confirm it or send it back.")


def why_not_while_proposed(proposer_name: str | None) -> Refusal | None:
    """An item for which a refusal is proposed waits for that alone."""
    if proposer_name is None:
        return None
    return Refusal("refusal_proposed", f"{proposer_name} proposed to refuse this. That must be settled first.")


def why_not_while_taken(*, by: UUID | None, by_name: str, person: UUID | None) -> Refusal | None:
    """What a colleague has taken is theirs until they release it or somebody takes it over."""
    if by is None or by == person:
        return None
    return Refusal("taken", f"{by_name} is working on this. Take it over first if you agreed that with them.")
