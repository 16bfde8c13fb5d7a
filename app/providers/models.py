"""Providers, their practitioners and what they offer, as stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.organisations.rules import Confidence
from app.providers.offered import ProviderOffer, ProviderReach
from app.providers.restricted import ProviderRestriction
from app.providers.roster import (
    DbsRecord,
    PersonalInsurance,
    PractitionerImport,
    PractitionerTherapy,
    ProfessionalRegistration,
    Qualification,
    Supervision,
)
from app.providers.rules import ProviderKind
from app.providers.rules.duplicates import Outcome as DuplicateOutcome
from app.providers.rules.sites import StepFree

__all__ = [
    "DbsRecord",
    "PersonalInsurance",
    "Practitioner",
    "PractitionerImport",
    "PractitionerTherapy",
    "ProfessionalBody",
    "ProfessionalRegistration",
    "Provider",
    "ProviderArea",
    "ProviderOffer",
    "ProviderReach",
    "ProviderRestriction",
    "ProviderTherapy",
    "Qualification",
    "Supervision",
    "Therapy",
]


class Therapy(SQLModel, table=True):
    __tablename__ = "therapy"
    __table_args__ = (one_of("confidence", Confidence),)

    slug: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=120)
    family: str = Field(max_length=60)
    plain: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    services: str = Field(max_length=200)
    fund_scope: str = Field(default="", max_length=200)
    practitioner_evidence: str = Field(default="", max_length=1000)
    notes: str = Field(default="", max_length=1000)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class ProfessionalBody(SQLModel, table=True):
    __tablename__ = "professional_body"
    __table_args__ = (one_of("confidence", Confidence),)

    slug: str = Field(primary_key=True, max_length=20)
    name: str = Field(max_length=200)
    kind: str = Field(max_length=60)
    number_pattern: str = Field(default="", max_length=200)
    renewal_months: int | None = None
    note: str = Field(default="", max_length=1000)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class Provider(SQLModel, table=True):
    """`id` is its organisation. Facts are moments; the state is derived from them (rules.state)."""

    __tablename__ = "provider"
    __table_args__ = (
        one_of("kind", ProviderKind),
        Index("uq_provider_ppon", "ppon", unique=True),
        Index("uq_provider_ofsted_urn", "ofsted_urn", unique=True),
        Index("uq_provider_ico_number", "ico_number", unique=True),
    )

    id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    kind: str = Field(max_length=20)
    summary: str = Field(default="", max_length=2000)
    telephone: str = Field(default="", max_length=40)
    website: str = Field(default="", max_length=200)
    company_number: str | None = Field(default=None, max_length=8, unique=True)
    charity_number: str | None = Field(default=None, max_length=10, unique=True)
    ppon: str | None = Field(default=None, max_length=20)
    ofsted_urn: str | None = Field(default=None, max_length=10)
    ico_number: str | None = Field(default=None, max_length=10)
    share_code: str | None = Field(default=None, max_length=12)
    record_confirmed_on: date | None = None
    numbers_told_at: datetime | None = None
    registered_at: datetime
    terms_version: str = Field(max_length=20)
    paused_at: datetime | None = None
    paused_until: date | None = None
    archived_at: datetime | None = None


class DuplicateSuggestion(SQLModel, table=True):
    """Two providers that may be one, until an administrator says which."""

    __tablename__ = "duplicate_suggestion"
    __table_args__ = (
        one_of("outcome", DuplicateOutcome),
        UniqueConstraint("provider_id", "other_id"),
        CheckConstraint("provider_id <> other_id", name="two"),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    other_id: UUID = refers_to("provider.id")
    why: str = Field(max_length=200)
    suggested_at: datetime
    settled_at: datetime | None = None
    settled_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    outcome: str | None = Field(default=None, max_length=20)


class Site(SQLModel, table=True):
    """A place where a provider works, until it closes. `uses` are values of rules.sites.Use with commas between."""

    __tablename__ = "site"
    __table_args__ = (
        one_of("step_free", StepFree),
        Index(
            "uq_site_open_name",
            "provider_id",
            "name",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    name: str = Field(max_length=120)
    address: str = Field(max_length=500)
    postcode: str = Field(max_length=10)
    uses: str = Field(default="", max_length=120)
    step_free: str = Field(max_length=10)
    access: str = Field(default="", max_length=500)
    parking: str = Field(default="", max_length=500)
    transport: str = Field(default="", max_length=500)
    added_at: datetime
    closed_at: datetime | None = None


class Consortium(SQLModel, table=True):
    """Providers that work as one, under a lead. What each is comes from its own profile, never from here."""

    __tablename__ = "consortium"

    id: UUID = identity()
    name: str = Field(max_length=200)
    lead_id: UUID = refers_to("provider.id")
    started_at: datetime
    ended_at: datetime | None = None


class ConsortiumMember(SQLModel, table=True):
    """`known_as` is what the lead typed: until the member accepts, its name is its own."""

    __tablename__ = "consortium_member"
    __table_args__ = (
        Index(
            "uq_consortium_member_live",
            "consortium_id",
            "provider_id",
            unique=True,
            sqlite_where=text("declined_at IS NULL AND left_at IS NULL"),
            postgresql_where=text("declined_at IS NULL AND left_at IS NULL"),
        ),
    )

    id: UUID = identity()
    consortium_id: UUID = refers_to("consortium.id")
    provider_id: UUID = refers_to("provider.id")
    known_as: str = Field(max_length=200)
    invited_at: datetime
    invited_by: UUID = refers_to("person.id", index=False)
    accepted_at: datetime | None = None
    accepted_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    declined_at: datetime | None = None
    left_at: datetime | None = None


class Practitioner(SQLModel, table=True):
    __tablename__ = "practitioner"
    __table_args__ = (
        Index(
            "ix_practitioner_left",
            "id",
            sqlite_where=text("left_at IS NOT NULL"),
            postgresql_where=text("left_at IS NOT NULL"),
        ),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    full_name: str = Field(max_length=200)
    profession: str = Field(default="", max_length=120)
    added_at: datetime
    left_at: datetime | None = None


class ProviderTherapy(SQLModel, table=True):
    __tablename__ = "provider_therapy"

    provider_id: UUID = Field(foreign_key="provider.id", primary_key=True)
    therapy_slug: str = Field(foreign_key="therapy.slug", primary_key=True, index=True)


class ProviderArea(SQLModel, table=True):
    """An authority whose families this provider can serve."""

    __tablename__ = "provider_area"

    provider_id: UUID = Field(foreign_key="provider.id", primary_key=True)
    authority_id: UUID = Field(foreign_key="organisation.id", primary_key=True, index=True)
