"""What members and a framework's lead agree beside the first text, as stored: when an agreement rests, its new
versions, and prices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.frameworks.rules import PriceUnit
from app.memberships.rules.variations import Decliners, Silence

_HELD = text("released_at IS NULL")
_ASKED = text("agreed_at IS NULL AND declined_at IS NULL")
_PROPOSED = text("approved_at IS NULL AND withdrawn_at IS NULL")


class AgreementHold(SQLModel, table=True):
    """A lead has put what a provider and a framework have not both signed yet on hold, for a reason; one at a time stands."""

    __tablename__ = "agreement_hold"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="says_why"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released_by_somebody"),
        Index(
            "uq_agreement_hold_standing",
            "provider_id",
            "framework_id",
            unique=True,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id", index=False)
    framework_id: UUID = refers_to("framework.id")
    reason: str = Field(max_length=500)
    review_on: date  # the day on which the lead looks at it again; until it is released it lasts
    held_at: datetime
    held_by: UUID = refers_to("person.id", index=False)
    released_at: datetime | None = None
    released_by: UUID | None = refers_to("person.id", nullable=True, index=False)


class Variation(SQLModel, table=True):
    """A new version of a framework's agreement, proposed by one lead and approved by another; then its members answer.

    `answer_by` is the last day to answer, `silence` what no answer means, and `decliners` what becomes of those who declined:
    they keep the version before it, or their membership ends after `ends_on`.
    """

    __tablename__ = "variation"
    __table_args__ = (
        one_of("silence", Silence),
        one_of("decliners", Decliners),
        CheckConstraint("effective_on > answer_by", name="answered_first"),
        CheckConstraint("(decliners = 'end') = (ends_on IS NOT NULL)", name="end_has_a_last_day"),
        CheckConstraint("ends_on >= effective_on", name="nothing_ends_before"),
        CheckConstraint("reason <> ''", name="says_why"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        CheckConstraint("approved_at IS NULL OR withdrawn_at IS NULL", name="one_answer"),
        Index(
            "uq_variation_proposed",
            "framework_id",
            unique=True,
            sqlite_where=_PROPOSED,
            postgresql_where=_PROPOSED,
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    version: str = Field(max_length=20)
    text: str = Field(max_length=20000)
    sha256: str = Field(max_length=64)
    reason: str = Field(max_length=2000)
    answer_by: date
    effective_on: date
    silence: str = Field(max_length=20)
    decliners: str = Field(max_length=20)
    ends_on: date | None = None
    proposed_at: datetime
    proposed_by: UUID = refers_to("person.id", index=False)
    approved_at: datetime | None = None
    approved_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = refers_to("person.id", nullable=True, index=False)


class VariationAnswer(SQLModel, table=True):
    """What a provider said to a new version, for all its memberships of the framework; `sha256` is of the text it answered."""

    __tablename__ = "variation_answer"
    __table_args__ = (UniqueConstraint("variation_id", "provider_id"),)

    id: UUID = identity()
    variation_id: UUID = refers_to("variation.id")
    provider_id: UUID = refers_to("provider.id")
    agrees: bool
    sha256: str = Field(max_length=64)
    answered_at: datetime
    answered_by: UUID = refers_to("person.id", index=False)


class MemberRate(SQLModel, table=True):
    """A price of a member for one unit of a lot, in all its regions: proposed by one side and agreed by the other.

    It holds from `from_on`, or from the day on which it was agreed if that is later, until the next that was agreed holds.
    """

    __tablename__ = "member_rate"
    __table_args__ = (
        one_of("unit", PriceUnit),
        CheckConstraint("pence > 0", name="pence"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name="agreed_by_somebody"),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> proposed_by", name="two_people"),
        CheckConstraint("(declined_at IS NULL) = (declined_by IS NULL)", name="declined_by_somebody"),
        CheckConstraint("agreed_at IS NULL OR declined_at IS NULL", name="one_answer"),
        Index(
            "uq_member_rate_asked",
            "provider_id",
            "lot_id",
            "unit",
            unique=True,
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
        Index("ix_member_rate_card", "provider_id", "lot_id"),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id", index=False)
    lot_id: UUID = refers_to("lot.id")
    unit: str = Field(max_length=20)
    pence: int = Field(sa_type=BigInteger)
    from_on: date
    reason: str = Field(default="", max_length=500)
    by_lead: bool = False
    proposed_at: datetime
    proposed_by: UUID = refers_to("person.id", index=False)
    agreed_at: datetime | None = None
    agreed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    declined_at: datetime | None = None
    declined_by: UUID | None = refers_to("person.id", nullable=True, index=False)
