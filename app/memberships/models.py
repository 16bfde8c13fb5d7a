"""Memberships as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, refers_to

_LIVE = text("ended_at IS NULL")


class Membership(SQLModel, table=True):
    """One live row per provider, lot and region, by a unique index; lot and region belong to the same framework."""

    __tablename__ = "membership"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "framework_id"], ["lot.id", "lot.framework_id"], name="fk_membership_lot"),
        ForeignKeyConstraint(
            ["region_id", "framework_id"], ["region.id", "region.framework_id"], name="fk_membership_region"
        ),
        Index(
            "uq_membership_live",
            "provider_id",
            "lot_id",
            "region_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_membership_lot_region", "lot_id", "region_id"),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    framework_id: UUID = refers_to("framework.id")
    lot_id: UUID
    region_id: UUID
    opened_at: datetime
    opened_by: UUID = refers_to("person.id", index=False)
    signed_at: datetime | None = None
    signed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    signed_sha256: str = Field(default="", max_length=64)
    ended_at: datetime | None = None
    ended_reason: str = Field(default="", max_length=500)


class Capacity(SQLModel, table=True):
    """What a member said of one therapy in a lot and region at a moment. Said again, it is another row: the newest counts."""

    __tablename__ = "capacity"
    __table_args__ = (
        CheckConstraint("places BETWEEN 0 AND 999", name="places"),
        CheckConstraint("waiting_weeks BETWEEN 0 AND 104", name="waiting_weeks"),
        Index("ix_capacity_said", "membership_id", "therapy_slug", "as_of"),
    )

    id: UUID = identity()
    membership_id: UUID = refers_to("membership.id", index=False)
    therapy_slug: str = Field(foreign_key="therapy.slug", max_length=60)
    places: int
    waiting_weeks: int
    as_of: datetime
    said_by: UUID = refers_to("person.id", index=False)
