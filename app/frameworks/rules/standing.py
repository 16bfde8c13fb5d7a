"""When a framework and a round are open, and what a round or an extension needs before it may be. Pure."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.london import at_london, day_in_words, london_day
from app.core.refusals import Refusal

ROUND_OPENS: Final = time(9)
ROUND_CLOSES: Final = time(12)

Part = tuple[UUID, UUID]
"""One lot in one region: (lot_id, region_id)."""


class Phase(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    LIVE = "live"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class RoundPhase(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


def phase(
    *, approved_at: datetime | None, withdrawn_at: datetime | None, starts_on: date, ends_on: date, on: date
) -> Phase:
    """Where a framework stands on a day in London; its last day is a full day of it."""
    if withdrawn_at:
        return Phase.WITHDRAWN
    if not approved_at:
        return Phase.DRAFT
    if on > ends_on:
        return Phase.ENDED
    return Phase.LIVE if on >= starts_on else Phase.APPROVED


def round_phase(*, opens_at: datetime, closes_at: datetime, now: datetime) -> RoundPhase:
    """By the clock alone: open from its first moment until just before its last; closed too if it was cancelled before both."""
    if now >= closes_at:
        return RoundPhase.CLOSED
    return RoundPhase.OPEN if now >= opens_at else RoundPhase.PLANNED


def why_not_open_round(
    *,
    phase: Phase,
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
    scope: int,
    overlaps: str | None,
    rolling: bool = False,
    decisions: Collection[date] = (),
) -> Refusal | None:
    """`scope` counts lots x regions; `overlaps` names a round that is open at the same time on one of them.

    A `rolling` round says on which days it decides, all while it is open.
    """
    if phase not in (Phase.APPROVED, Phase.LIVE):
        return Refusal("framework_not_approved", f"A round needs an approved framework; this one is {phase}.")
    if london_day(opens_at) < london_day(now):
        return Refusal("opens_in_the_past", "The first day must not be before today.")
    if closes_at <= opens_at:
        return Refusal("window", "A round must close after it opens.")
    if closes_at <= now:
        return Refusal("past", "A round must close in the future.")
    if not scope:
        return Refusal("no_scope", "Choose at least one lot and one region.")
    if rolling and not decisions:
        return Refusal("decisions", "Enter at least one day of decision.")
    if decisions and not rolling:
        return Refusal("decisions", "Only a round that is always open names the days on which it decides.")
    if any(not london_day(opens_at) <= day <= london_day(closes_at) for day in decisions):
        return Refusal("decisions_outside", "Every day of decision must lie within the round.")
    if overlaps:
        return Refusal("overlap", f"“{overlaps}” is open at the same time for one of these lots and regions.")
    return None


def why_not_extend_round(
    *, phase: RoundPhase, rolling: bool, closes_at: datetime, until: datetime, ends: datetime, overlaps: str | None
) -> Refusal | None:
    """`ends` is when the framework does; `overlaps` names another round for the same, open in the time that is added.

    Source: state machine 2, a round closes by the clock, and only an extension said before moves it.
    """
    if phase is RoundPhase.CLOSED:
        return Refusal("closed", "The round has closed. Set up another one.")
    if rolling:
        return Refusal("rolling", "This round is open as long as its framework: extend the framework’s term instead.")
    if until <= closes_at:
        return Refusal("not_later", f"The new last day must be after {day_in_words(london_day(closes_at))}.")
    if until > ends:
        return Refusal("after_the_end", "The round must close before the framework ends.")
    if overlaps:
        return Refusal("overlap", f"“{overlaps}” is open in that time for one of these lots and regions.")
    return None


def why_not_cancel_round(phase: RoundPhase) -> Refusal | None:
    if phase is RoundPhase.CLOSED:
        return Refusal("closed", "The round has closed: its applications are decided.")
    return None


def closes_with(ends_on: date) -> datetime:
    """When a round closes that is open as long as its framework: as the last day ends in London."""
    return at_london(ends_on + timedelta(days=1), time())


def always_open(closes_at: datetime, decisions: Collection[date], on: date) -> str:
    """How a round is told that is open as long as its framework: until which day, and when it decides next from `on`."""
    ends_on = london_day(closes_at - timedelta(microseconds=1))
    decides = min((day for day in decisions if day >= on), default=None)
    return f"Always open until the framework ends on {day_in_words(ends_on)}" + (
        f"; next decision {day_in_words(decides)}" if decides else ""
    )


def why_not_extend(
    *, phase: Phase, ends_on: date, extendable_to: date | None, until: date, waiting: bool
) -> Refusal | None:
    """Whether a term may be extended to `until`; `waiting` says that another extension waits for its second person."""
    if phase not in (Phase.APPROVED, Phase.LIVE):
        return Refusal("not_live", f"Only a framework that has not ended can be extended; this one is {phase}.")
    if extendable_to is None:
        return Refusal("not_extendable", "The framework does not provide for an extension.")
    if waiting:
        return Refusal("waiting", "An extension waits for a second person already.")
    if not ends_on < until <= extendable_to:
        return Refusal(
            "outside",
            f"The new last day must be after {day_in_words(ends_on)} and no later than {day_in_words(extendable_to)}.",
        )
    return None
