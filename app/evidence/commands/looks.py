"""The second look at one verification in ten, and taking an item from the queue."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused, refuse_if
from app.evidence import deciding, events, queries, rules
from app.evidence.check_models import CheckTaken, SecondLook
from app.evidence.models import EvidenceItem, Verification
from app.evidence.rules import Outcome
from app.evidence.telling import tell_undone


def take_second_look(session: Session, actor: Actor, item_id: UUID, *, agrees: bool, words: str = "") -> None:
    """Agree with a verification, or say what is wrong with it: then it is undone, kept here, and the item waits again.

    What the verification had replaced takes its place again; its keepers, and the agencies that relied on it, are told at
    once. Raises `Refused` to who verified it.
    """
    item, kind = deciding.item_to_decide(session, actor, item_id)
    first = session.exec(select(Verification).where(Verification.item_id == item_id)).first()
    if _done(session, actor, item_id, first, agrees=agrees):
        return
    if first is None or first.outcome != Outcome.VERIFIED or not first.second_look:
        raise Refused(Refusal("no_second_look", "No second look at this is asked for."))
    refuse_if(rules.why_not_second(first=first.checker_id, second=actor.person_id))
    seat = deciding.checkers_seat(actor)
    replaced = session.exec(select(EvidenceItem).where(EvidenceItem.replaced_by_id == item_id).with_for_update()).all()
    look = SecondLook(
        item_id=item_id,
        first_checker_id=first.checker_id,
        first_organisation_id=first.checker_organisation_id,
        first_at=first.at,
        first_how=first.how,
        first_checklist=first.checklist,
        first_replaced=sorted(str(older.id) for older in replaced),
        checker_id=actor.known,
        checker_organisation_id=seat.organisation_id,
        agrees=agrees,
        words=words,
        at=clock.now(session),
    )
    session.add(look)
    first_name = session.get_one(Person, first.checker_id).name
    event = events.SECOND_LOOK_AGREED if agrees else events.SECOND_LOOK_DISAGREED
    audit.record(
        session,
        event,
        actor=actor,
        subject=item.id,
        about=None if agrees else item.provider_id,
        kind=kind.name,
        first=first_name,
        organisation=seat.organisation_name,
    )
    if agrees:
        first.second_look = False
        return
    session.delete(first)
    for older in replaced:
        older.replaced_by_id = item.replaced_by_id
    tell_undone(session, item, look)
    deciding.tell_keepers(session, item, kind, "evidence/undone.txt")


def take_check(session: Session, actor: Actor, item_id: UUID, *, over: bool = False) -> None:
    """Take an item from the queue; with `over`, from a colleague who has it. One's own again is no error."""
    item, kind = deciding.item_to_decide(session, actor, item_id)
    under_way = queries.under_way(session, item_id)
    if under_way.outcome:
        raise Refused(Refusal("already_decided", f"This was {under_way.outcome} in the meantime."))
    if under_way.taken_by == actor.person_id:
        return
    if under_way.taken_by and not over:
        deciding.refuse_while_others(under_way, actor)
    deciding.no_longer_taken(session, item_id)
    session.add(CheckTaken(item_id=item_id, person_id=actor.known, taken_at=clock.now(session)))
    audit.record(session, events.CHECK_TAKEN, actor=actor, subject=item.id, kind=kind.name)


def release_check(session: Session, actor: Actor, item_id: UUID) -> None:
    """Give back what one has taken; what one has not taken stays as it is."""
    item, kind = deciding.item_to_decide(session, actor, item_id)
    if queries.under_way(session, item_id).taken_by != actor.person_id:
        return
    deciding.no_longer_taken(session, item_id)
    audit.record(session, events.CHECK_RELEASED, actor=actor, subject=item.id, kind=kind.name)


def _done(session: Session, actor: Actor, item_id: UUID, first: Verification | None, *, agrees: bool) -> bool:
    """Whether this person's second click finds their look taken. Raises `Refused` when somebody else took it."""
    last = session.exec(
        select(SecondLook).where(SecondLook.item_id == item_id).order_by(col(SecondLook.at).desc()).limit(1)
    ).first()
    if last is None or (first is not None and last.first_at != first.at):
        return False
    if last.checker_id == actor.person_id and last.agrees is agrees:
        return True
    raise Refused(Refusal("looked_at", "The second look at this was taken in the meantime."))
