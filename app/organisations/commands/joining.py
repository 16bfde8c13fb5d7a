"""People who ask to join an organisation, the answer its owners give, and leaving one."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.database import violates
from app.core.refusals import NotFound, refuse_if
from app.organisations import events, queries, rules
from app.organisations.commands.seats import _held, _label, _locked, _managers, _seat
from app.organisations.models import JoinRequest, Organisation, OrganisationSeat
from app.organisations.rules import MANAGERS, Role


def ask_to_join(session: Session, actor: Actor, organisation_ids: Collection[UUID], *, words: str) -> None:
    """Ask the owners of each for a seat; quiet where one waits for an answer, or is held, already.

    Returns nothing and records the asking itself either way, so that the answer cannot tell whether anybody was found.
    """
    audit.record(session, events.JOIN_SOUGHT, actor=actor, subject=actor.known)
    held = set(
        session.exec(
            select(OrganisationSeat.organisation_id).where(
                OrganisationSeat.person_id == actor.known, col(OrganisationSeat.ended_at).is_(None)
            )
        )
    )
    for organisation_id in set(organisation_ids) - held:
        _ask(session, actor, organisation_id, words)


def _ask(session: Session, actor: Actor, organisation_id: UUID, words: str) -> None:
    row = JoinRequest(organisation_id=organisation_id, person_id=actor.known, words=words, asked_at=clock.now(session))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if violates(error, "uq_join_request_open"):
            return
        raise
    audit.record(session, events.JOIN_ASKED, actor=actor, subject=row.id, about=organisation_id)
    where = session.get_one(Organisation, organisation_id)
    for owner in queries.contacts(session, organisation_id, *MANAGERS):
        mail.queue(
            session,
            "organisations/join_asked.txt",
            to=owner.email,
            dedupe=f"join:{row.id}:{owner.person_id}",
            organisation=where.name,
            organisation_id=str(organisation_id),
            name=actor.name,
            words=words,
        )


def accept_join(session: Session, actor: Actor, request_id: UUID, *, role: Role) -> None:
    """Give the person the role. A second click is quiet; raises `Refused` when it was refused, or the role does not fit."""
    where, row = _managed(session, actor, request_id)
    if row.decided_at and row.role:
        return
    refuse_if(rules.why_not_decide(decided=row.decided_at is not None))
    refuse_if(rules.why_not_give(where.kind, role))
    row.decided_at, row.decided_by, row.role = clock.now(session), actor.known, role
    if not _held(session, where.id, role, row.person_id):
        _seat(session, actor, where.id, role, row.person_id)
    _told(session, actor, where, row, "accepted")


def refuse_join(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> None:
    """Say no, with a reason the person reads. A second click is quiet; raises `Refused` when it was accepted."""
    where, row = _managed(session, actor, request_id)
    if row.decided_at and not row.role:
        return
    refuse_if(rules.why_not_decide(decided=row.decided_at is not None))
    row.decided_at, row.decided_by, row.reason = clock.now(session), actor.known, reason
    _told(session, actor, where, row, "refused")


def leave_organisation(session: Session, actor: Actor, organisation_id: UUID) -> None:
    """End every role one holds there; quiet when there is none left. Raises `Refused` for the last who could invite."""
    if organisation_id not in actor.where():
        raise NotFound
    where = _locked(session, organisation_id)
    seats = session.exec(
        select(OrganisationSeat).where(
            OrganisationSeat.organisation_id == organisation_id,
            OrganisationSeat.person_id == actor.known,
            col(OrganisationSeat.ended_at).is_(None),
        )
    ).all()
    managers = _managers(session, organisation_id)
    for seat in seats:
        refuse_if(rules.why_not_end(seat.role, managers=managers))
    for seat in seats:
        seat.ended_at = clock.now(session)
    if seats:
        audit.record(session, events.LEFT, actor=actor, subject=actor.known, about=organisation_id, name=where.name)


def _managed(session: Session, actor: Actor, request_id: UUID) -> tuple[Organisation, JoinRequest]:
    row = session.get(JoinRequest, request_id)
    if row is None:
        raise NotFound
    where = queries.managed(session, actor, row.organisation_id)
    session.refresh(row)
    return where, row


def _told(session: Session, actor: Actor, where: Organisation, row: JoinRequest, answer: str) -> None:
    asker = session.get_one(Person, row.person_id)
    label = _label(row.role) if row.role else ""
    event = events.JOIN_ACCEPTED if row.role else events.JOIN_REFUSED
    audit.record(
        session,
        event,
        actor=actor,
        subject=row.id,
        about=where.id,
        name=audit.Personal(asker.name, row.person_id),
        role=label,
    )
    mail.queue(
        session,
        f"organisations/join_{answer}.txt",
        to=asker.email,
        dedupe=f"join:{row.id}:{answer}",
        organisation=where.name,
        role=label,
        reason=row.reason,
    )
