"""Which bids that stand were received for a version of their brief before its last material change."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.confirming.rules import MARKS
from app.bids.models import Bid, BidReceipt
from app.bids.queries.row import LEFT_BEHIND
from app.briefs.models import Brief
from app.briefs.queries import in_phase
from app.briefs.rules import Phase


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    bid_id: UUID
    provider_id: UUID
    brief_reference: str
    version: int
    closes_at: datetime


def unconfirmed_bids(session: Session, brief: Brief) -> frozenset[UUID]:
    """Those of one brief; it asks only where the brief was materially changed."""
    if brief.material_version == 1:
        return frozenset()
    found = select(Bid.id).join(BidReceipt, col(BidReceipt.bid_id) == Bid.id).join(Brief, col(Brief.id) == Bid.brief_id)
    return frozenset(session.exec(found.where(Bid.brief_id == brief.id, LEFT_BEHIND)))


def to_remind(session: Session, now: datetime) -> list[Unconfirmed]:
    """Those of briefs that close within two days."""
    rows = session.execute(
        select(Bid.id, Bid.provider_id, Brief.reference, Brief.version)
        .add_columns(col(Brief.closes_at))
        .select_from(Bid)
        .join(BidReceipt, col(BidReceipt.bid_id) == Bid.id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(in_phase(Phase.OPEN, now), col(Brief.closes_at) <= now + max(before for before, _ in MARKS), LEFT_BEHIND)
        .order_by(col(Bid.id))
    )
    return [Unconfirmed(*row) for row in rows]
