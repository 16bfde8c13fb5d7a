"""A spreadsheet of members that waits for its second person, or was approved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, refers_to

_WAITING = text("agreed_at IS NULL")


class MemberImport(SQLModel, table=True):
    """Rows in which every cell was right; they go once they have become memberships. One at a time waits for a framework."""

    __tablename__ = "member_import"
    __table_args__ = (
        CheckConstraint("agreed_by IS NULL OR agreed_by <> read_by", name="two_people"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name="agreed_by_somebody"),
        Index(
            "uq_member_import_waiting",
            "framework_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id", index=False)
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    rows: dict[str, Any] = json_column()
    read_at: datetime
    read_by: UUID = refers_to("person.id", index=False)
    agreed_at: datetime | None = None
    agreed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    opened: int = 0
