"""Memberships as stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.memberships.rules import FloorChoice

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


class FloorDecision(SQLModel, table=True):
    """What a framework's lead decided about a member whose rating is below the floor."""

    __tablename__ = "floor_decision"
    __table_args__ = (
        one_of("choice", FloorChoice),
        CheckConstraint("choice <> 'watch' OR review_on IS NOT NULL", name="watch_is_reviewed"),
        CheckConstraint("reason <> ''", name="says_why"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    provider_id: UUID = refers_to("provider.id")
    item_id: UUID = refers_to("evidence_item.id")
    choice: str = Field(max_length=20)
    reason: str = Field(max_length=1000)
    review_on: date | None = None
    decided_by: UUID = refers_to("person.id", index=False)
    at: datetime
