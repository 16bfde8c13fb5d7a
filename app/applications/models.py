"""Applications and their parts as stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.applications.rules import Decision, Review
from app.core.rows import identity, json_column, one_of, refers_to
from app.frameworks.rules import PriceUnit

_LIVE = text("withdrawn_at IS NULL AND closed_at IS NULL")
_NOT_MADE = text("made_at IS NULL")


class Application(SQLModel, table=True):
    """One live application per provider per round. `snapshot` is what was shared, fixed at submission.

    `ready_at` is when it was put before those who certify it: an owner alone, or `by_two`, the first of them `certified_by`.
    `closed_at` is when, in a round that is always open, its last part was decided: its provider may begin another since.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_live",
            "provider_id",
            "round_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        CheckConstraint("submitted_at IS NULL OR snapshot_sha256 <> ''", name="snapshot"),
        CheckConstraint("(ready_at IS NULL) = (ready_by IS NULL)", name="ready_by_somebody"),
        CheckConstraint("(certified_at IS NULL) = (certified_by IS NULL)", name="certified_by_somebody"),
        CheckConstraint(
            "submitted_at IS NULL OR NOT by_two OR (certified_by IS NOT NULL AND certified_by <> submitted_by)",
            name="certified_by_two",
        ),
        CheckConstraint("closed_at IS NULL OR (submitted_at IS NOT NULL AND withdrawn_at IS NULL)", name="closed"),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    round_id: UUID = refers_to("round.id")
    started_at: datetime
    started_by: UUID = refers_to("person.id", index=False)
    statement: str = Field(default="", max_length=4000)
    carried_from: UUID | None = refers_to("application.id", nullable=True, index=False)
    ready_at: datetime | None = None
    ready_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    by_two: bool = False
    certified_at: datetime | None = None
    certified_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    submitted_at: datetime | None = None
    submitted_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    snapshot: dict[str, Any] = json_column()
    snapshot_sha256: str = Field(default="", max_length=64)
    withdrawn_at: datetime | None = None
    closed_at: datetime | None = None


