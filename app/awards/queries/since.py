"""What has changed in the winner's record since it bid, for those who decide about the award."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.awards.models import Award
from app.awards.policy import APPROVERS, PROPOSERS
from app.awards.queries.results import is_conflicted
from app.bids.models import Bid, BidReceipt, BidSnapshot
from app.briefs.queries import brief_of_buyer
from app.core import clock
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.queries import kinds
from app.evidence.queries.shared import NAMES_TAKEN, changed_since, shared
from app.organisations.models import Organisation
from app.providers.rules.since import Changed


@dataclass(frozen=True, slots=True)
class WinnerSince:
    """`intact` says that what was shared with the bid still has the digest of its receipt; none is on those of long ago."""

    reference: str
    provider_name: str
    received_at: datetime
    sha256: str
    intact: bool
    names_taken: bool
    changes: tuple[Changed, ...]


def winner_since(session: Session, actor: Actor, brief_id: UUID) -> WinnerSince:
    """Of the bid proposed or awarded. Raises `NotFound` while there is none, and to whoever has an interest in it."""
    brief = brief_of_buyer(session, actor, brief_id, *PROPOSERS, *APPROVERS)
    found = session.exec(
        select(Bid, BidReceipt, BidSnapshot, Organisation.name)
        .join(Award, col(Award.bid_id) == Bid.id)
        .join(BidReceipt, (col(BidReceipt.bid_id) == Bid.id) & col(BidReceipt.replaced_at).is_(None))
        .outerjoin(BidSnapshot, col(BidSnapshot.id) == BidReceipt.snapshot_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(Award.brief_id == brief_id, col(Award.rejected_at).is_(None))
    ).first()
    if found is None:
        raise NotFound
    bid, receipt, snapshot, name = found
    if is_conflicted(session, actor, brief_id, [bid.provider_id]):
        raise NotFound
    now = shared(session, bid.provider_id, london_day(clock.now(session)))
    return WinnerSince(
        brief.reference,
        name,
        receipt.received_at,
        receipt.snapshot_sha256,
        snapshot is not None and digest(canonical(snapshot.content)) == receipt.snapshot_sha256,
        snapshot is not None and NAMES_TAKEN in snapshot.content,
        changed_since(kinds(session), snapshot.content, now) if snapshot else (),
    )
