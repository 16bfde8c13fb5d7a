"""How a check goes on its way, as stored: who has taken it, refusals proposed, second looks, registers looked at."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, one_of, refers_to
from app.evidence.rules import Found, Settlement


class CheckTaken(SQLModel, table=True):
    """Who works on an item that waits; gone once it is released or decided."""

    __tablename__ = "check_taken"

    item_id: UUID = Field(foreign_key="evidence_item.id", primary_key=True, ondelete="RESTRICT")
    person_id: UUID = refers_to("person.id")
    taken_at: datetime


class RefusalProposal(SQLModel, table=True):
    """A refusal that waits for a second checker, or what became of it."""

    __tablename__ = "refusal_proposal"
    __table_args__ = (
        one_of("settlement", Settlement),
        CheckConstraint("settled_by IS NULL OR settled_by <> proposer_id", name="two_people"),
        CheckConstraint("(settlement IS NULL) = (settled_at IS NULL)", name="settled"),
        CheckConstraint("settlement IS NULL OR settlement = 'withdrawn' OR settled_by IS NOT NULL", name="by_somebody"),
        Index(
            "uq_refusal_proposal_open",
            "item_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: UUID = identity()
    item_id: UUID = refers_to("evidence_item.id")
    proposer_id: UUID = refers_to("person.id", index=False)
    proposer_organisation_id: UUID = refers_to("organisation.id", index=False)
    reason_code: str = Field(max_length=40)
    words: str = Field(max_length=1000)
    proposed_at: datetime
    settlement: str | None = Field(default=None, max_length=20)
    settled_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    settled_at: datetime | None = None
    note: str = Field(default="", max_length=1000)


class SecondLook(SQLModel, table=True):
    """Somebody else's look at a verification; where they disagree it is kept here, and the item waits again.

    `first_replaced` are the items whose place the verification had taken: where it is undone, they count again.
    """

    __tablename__ = "second_look"
    __table_args__ = (
        UniqueConstraint("item_id", "first_at"),
        CheckConstraint("checker_id <> first_checker_id", name="two_people"),
        CheckConstraint("agrees OR words <> ''", name="disagreement_says_why"),
    )

    id: UUID = identity()
    item_id: UUID = refers_to("evidence_item.id")
    first_checker_id: UUID = refers_to("person.id", index=False)
    first_organisation_id: UUID = refers_to("organisation.id", index=False)
    first_at: datetime
    first_how: str = Field(default="", max_length=500)
    first_checklist: dict[str, Any] = json_column()
    first_replaced: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    checker_id: UUID = refers_to("person.id", index=False)
    checker_organisation_id: UUID = refers_to("organisation.id", index=False)
    agrees: bool
    words: str = Field(default="", max_length=1000)
    at: datetime


class RegisterCheck(SQLModel, table=True):
    """What an official register showed on a day; `document_id` is what was captured, `live` an answer by machine."""

    __tablename__ = "register_check"
    __table_args__ = (one_of("result", Found),)

    id: UUID = identity()
    item_id: UUID = refers_to("evidence_item.id")
    register_key: str = Field(max_length=40)
    looked_on: date
    result: str = Field(max_length=20)
    note: str = Field(default="", max_length=1000)
    live: bool = False
    document_id: UUID | None = refers_to("document.id", nullable=True, index=False)
    checker_id: UUID = refers_to("person.id", index=False)
    checker_organisation_id: UUID = refers_to("organisation.id", index=False)
    at: datetime
