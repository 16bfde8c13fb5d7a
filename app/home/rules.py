"""What a brief asks of one person next. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.briefs.rules import Phase
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits for somebody: what to do, about what, where, and until what moment or day."""

    words: str
    detail: str
    href: str
    due: datetime | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class BriefState:
    """A brief of a buyer's agency. `approvals` are the people who approved its opening; `proposed_by` who proposed an award.

    `found`: the identity guard found what nobody let through; `asked_words` are who asked that words may stay. `approved_first`
    approved the draft as the first of two. `amended_by` and `close_asked_by` proposed a change, and asked for an early close.
    """

    id: UUID
    label: str
    phase: Phase
    closes_at: datetime
    created_by: UUID
    assessors: frozenset[UUID]
    undeclared: int
    unsubmitted: int
    approvals: frozenset[UUID]
    proposed_by: UUID | None
    found: bool = False
    asked_words: frozenset[UUID] = frozenset()
    approved_first: frozenset[UUID] = frozenset()
    amended_by: UUID | None = None
    close_asked_by: UUID | None = None


def questions_wait(count: int, oldest: datetime, now: datetime, detail: str, href: str) -> Todo:
    """How many questions wait, and for how long the oldest has."""
    days = (now - oldest).days
    age = "less than a day" if days < 1 else f"{days} day{'' if days == 1 else 's'}"
    return Todo(f"Answer {count} question{'' if count == 1 else 's'}", f"{detail}, the oldest waits {age}", href)


def next_of_brief(brief: BriefState, person: UUID, roles: Collection[str]) -> Todo | None:
    """What this person, with these roles in the brief's agency, can do to move it on; None when it waits for others."""
    match brief.phase:
        case Phase.DRAFT:
            return _draft(brief, person, roles)
        case Phase.OPEN:
            return _open(brief, person, roles)
        case Phase.CLOSED:
            return _closed(brief, person, roles)
        case Phase.OPENED:
            return _opened(brief, person, roles)
    return None


def _draft(brief: BriefState, person: UUID, roles: Collection[str]) -> Todo | None:
    page = f"/briefs/{brief.id}"
    if Role.APPROVER in roles and brief.created_by != person:
        if brief.found and brief.asked_words - {person}:
            return Todo("Decide whether words may stay", brief.label, f"{page}/words")
        if not brief.found and person not in brief.approved_first:
            return Todo("Check this brief and publish it", brief.label, page)
    if Role.COMMISSIONER in roles:
        return Todo("Finish this draft, for an approver to publish", brief.label, page)
    return None


def _open(brief: BriefState, person: UUID, roles: Collection[str]) -> Todo | None:
    page = f"/briefs/{brief.id}"
    if Role.APPROVER in roles and brief.amended_by not in (None, person):
        return Todo("Decide on the proposed change", brief.label, f"{page}/changes", brief.closes_at)
    if Role.APPROVER in roles and brief.close_asked_by not in (None, person):
        return Todo("Decide on closing early", brief.label, f"{page}/early-close", brief.closes_at)
    if Role.CHAIR in roles and not brief.assessors:
        return Todo("Choose the assessors", brief.label, f"{page}/opening", brief.closes_at)
    return None


def _closed(brief: BriefState, person: UUID, roles: Collection[str]) -> Todo | None:
    page = f"/briefs/{brief.id}/opening"
    if not brief.assessors:
        words = "Choose the assessors, so that the bids can be opened"
        return Todo(words, brief.label, page) if Role.CHAIR in roles else None
    if brief.undeclared:
        return Todo("Get the assessors’ declarations", brief.label, page) if Role.CHAIR in roles else None
    if not brief.approvals:
        return Todo("Approve the opening of the bids", brief.label, page) if Role.CHAIR in roles else None
    if person not in brief.approvals and {Role.CHAIR, Role.COMMISSIONER, Role.APPROVER} & set(roles):
        return Todo("Open the bids, as the second person", brief.label, page)
    return None


def _opened(brief: BriefState, person: UUID, roles: Collection[str]) -> Todo | None:
    page = f"/briefs/{brief.id}/award"
    if brief.proposed_by is not None:
        free = person != brief.proposed_by and person not in brief.assessors
        return Todo("Decide on the proposed award", brief.label, page) if Role.APPROVER in roles and free else None
    if not brief.unsubmitted and {Role.CHAIR, Role.COMMISSIONER} & set(roles):
        return Todo("Propose an award: all scores are in", brief.label, page)
    return None
