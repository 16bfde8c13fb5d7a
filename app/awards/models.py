"""Assessors, declarations, openings, scores, awards and letters as stored."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.awards.rules import LetterOutcome
from app.awards.two_people import ApprovalByTwo, by_two
from app.core.rows import identity, json_column, one_of, refers_to


class OpeningApproval(ApprovalByTwo, table=True):
    """One of the two people who open a brief's bids."""

    __tablename__ = "opening_approval"
    __table_args__ = by_two()

    brief_id: UUID = refers_to("brief.id", index=False)


class QualityAssessed(SQLModel, table=True):
    """The quality of a brief's bids is assessed, for good: only then are prices opened that are in an envelope of their own.

    `sha256` is over every mark that counts; `witness` is the keyholder's proof that it saw these marks and this person.
    """

    __tablename__ = "quality_assessed"

    brief_id: UUID = Field(foreign_key="brief.id", primary_key=True, ondelete="RESTRICT")
    at: datetime
    by: UUID = refers_to("person.id", index=False)
    sha256: str = Field(max_length=64)
    witness: str = Field(max_length=120)


class PriceApproval(ApprovalByTwo, table=True):
    """One of the two people who open a brief's prices, after quality was assessed."""

    __tablename__ = "price_approval"
    __table_args__ = by_two()

    brief_id: UUID = refers_to("quality_assessed.brief_id", index=False)


class BriefAssessor(SQLModel, table=True):
    """A person asked to assess a brief.

    `declared_at`: they have said whom they have an interest in; `opened_at`: they have opened the bids to read them.
    """

    __tablename__ = "brief_assessor"
    __table_args__ = (UniqueConstraint("brief_id", "person_id"),)

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id")
    person_id: UUID = refers_to("person.id")
    assigned_at: datetime
    assigned_by: UUID = refers_to("person.id", index=False)
    declared_at: datetime | None = None
    opened_at: datetime | None = None
    submitted_at: datetime | None = None


class Conflict(SQLModel, table=True):
    """An assessor's interest in one provider: they never see that provider's bid."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("assessor_id", "provider_id"),)

    id: UUID = identity()
    assessor_id: UUID = refers_to("brief_assessor.id")
    provider_id: UUID = refers_to("provider.id")
    nature: str = Field(max_length=500)


class Score(SQLModel, table=True):
    """One assessor's mark of one bid on one criterion, 0 to 5, with the reason that becomes the bidder's feedback."""

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("assessor_id", "bid_id", "criterion_id"),
        CheckConstraint("points BETWEEN 0 AND 5", name="points"),
        CheckConstraint("reason <> ''", name="reasoned"),
    )

    id: UUID = identity()
    assessor_id: UUID = refers_to("brief_assessor.id")
    bid_id: UUID = refers_to("bid.id")
    criterion_id: UUID = refers_to("brief_criterion.id", index=False)
    points: int
    reason: str = Field(max_length=2000)
    scored_at: datetime


class Award(SQLModel, table=True):
    """At most one live award per brief. Approved by somebody other than its proposer, by constraint.

    `reason_is_told`: its proposer was told that letters give the reason, as of those before version 0038 nobody was.
    """

    __tablename__ = "award"
    __table_args__ = (
        Index(
            "uq_award_live",
            "brief_id",
            unique=True,
            sqlite_where=text("rejected_at IS NULL"),
            postgresql_where=text("rejected_at IS NULL"),
        ),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
    )

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id")
    bid_id: UUID = refers_to("bid.id")
    total: Decimal = Field(sa_column=Column(Numeric(6, 2), nullable=False))
    reason: str = Field(max_length=2000)
    reason_is_told: bool = True
    proposed_at: datetime
    proposed_by: UUID = refers_to("person.id", index=False)
    approved_at: datetime | None = None
    approved_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    rejected_at: datetime | None = None
    rejected_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    rejected_reason: str = Field(default="", max_length=1000)


class OutcomeLetter(SQLModel, table=True):
    """A bidder's letter: their scores and reasons, and the winner's (Procurement Act 2023 s50, reg 31). Fixed when sent."""

    __tablename__ = "outcome_letter"
    __table_args__ = (UniqueConstraint("award_id", "bid_id"), one_of("outcome", LetterOutcome))

    id: UUID = identity()
    award_id: UUID = refers_to("award.id")
    bid_id: UUID = refers_to("bid.id", index=False)
    provider_id: UUID = refers_to("provider.id")
    outcome: str = Field(max_length=20)
    content: dict[str, Any] = json_column()
    content_sha256: str = Field(max_length=64)
    sent_at: datetime
