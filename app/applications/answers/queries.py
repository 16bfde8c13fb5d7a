"""What applications are asked and have answered, read for many at once in as many queries as for one."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select

from app.applications.answers import rules
from app.applications.answers.rules import Answer, Earlier, Evidence, Price, Priced, Question, Sheet
from app.applications.models import Application, ApplicationAnswer, ApplicationLot, ApplicationRate
from app.evidence.queries import held
from app.frameworks.models import Framework, Lot, LotRate, Round
from app.frameworks.models import Question as QuestionRow
from app.frameworks.queries import questions_in
from app.frameworks.rules import Carry, Mechanism, PriceUnit, QuestionFacts, RateFacts
from app.providers.queries import snapshot


def sheet(session: Session, application_id: UUID, set_id: UUID | None) -> Sheet:
    """What one application is asked by this set of questions, and how it stands."""
    return sheets(session, {application_id: set_id})[application_id]


def sheets(session: Session, asking: Mapping[UUID, UUID | None]) -> dict[UUID, Sheet]:
    """For each application, with the set of questions of its round, in three queries; without a set, its prices alone."""
    card = _prices(session, asking)
    questions = _asked(session, set(asking.values()))
    answers = _answers(session, [application_id for application_id, set_id in asking.items() if set_id])
    return {
        application_id: Sheet(
            rules.sections(
                [
                    Question(question_id, at, facts, answers[application_id].get(question_id))
                    for at, (question_id, facts) in enumerate(questions[set_id], start=1)
                ],
                {one.number for one in card[application_id]},
            ),
            card[application_id],
        )
        for application_id, set_id in asking.items()
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
    """What the portal knows for each of these questions that asks it, as it stands on a London day."""
    of_known = {one.id: one.facts.known_as for one in asked if one.facts.known_as}
    profile = snapshot(session, provider_id) if any(map(rules.in_profile, of_known.values())) else {}
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    if not all(map(rules.in_profile, of_known.values())):
        for one in held(session, provider_id, on):
            whose = one.practitioner_name or one.facts.issuer or "Held"
            evidence[one.kind.slug].append(Evidence(whose, one.standing.value, one.facts.expires_on))
    return {
        question_id: rules.of_profile(one, profile) if rules.in_profile(one) else rules.of_evidence(evidence[one])
        for question_id, one in of_known.items()
    }


def content(session: Session, provider_id: UUID, of: Sheet, on: date) -> dict[str, Any]:
    """What a submission fixes: each question in its words, its answer and where it is from, and the prices not left to bids."""
    told = known(session, provider_id, of.questions, on)
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
            if one.pricing is not rules.Pricing.QUOTED
        ],
    }


def _asked(session: Session, set_ids: Collection[UUID | None]) -> dict[UUID | None, list[tuple[UUID, QuestionFacts]]]:
    """The questions of each set; of none, none."""
    wanted = [one for one in set_ids if one]
    found: dict[UUID | None, list[tuple[UUID, QuestionFacts]]] = {one: [] for one in set_ids}
    for set_id, questions in (questions_in(session, wanted) if wanted else {}).items():
        found[set_id] = questions
    return found


def _prices(session: Session, application_ids: Collection[UUID]) -> dict[UUID, tuple[Price, ...]]:
    """The prices of the lots that each application asks for, in the order of the lots, with what it asks."""
    lots: dict[UUID, dict[UUID, tuple[int, str, Mechanism]]] = {one: {} for one in application_ids}
    rates: dict[UUID, dict[str, RateFacts]] = defaultdict(dict)
    given: dict[UUID, dict[tuple[UUID, PriceUnit], int]] = defaultdict(dict)
    for application_id, lot_id, number, name, mechanism, unit, ceiling, rate, asked, pence in session.execute(
        _lots_and_rates(application_ids)
    ):
        rates[lot_id].setdefault(unit, RateFacts(PriceUnit(unit), ceiling))
        if rate:
            rates[lot_id][rate.unit] = RateFacts(PriceUnit(rate.unit), rate.pence, rate.is_fixed)
        if asked:
            given[application_id][lot_id, PriceUnit(asked)] = pence
        lots[application_id][lot_id] = number, name, Mechanism(mechanism)
    return {
        application_id: rules.prices(
            [Priced(lot_id, *lot, tuple(rates[lot_id].values())) for lot_id, lot in of.items()], given[application_id]
        )
        for application_id, of in lots.items()
    }


def _lots_and_rates(application_ids: Collection[UUID]) -> Any:
    """Each lot that each application asks for, once for each further rate and for each price that it gives."""
    wanted = (
        sa_select(col(ApplicationLot.application_id), col(ApplicationLot.lot_id))
        .where(col(ApplicationLot.application_id).in_(list(application_ids)))
        .distinct()
        .subquery()
    )
    facts = (Lot.id, Lot.number, Lot.name, Lot.mechanism, Lot.price_unit, Lot.ceiling_pence)
    price_of_a_rate = (
        (col(ApplicationRate.application_id) == wanted.c.application_id)
        & (col(ApplicationRate.lot_id) == Lot.id)
        & or_(ApplicationRate.unit == LotRate.unit, ApplicationRate.unit == Lot.price_unit)
    )
    return (
        sa_select(
            wanted.c.application_id, *map(col, facts), LotRate, col(ApplicationRate.unit), col(ApplicationRate.pence)
        )
        .join(Lot, col(Lot.id) == wanted.c.lot_id)
        .outerjoin(LotRate, col(LotRate.lot_id) == Lot.id)
        .outerjoin(ApplicationRate, price_of_a_rate)
        .order_by(col(Lot.number), col(LotRate.position))
    )


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
