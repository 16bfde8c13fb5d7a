"""Memberships as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
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
