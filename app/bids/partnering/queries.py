"""What a provider was asked to be a partner in."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from app.bids.asking import outcomes
from app.bids.models import Bid, BidPartner
from app.bids.partners import STANDS, is_ally, read_terms
from app.bids.queries.row import unconfirmed
from app.briefs.models import Brief
from app.briefs.queries import in_phase, phase_of
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.refusals import NotFound
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role

MOST = 100


@dataclass(frozen=True, slots=True)
class Partnership:
    """`submitted`: a bid that stands rests on the agreement; `seen` is the digest of what was asked.

    Of such a bid: `unconfirmed` since the brief changed materially, `put_aside` at the opening, and whether it `won`, once its
    lead's letter is out.
    """

    id: UUID
    lead: str
    brief_id: UUID
    reference: str
    title: str
    closes_at: datetime
    phase: Phase
    cancelled_as: str
    share: int
    part: str
    agreed_at: datetime | None
    declined_at: datetime | None
    submitted: bool
    seen: str
    unconfirmed: bool
    put_aside: bool
    won: bool | None


def partnerships(session: Session, actor: Actor, now: datetime, *, secret: str) -> list[Partnership]:
    """Those asked of the providers that this person owns, the newest first, at most a hundred."""
    found = session.execute(
        sa_select(BidPartner, STANDS, Brief, col(Organisation.name), col(Bid.excluded_reason), unconfirmed())
        .join(Bid, col(Bid.id) == BidPartner.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(col(BidPartner.provider_id).in_(provider_ids(actor, Role.OWNER)))
        .order_by(col(BidPartner.asked_at).desc(), col(BidPartner.id))
        .limit(MOST)
    )
    rows = found.all()
    ended = outcomes(session, [row.bid_id for row, stands, *_ in rows if stands])
    return [
        Partnership(
            row.id,
            lead,
            brief.id,
            brief.reference,
            brief.title,
            brief.closes_at,
            phase_of(brief, now),
            brief.cancelled_as,
            (terms := json.loads(read_terms(row, secret)))["share"],
            terms["part"],
            row.agreed_at,
            row.declined_at,
            bool(stands),
            digest(row.ciphertext),
            bool(stands and left_behind),
            bool(stands and put_aside),
            ended[row.bid_id].won if stands and row.bid_id in ended else None,
        )
        for row, stands, brief, lead, put_aside, left_behind in rows
    ]


def asked_in_vain(
    session: Session, provider_ids: Collection[UUID], lead_id: UUID, now: datetime
) -> list[tuple[UUID, UUID, UUID, str, bool]]:
    """What these were asked, and had not declined, in the bids for open briefs of a lead in whose consortia they are no more.

    Its id, who was asked, the bid's id, the brief's reference, and whether a bid that stands rests on it.
    """
    rows = session.execute(
        sa_select(col(BidPartner.id), col(BidPartner.provider_id), col(Bid.id), col(Brief.reference), STANDS)
        .join(Bid, col(Bid.id) == BidPartner.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(
            col(BidPartner.provider_id).in_(provider_ids),
            col(BidPartner.declined_at).is_(None),
            col(Bid.provider_id) == lead_id,
            in_phase(Phase.OPEN, now),
            ~is_ally(),
        )
        .order_by(col(BidPartner.id))
    )
    return [(row_id, asked, bid_id, reference, bool(stands)) for row_id, asked, bid_id, reference, stands in rows]


@dataclass(frozen=True, slots=True)
class Stood:
    """A partner in a bid that stands for a brief."""

    partnership_id: UUID
    provider_id: UUID
    bid_id: UUID
    lead: str


def stood(session: Session, brief_id: UUID) -> list[Stood]:
    """All of them."""
    rows = session.execute(
        sa_select(col(BidPartner.id), col(BidPartner.provider_id), col(Bid.id), col(Organisation.name))
        .join(Bid, col(Bid.id) == BidPartner.bid_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(col(Bid.brief_id) == brief_id, STANDS)
        .order_by(col(BidPartner.id))
    )
    return [Stood(*row) for row in rows]


def own_partnership(session: Session, actor: Actor, partnership_id: UUID) -> BidPartner:
    """Raises `NotFound` to all but the owners of the provider that was asked."""
    row = session.exec(
        select(BidPartner).where(
            BidPartner.id == partnership_id, col(BidPartner.provider_id).in_(provider_ids(actor, Role.OWNER))
        )
    ).first()
    if row is None:
        raise NotFound
    return row
