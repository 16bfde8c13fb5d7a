"""Restrictions of providers, as stored: each step a moment and a person, and never one person alone."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.providers.rules.restriction import RestrictionReason

_LIVE: Final = text("declined_at IS NULL AND lifted_at IS NULL")


class ProviderRestriction(SQLModel, table=True):
    """In force from `began_at` until `lifted_at`. `words` are for those who decide, `told` and `contact` for the provider."""

    __tablename__ = "provider_restriction"
    __table_args__ = (
        one_of("reason", RestrictionReason),
        CheckConstraint("words <> '' AND told <> '' AND contact <> ''", name="says_why"),
        CheckConstraint("(began_at IS NULL) = (began_by IS NULL)", name="began_by_somebody"),
        CheckConstraint("began_by IS NULL OR began_by <> proposed_by", name="two_people"),
        CheckConstraint("(declined_at IS NULL) = (declined_by IS NULL)", name="declined_by_somebody"),
        CheckConstraint("began_at IS NULL OR declined_at IS NULL", name="one_decision"),
        CheckConstraint("(lift_proposed_at IS NULL) = (lift_proposed_by IS NULL)", name="lift_proposed_by_somebody"),
        CheckConstraint(
            "lift_proposed_at IS NULL OR (began_at IS NOT NULL AND lift_reason <> '')", name="lift_says_why"
        ),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
        CheckConstraint(
            "lifted_by IS NULL OR (lift_proposed_by IS NOT NULL AND lifted_by <> lift_proposed_by)",
            name="lifted_by_two_people",
        ),
        Index("uq_provider_restriction_live", "provider_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    reason: str = Field(max_length=20)
    words: str = Field(max_length=2000)
    told: str = Field(max_length=1000)
    contact: str = Field(max_length=254)
    proposed_at: datetime
    proposed_by: UUID = refers_to("person.id", index=False)
    began_at: datetime | None = None
    began_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    declined_at: datetime | None = None
    declined_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    lift_proposed_at: datetime | None = None
    lift_proposed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    lift_reason: str = Field(default="", max_length=1000)
    lifted_at: datetime | None = None
    lifted_by: UUID | None = refers_to("person.id", nullable=True, index=False)
