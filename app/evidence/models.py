"""Kinds of evidence, items, documents and verifications as stored."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Uuid, false, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, one_of, refers_to
from app.evidence.rules import NARROW, Answer, KindAudience, Outcome, Rating, ScanState
from app.evidence.upkeep import (
    Anonymisation,
    DbsRecord,
    Deletion,
    DutyDay,
    LegalHold,
    OwnVerification,
    ReliancePolicy,
    ReminderAddress,
)
from app.organisations.rules import Confidence

__all__ = [
    "Anonymisation",
    "DbsRecord",
    "Deletion",
    "Document",
    "DutyDay",
    "EvidenceItem",
    "EvidenceKind",
    "LegalHold",
    "OwnVerification",
    "ReliancePolicy",
    "ReminderAddress",
    "Verification",
]


def _while_told(target: str) -> Any:
    """The entry in a person's record that an item proves; taken away there, it is named here no more."""
    return Field(default=None, sa_column=Column(Uuid, ForeignKey(target, ondelete="SET NULL"), index=True))


class EvidenceKind(SQLModel, table=True):
    __tablename__ = "evidence_kind"
    __table_args__ = (
        one_of("confidence", Confidence),
        one_of("audience", KindAudience),
        CheckConstraint(f"audience = 'private' OR sensitivity <> '{NARROW}'", name="narrow_is_private"),
    )

    slug: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=200)
    holder: str = Field(max_length=20)
    category: str = Field(max_length=40)
    what_it_is: str = Field(max_length=1000)
    issuer: str = Field(default="", max_length=200)
    reference_label: str = Field(default="", max_length=80)
    reference_pattern: str = Field(default="", max_length=200)
    expiry_kind: str = Field(max_length=20)
    usual_months: int | None = None
    capture: str = Field(max_length=20)
    sensitivity: str = Field(max_length=40)
    audience: str = Field(default=KindAudience.PRIVATE, max_length=20)
    promised_until_award: bool = False
    how_checked: str = Field(default="", max_length=1500)
    basis: str = Field(default="", max_length=500)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class EvidenceItem(SQLModel, table=True):
    """One fact a provider relies on. `replaced_by_id` points to the newer version.

    `decided` says that it has a verification: triggers see to it, so that what waits is found without looking at all that does
    not.
    """

    __tablename__ = "evidence_item"
    __table_args__ = (
        CheckConstraint("expires_on IS NULL OR starts_on IS NULL OR expires_on >= starts_on", name="dates"),
        CheckConstraint("cover_pence IS NULL OR cover_pence >= 0", name="cover"),
        one_of("answer", Answer),
        one_of("rating", Rating),
        Index(
            "ix_evidence_item_undecided",
            "submitted_at",
            "id",
            sqlite_where=text("decided = 0"),
            postgresql_where=text("NOT decided"),
        ),
        Index(
            "ix_evidence_item_rating",
            "rating",
            sqlite_where=text("rating IS NOT NULL"),
            postgresql_where=text("rating IS NOT NULL"),
        ),
        Index(
            "ix_evidence_item_replaced",
            "replaced_by_id",
            sqlite_where=text("replaced_by_id IS NOT NULL"),
            postgresql_where=text("replaced_by_id IS NOT NULL"),
        ),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    practitioner_id: UUID | None = refers_to("practitioner.id", nullable=True)
    kind_slug: str = Field(foreign_key="evidence_kind.slug")
    issuer: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=80)
    cover_pence: int | None = Field(default=None, sa_type=BigInteger)
    starts_on: date | None = None
    expires_on: date | None = Field(default=None, index=True)
    answer: str | None = Field(default=None, max_length=20)  # about Ofsted, as are the rating and its inspection
    rating: str | None = Field(default=None, max_length=30)
    inspected_on: date | None = None
    confidential_reason: str = Field(default="", max_length=300)
    registration_id: UUID | None = _while_told("professional_registration.id")
    qualification_id: UUID | None = _while_told("qualification.id")
    known_at: datetime | None = None  # since when its facts were told elsewhere, if they were before it was added
    added_at: datetime
    added_by: UUID = refers_to("person.id", index=False)
    stated_by_id: UUID | None = refers_to(
        "organisation.id", nullable=True, index=False
    )  # not told by the provider itself
    submitted_at: datetime | None = Field(default=None, index=True)
    needs_new_at: datetime | None = None  # since when a status check of the DBS says that a new certificate is needed
    replaced_by_id: UUID | None = refers_to("evidence_item.id", nullable=True, index=False)
    decided: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Document(SQLModel, table=True):
    """A file of an item. Its bytes are under `blob_key`; nobody opens them unless `scan_state` is clean."""

    __tablename__ = "document"
    __table_args__ = (one_of("scan_state", ScanState), CheckConstraint("size > 0", name="not_empty"))

    id: UUID = identity()
    item_id: UUID = refers_to("evidence_item.id")
    blob_key: str = Field(max_length=200, index=True)
    sha256: str = Field(max_length=64, index=True)
    size: int
    media_type: str = Field(max_length=100)
    file_name: str = Field(max_length=200)
    uploaded_at: datetime
    uploaded_by: UUID = refers_to("person.id", index=False)
    scan_state: str = Field(default=ScanState.QUARANTINED, max_length=20, index=True)
    scanned_at: datetime | None = None  # the last attempt, whatever came of it
    scan_attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # those that got no answer
    scanner: str = Field(default="", max_length=60)
    purged_at: datetime | None = None  # by the retention schedule: the digest stays, and the proof is in `deletion`


class Verification(SQLModel, table=True):
    """What a checker of another organisation decided about an item, once; a refusal needs a second checker.

    `checklist` has each point by its key, as seen or as not applicable with a reason; `second_look` says that this is one of
    the verifications at which somebody else looks again, until they have.
    """

    __tablename__ = "verification"
    __table_args__ = (
        one_of("outcome", Outcome),
        CheckConstraint("outcome <> 'returned' OR (reason_code <> '' AND fix <> '')", name="returned_says_why"),
        CheckConstraint(
            "outcome <> 'refused' OR (reason_code <> '' AND fix <> '' AND confirmed_by IS NOT NULL)",
            name="refused_by_two",
        ),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> checker_id", name="two_people"),
        Index(
            "ix_verification_to_look_at",
            "checker_id",
            "item_id",
            sqlite_where=text("second_look = 1"),
            postgresql_where=text("second_look"),
        ),
    )

    id: UUID = identity()
    item_id: UUID = refers_to("evidence_item.id", unique=True, index=False)
    checker_id: UUID = refers_to("person.id", index=False)
    checker_organisation_id: UUID = refers_to("organisation.id", index=False)
    outcome: str = Field(max_length=20)
    reason_code: str = Field(default="", max_length=40)
    fix: str = Field(default="", max_length=1000)
    how: str = Field(default="", max_length=500)
    at: datetime
    confirmed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    checklist: dict[str, Any] = json_column()
    second_look: bool = False
