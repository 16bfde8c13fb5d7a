"""Briefs, their criteria and their invitations as stored; and the Fund's limits by date."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.briefs.rules import Ending
from app.briefs.terms.models import CONSTRAINTS, TermsColumns
from app.core.rows import identity, one_of, refers_to
from app.organisations.rules import Confidence


class FundingLimit(SQLModel, table=True):
    """What the Adoption and Special Guardianship Support Fund pays per child and year; NULL means not known."""

    __tablename__ = "funding_limit"
    __table_args__ = (one_of("confidence", Confidence),)

    starts_on: date = Field(primary_key=True)
    ends_on: date
    therapy_pence: int | None = Field(default=None, sa_type=BigInteger)
    assessment_pence: int | None = Field(default=None, sa_type=BigInteger)
    assessment_inside: bool | None = None
    note: str = Field(default="", max_length=1000)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class Brief(TermsColumns, table=True):
    """`reference` is random, shown to people. `contracting_id` is who signs for the agency, as of the day of publication.

    The agency must be on the framework's call-off list, by a foreign key; a trigger, `ck_brief_entitled`, refuses to publish
    on a day in London on which it may not call off. A draft may be unfinished; `approval_asked_at` is when its writer put it,
    as it stands, before an approver; `copied_from_id` is the brief it began as. A bid received for a version before
    `material_version` must be confirmed. `prices_opened_at`: when the second of its two envelopes was opened; of a brief with
    one it stays empty. Two more triggers refuse to set either moment of opening where two people have not approved it:
    `ck_brief_opened_by_two`, `ck_brief_prices_opened_by_two`.
    """

    __tablename__ = "brief"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "framework_id"], ["lot.id", "lot.framework_id"], name="fk_brief_lot"),
        ForeignKeyConstraint(
            ["region_id", "framework_id"], ["region.id", "region.framework_id"], name="fk_brief_region"
        ),
        ForeignKeyConstraint(
            ["call_off_id", "framework_id", "raa_id"],
            ["call_off_body.id", "call_off_body.framework_id", "call_off_body.organisation_id"],
            name="fk_brief_call_off",
        ),
        CheckConstraint("budget_pence > 0", name="budget"),
        CheckConstraint(f"cancelled_as IN ({', '.join(map(repr, ('', *map(str, Ending))))})", name="cancelled_as"),
        CheckConstraint("sessions > 0", name="sessions"),
        CheckConstraint("published_at IS NULL OR closes_at > published_at", name="closes_after_publication"),
        CheckConstraint("opened_at IS NULL OR opened_at >= closes_at", name="opened_after_close"),
        CheckConstraint(
            "prices_opened_at IS NULL OR (two_envelopes AND opened_at IS NOT NULL AND prices_opened_at >= opened_at)",
            name="prices_after_quality",
        ),
        CheckConstraint(
            "awarded_at IS NULL OR NOT two_envelopes OR prices_opened_at IS NOT NULL", name="awarded_after_prices"
        ),
        *CONSTRAINTS,
    )

    id: UUID = identity()
    reference: str = Field(max_length=20, unique=True)
    framework_id: UUID = refers_to("framework.id")
    lot_id: UUID
    region_id: UUID
    raa_id: UUID = refers_to("organisation.id")
    call_off_id: UUID
    contracting_id: UUID | None = refers_to("contracting_authority.id", nullable=True, index=False)
    title: str = Field(max_length=120)
    need: str = Field(max_length=4000)
    outcomes: str = Field(max_length=4000)
    age_band: str = Field(max_length=20)
    area: str = Field(max_length=120)
    sessions: int | None = None
    start_by: date | None = None
    budget_pence: int | None = Field(default=None, sa_type=BigInteger)
    fund_limit_pence: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime
    created_by: UUID = refers_to("person.id", index=False)
    approval_asked_at: datetime | None = None
    published_at: datetime | None = Field(default=None, index=True)
    published_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    closes_at: datetime = Field(index=True)
    opened_at: datetime | None = None
    prices_opened_at: datetime | None = None
    awarded_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_reason: str = Field(default="", max_length=1000)
    cancelled_as: str = Field(default="", max_length=20)
    version: int = 1
    material_version: int = 1
    copied_from_id: UUID | None = refers_to("brief.id", nullable=True)


class BriefCriterion(SQLModel, table=True):
    __tablename__ = "brief_criterion"
    __table_args__ = (
        UniqueConstraint("brief_id", "position"),
        CheckConstraint("weight BETWEEN 0 AND 100", name="weight"),
    )

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id")
    position: int
    name: str = Field(max_length=120)
    guidance: str = Field(default="", max_length=1000)
    is_price: bool = False
    weight: int


class BriefInvitation(SQLModel, table=True):
    """A member invited, and why; `declined_at` is one tap of 'not this time'."""

    __tablename__ = "brief_invitation"
    __table_args__ = (UniqueConstraint("brief_id", "provider_id"),)

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id")
    provider_id: UUID = refers_to("provider.id")
    membership_id: UUID = refers_to("membership.id")
    invited_at: datetime
    why: str = Field(max_length=500)
    declined_at: datetime | None = None
    declined_reason: str = Field(default="", max_length=40)
    declined_words: str = Field(default="", max_length=500)


class OutOfOrder(SQLModel, table=True):
    """Breaking the glass: an approver has said why the bids are opened without the chair, or before every declaration is in.

    What is taken back is deleted; the record keeps both. An approver's approval that rests on it is then void.
    """

    __tablename__ = "opening_out_of_order"
    __table_args__ = (CheckConstraint("reason <> ''", name="reasoned"),)

    brief_id: UUID = Field(foreign_key="brief.id", primary_key=True, ondelete="RESTRICT")
    said_at: datetime
    said_by: UUID = refers_to("person.id", index=False)
    reason: str = Field(max_length=1000)
