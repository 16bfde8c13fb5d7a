"""Questions, their answers, and who follows them, as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.clarifications.rules import State
from app.core.rows import identity, one_of, refers_to


class Clarification(SQLModel, table=True):
    """A question about a round or a brief. `original` is its asker's own words, `wording` what everybody reads.

    `number` counts the questions of a round or brief that everybody may read. `said` is what those who answer told its asker
    when they returned it or refused confidence; `owner_id` is who of them took it on.
    """

    __tablename__ = "clarification"
    __table_args__ = (
        one_of("state", State),
        CheckConstraint("(round_id IS NULL) <> (brief_id IS NULL)", name="of_one"),
        CheckConstraint("asked_at IS NOT NULL OR state IN ('draft', 'withdrawn')", name="asked"),
        CheckConstraint("number IS NULL OR wording <> ''", name="worded"),
        CheckConstraint("state NOT LIKE 'private%' OR private_reason <> ''", name="private_for_a_reason"),
        UniqueConstraint("round_id", "number"),
        UniqueConstraint("brief_id", "number"),
    )

    id: UUID = identity()
    round_id: UUID | None = refers_to("round.id", nullable=True, index=False)
    brief_id: UUID | None = refers_to("brief.id", nullable=True, index=False)
    number: int | None = None
    state: str = Field(max_length=20)
    original: str = Field(max_length=4000)
    wording: str = Field(default="", max_length=4000)
    private_reason: str = Field(default="", max_length=1000)
    said: str = Field(default="", max_length=1000)
    asked_by: UUID = refers_to("person.id")
    provider_id: UUID | None = refers_to("provider.id", nullable=True)
    written_at: datetime
    asked_at: datetime | None = None
    owner_id: UUID | None = refers_to("person.id", nullable=True, index=False)
    answered_at: datetime | None = None

    @property
    def about_id(self) -> UUID:
        """The round or the brief."""
        return self.round_id or self.brief_id  # type: ignore[return-value]  # the one or the other, by its check


class ClarificationAnswer(SQLModel, table=True):
    """One answer, the first or a correction; once sent, its words stay. `changes` is what it changes, if anything.

    `drafted_version` is the brief's version when it was written; `waits`: it goes out with the next amendment. One that was late
    says to when the deadline should move, or `keep_reason`, why it stays.
    """

    __tablename__ = "clarification_answer"
    __table_args__ = (
        UniqueConstraint("clarification_id", "position"),
        CheckConstraint("changes_request = (changes <> '')", name="says_what_changes"),
        CheckConstraint("NOT waits OR (changes_request AND sent_at IS NULL)", name="waits_to_change"),
        CheckConstraint("(sent_at IS NULL) = (sent_by IS NULL)", name="sent_by_somebody"),
        CheckConstraint("NOT late OR extends_to IS NOT NULL OR keep_reason <> ''", name="late_moves_or_says_why"),
        Index(
            "uq_clarification_answer_draft",
            "clarification_id",
            unique=True,
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    id: UUID = identity()
    clarification_id: UUID = refers_to("clarification.id")
    position: int
    words: str = Field(max_length=4000)
    changes_request: bool
    changes: str = Field(default="", max_length=1000)
    drafted_at: datetime
    drafted_by: UUID = refers_to("person.id", index=False)
    drafted_version: int | None = None
    waits: bool = False
    sent_at: datetime | None = None
    sent_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    late: bool = False
    extends_to: datetime | None = None
    keep_reason: str = Field(default="", max_length=1000)


class ClarificationFollow(SQLModel, table=True):
    """Somebody who wants to be told of new answers: of each at once or, `daily`, of a day's together since `told_until`.

    `label` names the round or brief in the message.
    """

    __tablename__ = "clarification_follow"
    __table_args__ = (
        CheckConstraint("(round_id IS NULL) <> (brief_id IS NULL)", name="of_one"),
        UniqueConstraint("round_id", "person_id"),
        UniqueConstraint("brief_id", "person_id"),
    )

    id: UUID = identity()
    person_id: UUID = refers_to("person.id")
    round_id: UUID | None = refers_to("round.id", nullable=True, index=False)
    brief_id: UUID | None = refers_to("brief.id", nullable=True, index=False)
    label: str = Field(max_length=200)
    daily: bool
    told_until: datetime
