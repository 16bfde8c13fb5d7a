"""Writing down what an official register showed, with what was captured from it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.evidence import checklists, deciding, events, queries, rules
from app.evidence.check_models import RegisterCheck
from app.evidence.models import Document
from app.evidence.rules import Found


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What was seen on a register on a day. `live` says that the register was asked by machine."""

    looked_on: date
    result: Found
    note: str = ""
    live: bool = False


def record_register_check(
    session: Session, actor: Actor, item_id: UUID, register_key: str, seen: LookedAt, document_id: UUID | None = None
) -> UUID:
    """Keep one look at a register; the same facts on the same day are quietly the same look.

    Raises `NotFound` for a register on which it cannot be looked up, or a document that is not the item's, `Refused` for a day
    before the item was sent or one to come.
    """
    item, kind = deciding.item_to_decide(session, actor, item_id)
    register = checklists.register(register_key)
    if register not in queries.registers_of(session, item_id):
        raise NotFound
    now = clock.now(session)
    sent_on = london_day(item.submitted_at or item.added_at)
    refuse_if(rules.why_not_looked(seen.looked_on, sent_on=sent_on, on=london_day(now)))
    if document_id and session.exec(select(Document.item_id).where(Document.id == document_id)).first() != item_id:
        raise NotFound
    seat = deciding.checkers_seat(actor)
    row = RegisterCheck(
        item_id=item_id,
        register_key=register_key,
        looked_on=seen.looked_on,
        result=seen.result,
        note=seen.note,
        live=seen.live,
        document_id=document_id,
        checker_id=actor.known,
        checker_organisation_id=seat.organisation_id,
        at=now,
    )
    if already := _same(session, row):
        return already
    session.add(row)
    session.flush()
    audit.record(
        session,
        events.REGISTER_ASKED if seen.live else events.REGISTER_LOOKED_AT,
        actor=actor,
        subject=item.id,
        kind=kind.name,
        register=register.name,
        result=rules.FOUND[seen.result].lower(),
    )
    return row.id


def _same(session: Session, row: RegisterCheck) -> UUID | None:
    """A look of this person at this register with the same facts: a second click."""
    return session.exec(
        select(RegisterCheck.id).where(
            RegisterCheck.item_id == row.item_id,
            RegisterCheck.register_key == row.register_key,
            RegisterCheck.looked_on == row.looked_on,
            RegisterCheck.result == row.result,
            RegisterCheck.note == row.note,
            RegisterCheck.live == row.live,
            RegisterCheck.checker_id == row.checker_id,
            col(RegisterCheck.document_id).is_not_distinct_from(row.document_id),
        )
    ).first()
