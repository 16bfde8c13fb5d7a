"""Ratings below a framework’s floor: each waits for its lead’s decision, and nobody leaves by itself."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.london import london_day
from app.memberships.models import FloorDecision
from app.memberships.queries import rated_members
from app.memberships.rules import FloorChoice


@dataclass(frozen=True, slots=True)
class Decided:
    """The latest decision about a rating. `ends_on` is a last day that waits for a second lead until `confirmed_by` is one."""

    id: UUID
    choice: FloorChoice
    reason: str
    review_on: date | None
    ends_on: date | None
    by_id: UUID
    by: str
    at: datetime
    confirmed_by: str

    def open(self, on: date) -> bool:
        """Whether a lead has still something to do: on the day of the review, or while the end is not confirmed."""
        if self.ends_on:
            return not self.confirmed_by
        return self.review_on is not None and self.review_on <= on


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

    @property
    def proposed_by(self) -> UUID | None:
        """Who proposed to end the membership, while that waits for a second lead."""
        return self.decided.by_id if self.open and self.decided and self.decided.ends_on else None


def low_ratings(session: Session, actor: Actor, at: datetime, framework_id: UUID | None = None) -> list[Rating]:
    """Every rating below the floor among the members of frameworks that this person leads, the open ones first."""
    found = {}
    for member in rated_members(session, actor, at, framework_id):
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
            latest is None or latest.open(london_day(at)),
        )
        for (framework, item_id), (member, words) in found.items()
    ]
    return sorted(ratings, key=lambda rating: (not rating.open, rating.framework_name, rating.provider_name))


def _decided(session: Session, item_ids: list[UUID]) -> dict[tuple[UUID, UUID], Decided]:
    """The latest decision for each framework and item."""
    second = aliased(Person)
    rows = session.exec(
        select(FloorDecision, Person.name, second.name)
        .join(Person, col(Person.id) == FloorDecision.decided_by)
        .outerjoin(second, col(second.id) == FloorDecision.confirmed_by)
        .where(col(FloorDecision.item_id).in_(item_ids))
        .order_by(col(FloorDecision.at), col(FloorDecision.id))
    )
    return {
        (row.framework_id, row.item_id): Decided(
            row.id,
            FloorChoice(row.choice),
            row.reason,
            row.review_on,
            row.ends_on,
            row.decided_by,
            name,
            row.at,
            confirmed_by or "",
        )
        for row, name, confirmed_by in rows
    }
