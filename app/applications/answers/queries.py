"""What applications are asked and have answered, read for many at once in as many queries as for one."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select

from app.applications.answers import rules
from app.applications.answers.rules import Answer, Earlier, Priced, Question, Sheet
from app.applications.models import Application, ApplicationAnswer, ApplicationLot, ApplicationRate
from app.evidence.queries.shared import shared
from app.frameworks.models import Framework, Lot, LotRate, Round
from app.frameworks.models import Question as QuestionRow
from app.frameworks.queries import questions_in
from app.frameworks.rules import Carry, Known, Mechanism, PriceUnit, QuestionFacts, RateFacts


def sheet(session: Session, row: Application) -> Sheet:
    """What one application is asked, and how it stands."""
    return sheets(session, [row])[row.id]


def sheets(session: Session, rows: Collection[Application]) -> dict[UUID, Sheet]:
    """For each application, in five queries at most."""
    lots = _lots(session, [row.id for row in rows])
    sets = dict(
        session.exec(
            select(Round.id, Round.question_set_id).where(col(Round.id).in_({row.round_id for row in rows}))
        ).all()
    )
    asked = _asked(session, set(sets.values()))
    answers = _answers(session, [row.id for row in rows if sets[row.round_id]])
    card = {row.id: rules.prices(lots[row.id]) for row in rows}
    given = _rates(session, [row.id for row in rows if any(one.pricing is rules.Pricing.ASKED for one in card[row.id])])
    return {
        row.id: Sheet(
            rules.sections(
                [
                    Question(question_id, at, facts, answers[row.id].get(question_id))
                    for at, (question_id, facts) in enumerate(asked[sets[row.round_id]], start=1)
                ],
                [lot.number for lot in lots[row.id]],
            ),
            rules.answered(card[row.id], given[row.id]),
        )
        for row in rows
    }


def answer_rows(session: Session, application_id: UUID) -> dict[UUID, ApplicationAnswer]:
    """The rows that commands change, by question."""
    rows = session.exec(select(ApplicationAnswer).where(ApplicationAnswer.application_id == application_id))
    return {row.question_id: row for row in rows}


def rate_rows(session: Session, application_id: UUID) -> dict[tuple[UUID, PriceUnit], ApplicationRate]:
    rows = session.exec(select(ApplicationRate).where(ApplicationRate.application_id == application_id))
    return {(row.lot_id, PriceUnit(row.unit)): row for row in rows}


def round_questions(session: Session, round_id: UUID) -> dict[UUID, QuestionFacts]:
    """The questions that a round asks of whichever lots, by their ids."""
    set_id = session.get_one(Round, round_id).question_set_id
    return dict(questions_in(session, [set_id])[set_id]) if set_id else {}


def earlier_answers(session: Session, row: Application) -> list[Earlier]:
    """What the provider answered in its other applications, the newest first; what waits to be confirmed is no answer yet."""
    counts = or_(
        col(ApplicationAnswer.carried_from).is_(None),
        col(ApplicationAnswer.confirmed_at).is_not(None),
        col(QuestionRow.carry) == Carry.CARRY,
    )
    rows = session.exec(
        select(QuestionRow.text, ApplicationAnswer)
        .join(ApplicationAnswer, col(ApplicationAnswer.question_id) == QuestionRow.id)
        .join(Application, col(Application.id) == ApplicationAnswer.application_id)
        .where(Application.provider_id == row.provider_id, Application.id != row.id, counts)
        .order_by(
            func.coalesce(ApplicationAnswer.confirmed_at, ApplicationAnswer.answered_at).desc(),
            col(Application.started_at),
            col(ApplicationAnswer.id),
        )
    )
    return [
        Earlier(text, answer.value, answer.application_id, answer.answered_at, answer.answered_by)
        for text, answer in rows
    ]


def known(session: Session, provider_id: UUID, asked: Collection[Question], on: date) -> dict[UUID, str]:
    """What the portal knows for each of these questions that asks it, as it stands on a London day; for JSON and for pages."""
    of_known: dict[UUID, Known] = {one.id: one.facts.known_as for one in asked if one.facts.known_as}
    facts = shared(session, provider_id, on) if of_known else {}
    return {question_id: rules.said(one, facts) for question_id, one in of_known.items()}


def content(session: Session, row: Application, on: date) -> dict[str, Any]:
    """The answers and prices that a submission fixes: each question in its words, its answer, and where it is from."""
    of = sheet(session, row)
    told = known(session, row.provider_id, of.questions, on)
    return {
        "answers": [
            {
                "question_id": str(one.id),
                "section": section.name,
                "question": one.facts.text,
                "answer": told[one.id] if one.standing is rules.Standing.KNOWN else one.value,
                "known": one.standing is rules.Standing.KNOWN,
                "carried_from": one.answer.origin if one.answer else "",
                "answered_at": one.answer.answered_at.isoformat() if one.answer else None,
            }
            for section in of.sections
            for one in section.questions
        ],
        "prices": [
            {
                "lot_id": str(one.lot_id),
                "lot": one.lot,
                "unit": one.unit.value,
                "each": one.each,
                "pricing": one.pricing.value,
                "most_pence": one.most_pence,
                "pence": one.pence,
            }
            for one in of.prices
        ],
    }


def _asked(session: Session, set_ids: Collection[UUID | None]) -> dict[UUID | None, list[tuple[UUID, QuestionFacts]]]:
    """The questions of each set; of none, none."""
    wanted = [one for one in set_ids if one]
    found: dict[UUID | None, list[tuple[UUID, QuestionFacts]]] = {one: [] for one in set_ids}
    for set_id, questions in (questions_in(session, wanted) if wanted else {}).items():
        found[set_id] = questions
    return found


def _lots(session: Session, application_ids: Collection[UUID]) -> dict[UUID, list[Priced]]:
    """The lots that each application asks for, by number, with their headline price and further rates."""
    found: dict[UUID, dict[UUID, Lot]] = {application_id: {} for application_id in application_ids}
    rates: dict[UUID, dict[str, RateFacts]] = defaultdict(dict)
    for application_id, lot, rate in session.exec(
        select(ApplicationLot.application_id, Lot, LotRate)
        .join(Lot, col(Lot.id) == ApplicationLot.lot_id)
        .outerjoin(LotRate, col(LotRate.lot_id) == Lot.id)
        .where(col(ApplicationLot.application_id).in_(application_ids))
        .order_by(col(Lot.number), col(LotRate.position))
    ):
        found[application_id][lot.id] = lot
        if rate:
            rates[lot.id][rate.unit] = RateFacts(PriceUnit(rate.unit), rate.pence, rate.is_fixed)
    return {
        application_id: [
            Priced(
                lot.id,
                lot.number,
                lot.name,
                Mechanism(lot.mechanism),
                (RateFacts(PriceUnit(lot.price_unit), lot.ceiling_pence), *rates[lot.id].values()),
            )
            for lot in lots.values()
        ]
        for application_id, lots in found.items()
    }


def _answers(session: Session, application_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Answer]]:
    """By application and question, with the name of the framework that a carried one was written for."""
    found: dict[UUID, dict[UUID, Answer]] = defaultdict(dict)
    if not application_ids:
        return found
    for row, origin in session.execute(
        sa_select(ApplicationAnswer, col(Framework.name))
        .outerjoin(Application, col(Application.id) == ApplicationAnswer.carried_from)
        .outerjoin(Round, col(Round.id) == Application.round_id)
        .outerjoin(Framework, col(Framework.id) == Round.framework_id)
        .where(col(ApplicationAnswer.application_id).in_(application_ids))
    ):
        found[row.application_id][row.question_id] = Answer(
            row.value, row.answered_at, origin or "", row.confirmed_at is not None
        )
    return found


def _rates(session: Session, application_ids: Collection[UUID]) -> dict[UUID, dict[tuple[UUID, PriceUnit], int]]:
    found: dict[UUID, dict[tuple[UUID, PriceUnit], int]] = defaultdict(dict)
    if not application_ids:
        return found
    for row in session.exec(select(ApplicationRate).where(col(ApplicationRate.application_id).in_(application_ids))):
        found[row.application_id][row.lot_id, PriceUnit(row.unit)] = row.pence
    return found