class RoundWish(SQLModel, table=True):
    """A member wants to be told when lots or regions of its framework that it may add are open; once it was, that is over."""

    __tablename__ = "round_wish"
    __table_args__ = (
        Index(
            "uq_round_wish_waiting",
            "framework_id",
            "provider_id",
            unique=True,
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id", index=False)
    provider_id: UUID = refers_to("provider.id")
    asked_at: datetime
    asked_by: UUID = refers_to("person.id", index=False)
    told_at: datetime | None = None


class EarlierSubmission(SQLModel, table=True):
    """What was submitted and taken back: kept as it was, with its digest."""

    __tablename__ = "earlier_submission"
    __table_args__ = (CheckConstraint("snapshot_sha256 <> ''", name="snapshot"),)

    id: UUID = identity()
    application_id: UUID = refers_to("application.id")
    submitted_at: datetime
    submitted_by: UUID = refers_to("person.id", index=False)
    snapshot: dict[str, Any] = json_column()
    snapshot_sha256: str = Field(max_length=64)
    taken_back_at: datetime
    taken_back_by: UUID = refers_to("person.id", index=False)


class ApplicationLot(SQLModel, table=True):
    """One lot in one region. Refusal: proposed by one person with reasons, decided by another, looked at again by a third."""

    __tablename__ = "application_lot"
    __table_args__ = (
        UniqueConstraint("application_id", "lot_id", "region_id"),
        CheckConstraint(f"decision IN ('{Decision.ACCEPTED}', '{Decision.REFUSED}')", name="decision"),
        CheckConstraint(
            "decision IS NULL OR (decided_at IS NOT NULL AND decided_by IS NOT NULL)", name="decided_by_somebody"
        ),
        CheckConstraint(
            "decision IS NULL OR decision <> 'refused' OR (reason_code <> '' AND reason <> ''"
            " AND proposed_by IS NOT NULL AND proposed_by <> decided_by)",
            name="refusal_needs_reason_and_second_person",
        ),
        CheckConstraint(
            "review_asked_at IS NULL OR (decision IS NOT NULL AND decision = 'refused'"
            " AND review_asked_by IS NOT NULL AND review_words <> '')",
            name="review_of_a_refusal",
        ),
        CheckConstraint(f"review_outcome IN ('{Review.UPHELD}', '{Review.OVERTURNED}')", name="review_outcome"),
        CheckConstraint(
            "review_outcome IS NULL OR (review_asked_at IS NOT NULL AND reviewed_at IS NOT NULL AND review_reason <> ''"
            " AND reviewed_by IS NOT NULL AND reviewed_by <> proposed_by AND reviewed_by <> decided_by)",
            name="reviewed_by_somebody_else",
        ),
    )

    id: UUID = identity()
    application_id: UUID = refers_to("application.id")
    lot_id: UUID = refers_to("lot.id")
    region_id: UUID = refers_to("region.id")
    proposed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    proposed_at: datetime | None = None
    reason_code: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=2000)
    decision: str | None = Field(default=None, max_length=20)
    decided_at: datetime | None = None
    decided_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    review_asked_at: datetime | None = None
    review_asked_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    review_words: str = Field(default="", max_length=2000)
    review_outcome: str | None = Field(default=None, max_length=20)
    review_reason: str = Field(default="", max_length=2000)
    reviewed_at: datetime | None = None
    reviewed_by: UUID | None = refers_to("person.id", nullable=True, index=False)


class ApplicationAnswer(SQLModel, table=True):
    """The answer to one question; an empty one has no row.

    `answered_at` and `answered_by` are of the words, which were written for `carried_from` where they are carried over.
    """

    __tablename__ = "application_answer"
    __table_args__ = (
        UniqueConstraint("application_id", "question_id"),
        CheckConstraint("value <> ''", name="says_something"),
        CheckConstraint("confirmed_at IS NULL OR carried_from IS NOT NULL", name="confirmed_if_carried"),
    )

    id: UUID = identity()
    application_id: UUID = refers_to("application.id", index=False)
    question_id: UUID = refers_to("question.id")
    value: str = Field(max_length=10_000)
    carried_from: UUID | None = refers_to("application.id", nullable=True, index=False)
    confirmed_at: datetime | None = None
    answered_at: datetime
    answered_by: UUID = refers_to("person.id", index=False)


class ApplicationRate(SQLModel, table=True):
    """What a provider asks for one unit of a lot; what is fixed is not asked and has no row."""

    __tablename__ = "application_rate"
    __table_args__ = (
        UniqueConstraint("application_id", "lot_id", "unit"),
        one_of("unit", PriceUnit),
        CheckConstraint("pence > 0", name="pence"),
    )

    id: UUID = identity()
    application_id: UUID = refers_to("application.id", index=False)
    lot_id: UUID = refers_to("lot.id")
    unit: str = Field(max_length=20)
    pence: int = Field(sa_type=BigInteger)


class ReturnedItem(SQLModel, table=True):
    """One thing of a submitted application that was returned with words, and how the provider changed it.

    What was submitted stays as it was: a decision rests on it and on the changes.
    """

    __tablename__ = "returned_item"
    __table_args__ = (
        Index(
            "uq_returned_item_open",
            "application_id",
            "item",
            unique=True,
            sqlite_where=_NOT_MADE,
            postgresql_where=_NOT_MADE,
        ),
        CheckConstraint("words <> ''", name="says_what"),
        CheckConstraint(
            "(made_at IS NULL AND made_by IS NULL) OR (made_at IS NOT NULL AND made_by IS NOT NULL AND change <> '')",
            name="made_by_somebody",
        ),
    )

    id: UUID = identity()
    application_id: UUID = refers_to("application.id")
    item: str = Field(max_length=400)
    words: str = Field(max_length=2000)
    requested_at: datetime
    requested_by: UUID = refers_to("person.id", index=False)
    change: str = Field(default="", max_length=10_000)
    made_at: datetime | None = None
    made_by: UUID | None = refers_to("person.id", nullable=True, index=False)


class ApplicationBurden(SQLModel, table=True):
    """How much one application asked of its provider, counted when it was submitted."""

    __tablename__ = "application_burden"
    __table_args__ = (
        CheckConstraint("0 <= reused AND reused <= asked", name="questions"),
        CheckConstraint("uploads >= 0 AND uploads_avoided >= 0 AND minutes >= 0", name="counts"),
    )

    application_id: UUID = Field(foreign_key="application.id", primary_key=True)
    asked: int
    reused: int
    uploads: int
    uploads_avoided: int
    minutes: int
