"""What a round asks that is scored or passes by itself, when it decides, and the marks agreed on for its applications."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.applications.models import Application, ApplicationAnswer
from app.applications.rules import batch_of
from app.applications.scoring.models import AgreedMark, ScoreSheet
from app.applications.scoring.rules import ScoredQuestion, Tally, tally
from app.core.london import london_day
from app.frameworks.models import Lot, Question, QuestionLot


@dataclass(frozen=True, slots=True)
class RoundQuestion:
    """A question that is scored, if it has a `weight`, or of which some answers pass by themselves.

    No lot named is every lot. `answer` is that of the application asked about, empty where there is none.
    """

    id: UUID
    text: str
    guidance: str
    passes: tuple[str, ...]
    weight: int | None
    threshold: int | None
    descriptors: tuple[str, ...]
    lots: frozenset[UUID]
    answer: str

    def asked_for(self, lot_ids: Collection[UUID]) -> bool:
        return not self.lots or not self.lots.isdisjoint(lot_ids)


def questions_of(
    session: Session, question_set_id: UUID | None, application_id: UUID | None = None
) -> tuple[RoundQuestion, ...]:
    """In their order, in one query, with what this application answers; none where the round asks nothing."""
    if question_set_id is None:
        return ()
    rows: dict[UUID, tuple[Question, str]] = {}
    lots: dict[UUID, set[UUID]] = defaultdict(set)
    for row, lot_id, answer in session.exec(
        select(Question, QuestionLot.lot_id, ApplicationAnswer.value)
        .outerjoin(QuestionLot, col(QuestionLot.question_id) == Question.id)
        .outerjoin(
            ApplicationAnswer,
            (col(ApplicationAnswer.question_id) == Question.id)
            & (col(ApplicationAnswer.application_id) == application_id),
        )
        .where(Question.set_id == question_set_id)
        .order_by(col(Question.position))
    ):
        rows[row.id] = (row, answer or "")
        if lot_id:
            lots[row.id].add(lot_id)
    return tuple(
        RoundQuestion(
            row.id,
            row.text,
            row.guidance,
            tuple(row.passes),
            row.weight,
            row.threshold,
            tuple(row.descriptors),
            frozenset(lots[row.id]),
            answer,
        )
        for row, answer in rows.values()
        if row.weight or row.passes
    )


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What a round asks, and on which days it decides if it is always open."""

    round_id: UUID
    questions: tuple[RoundQuestion, ...]
    days: tuple[date, ...]

    def batch_of(self, submitted_at: datetime | None) -> date | None:
        """The day on which what was submitted then is decided."""
        return batch_of(london_day(submitted_at), self.days) if submitted_at else None


def scored_for(questions: Collection[RoundQuestion], lot_ids: Collection[UUID]) -> tuple[RoundQuestion, ...]:
    """Those that are scored for one of these lots."""
    return tuple(one for one in questions if one.weight and one.asked_for(lot_ids))


def as_submitted(questions: Collection[RoundQuestion], snapshot: Mapping[str, Any]) -> tuple[RoundQuestion, ...]:
    """With the answers that were submitted: what is changed afterwards is decided on, and not scored."""
    given = {UUID(one["question_id"]): one["answer"] for one in snapshot.get("answers", ())}
    return tuple(replace(one, answer=given.get(one.id, "")) for one in questions)


def tally_for(questions: Collection[RoundQuestion], lot: Lot, marks: Mapping[UUID, int]) -> Tally:
    """What an application with these agreed marks comes to in this lot."""
    asked = [
        ScoredQuestion(one.id, one.text, one.weight or 0, one.threshold) for one in scored_for(questions, (lot.id,))
    ]
    return tally(asked, marks, lot.pass_mark)


def agreed_marks(session: Session, *which: ColumnElement[bool]) -> dict[UUID, dict[UUID, int]]:
    """By application and question, of what is submitted now, in one query."""
    found: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for application_id, question_id, points in session.exec(
        select(AgreedMark.application_id, AgreedMark.question_id, AgreedMark.points)
        .join(Application, current(AgreedMark))
        .where(*which)
    ):
        found[application_id][question_id] = points
    return found


def current(of: type[AgreedMark] | type[ScoreSheet]) -> ColumnElement[bool]:
    """Of marks and their application: they are of what is submitted now, and not of what was taken back."""
    return (col(Application.id) == col(of.application_id)) & (
        col(Application.snapshot_sha256) == col(of.snapshot_sha256)
    )


def live_submissions() -> ColumnElement[bool]:
    """Of an application: submitted, and not withdrawn."""
    return col(Application.submitted_at).is_not(None) & col(Application.withdrawn_at).is_(None)
