"""Memberships as stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of, refers_to
from app.evidence.rules.changes import Change
from app.memberships.rules import Answer, FloorChoice, Moment
from app.memberships.rules.concerns import Choice, Kind

_LIVE = text("ended_at IS NULL")


class Membership(SQLModel, table=True):
    """One live row per provider, lot and region, by a unique index; lot and region belong to the same framework.

    `signed_sha256` is of the text its provider has signed, and that the framework's lead countersigns where the framework wants it.
    """

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
        Index("ix_membership_cell", "lot_id", "region_id", "id", "framework_id", "provider_id", "ended_at", "ends_on"),
        CheckConstraint("(paused_at IS NULL) = (paused_until IS NULL)", name="pause_has_a_return"),
        CheckConstraint("(countersigned_at IS NULL) = (countersigned_by IS NULL)", name="countersigned_by_somebody"),
        CheckConstraint(
            "countersigned_at IS NULL OR (signed_at IS NOT NULL AND signed_by <> countersigned_by)",
            name="both_sign",
        ),
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
    countersigned_at: datetime | None = None
    countersigned_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    paused_at: datetime | None = None
    paused_until: date | None = None  # the day on which its provider takes work here again
    ends_on: date | None = (
        None  # the last day, where notice was given by two of its framework's leads or by its provider
    )
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


class Concern(SQLModel, table=True):
    """What a framework's lead put to a member in writing, its reply, the plan to put it right, and how it was closed."""

    __tablename__ = "concern"
    __table_args__ = (
        one_of("kind", Kind),
        CheckConstraint("words <> ''", name="says_what"),
        CheckConstraint(
            "(replied_at IS NULL) = (reply = '') AND (replied_at IS NULL) = (replied_by IS NULL)", name="reply"
        ),
        CheckConstraint("(plan = '') = (plan_review_on IS NULL) AND (plan = '') = (planned_by IS NULL)", name="plan"),
        CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome = '')", name="closed"
        ),
    )

    id: UUID = identity()
    membership_id: UUID = refers_to("membership.id")
    kind: str = Field(max_length=20)
    words: str = Field(max_length=2000)
    raised_at: datetime
    raised_by: UUID = refers_to("person.id", index=False)
    reply_by: date
    reply: str = Field(default="", max_length=4000)
    replied_at: datetime | None = None
    replied_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    plan: str = Field(default="", max_length=2000)
    plan_review_on: date | None = None
    planned_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    closed_at: datetime | None = None
    closed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    outcome: str = Field(default="", max_length=1000)


_STANDING = text("declined_at IS NULL AND lifted_at IS NULL")


class ConcernDecision(SQLModel, table=True):
    """To suspend a member for a concern, or to end its membership with notice: proposed by one person, agreed by another.

    A suspension has its last day or a day of review, never neither; of each choice one stands at a time.
    """

    __tablename__ = "concern_decision"
    __table_args__ = (
        one_of("choice", Choice),
        CheckConstraint(
            "choice <> 'suspend' OR ends_on IS NOT NULL OR review_on IS NOT NULL", name="suspension_has_a_day"
        ),
        CheckConstraint("ends_on IS NULL OR review_on IS NULL", name="one_day"),
        CheckConstraint("choice <> 'end' OR ends_on IS NOT NULL", name="end_has_a_last_day"),
        CheckConstraint("reason <> ''", name="says_why"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name="agreed_by_somebody"),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> proposed_by", name="two_people"),
        CheckConstraint("(declined_at IS NULL) = (declined_by IS NULL)", name="declined_by_somebody"),
        CheckConstraint("agreed_at IS NULL OR declined_at IS NULL", name="one_answer"),
        CheckConstraint("lifted_at IS NULL OR (agreed_at IS NOT NULL AND lift_reason <> '')", name="lift_says_why"),
        Index(
            "uq_concern_decision_standing",
            "membership_id",
            "choice",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: UUID = identity()
    concern_id: UUID = refers_to("concern.id")
    membership_id: UUID = refers_to("membership.id")
    choice: str = Field(max_length=20)
    reason: str = Field(max_length=500)
    ends_on: date | None = None
    review_on: date | None = None
    proposed_at: datetime
    proposed_by: UUID = refers_to("person.id", index=False)
    agreed_at: datetime | None = None
    agreed_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    declined_at: datetime | None = None
    declined_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    lifted_at: datetime | None = None
    lifted_by: UUID | None = refers_to("person.id", nullable=True, index=False)  # nobody, where its last day had passed
    lift_reason: str = Field(default="", max_length=500)


class EligibilityAnswer(SQLModel, table=True):
    """What the one eligibility function answered when something was decided by it. Written once; a closed
    provider's people are taken from it when they are forgotten.

    `about_id` is the brief it is about. No page shows these rows, because one of them tells of a bid; and before the bids
    are opened `practitioner` is empty, because whom a bid names is part of the seal.
    """

    __tablename__ = "eligibility_answer"
    __table_args__ = (
        one_of("moment", Moment),
        Index("ix_eligibility_answer_about", "about_id", "provider_id"),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id")
    lot_id: UUID = refers_to("lot.id", index=False)
    region_id: UUID = refers_to("region.id", index=False)
    about_id: UUID
    moment: str = Field(max_length=20)
    practitioner: str = Field(default="", max_length=200)
    asked_for: datetime  # the moment for which it was asked
    answered_at: datetime
    asked_by: UUID = refers_to("person.id", index=False)
    reasons: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
