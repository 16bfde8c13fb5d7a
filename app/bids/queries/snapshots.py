"""The snapshots of what is shared of a bidder, without their content."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.bids.models import BidSnapshot
from app.core import audit
from app.evidence.models import EvidenceItem
from app.providers.models import Provider


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot of what is shared of a bidder."""

    id: UUID
    sha256: str
    shared_on: date
    position: int


@dataclass(frozen=True, slots=True)
class Newest:
    """The snapshot of a bidder that was taken last, if any, and the position of the record's newest event about it."""

    taken: Taken | None
    position: int

    def still_holds(self, on: date) -> Taken | None:
        """That snapshot, if nothing was recorded of the bidder since, on the same day."""
        taken = self.taken
        return taken if taken and (taken.shared_on, taken.position) == (on, self.position) else None

    @staticmethod
    def read(*values: Any) -> "Newest":
        """From the values of `newest_columns`."""
        *taken, of_bidder, of_items = values
        return Newest(Taken(*taken) if taken[0] else None, max(of_bidder or 0, of_items or 0))


def is_newest(provider_id: Any) -> ColumnElement[bool]:
    """For a join to `BidSnapshot`: the provider's newest."""
    own = select(BidSnapshot.id).where(BidSnapshot.provider_id == provider_id)
    newest = own.order_by(col(BidSnapshot.shared_on).desc(), col(BidSnapshot.position).desc()).limit(1)
    return col(BidSnapshot.id) == newest.correlate(None).scalar_subquery()


def newest_columns(provider_id: Any) -> tuple[Any, ...]:
    """What `Newest.read` reads, as columns of a query that is joined to `BidSnapshot` by `is_newest`.

    What happens to a document is recorded about its item.
    """
    items = select(EvidenceItem.id).where(EvidenceItem.provider_id == provider_id)
    taken = (col(BidSnapshot.id), col(BidSnapshot.sha256), col(BidSnapshot.shared_on), col(BidSnapshot.position))
    return (*taken, audit.latest(provider_id), audit.latest_about(items))


def newest_snapshot(session: Session, provider_id: UUID) -> Newest:
    wanted = select(*newest_columns(provider_id)).select_from(Provider)
    of_bidder = wanted.outerjoin(BidSnapshot, is_newest(provider_id)).where(col(Provider.id) == provider_id)
    return Newest.read(*session.execute(of_bidder).one())
