"""Joining a framework's call-off list and leaving it: asked for, confirmed by a second person, or signed by the body itself."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import day_in_words, london_day
from app.core.refusals import NotFound, Refusal, refuse_if
from app.frameworks import events
from app.frameworks.calling_off import queries, rules
from app.frameworks.calling_off.models import Accession
from app.frameworks.calling_off.rules import AccessionKind, Way
from app.frameworks.entitlement import periods
from app.frameworks.models import CallOffBody, Framework
from app.frameworks.policy import SIGNERS
from app.frameworks.queries import framework_row, led_framework, phase_of
from app.frameworks.rules import Phase
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.organisations.queries import contacts
from app.organisations.rules import OrganisationKind, Role


def ask_to_add(
    session: Session, actor: Actor, framework_id: UUID, organisation_id: UUID, on: date, evidence: str
) -> UUID:
    """The framework's lead adds an agency or authority from a day; it counts once a second lead confirms it.

    Before the framework is live it counts at once. Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    return _ask(session, actor, framework_id, organisation_id, AccessionKind.JOINS, on, evidence)


def ask_to_remove(
    session: Session, actor: Actor, framework_id: UUID, organisation_id: UUID, on: date, evidence: str
) -> UUID:
    """The framework's lead ends a body's time on the list with a last day, in the same two steps. Briefs published run on."""
    return _ask(session, actor, framework_id, organisation_id, AccessionKind.LEAVES, on, evidence)


def confirm_accession(session: Session, actor: Actor, framework_id: UUID, accession_id: UUID) -> None:
    """A second lead says yes; a second time it changes nothing. Raises `NotFound`, `NotAllowed`, `Refused`."""
    framework = led_framework(session, actor, framework_id)
    row = queries.accession_row(session, framework_id, accession_id)
    if row.confirmed_at:
        return
    now = clock.now(session)
    refuse_if(
        rules.why_not_confirm(
            asker=row.asked_by == actor.person_id,
            withdrawn=row.withdrawn_at is not None,
            on=row.effective_on,
            today=london_day(now),
        )
    )
    _settle(session, actor, framework, row, now)


def withdraw_accession(session: Session, actor: Actor, framework_id: UUID, accession_id: UUID) -> None:
    """Any lead of the framework takes back what nobody has confirmed; afterwards it is quiet."""
    led_framework(session, actor, framework_id)
    row = queries.accession_row(session, framework_id, accession_id)
    if row.confirmed_at or row.withdrawn_at:
        return
    row.withdrawn_at, row.withdrawn_by = clock.now(session), actor.known
    body = session.get_one(Organisation, row.organisation_id).name
    audit.record(session, events.ACCESSION_WITHDRAWN, actor=actor, subject=row.id, about=framework_id, body=body)


def accede(session: Session, actor: Actor, framework_id: UUID, organisation_id: UUID, on: date, evidence: str) -> UUID:
    """A body that the framework is open to joins by its own signature, in one step. Raises `NotFound`, `Refused`."""
    if organisation_id not in buyer_ids(actor, *SIGNERS):
        raise NotFound
    framework = framework_row(session, actor, framework_id, lock=True)
    now = clock.now(session)
    may = organisation_id in queries.open_to(session, framework_id, [organisation_id], london_day(now))
    refuse_if(rules.why_not_accede(open_to_it=may))
    refuse_if(_why_not(session, framework, organisation_id, AccessionKind.JOINS, on, now))
    row = _write(session, actor, framework_id, organisation_id, AccessionKind.JOINS, on, evidence, Way.OWN, now)
    _settle(session, actor, framework, row, now)
    return row.id


