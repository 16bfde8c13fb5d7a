"""What is recorded about each practitioner, as stored: registrations, qualifications, therapies, supervision, DBS, cover."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, one_of, refers_to
from app.providers.rules.practice import DbsLevel, Frequency, Workforce


class ProfessionalRegistration(SQLModel, table=True):
    """An entry in a professional body's register. Without a body it is one that the list does not hold."""

    __tablename__ = "professional_registration"

    id: UUID = identity()
    practitioner_id: UUID = refers_to("practitioner.id")
    body_slug: str | None = Field(default=None, foreign_key="professional_body.slug")
    number: str = Field(default="", max_length=40)
    expires_on: date | None = None
    added_at: datetime


class Qualification(SQLModel, table=True):
    __tablename__ = "qualification"
    __table_args__ = (CheckConstraint("year IS NULL OR year BETWEEN 1940 AND 2100", name="year"),)

    id: UUID = identity()
    practitioner_id: UUID = refers_to("practitioner.id")
    name: str = Field(max_length=200)
    awarding_body: str = Field(default="", max_length=200)
    year: int | None = None
    added_at: datetime


class PractitionerTherapy(SQLModel, table=True):
    """A therapy that a practitioner may deliver, and what allows it."""

    __tablename__ = "practitioner_therapy"
    __table_args__ = (
        UniqueConstraint("practitioner_id", "therapy_slug"),
        CheckConstraint("registration_id IS NOT NULL OR qualification_id IS NOT NULL", name="ground"),
    )

    id: UUID = identity()
    practitioner_id: UUID = refers_to("practitioner.id", index=False)
    therapy_slug: str = Field(foreign_key="therapy.slug", index=True)
    registration_id: UUID | None = refers_to("professional_registration.id", nullable=True)
    qualification_id: UUID | None = refers_to("qualification.id", nullable=True)
    note: str = Field(default="", max_length=300)


class Supervision(SQLModel, table=True):
    """Who supervises a practitioner, how often, and when last."""

    __tablename__ = "supervision"
    __table_args__ = (one_of("frequency", Frequency),)

    practitioner_id: UUID = Field(foreign_key="practitioner.id", primary_key=True)
    supervisor: str = Field(max_length=200)
    body: str = Field(default="", max_length=200)
    frequency: str = Field(max_length=20)
    last_on: date | None = None


class PersonalInsurance(SQLModel, table=True):
    """A practitioner's own professional cover, where the provider's does not reach them."""

    __tablename__ = "personal_insurance"

    practitioner_id: UUID = Field(foreign_key="practitioner.id", primary_key=True)
    insurer: str = Field(max_length=200)
    policy_number: str = Field(default="", max_length=80)
    expires_on: date


class DbsRecord(SQLModel, table=True):
    """The facts of a DBS certificate, never its content. A newer record takes the place of an older, which stays."""

    __tablename__ = "practitioner_dbs"
    __table_args__ = (
        one_of("level", DbsLevel),
        one_of("workforce", Workforce),
        CheckConstraint("consented_on IS NULL OR update_service", name="consent"),
    )

    id: UUID = identity()
    practitioner_id: UUID = refers_to("practitioner.id")
    certificate_number: str = Field(max_length=40)
    issued_on: date
    level: str = Field(max_length=20)
    workforce: str = Field(max_length=20)
    children_barred: bool = False
    adults_barred: bool = False
    update_service: bool = False
    consented_on: date | None = None
    recorded_at: datetime
    recorded_by: UUID = refers_to("person.id", index=False)


class PractitionerImport(SQLModel, table=True):
    """A spreadsheet whose every cell was right, waiting to be confirmed; its rows go when they have become people."""

    __tablename__ = "practitioner_import"

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    file_name: str = Field(max_length=200)
    rows: dict[str, Any] = json_column()
    read_at: datetime
    read_by: UUID = refers_to("person.id", index=False)
    done_at: datetime | None = None
