"""Receipts, the snapshots that go with them, and what the bidder did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids import events
from app.bids.models import Bid, BidReceipt
from app.bids.queries.row import own_bid
from app.bids.rules import statement, to_the_minute
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.core.signing import written
from app.sealing.events import OF_THE_BIDDER, OWN_READ


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bidder holds in hand. `replaced_at`: when a later one took its place; `withdrawn_at` when the bid that it is for was
    taken back, or was withdrawn because the membership ended.

    `snapshot_sha256` is the digest of the profile and evidence that went with it; `signed` the whole as a text that anybody
    can check, or nothing in one from before receipts were signed.
    """

    id: UUID
    reference: str
    received_at: datetime
    brief_version: int
    content_sha256: str
    snapshot_sha256: str
    replaced_at: datetime | None
    withdrawn_at: datetime | None
    signed: str


@dataclass(frozen=True, slots=True)
class History:
    """What the bidder did, in words; when a bid was withdrawn, by its receipt; and when a draft was last saved."""

    told: tuple[tuple[datetime, str], ...]
    withdrawals: Mapping[str, datetime]
    saved_at: datetime | None


def receipts(session: Session, bid_id: UUID, withdrawals: Mapping[str, datetime]) -> tuple[Receipt, ...]:
    """Every receipt, the newest first; the first stands. `withdrawals`: when a bid was withdrawn, by its receipt."""
    rows = session.exec(
        select(BidReceipt, Brief.reference)
        .join(Bid, col(Bid.id) == BidReceipt.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(BidReceipt.bid_id == bid_id)
        .order_by(col(BidReceipt.received_at).desc())
    )
    newest_first = sorted(rows, key=lambda one: one[0].replaced_at is not None)
    return tuple(_receipt(row, brief, withdrawals.get(row.reference)) for row, brief in newest_first)


def standing_reference(session: Session, bid_id: UUID) -> str:
    """Of the receipt of a bid that was sent and that no later one took the place of."""
    wanted = select(BidReceipt.reference).where(BidReceipt.bid_id == bid_id, col(BidReceipt.replaced_at).is_(None))
    return session.exec(wanted).one()


def own_receipt(session: Session, actor: Actor, bid_id: UUID) -> Receipt:
    """The one that stands of one's own bid. Raises `NotFound`, also while there is none that is signed."""
    own_bid(session, actor, bid_id)
    for receipt in receipts(session, bid_id, {}):
        if receipt.signed:
            return receipt
    raise NotFound


def _receipt(row: BidReceipt, brief: str, withdrawn_at: datetime | None) -> Receipt:
    said = statement(
        reference=row.reference,
        received_at=row.received_at,
        brief=brief,
        brief_version=row.brief_version,
        content_sha256=row.content_sha256,
        snapshot_sha256=row.snapshot_sha256,
    )
    return Receipt(
        row.id,
        row.reference,
        row.received_at,
        row.brief_version,
        row.content_sha256,
        row.snapshot_sha256,
        row.replaced_at,
        withdrawn_at,
        written(said, row.key_id, row.signature) if row.signature else "",
    )


def history(session: Session, bid_id: UUID) -> History:
    """What happened to a bid on its bidder's side; what assessors did with it is not the bidder's to see.

    A draft is saved with every change: of several in a row by one person the last is told. It is read as often: what one
    person read in a day is told once. The audit trail keeps every one.
    """
    shown = events.OF_THE_BIDDER | OF_THE_BIDDER
    happened = [event for event in audit.timeline(session, bid_id) if event.name in shown]
    told = _readings_of_a_day_once(happened)
    once = tuple(one for one, after in zip_longest(told, told[1:]) if after is None or one[1] != after[1])
    return History(
        once,
        _withdrawals(happened),
        max((event.at for event in happened if event.name == events.SAVED.name), default=None),
    )


def _withdrawals(happened: list[audit.AuditEvent]) -> dict[str, datetime]:
    """When a bid was withdrawn, by the receipt that stood then: the last one given before it."""
    found, standing = dict[str, datetime](), ""
    for event in happened:
        standing = event.detail.get("receipt", standing)
        if event.name in (events.WITHDRAWN.name, events.LAPSED.name):
            found[standing] = event.at
    return found


def _readings_of_a_day_once(happened: list[audit.AuditEvent]) -> list[tuple[datetime, str]]:
    """Each event in words; what a person read in a day in London stands at the first time, with how often and when last."""
    lines: dict[object, list[audit.AuditEvent]] = {}
    for event in happened:
        key = (event.person_id, london_day(event.at)) if event.name == OWN_READ.name else event.id
        lines.setdefault(key, []).append(event)
    return [
        (
            first.at,
            audit.sentence(first)
            + (f", {len(more) + 1} times that day until {to_the_minute(more[-1].at)}" if more else ""),
        )
        for first, *more in lines.values()
    ]
