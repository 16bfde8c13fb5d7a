"""What was asked and agreed about closing early, as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.core.rows import identity, refers_to

_WAITS = text("agreed_at IS NULL AND dropped_at IS NULL")


class EarlyClose(SQLModel, table=True):
    """A commissioner's wish to close a brief early. `tried_at`: when it was last tried in vain."""

    __tablename__ = "early_close"
    __table_args__ = (
        Index("uq_early_close_waits", "brief_id", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
        CheckConstraint("agreed_by <> asked_by", name="two_people"),
        CheckConstraint("agreed_at IS NULL OR dropped_at IS NULL", name="agreed_or_dropped"),
    )

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id", index=False)
    asked_at: datetime
    asked_by: UUID = refers_to("person.id", index=False)
    tried_at: datetime | None = None
    agreed_at: datetime | None = None
    agreed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    dropped_at: datetime | None = None
