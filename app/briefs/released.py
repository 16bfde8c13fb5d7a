"""What the identity guard found and a second person let through or not, as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import identity, refers_to


class TextRelease(SQLModel, table=True):
    """Asked by one person, released or declined by another, for exactly these words of exactly that text: a changed text is
    another.

    The reasons stay here: they may speak of a family, so the audit trail has none of them.
    """

    __tablename__ = "text_release"
    __table_args__ = (
        UniqueConstraint("brief_id", "text_sha256", "kind", "excerpt"),
        CheckConstraint("released_by IS NULL OR released_by <> asked_by", name="two_people"),
        CheckConstraint(
            "(released_at IS NULL AND released_by IS NULL)"
            " OR (released_at IS NOT NULL AND released_by IS NOT NULL AND released_reason <> '')",
            name="released",
        ),
        CheckConstraint(
            "(declined_at IS NULL AND declined_by IS NULL) OR (declined_at IS NOT NULL AND declined_by IS NOT NULL"
            " AND declined_by <> asked_by AND declined_reason <> '' AND released_at IS NULL)",
            name="declined",
        ),
    )

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id", index=False)
    label: str = Field(max_length=120)
    text_sha256: str = Field(max_length=64)
    kind: str = Field(max_length=20)
    excerpt: str = Field(max_length=400)
    asked_at: datetime
    asked_by: UUID = refers_to("person.id", index=False)
    asked_reason: str = Field(max_length=500)
    released_at: datetime | None = None
    released_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    released_reason: str = Field(default="", max_length=500)
    declined_at: datetime | None = None
    declined_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    declined_reason: str = Field(default="", max_length=500)
