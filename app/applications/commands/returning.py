"""Returning one thing of a submitted application to be changed, and making that change; nothing else of it moves."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.applications import events, policy, queries
from app.applications.answers.queries import answer_rows, rate_rows, round_questions
from app.applications.answers.rules import fault, why_not_price
from app.applications.models import Application, ReturnedItem
from app.applications.queries import returned_prices
from app.applications.queries.returned import returnable
from app.applications.rules import MOST_STATEMENT
from app.applications.rules.returning import lot_of, question_of, why_not_change, why_not_request
from app.applications.scoring.queries.interests import why_not_take_part
from app.applications.telling import tell
from app.applications.writing import write_answer, write_price
from app.core import audit, clock
from app.core.actor import Actor
from app.core.money import pounds
from app.core.refusals import NotFound, Refusal, Refused, refuse_if
from app.frameworks.models import Framework, Round
from app.frameworks.rules import PriceUnit
from app.organisations.rules import Role


def request_change(session: Session, actor: Actor, application_id: UUID, item: str, words: str) -> UUID:
    """Ask the provider to change one thing, as often as needed; the clock stands still meanwhile.

    It is the statement, an answer, the prices of a lot or a kind of evidence, as `returnable` names them.
    Raises `NotFound` for what was not submitted and for who does not lead the framework, `Refused`.
    """
    row = queries.led_row(session, actor, application_id, lock=True)
    refuse_if(why_not_take_part(session, actor, row))
    names, at = returnable(row.snapshot), clock.now(session)
    if item not in names:
        raise NotFound
    open_ones = select(ReturnedItem.id).where(
        ReturnedItem.application_id == row.id, ReturnedItem.item == item, col(ReturnedItem.made_at).is_(None)
    )
    refuse_if(
        why_not_request(
            phase=queries.phase_of(session, row, at),
            own_provider=policy.belongs_to(actor, row.provider_id),
            requested=session.exec(open_ones).first() is not None,
        )
    )
    returned = ReturnedItem(application_id=row.id, item=item, words=words, requested_at=at, requested_by=actor.known)
    session.add(returned)
    session.flush()
    audit.record(session, events.CHANGE_REQUESTED, actor=actor, subject=row.id, about=row.provider_id, item=names[item])
    tell(session, row, row.provider_id, Role.OWNER, "change", key=str(returned.id))
    return returned.id


def make_change(session: Session, actor: Actor, application_id: UUID, returned_id: UUID, change: str) -> None:
    """Change what was returned, and nothing else, by an owner; an answer stands as changed. The same a second time is quiet.

    Raises `NotFound`, `NotAllowed`, and `Refused` with the code `wrong` for what cannot be the change.
    """
    row, returned = _returned(session, actor, application_id, returned_id)
    if lot_of(returned.item):
        raise NotFound
    if returned.made_at and returned.change == change:
        return
    _refuse(session, actor, row, returned)
    question_id, at = question_of(returned.item), clock.now(session)
    if question_id:
        wrong = fault(round_questions(session, row.round_id)[question_id], change)
        refuse_if(Refusal("wrong", wrong) if wrong else None)
        write_answer(session, row, answer_rows(session, row.id).get(question_id), question_id, change, actor.known, at)
    elif len(change) > MOST_STATEMENT:
        raise Refused(Refusal("wrong", f"Your change must be {MOST_STATEMENT:,} characters or fewer"))
    _made(session, actor, row, returned, change, at)


def change_prices(
    session: Session, actor: Actor, application_id: UUID, returned_id: UUID, typed: Mapping[PriceUnit, int]
) -> None:
    """Change the prices of the lot that were returned, in pence by unit, every one that is asked. A second time is quiet.

    Raises `NotFound`, `NotAllowed`, and `Refused` above a ceiling.
    """
    row, returned = _returned(session, actor, application_id, returned_id)
    lot_id = lot_of(returned.item)
    if lot_id is None:
        raise NotFound
    asked = returned_prices(session, row.id, lot_id)
    if set(typed) != {one.unit for one in asked}:
        raise NotFound
    change = "\n".join(f"{one.each}: {pounds(typed[one.unit])}" for one in asked)
    if returned.made_at and returned.change == change:
        return
    _refuse(session, actor, row, returned)
    rows = rate_rows(session, row.id)
    for one in asked:
        refuse_if(why_not_price(one, typed[one.unit]))
        write_price(session, row, rows.get((lot_id, one.unit)), (lot_id, one.unit), typed[one.unit])
    _made(session, actor, row, returned, change, clock.now(session))


def _returned(
    session: Session, actor: Actor, application_id: UUID, returned_id: UUID
) -> tuple[Application, ReturnedItem]:
    """The application, locked, and what was returned of it. Raises `NotFound`, `NotAllowed`."""
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    returned = session.get(ReturnedItem, returned_id)
    if returned is None or returned.application_id != row.id:
        raise NotFound
    return row, returned


def _refuse(session: Session, actor: Actor, row: Application, returned: ReturnedItem) -> None:
    refuse_if(
        why_not_change(
            phase=queries.phase_of(session, row, clock.now(session)),
            owner=policy.submits_for(actor, row.provider_id),
            made=returned.made_at is not None,
        )
    )


def _made(session: Session, actor: Actor, row: Application, returned: ReturnedItem, change: str, at: datetime) -> None:
    returned.change, returned.made_at, returned.made_by = change, at, actor.known
    name = returnable(row.snapshot)[returned.item]
    audit.record(session, events.CHANGE_MADE, actor=actor, subject=row.id, about=row.provider_id, item=name)
    framework = session.get_one(Framework, session.get_one(Round, row.round_id).framework_id)
    tell(session, row, framework.lead_id, Role.FRAMEWORK_LEAD, "changed", key=str(returned.id))
