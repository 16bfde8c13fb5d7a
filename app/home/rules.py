"""What waits for somebody. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.awards.boards.rules import BriefState, next_step
from app.bids.rules import BidState
from app.briefs.rules import Phase


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits for somebody: what to do, about what, where, and until what moment or day."""

    words: str
    detail: str
    href: str
    due: datetime | None = None
    on: date | None = None


def questions_wait(count: int, oldest: datetime, now: datetime, detail: str, href: str) -> Todo:
    """How many questions wait, and for how long the oldest has."""
    days = (now - oldest).days
    age = "less than a day" if days < 1 else f"{days} day{'' if days == 1 else 's'}"
    return Todo(f"Answer {count} question{'' if count == 1 else 's'}", f"{detail}, the oldest waits {age}", href)


def next_of_brief(brief: BriefState, person: UUID, roles: Collection[str]) -> Todo | None:
    """What this person, with these roles in the brief's agency, can do to move it on; None when it waits for others."""
    step = next_step(brief, person, roles)
    return (
        Todo(step.words, brief.label, step.href, brief.closes_at if brief.phase is Phase.OPEN else None)
        if step
        else None
    )


def next_of_bid(state: BidState, *, gone: bool, waits: bool) -> str:
    """What a bidder does next with a bid that is not sent, or that a change of its brief left unconfirmed.

    `gone`: a partner that it asked has declined or left; `waits`: one has not answered. Either may have been left out of the
    sealed draft since, so nobody is told to wait for it.
    """
    if state is BidState.SUBMITTED:
        return "Confirm your sealed bid again, or change it: the brief has changed"
    finish = "Finish and submit your sealed bid"
    if gone:
        return f"{finish}: a partner whom you asked has declined or left"
    return f"{finish}: a partner whom you asked has not answered" if waits else finish
