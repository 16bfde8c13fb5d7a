"""What one person asks for and another agrees to, as columns: closing a brief early, and cancelling it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, col

WAITS: Final = text("agreed_at IS NULL AND dropped_at IS NULL")


class AskedAndAgreed(SQLModel):
    """It waits until somebody else has agreed, or it was dropped."""

    asked_at: datetime
    asked_by: UUID = Field(foreign_key="person.id", ondelete="RESTRICT")
    agreed_at: datetime | None = None
    agreed_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="RESTRICT")
    dropped_at: datetime | None = None


def by_two(table: str) -> tuple[Any, ...]:
    """The constraints of such a table: at most one waits for each brief, and two different people are needed."""
    return (
        Index(f"uq_{table}_waits", "brief_id", unique=True, sqlite_where=WAITS, postgresql_where=WAITS),
        CheckConstraint("agreed_by <> asked_by", name="two_people"),
        CheckConstraint("agreed_at IS NULL OR dropped_at IS NULL", name="agreed_or_dropped"),
    )


def waiting(row: type[AskedAndAgreed]) -> tuple[Any, ...]:
    """Which of its rows wait."""
    return col(row.agreed_at).is_(None), col(row.dropped_at).is_(None)
