"""Accessions as stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.frameworks.calling_off.rules import AccessionKind, Way


class Accession(SQLModel, table=True):
    """A body joins the call-off list or leaves it: who asked, on what evidence, from which day, and who said yes.

    `effective_on` is its first day when it joins and its last when it leaves; `body_id` is the time it began or ended.
    """

    __tablename__ = "accession"
    __table_args__ = (
        one_of("kind", AccessionKind),
        one_of("way", Way),
        CheckConstraint("evidence <> ''", name="evidenced"),
        CheckConstraint(
            f"way <> '{Way.TWO_PEOPLE}' OR confirmed_by IS NULL OR confirmed_by <> asked_by", name="two_people"
        ),
        CheckConstraint("(confirmed_at IS NULL) = (body_id IS NULL)", name="done"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by_somebody"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        CheckConstraint("confirmed_at IS NULL OR withdrawn_at IS NULL", name="settled_once"),
        Index(
            "uq_accession_waiting",
            "framework_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    organisation_id: UUID = refers_to("organisation.id")
    kind: str = Field(max_length=20)
    effective_on: date
    evidence: str = Field(max_length=1000)
    way: str = Field(max_length=20)
    asked_at: datetime
    asked_by: UUID = refers_to("person.id", index=False)
    confirmed_at: datetime | None = None
    confirmed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    body_id: UUID | None = refers_to("call_off_body.id", nullable=True)
