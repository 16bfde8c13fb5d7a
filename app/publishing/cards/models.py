"""Public cards and the practitioners who agreed to be named on them, as stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import refers_to


class PublicCard(SQLModel, table=True):
    """What a provider says to families. Shown to anybody while `listed_at` is set; `indexed`: search engines may keep it."""

    __tablename__ = "public_card"
    __table_args__ = (
        CheckConstraint("listed_at IS NULL OR summary <> ''", name="listed_says_something"),
        CheckConstraint("listed_at IS NOT NULL OR NOT indexed", name="indexed_is_listed"),
    )

    provider_id: UUID = Field(foreign_key="provider.id", primary_key=True)
    summary: str = Field(default="", max_length=600)
    expect: str = Field(default="", max_length=1500)
    listed_at: datetime | None = Field(default=None, index=True)
    listed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    indexed: bool = False
    changed_at: datetime


class PublicName(SQLModel, table=True):
    """A practitioner who agreed to be named on the card, on which day, and who wrote it down."""

    __tablename__ = "public_name"

    practitioner_id: UUID = Field(foreign_key="practitioner.id", primary_key=True)
    agreed_on: date
    noted_at: datetime
    noted_by: UUID = refers_to("person.id", index=False)
