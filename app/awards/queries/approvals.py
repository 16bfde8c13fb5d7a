"""Who has approved that what is sealed is opened, the bids of a brief or later their prices, and which approvals count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards import events
from app.awards.models import OpeningApproval, PriceApproval
from app.awards.policy import APPROVERS, CHAIRS, OPENERS
from app.awards.queries.rivals import seated_with_rivals
from app.awards.rules.opening import OPENERS as HOW_MANY
from app.awards.two_people import ApprovalByTwo
from app.briefs.models import Brief, OutOfOrder
from app.briefs.queries import brief_of_buyer
from app.core.actor import Actor
from app.core.audit import Event
from app.organisations.models import OrganisationSeat


@dataclass(frozen=True, slots=True)
class Approval:
    person_id: UUID
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """What two people open.

    `row` is what is kept of an approval, `approved` the event of the first, `is_open` whether both were given, `first` whether
    a seat's role is one of those who may be the first, and `given_in_time` whether it was given when it could be.
    """

    row: type[ApprovalByTwo]
    approved: Event
    is_open: ColumnElement[bool]
    first: ColumnElement[bool]
    given_in_time: tuple[ColumnElement[bool], ...] = ()


_OUT_OF_ORDER: Final = exists().where(col(OutOfOrder.brief_id) == Brief.id)

BIDS: Final = Envelope(
    OpeningApproval,
    events.OPENING_APPROVED,
    col(Brief.opened_at).is_not(None),
    col(OrganisationSeat.role).in_(CHAIRS) | (col(OrganisationSeat.role).in_(APPROVERS) & _OUT_OF_ORDER),
    (col(OpeningApproval.at) >= Brief.closes_at,),
)
PRICES: Final = Envelope(
    PriceApproval,
    events.PRICES_APPROVED,
    col(Brief.prices_opened_at).is_not(None),
    col(OrganisationSeat.role).in_(OPENERS),
)


def approvals(session: Session, brief_id: UUID, envelope: Envelope) -> tuple[Approval, ...]:
    """Those that count."""
    row = envelope.row
    rows = session.exec(
        select(row.person_id, Person.name, row.at)
        .join(Person, col(Person.id) == row.person_id)
        .join(Brief, col(Brief.id) == row.brief_id)
        .where(*_counting(envelope, brief_id))
        .order_by(col(row.position))
        .limit(HOW_MANY)
    )
    return tuple(Approval(*found) for found in rows)


def given(session: Session, brief_id: UUID, envelope: Envelope) -> Sequence[ApprovalByTwo]:
    """The same as they are kept, each with its witness."""
    row = envelope.row
    rows = select(row).join(Brief, col(Brief.id) == row.brief_id).where(*_counting(envelope, brief_id))
    return session.exec(rows.order_by(col(row.position))).all()


def has_approved(session: Session, actor: Actor, brief_id: UUID, envelope: Envelope) -> tuple[bool, bool]:
    """Whether somebody has approved the opening, and whether this person has. Raises `NotFound`."""
    brief_of_buyer(session, actor, brief_id, *OPENERS)
    so_far = approvals(session, brief_id, envelope)
    return bool(so_far), actor.person_id in {approval.person_id for approval in so_far}


def _counting(envelope: Envelope, brief_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Which approvals of a brief count.

    One of the bids that was given before the close as it is now, because an outage moved it since, is void; so is, until
    both were given, that of somebody who may no longer be the first: who has lost the role, or gained a seat in a provider
    that was invited.
    """
    return (
        col(envelope.row.brief_id) == brief_id,
        *envelope.given_in_time,
        envelope.is_open | _still_may(envelope, brief_id),
    )


def _still_may(envelope: Envelope, brief_id: UUID) -> ColumnElement[bool]:
    """Whether who approved holds a role of the first in the agency of the row's brief, and no seat with a rival."""
    sits = exists().where(
        col(OrganisationSeat.person_id) == envelope.row.person_id,
        col(OrganisationSeat.organisation_id) == Brief.raa_id,
        col(OrganisationSeat.ended_at).is_(None),
        col(Person.id) == envelope.row.person_id,
        col(Person.disabled_at).is_(None),
        envelope.first,
    )
    return sits & ~col(envelope.row.person_id).in_(seated_with_rivals(brief_id))