def _ask(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    organisation_id: UUID,
    kind: AccessionKind,
    on: date,
    evidence: str,
) -> UUID:
    framework, now = led_framework(session, actor, framework_id), clock.now(session)
    body = session.get(Organisation, organisation_id)
    if body is None or body.kind not in (OrganisationKind.RAA, OrganisationKind.AUTHORITY):
        raise NotFound
    refuse_if(_why_not(session, framework, organisation_id, kind, on, now))
    live = phase_of(framework, london_day(now)) is Phase.LIVE
    way = Way.TWO_PEOPLE if live else Way.BEFORE_LIVE
    row = _write(session, actor, framework_id, organisation_id, kind, on, evidence, way, now)
    if live:
        event = events.JOINING_ASKED if kind is AccessionKind.JOINS else events.LEAVING_ASKED
        audit.record(
            session, event, actor=actor, subject=row.id, about=framework_id, body=body.name, day=day_in_words(on)
        )
    else:
        _settle(session, actor, framework, row, now)
    return row.id


def _why_not(
    session: Session, framework: Framework, organisation_id: UUID, kind: AccessionKind, on: date, now: datetime
) -> Refusal | None:
    known = periods(session, framework.id)[organisation_id]
    today = london_day(now)
    phase, waiting = phase_of(framework, today), _is_waiting(session, framework.id, organisation_id)
    if kind is AccessionKind.JOINS:
        ends_on = framework.ends_on
        return rules.why_not_join(known, phase=phase, waiting=waiting, ends_on=ends_on, on=on, today=today)
    return rules.why_not_leave(known, phase=phase, waiting=waiting, on=on, today=today)


def _is_waiting(session: Session, framework_id: UUID, organisation_id: UUID) -> bool:
    wanted = select(Accession.id).where(
        Accession.framework_id == framework_id,
        Accession.organisation_id == organisation_id,
        col(Accession.confirmed_at).is_(None),
        col(Accession.withdrawn_at).is_(None),
    )
    return session.exec(wanted).first() is not None


def _write(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    organisation_id: UUID,
    kind: AccessionKind,
    on: date,
    evidence: str,
    way: Way,
    now: datetime,
) -> Accession:
    row = Accession(
        framework_id=framework_id,
        organisation_id=organisation_id,
        kind=kind,
        effective_on=on,
        evidence=evidence,
        way=way,
        asked_at=now,
        asked_by=actor.known,
    )
    session.add(row)
    session.flush()
    return row


def _settle(session: Session, actor: Actor, framework: Framework, row: Accession, now: datetime) -> None:
    """The accession counts: a time on the list begins, or ends. The body's people are told."""
    if row.kind == AccessionKind.JOINS:
        body = CallOffBody(
            framework_id=framework.id, organisation_id=row.organisation_id, entitled_from=row.effective_on
        )
        session.add(body)
        session.flush()
    else:
        body = _time_of(session, row)
        body.entitled_to = row.effective_on
    row.confirmed_at, row.confirmed_by, row.body_id = now, actor.known, body.id
    name, joins = session.get_one(Organisation, row.organisation_id).name, row.kind == AccessionKind.JOINS
    audit.record(
        session,
        events.JOINED if joins else events.LEFT,
        actor=actor,
        subject=row.id,
        about=framework.id,
        body=name,
        day=day_in_words(row.effective_on),
        way=row.way,
    )
    people = contacts(session, row.organisation_id, *SIGNERS, Role.COMMISSIONER)
    mail.queue_all(
        session,
        f"frameworks/{row.kind}.txt",
        {f"accession {row.id} {person.person_id}": person.email for person in people},
        framework=framework.name,
        framework_id=str(framework.id),
        body=name,
        day=day_in_words(row.effective_on),
    )


def _time_of(session: Session, row: Accession) -> CallOffBody:
    """The time on the list that the body's last day lies in."""
    return session.exec(
        select(CallOffBody).where(
            CallOffBody.framework_id == row.framework_id,
            CallOffBody.organisation_id == row.organisation_id,
            col(CallOffBody.entitled_from) <= row.effective_on,
            col(CallOffBody.entitled_to).is_(None) | (col(CallOffBody.entitled_to) >= row.effective_on),
        )
    ).one()
