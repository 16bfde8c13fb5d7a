"""The envelope of a bid and its receipts; what is inside is in `sealed`."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.bids.rules import BidState
from app.core.rows import identity, json_column, one_of, refers_to


class Bid(SQLModel, table=True):
    """One per provider and brief. Its id is wholly random, so that it tells nothing of when or after how many.

    `excluded_reason`: why the opening put it aside, if it did; it is then neither read, scored nor ranked. `assigned_to` is the
    colleague who works on it, if anybody was named; `unsent_told_at` when its bidders were told that a draft was never sent.
    """

    __tablename__ = "bid"
    __table_args__ = (
        UniqueConstraint("brief_id", "provider_id"),
        one_of("state", BidState),
        CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted_has_time"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    brief_id: UUID = refers_to("brief.id")
    provider_id: UUID = refers_to("provider.id")
    state: str = Field(default=BidState.DRAFT, max_length=20)
    started_at: datetime
    started_by: UUID = refers_to("person.id", index=False)
    submitted_at: datetime | None = None
    withdrawn_at: datetime | None = None
    excluded_reason: str = Field(default="", max_length=1000)
    assigned_to: UUID | None = refers_to("person.id", nullable=True)
    unsent_told_at: datetime | None = None


class BidPartner(SQLModel, table=True):
    """A provider that a bidder asked to be its partner in a bid, and what it answered.

    The share and the part it was asked for are kept under the portal's own key, for the partner to read: they are no letter,
    but nobody else's business either.
    """

    __tablename__ = "bid_partner"
    __table_args__ = (
        UniqueConstraint("bid_id", "provider_id"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name="agreed_by_somebody"),
        CheckConstraint("agreed_at IS NULL OR declined_at IS NULL", name="one_answer"),
    )

    id: UUID = identity()
    bid_id: UUID = refers_to("bid.id", index=False)
    provider_id: UUID = refers_to("provider.id")
    wrapped_key: bytes = Field(sa_type=LargeBinary)
    ciphertext: bytes = Field(sa_type=LargeBinary)
    asked_at: datetime
    asked_by: UUID = refers_to("person.id", index=False)
    agreed_at: datetime | None = None
    agreed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    declined_at: datetime | None = None


class LibraryAnswer(SQLModel, table=True):
    """An answer that an organisation keeps to use again: sealed like a letter, to the organisation alone.

    `bid_id` is the bid for which it was written, whose score and comments it shows once that bid's letter is out.
    """

    __tablename__ = "library_answer"

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    bid_id: UUID = refers_to("bid.id")
    own_wrap: bytes = Field(sa_type=LargeBinary)
    session_wrap: bytes | None = Field(default=None, sa_type=LargeBinary)
    ciphertext: bytes = Field(sa_type=LargeBinary)
    kept_at: datetime
    kept_by: UUID = refers_to("person.id", index=False)
    used_at: datetime | None = None


class BidSnapshot(SQLModel, table=True):
    """A bidder's profile and evidence as shared with its bids on a London day, after the record's event at `position`."""

    __tablename__ = "bid_snapshot"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    provider_id: UUID = refers_to("provider.id")
    shared_on: date
    position: int = Field(sa_type=BigInteger)
    content: dict[str, Any] = json_column()
    sha256: str = Field(max_length=64)


class BidReceipt(SQLModel, table=True):
    """What a bidder holds in hand: when it was received, for which version of the brief, and the digest of what it says.

    `signature` is the service's own, base64, by its key `key_id`; receipts from before there was one have neither.
    """

    __tablename__ = "bid_receipt"
    __table_args__ = (
        Index(
            "uq_bid_receipt_current",
            "bid_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    bid_id: UUID = refers_to("bid.id")
    reference: str = Field(max_length=24, unique=True)
    received_at: datetime
    brief_version: int
    content_sha256: str = Field(max_length=64)
    snapshot_id: UUID | None = refers_to("bid_snapshot.id", nullable=True)
    snapshot_sha256: str = Field(default="", max_length=64)
    submitted_by: UUID = refers_to("person.id", index=False)
    replaced_at: datetime | None = None
    key_id: str = Field(default="", max_length=40)
    signature: str = Field(default="", max_length=88)
