"""Ratings below a framework’s floor: each waits for its lead’s decision, and nobody leaves by itself."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.memberships.models import FloorDecision
from app.memberships.queries import led_members
from app.memberships.rules import FloorChoice


@dataclass(frozen=True, slots=True)
class Decided:
    """The latest decision about a rating."""

    choice: FloorChoice
    reason: str
    review_on: date | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rating:
    """A member's rating below the floor. It is open until it is decided, and again on the day of its review."""

    framework_id: UUID
    framework_name: str
    provider_id: UUID
    provider_name: str
    item_id: UUID
    words: str
    decided: Decided | None
    open: bool


def low_ratings(session: Session, actor: Actor, framework_id: UUID | None = None) -> list[Rating]:
    """Every rating below the floor among the members of frameworks that this person leads, the open ones first."""
    at = clock.now(session)
    found = {}
    for member in led_members(session, actor, at, framework_id):
        for below in member.below_floor:
            if below.item_id:
                found[member.framework_id, below.item_id] = (member, below.words)
    decided = _decided(session, [item_id for _, item_id in found])
    ratings = [
        Rating(
            framework,
            member.framework_name,
            member.provider_id,
            member.provider_name,
            item_id,
            words,
            latest := decided.get((framework, item_id)),
            latest is None or (latest.review_on is not None and latest.review_on <= london_day(at)),
        )
        for (framework, item_id), (member, words) in found.items()
    ]
    return sorted(ratings, key=lambda rating: (not rating.open, rating.framework_name, rating.provider_name))


def _decided(session: Session, item_ids: list[UUID]) -> dict[tuple[UUID, UUID], Decided]:
    """The latest decision for each framework and item."""
    rows = session.exec(
        select(FloorDecision, Person.name)
        .join(Person, col(Person.id) == FloorDecision.decided_by)
        .where(col(FloorDecision.item_id).in_(item_ids))
        .order_by(col(FloorDecision.at), col(FloorDecision.id))
    )
    return {
        (row.framework_id, row.item_id): Decided(FloorChoice(row.choice), row.reason, row.review_on, name, row.at)
        for row, name in rows
    }
