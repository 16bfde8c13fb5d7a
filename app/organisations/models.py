"""Organisations, regions, seats and invitations as stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.organisations.rules import ChangeKind, Confidence, LegalForm, OrganisationKind, Role


def _in_order() -> CheckConstraint:
    return CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="in_order")


class Organisation(SQLModel, table=True):
    """`slug` names a row of the reference data; a provider has none."""

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("kind", OrganisationKind),
        CheckConstraint("name <> ''", name="named"),
        Index("ix_organisation_kind_name", "kind", "name", "id"),
    )

    id: UUID = identity()
    kind: str = Field(max_length=20)
    name: str = Field(max_length=200)
    slug: str | None = Field(default=None, max_length=80, unique=True)
    created_at: datetime


class PanRegion(SQLModel, table=True):
    __tablename__ = "pan_region"
    __table_args__ = (one_of("confidence", Confidence),)

    id: UUID = identity()
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=120)
    itl1: str = Field(default="", max_length=10)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class Raa(SQLModel, table=True):
    """A regional adoption agency; `id` is its organisation. It stands from a day, and no longer on the day it ends."""

    __tablename__ = "raa"
    __table_args__ = (one_of("confidence", Confidence), _in_order())

    id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    model: str = Field(default="", max_length=40)
    valid_from: date | None = None
    valid_to: date | None = None
    notes: str = Field(default="", max_length=1000)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class RaaPanRegion(SQLModel, table=True):
    """Six agencies cross a regional boundary, so this is many to many, from a day and until one."""

    __tablename__ = "raa_pan_region"
    __table_args__ = (_in_order(),)

    raa_id: UUID = Field(foreign_key="raa.id", primary_key=True)
    pan_region_id: UUID = Field(foreign_key="pan_region.id", primary_key=True)
    valid_from: date | None = None
    valid_to: date | None = None


class DirectoryChange(SQLModel, table=True):
    """Authorities went from agencies to another on a day: a merger, a split, a succession or a move, and who recorded it."""

    __tablename__ = "directory_change"
    __table_args__ = (one_of("kind", ChangeKind), CheckConstraint("source <> ''", name="sourced"))

    id: UUID = identity()
    kind: str = Field(max_length=20)
    effective_on: date
    source: str = Field(max_length=500)
    recorded_at: datetime
    recorded_by: UUID = refers_to("person.id", index=False)


class RaaSuccessor(SQLModel, table=True):
    """Part or all of an agency went to another by a change; `whole` when the first one ended with it."""

    __tablename__ = "raa_successor"
    __table_args__ = (CheckConstraint("raa_id <> successor_id", name="another"),)

    change_id: UUID = Field(foreign_key="directory_change.id", primary_key=True)
    raa_id: UUID = Field(foreign_key="raa.id", primary_key=True)
    successor_id: UUID = Field(foreign_key="raa.id", index=True)
    whole: bool


class RaaAuthority(SQLModel, table=True):
    """An authority served by an agency, from a day and until one; by one agency at a time. `change_id` began it, if one did."""

    __tablename__ = "raa_authority"
    __table_args__ = (
        _in_order(),
        Index(
            "uq_raa_authority_standing",
            "authority_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    id: UUID = identity()
    raa_id: UUID = refers_to("raa.id")
    authority_id: UUID = refers_to("organisation.id")
    valid_from: date | None = None
    valid_to: date | None = None
    change_id: UUID | None = refers_to("directory_change.id", nullable=True)


class ContractingAuthority(SQLModel, table=True):
    """The legal body that signs for an agency, from a day and until one: most agencies are none themselves.

    `name` is the body's own; `authority_id` is set where it is a council of the directory; `recorded_by` is nobody where the
    reference data says so.
    """

    __tablename__ = "contracting_authority"
    __table_args__ = (
        one_of("form", LegalForm),
        one_of("confidence", Confidence),
        CheckConstraint("name <> ''", name="named"),
        _in_order(),
        Index(
            "uq_contracting_authority_standing",
            "raa_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    id: UUID = identity()
    raa_id: UUID = refers_to("raa.id")
    name: str = Field(max_length=200)
    form: str = Field(max_length=20)
    authority_id: UUID | None = refers_to("organisation.id", nullable=True)
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)
    recorded_at: datetime | None = None
    recorded_by: UUID | None = refers_to("person.id", nullable=True, index=False)


class VoluntaryAgency(SQLModel, table=True):
    """The directory of voluntary adoption agencies: a reference list, not accounts."""

    __tablename__ = "voluntary_agency"
    __table_args__ = (one_of("confidence", Confidence),)

    id: UUID = identity()
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=200)
    area: str = Field(default="", max_length=500)
    status: str = Field(default="", max_length=60)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class OrganisationSeat(SQLModel, table=True):
    __tablename__ = "organisation_seat"
    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_organisation_seat_held",
            "person_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = identity()
    person_id: UUID = refers_to("person.id")
    organisation_id: UUID = refers_to("organisation.id")
    role: str = Field(max_length=20)
    given_at: datetime
    given_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    ended_at: datetime | None = None


class SeatInvitation(SQLModel, table=True):
    __tablename__ = "seat_invitation"
    __table_args__ = (one_of("role", Role), CheckConstraint("email = lower(email)", name="email_lower"))

    id: UUID = identity()
    organisation_id: UUID = refers_to("organisation.id")
    email: str = Field(max_length=254, index=True)
    role: str = Field(max_length=20)
    token_digest: str = Field(max_length=64, unique=True)
    invited_by: UUID = refers_to("person.id", index=False)
    invited_at: datetime
    ends_at: datetime
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None


class JoinRequest(SQLModel, table=True):
    """Somebody asks for a seat. Decided with a role: accepted; without one: refused, with the reason."""

    __tablename__ = "join_request"
    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_join_request_open",
            "organisation_id",
            "person_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: UUID = identity()
    organisation_id: UUID = refers_to("organisation.id")
    person_id: UUID = refers_to("person.id")
    words: str = Field(max_length=1000)
    asked_at: datetime
    decided_at: datetime | None = None
    decided_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    role: str | None = Field(default=None, max_length=20)
    reason: str = Field(default="", max_length=1000)
