"""Secret addresses of calendars as stored: only their digests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, refers_to

_LIVE = text("ended_at IS NULL")


class CalendarFeed(SQLModel, table=True):
    """A person's calendar; one at a time."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        Index("uq_calendar_feed_live", "person_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: UUID = identity()
    person_id: UUID = refers_to("person.id", index=False)
    token_digest: str = Field(max_length=64, unique=True)
    made_at: datetime
    ended_at: datetime | None = None
