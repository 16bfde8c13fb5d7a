"""Rule sets, frameworks, lots, regions, call-off lists, rounds, required evidence and criteria as stored."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, one_of, refers_to
from app.frameworks.rules import PriceUnit, Service
from app.organisations.rules import Confidence


class RuleSet(SQLModel, table=True):
    """The law a framework stands under, as data: term cap, re-opening clocks, how members join."""

    __tablename__ = "rule_set"
    __table_args__ = (one_of("confidence", Confidence),)

    slug: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=120)
    max_years: int | None = None
    first_reopen_within_years: int | None = None
    next_reopen_within_years: int | None = None
    joining: str = Field(default="", max_length=500)
    note: str = Field(default="", max_length=1000)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class Framework(SQLModel, table=True):
    """Approved by somebody other than its writer, by constraint; the text of its agreement is what members sign."""

    __tablename__ = "framework"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="term"),
        CheckConstraint("approved_by IS NULL OR approved_by <> created_by", name="two_people"),
    )

    id: UUID = identity()
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=200)
    lead_id: UUID = refers_to("organisation.id")
    rule_set_slug: str = Field(foreign_key="rule_set.slug")
    summary: str = Field(max_length=4000)
    agreement_text: str = Field(max_length=20000)
    agreement_version: str = Field(max_length=20)
    selection_process: str = Field(max_length=2000)
    starts_on: date
    ends_on: date
    source: str = Field(default="", max_length=300)
    created_at: datetime
    created_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    approved_at: datetime | None = None
    approved_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    withdrawn_at: datetime | None = None
    wants_dbs_file: bool = True  # beside the record of a DBS certificate, which is always kept


class Lot(SQLModel, table=True):
    """`requirement` is the rule its members' evidence must meet; where it is empty, every kind of `LotRequirement` is needed."""

    __tablename__ = "lot"
    __table_args__ = (
        one_of("service", Service),
        one_of("price_unit", PriceUnit),
        UniqueConstraint("framework_id", "number"),
        UniqueConstraint("id", "framework_id"),
        CheckConstraint("ceiling_pence > 0", name="ceiling"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    number: int
    name: str = Field(max_length=120)
    service: str = Field(max_length=40)
    description: str = Field(max_length=4000)
    price_unit: str = Field(max_length=20)
    ceiling_pence: int = Field(sa_type=BigInteger)
    requirement: dict[str, Any] = json_column()


class Region(SQLModel, table=True):
    """A part of a framework's area, in its own terms: often an agency's authorities."""

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("framework_id", "name"), UniqueConstraint("id", "framework_id"))

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    name: str = Field(max_length=120)
    pan_region_id: UUID | None = refers_to("pan_region.id", nullable=True)


class RegionAuthority(SQLModel, table=True):
    __tablename__ = "region_authority"

    region_id: UUID = Field(foreign_key="region.id", primary_key=True)
    authority_id: UUID = Field(foreign_key="organisation.id", primary_key=True)


class CallOffBody(SQLModel, table=True):
    """A time in which an agency or authority may call off, both days included (Procurement Act 2023 s45(5)(f)).

    A brief points to the time it is written under, and a trigger lets it be published only while that lasts. Who leaves and
    comes back has two rows. How each came about is an `Accession`.
    """

    __tablename__ = "call_off_body"
    __table_args__ = (
        UniqueConstraint("framework_id", "organisation_id", "entitled_from"),
        UniqueConstraint("id", "framework_id", "organisation_id"),
        CheckConstraint("entitled_to IS NULL OR entitled_to >= entitled_from", name="days"),
        Index(
            "uq_call_off_body_unending",
            "framework_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("entitled_to IS NULL"),
            postgresql_where=text("entitled_to IS NULL"),
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    organisation_id: UUID = refers_to("organisation.id")
    entitled_from: date
    entitled_to: date | None = None


class LotRequirement(SQLModel, table=True):
    """A kind of evidence that the lot's rule names: so that no rule names what does not exist."""

    __tablename__ = "lot_requirement"

    lot_id: UUID = Field(foreign_key="lot.id", primary_key=True)
    kind_slug: str = Field(foreign_key="evidence_kind.slug", primary_key=True)


class FrameworkCriterion(SQLModel, table=True):
    """A criterion that briefs under this framework may use, with the range its weight may take."""

    __tablename__ = "framework_criterion"
    __table_args__ = (
        UniqueConstraint("framework_id", "name"),
        CheckConstraint("0 <= weight_min AND weight_min <= weight_max AND weight_max <= 100", name="range"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    position: int
    name: str = Field(max_length=120)
    guidance: str = Field(default="", max_length=1000)
    is_price: bool = False
    weight_min: int
    weight_max: int


class Round(SQLModel, table=True):
    """A window in which providers may apply to chosen lots and regions."""

    __tablename__ = "round"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="window"),)

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    name: str = Field(max_length=120)
    opens_at: datetime
    closes_at: datetime


class RoundScope(SQLModel, table=True):
    __tablename__ = "round_scope"

    round_id: UUID = Field(foreign_key="round.id", primary_key=True)
    lot_id: UUID = Field(foreign_key="lot.id", primary_key=True)
    region_id: UUID = Field(foreign_key="region.id", primary_key=True)
