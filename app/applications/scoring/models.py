"""Assessors of a round, what they declare, their marks, the agreed ones, and the reasons that settle ties, as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import identity, refers_to


class RoundAssessor(SQLModel, table=True):
    """A person named to score the applications of a round, until they are released: what they have said stays on record."""

    __tablename__ = "round_assessor"
    __table_args__ = (
        UniqueConstraint("round_id", "person_id"),
        CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (release_reason = '')",
            name="released",
        ),
    )

    id: UUID = identity()
    round_id: UUID = refers_to("round.id", index=False)
    person_id: UUID = refers_to("person.id")
    named_at: datetime
    named_by: UUID = refers_to("person.id", index=False)
    released_at: datetime | None = None
    released_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    release_reason: str = Field(default="", max_length=500)


class ApplicantDeclaration(SQLModel, table=True):
    """How an assessor stands to a provider that applied: the nature of their interest, empty where they have none."""

    __tablename__ = "applicant_declaration"
    __table_args__ = (UniqueConstraint("assessor_id", "provider_id"),)

    id: UUID = identity()
    assessor_id: UUID = refers_to("round_assessor.id", index=False)
    provider_id: UUID = refers_to("provider.id")
    nature: str = Field(default="", max_length=500)
    declared_at: datetime


class ScoreSheet(SQLModel, table=True):
    """One assessor's marks of what was submitted, by its digest: what is taken back and submitted again is scored afresh."""

    __tablename__ = "score_sheet"
    __table_args__ = (UniqueConstraint("assessor_id", "application_id", "snapshot_sha256"),)

    id: UUID = identity()
    assessor_id: UUID = refers_to("round_assessor.id", index=False)
    application_id: UUID = refers_to("application.id")
    snapshot_sha256: str = Field(max_length=64)
    submitted_at: datetime | None = None


class ApplicationScore(SQLModel, table=True):
    """A mark of one answer, 0 to 5, with its reason against the descriptors."""

    __tablename__ = "application_score"
    __table_args__ = (
        UniqueConstraint("sheet_id", "question_id"),
        CheckConstraint("points BETWEEN 0 AND 5", name="points"),
        CheckConstraint("reason <> ''", name="reasoned"),
    )

    id: UUID = identity()
    sheet_id: UUID = refers_to("score_sheet.id", index=False)
    question_id: UUID = refers_to("question.id")
    points: int
    reason: str = Field(max_length=2000)
    scored_at: datetime


class AgreedMark(SQLModel, table=True):
    """The mark that counts, between the `lowest` and the `highest` given; without a note only where that needs none."""

    __tablename__ = "agreed_mark"
    __table_args__ = (
        UniqueConstraint("application_id", "snapshot_sha256", "question_id"),
        CheckConstraint("0 <= lowest AND lowest <= highest AND highest <= 5", name="given"),
        CheckConstraint("points BETWEEN 0 AND 5", name="points"),
        CheckConstraint(
            "note <> '' OR (highest - lowest < 2 AND points BETWEEN lowest AND highest)", name="noted_when_apart"
        ),
    )

    id: UUID = identity()
    application_id: UUID = refers_to("application.id", index=False)
    snapshot_sha256: str = Field(max_length=64)
    question_id: UUID = refers_to("question.id")
    lowest: int
    highest: int
    points: int
    note: str = Field(default="", max_length=2000)
    agreed_at: datetime
    agreed_by: UUID = refers_to("person.id", index=False)


class TieBreak(SQLModel, table=True):
    """Why one part comes before those it ties with for the last place."""

    __tablename__ = "tie_break"
    __table_args__ = (CheckConstraint("reason <> ''", name="reasoned"),)

    part_id: UUID = Field(foreign_key="application_lot.id", primary_key=True)
    reason: str = Field(max_length=2000)
    broken_at: datetime
    broken_by: UUID = refers_to("person.id", index=False)
