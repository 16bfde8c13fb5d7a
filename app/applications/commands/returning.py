"""Returning one thing of a submitted application to be changed, and making that change; nothing else of it moves."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.applications import events, policy, queries
from app.applications.models import ReturnedItem
from app.applications.queries.returned import returnable
from app.applications.rules.returning import why_not_change, why_not_request
from app.applications.telling import tell
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, refuse_if
from app.frameworks.models import Framework, Round
from app.organisations.rules import Role


def request_change(session: Session, actor: Actor, application_id: UUID, item: str, words: str) -> UUID:
    """Ask the provider to change the statement or a kind of evidence, as often as needed; the clock stands still meanwhile.

    Raises `NotFound` for what was not submitted and for who does not lead the framework, `Refused`.
    """
    row = queries.led_row(session, actor, application_id, lock=True)
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
    """Change what was returned, and nothing else, by an owner. The same a second time is quiet.

    Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    returned = session.get(ReturnedItem, returned_id)
    if returned is None or returned.application_id != row.id:
        raise NotFound
    if returned.made_at and returned.change == change:
        return
    at = clock.now(session)
    refuse_if(
        why_not_change(
            phase=queries.phase_of(session, row, at),
            owner=policy.submits_for(actor, row.provider_id),
            made=returned.made_at is not None,
        )
    )
    returned.change, returned.made_at, returned.made_by = change, at, actor.known
    name = returnable(row.snapshot)[returned.item]
    audit.record(session, events.CHANGE_MADE, actor=actor, subject=row.id, about=row.provider_id, item=name)
    framework = session.get_one(Framework, session.get_one(Round, row.round_id).framework_id)
    tell(session, row, framework.lead_id, Role.FRAMEWORK_LEAD, "changed", key=str(returned.id))
