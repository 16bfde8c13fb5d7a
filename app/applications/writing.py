"""What writing an application, answering its questions and making a change that was asked for share."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.applications import events, policy, queries, rules
from app.applications.answers.queries import earlier_answers, round_questions
from app.applications.answers.rules import carried
from app.applications.models import Application, ApplicationAnswer, ApplicationRate
from app.applications.rules import Act
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import refuse_if
from app.frameworks.rules import PriceUnit


def editable(session: Session, actor: Actor, application_id: UUID) -> Application:
    """The row, locked, while it is being written. Raises `NotFound`, `NotAllowed`, `Refused`."""
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    refuse_if(rules.why_not_act(Act.EDIT, phase=queries.phase_of(session, row, clock.now(session)), owner=True))
    return row


def carry_answers(session: Session, actor: Actor, row: Application) -> None:
    """Into an application that has no answers yet: for every lot of its round, so that those chosen later find theirs."""
    questions = round_questions(session, row.round_id)
    found = carried(questions, earlier_answers(session, row)) if questions else {}
    if not found:
        return
    session.add_all(
        ApplicationAnswer(
            application_id=row.id,
            question_id=question_id,
            value=one.value,
            carried_from=one.application_id,
            answered_at=one.answered_at,
            answered_by=one.answered_by,
        )
        for question_id, one in found.items()
    )
    audit.record(session, events.ANSWERS_CARRIED, actor=actor, subject=row.id, about=row.provider_id, count=len(found))


def write_answer(
    session: Session,
    row: Application,
    before: ApplicationAnswer | None,
    question_id: UUID,
    value: str,
    by: UUID,
    at: datetime,
) -> None:
    """Put an answer in the place of the one before: the provider's own words now, carried from nowhere."""
    if before and not value:
        session.delete(before)
    elif before:
        before.value, before.answered_at, before.answered_by = value, at, by
        before.carried_from, before.confirmed_at = None, None
    elif value:
        session.add(
            ApplicationAnswer(
                application_id=row.id, question_id=question_id, value=value, answered_at=at, answered_by=by
            )
        )


def write_price(
    session: Session, row: Application, before: ApplicationRate | None, key: tuple[UUID, PriceUnit], pence: int | None
) -> None:
    """Put a price in the place of the one before; None leaves none."""
    lot_id, unit = key
    if before and pence is None:
        session.delete(before)
    elif before and pence is not None:
        before.pence = pence
    elif pence is not None:
        session.add(ApplicationRate(application_id=row.id, lot_id=lot_id, unit=unit, pence=pence))
