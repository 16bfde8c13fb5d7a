"""Memberships as stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.evidence.rules.changes import Change
from app.memberships.rules import Answer, FloorChoice

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
    ends_on: date | None = None  # the last day, where its framework's lead has given notice
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


class ChangeNotice(SQLModel, table=True):
    """What an agency that relies on a fact is told when it changes or lapses, with the difference, and what it answered."""

    __tablename__ = "change_notice"
    __table_args__ = (
        one_of("change", Change),
        CheckConstraint(
            f"answer IS NULL OR answer IN ({', '.join(repr(one.value) for one in Answer)})",
            name="answer",
        ),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at_a_moment"),
        UniqueConstraint("organisation_id", "item_id", "change"),
    )

    id: UUID = identity()
    organisation_id: UUID = refers_to("organisation.id")
    provider_id: UUID = refers_to("provider.id")
    item_id: UUID = refers_to("evidence_item.id")
    newer_id: UUID | None = refers_to("evidence_item.id", nullable=True)
    change: str = Field(max_length=20)
    difference: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    at: datetime
    mailed_at: datetime | None = Field(default=None, index=True)
    answer: str | None = Field(default=None, max_length=20)
    answered_at: datetime | None = None
    answered_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    question: str = Field(default="", max_length=1000)


class FloorDecision(SQLModel, table=True):
    """What a framework's lead decided about a member whose rating is below the floor; to end it takes a second lead."""

    __tablename__ = "floor_decision"
    __table_args__ = (
        one_of("choice", FloorChoice),
        CheckConstraint("choice <> 'watch' OR review_on IS NOT NULL", name="watch_is_reviewed"),
        CheckConstraint("choice <> 'end' OR ends_on IS NOT NULL", name="end_has_a_last_day"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> decided_by", name="two_people"),
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_by_somebody"),
        CheckConstraint("reason <> ''", name="says_why"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    provider_id: UUID = refers_to("provider.id")
    item_id: UUID = refers_to("evidence_item.id")
    choice: str = Field(max_length=20)
    reason: str = Field(max_length=1000)
    review_on: date | None = None
    ends_on: date | None = None
    decided_by: UUID = refers_to("person.id", index=False)
    at: datetime
    confirmed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    confirmed_at: datetime | None = None


class RestrictionNotice(SQLModel, table=True):
    """What an agency is told when a provider on which it relies is restricted, and when that is `lifted`."""

    __tablename__ = "restriction_notice"
    __table_args__ = (
        CheckConstraint("(read_at IS NULL) = (read_by IS NULL)", name="read_by_somebody"),
        UniqueConstraint("organisation_id", "restriction_id", "lifted"),
    )

    id: UUID = identity()
    organisation_id: UUID = refers_to("organisation.id")
    restriction_id: UUID = refers_to("provider_restriction.id")
    lifted: bool
    at: datetime
    read_at: datetime | None = None
    read_by: UUID | None = refers_to("person.id", nullable=True, index=False)
