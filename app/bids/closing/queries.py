"""Whether everybody invited has answered, and what was asked about closing early."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.bids.closing.models import EarlyClose
from app.bids.models import Bid, BidReceipt
from app.bids.partners import stands_as_partner
from app.bids.rules import BidState
from app.briefs.models import Brief, BriefInvitation


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish to close early that waits."""

    asked_by: UUID
    asker: str
    asked_at: datetime
    tried_at: datetime | None


def everybody_answered(session: Session, brief_id: UUID) -> bool:
    """Whether each invited member has said "not this time", has a bid that stands for the brief as it is, or is a partner in one.

    A draft, a bid taken back, and one that a material change left unconfirmed are no answer.
    """
    stands = exists().where(
        col(Bid.brief_id) == BriefInvitation.brief_id,
        col(Bid.provider_id) == BriefInvitation.provider_id,
        col(Bid.state) == BidState.SUBMITTED,
        col(BidReceipt.bid_id) == Bid.id,
        col(BidReceipt.replaced_at).is_(None),
        col(BidReceipt.brief_version) >= Brief.material_version,
    )
    silent = (
        select(BriefInvitation.id)
        .join(Brief, col(Brief.id) == BriefInvitation.brief_id)
        .where(BriefInvitation.brief_id == brief_id, col(BriefInvitation.declined_at).is_(None), ~stands)
        .where(~stands_as_partner(col(BriefInvitation.provider_id), col(BriefInvitation.brief_id)))
        .limit(1)
    )
    return session.exec(silent).first() is None


def asked(session: Session, brief_id: UUID) -> Asked | None:
    row = session.exec(
        select(EarlyClose, Person.name)
        .join(Person, col(Person.id) == EarlyClose.asked_by)
        .where(EarlyClose.brief_id == brief_id, *_WAITS)
    ).first()
    return Asked(row[0].asked_by, row[1], row[0].asked_at, row[0].tried_at) if row else None


def asked_row(session: Session, brief_id: UUID) -> EarlyClose | None:
    """The row; whoever changes it holds the brief's lock."""
    query = select(EarlyClose).where(EarlyClose.brief_id == brief_id, *_WAITS)
    return session.exec(query.execution_options(populate_existing=True)).first()


_WAITS = col(EarlyClose.agreed_at).is_(None), col(EarlyClose.dropped_at).is_(None)
