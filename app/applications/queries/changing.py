"""What was returned of an application to be changed: an answer, or the prices of a lot, as they are now."""

from uuid import UUID

from sqlmodel import Session

from app.applications.answers.queries import sheet
from app.applications.answers.rules import Price, Question
from app.applications.models import ReturnedItem
from app.applications.queries.rows import own_row
from app.applications.queries.whole import ApplicationView
from app.applications.rules.returning import lot_of, question_of
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.frameworks.models import Round


def returned_question(session: Session, view: ApplicationView, item: str) -> Question | None:
    """The question with its answer, if that is what was returned."""
    question_id = question_of(item)
    if question_id is None:
        return None
    found = sheet(session, view.id, session.get_one(Round, view.round_id).question_set_id)
    return next(one for one in found.questions if one.id == question_id)


def returned_prices(session: Session, application_id: UUID, lot_id: UUID | None) -> tuple[Price, ...]:
    """The prices asked of this lot; of none, none."""
    card = sheet(session, application_id, None).asked_prices if lot_id else ()
    return tuple(one for one in card if one.lot_id == lot_id)


def returned_card(session: Session, actor: Actor, application_id: UUID, returned_id: UUID) -> tuple[Price, ...]:
    """The prices that were returned to this person's provider. Raises `NotFound` for anything else."""
    row, returned = own_row(session, actor, application_id), session.get(ReturnedItem, returned_id)
    lot_id = lot_of(returned.item) if returned and returned.application_id == row.id else None
    if lot_id is None:
        raise NotFound
    return returned_prices(session, row.id, lot_id)
