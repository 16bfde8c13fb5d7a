"""The versions of a published brief as stored: what each changed, why, and who proposed and published it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.briefs.amending.rules import Kind
from app.core.rows import identity, one_of, refers_to

_WAITS = text("published_at IS NULL AND dropped_at IS NULL")


class BriefAmendment(SQLModel, table=True):
    """One change of a published brief. `based_on` is the version it was written against, `version` the one it made.

    `changes` are [field, label, old, new] in words, `terms` all the terms as they become. Nobody proposed what the service itself
    changed after an outage, of which there is one for each brief.
    """

    __tablename__ = "brief_amendment"
    __table_args__ = (
        one_of("kind", Kind),
        UniqueConstraint("brief_id", "version"),
        UniqueConstraint("brief_id", "outage_id"),
        Index("uq_brief_amendment_waits", "brief_id", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
        CheckConstraint("published_by <> proposed_by", name="two_people"),
        CheckConstraint("(version IS NULL) = (published_at IS NULL)", name="version_when_published"),
        CheckConstraint("published_at IS NULL OR dropped_at IS NULL", name="published_or_dropped"),
        CheckConstraint("reason <> ''", name="reasoned"),
    )

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id", index=False)
    kind: str = Field(max_length=20)
    based_on: int
    version: int | None = None
    reason: str = Field(max_length=1000)
    changes: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    terms: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    proposed_at: datetime
    proposed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    published_at: datetime | None = None
    published_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    dropped_at: datetime | None = None
    dropped_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    outage_id: UUID | None = refers_to("outage.id", nullable=True, index=False)
