"""What is kept beside items of evidence, as stored: duties done, reminders' addresses, DBS records, reliance, holds, deletions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, one_of, refers_to
from app.evidence.rules.dbs import Level, StatusResult, Workforce
from app.evidence.rules.reliance import Reliance

_LIVE = text("lifted_at IS NULL")


class DutyDay(SQLModel, table=True):
    """The last London day for which a daily duty has been done."""

    __tablename__ = "duty_day"

    duty: str = Field(primary_key=True, max_length=60)
    done_on: date


class ReminderAddress(SQLModel, table=True):
    """Where a practitioner is reminded. Nobody signs in with it."""

    __tablename__ = "reminder_address"

    practitioner_id: UUID = Field(foreign_key="practitioner.id", primary_key=True)
    email: str = Field(max_length=254)
    given_at: datetime
    given_by: UUID = refers_to("person.id", index=False)


class DbsRecord(SQLModel, table=True):
    """What was read from a DBS certificate. Person, number and issue date are the item's own facts; this outlives the file.

    Told again it is another row, and the highest `number` counts. `correction` says why the status check told before was wrong.
    """

    __tablename__ = "dbs_record"
    __table_args__ = (
        one_of("level", Level),
        one_of("workforce", Workforce),
        CheckConstraint(
            f"status_result IS NULL OR status_result IN ({', '.join(repr(one.value) for one in StatusResult)})",
            name="status_result",
        ),
        CheckConstraint("(status_checked_on IS NULL) = (status_result IS NULL)", name="status_with_its_day"),
        CheckConstraint("(seen_on IS NULL) = (seen_by = '')", name="seen_by_somebody"),
    )

    item_id: UUID = Field(foreign_key="evidence_item.id", primary_key=True)
    number: int = Field(primary_key=True)
    level: str = Field(max_length=20)
    workforce: str = Field(max_length=20)
    children_barred: bool
    adults_barred: bool
    update_service: bool
    status_checked_on: date | None = None
    status_result: str | None = Field(default=None, max_length=20)
    seen_by: str = Field(default="", max_length=200)
    seen_on: date | None = None
    correction: str = Field(default="", max_length=500)
    told_at: datetime
    told_by: UUID = refers_to("person.id", index=False)


class ReliancePolicy(SQLModel, table=True):
    """How far an agency relies on others' checks of a kind; without a kind, of every kind it has said nothing else about.

    Said again, it is another row: the newest counts, and a brief goes by what was said when it was published.
    """

    __tablename__ = "reliance_policy"
    __table_args__ = (
        one_of("policy", Reliance),
        Index("ix_reliance_policy_said", "organisation_id", "kind_slug", "set_at"),
    )

    id: UUID = identity()
    organisation_id: UUID = refers_to("organisation.id", index=False)
    kind_slug: str | None = Field(default=None, foreign_key="evidence_kind.slug", max_length=60)
    policy: str = Field(max_length=20)
    set_at: datetime
    set_by: UUID = refers_to("person.id", index=False)


class OwnVerification(SQLModel, table=True):
    """An agency's own look at an item that another organisation verified. It adds to that decision and removes nothing."""

    __tablename__ = "own_verification"
    __table_args__ = (UniqueConstraint("item_id", "organisation_id"),)

    id: UUID = identity()
    item_id: UUID = refers_to("evidence_item.id")
    organisation_id: UUID = refers_to("organisation.id")
    checker_id: UUID = refers_to("person.id", index=False)
    how: str = Field(max_length=500)
    at: datetime
    checklist: dict[str, Any] = json_column()


class LegalHold(SQLModel, table=True):
    """While one is set nothing of the provider is deleted by the schedule."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index("uq_legal_hold_live", "provider_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    reason: str = Field(max_length=500)
    set_at: datetime
    set_by: UUID = refers_to("person.id", index=False)
    lifted_at: datetime | None = None
    lifted_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    lifted_reason: str = Field(default="", max_length=500)


class Deletion(SQLModel, table=True):
    """Proof that a file was deleted: what, its digest, when and by which rule. `bytes_gone_at` is when the store let go of it."""

    __tablename__ = "deletion"

    document_id: UUID = Field(foreign_key="document.id", primary_key=True)
    provider_id: UUID = refers_to("provider.id")
    what: str = Field(max_length=300)
    sha256: str = Field(max_length=64)
    rule: str = Field(max_length=60)
    at: datetime = Field(index=True)
    bytes_gone_at: datetime | None = None


class Anonymisation(SQLModel, table=True):
    """The proof that the people of a closed provider are named no longer: how many, by which rule, when. It names nobody."""

    __tablename__ = "anonymisation"
    __table_args__ = (CheckConstraint("practitioners >= 0 AND people >= 0", name="counts"),)

    provider_id: UUID = Field(foreign_key="provider.id", primary_key=True)
    practitioners: int
    people: int
    rule: str = Field(max_length=60)
    at: datetime = Field(index=True)
