"""Seats given and ended, and people invited by mail."""

import secrets
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.accounts.models import Person
from app.core import audit, clock, mail
from app.core.actor import NOBODY, Actor
from app.core.crypto import digest
from app.core.refusals import NotFound, Refusal, Refused
from app.organisations import events, queries, rules
from app.organisations.models import Organisation, OrganisationSeat, SeatInvitation
from app.organisations.rules import MANAGERS, OrganisationKind, Role


def add_organisation(session: Session, actor: Actor, *, kind: OrganisationKind, name: str) -> UUID:
    """A new organisation with nobody in it yet. Whether the actor may is the caller's question."""
    row = Organisation(kind=kind, name=name, created_at=clock.now(session))
    session.add(row)
    session.flush()
    audit.record(session, events.ADDED, actor=actor, subject=row.id, name=name)
    return row.id


def appoint(session: Session, email: str, role: str, organisation: str) -> str:
    """Seat somebody who has an account, from the operator's command line, and say so in words.

    `organisation` is a slug of the reference data, or `lead:NAME` or `platform:NAME`, made when it is new. Everybody after
    the first is invited on the organisation's page. Raises `Refused`.
    """
    account = select(Person).where(Person.email == email.lower(), col(Person.confirmed_at).is_not(None))
    person = session.exec(account).first()
    if person is None:
        raise Refused(Refusal("no_account", f"{email} has no confirmed account here. They register first."))
    if role not in set(Role):
        raise Refused(Refusal("no_role", f"There is no role {role}. The roles are {', '.join(Role)}."))
    where = _named(session, organisation)
    give_seat(session, NOBODY, person_id=person.id, organisation_id=where.id, role=Role(role))
    return f"{person.name} is {_label(role)} of {where.name}"


def _named(session: Session, organisation: str) -> Organisation:
    kind, _, name = organisation.rpartition(":")
    which = (Organisation.kind == kind, Organisation.name == name) if kind else (Organisation.slug == name,)
    row = session.exec(select(Organisation).where(*which)).first()
    if row:
        return row
    if kind not in (OrganisationKind.LEAD, OrganisationKind.PLATFORM):
        raise Refused(Refusal("no_organisation", f"There is no organisation {organisation} here."))
    made = add_organisation(session, NOBODY, kind=OrganisationKind(kind), name=name)
    return session.get_one(Organisation, made)


def give_seat(session: Session, actor: Actor, *, person_id: UUID, organisation_id: UUID, role: Role) -> UUID:
    """The seat's id; the one held already, when it is. Whether the actor may give it is the caller's question.

    Raises `Refused` for a role that does not fit the organisation.
    """
    where = _locked(session, organisation_id)
    if refusal := rules.why_not_give(where.kind, role):
        raise Refused(refusal)
    if held := _held(session, organisation_id, role, person_id):
        return held.id
    person = session.get_one(Person, person_id)
    seat = _seat(session, actor, organisation_id, role, person_id)
    audit.record(
        session,
        events.SEAT_GIVEN,
        actor=actor,
        subject=seat.id,
        about=organisation_id,
        name=audit.Personal(person.name, person.id),
        role=_label(role),
    )
    return seat.id


def end_seat(session: Session, actor: Actor, seat_id: UUID) -> None:
    """End one role of one person, quietly when it has ended. Raises `Refused` for the last who could invite others."""
    seat = session.get(OrganisationSeat, seat_id)
    if seat is None:
        raise NotFound
    queries.managed(session, actor, seat.organisation_id)
    session.refresh(seat)
    if seat.ended_at:
        return
    if refusal := rules.why_not_end(seat.role, managers=_managers(session, seat.organisation_id)):
        raise Refused(refusal)
    seat.ended_at = clock.now(session)
    audit.record(
        session,
        events.SEAT_ENDED,
        actor=actor,
        subject=seat.id,
        about=seat.organisation_id,
        name=audit.Personal(session.get_one(Person, seat.person_id).name, seat.person_id),
        role=_label(seat.role),
    )


def invite(session: Session, actor: Actor, *, organisation_id: UUID, email: str, role: Role) -> str:
    """Invite an address to a role, by a link that is mailed to it; returns the link's token.

    The same invitation again is sent again: its new link replaces the old one. Raises `NotFound`, `NotAllowed`, or
    `Refused` when the role does not fit or is held already.
    """
    return _invite(session, actor, queries.managed(session, actor, organisation_id), email, role)


def invite_first(
    session: Session, actor: Actor, *, organisation_id: UUID, email: str, role: Role, listed_in: str = ""
) -> str:
    """The same for an organisation in which nobody is yet, as a member of `listed_in`, if it was listed as one. Whether the actor
    may is the caller's question.
    """
    return _invite(session, actor, _locked(session, organisation_id), email, role, listed_in)


def _invite(session: Session, actor: Actor, where: Organisation, email: str, role: Role, listed_in: str = "") -> str:
    invited = session.exec(select(Person).where(Person.email == email)).first()
    held = _held(session, where.id, role, invited.id) if invited else None
    if refusal := rules.why_not_invite(where.kind, role, holds_it=held is not None):
        raise Refused(refusal)
    token, now = secrets.token_urlsafe(32), clock.now(session)
    row = _open_invitation(session, where.id, email, role) or SeatInvitation(
        organisation_id=where.id,
        email=email,
        role=role,
        token_digest="",
        invited_by=actor.known,
        invited_at=now,
        ends_at=now,
    )
    row.token_digest, row.invited_by = digest(token.encode()), actor.known
    row.invited_at, row.ends_at = now, now + rules.INVITATION_LIFE
    session.add(row)
    session.flush()
    audit.record(
        session,
        events.INVITED,
        actor=actor,
        subject=row.id,
        about=where.id,
        email=audit.Personal(email, row.id),
        role=_label(role),
    )
    mail.queue(
        session,
        "organisations/invitation.txt",
        to=email,
        dedupe=f"invitation:{row.token_digest}",
        organisation=where.name,
        role=_label(role),
        invited_by=actor.name,
        listed_in=listed_in,
        token=token,
    )
    return token


def withdraw_invitation(session: Session, actor: Actor, invitation_id: UUID) -> None:
    """Take an invitation back; quiet when it is withdrawn or accepted already."""
    row = session.get(SeatInvitation, invitation_id)
    if row is None:
        raise NotFound
    queries.managed(session, actor, row.organisation_id)
    session.refresh(row)
    if row.withdrawn_at or row.accepted_at:
        return
    row.withdrawn_at = clock.now(session)
    audit.record(
        session,
        events.INVITATION_WITHDRAWN,
        actor=actor,
        subject=row.id,
        about=row.organisation_id,
        email=audit.Personal(row.email, row.id),
    )


def accept_invitation(session: Session, actor: Actor, token: str) -> UUID:
    """Take the seat offered; returns the organisation's id. A second click is quiet.

    Raises `Refused` for a dead invitation, or one sent to another address.
    """
    offered = queries.invitation(session, token)
    _locked(session, offered.organisation_id)
    row = session.exec(select(SeatInvitation).where(SeatInvitation.token_digest == digest(token.encode()))).one()
    now = clock.now(session)
    if row.accepted_at and row.email == actor.email:
        return row.organisation_id
    if refusal := rules.why_not_accept(
        sent_to=row.email,
        email=actor.email,
        accepted=row.accepted_at is not None,
        withdrawn=row.withdrawn_at is not None,
        ends_at=row.ends_at,
        now=now,
    ):
        raise Refused(refusal)
    row.accepted_at = now
    if not _held(session, row.organisation_id, row.role, actor.known):
        _seat(session, actor, row.organisation_id, row.role, actor.known)
    audit.record(
        session,
        events.INVITATION_ACCEPTED,
        actor=actor,
        subject=row.id,
        about=row.organisation_id,
        role=_label(row.role),
    )
    return row.organisation_id


def _locked(session: Session, organisation_id: UUID) -> Organisation:
    """Changes of an organisation's people wait in one line, so that two owners cannot end each other's seats at once."""
    return session.exec(select(Organisation).where(Organisation.id == organisation_id).with_for_update()).one()


def _held(session: Session, organisation_id: UUID, role: str, person_id: UUID) -> OrganisationSeat | None:
    return session.exec(
        select(OrganisationSeat).where(
            OrganisationSeat.organisation_id == organisation_id,
            OrganisationSeat.role == role,
            OrganisationSeat.person_id == person_id,
            col(OrganisationSeat.ended_at).is_(None),
        )
    ).first()


def _seat(session: Session, actor: Actor, organisation_id: UUID, role: str, person_id: UUID) -> OrganisationSeat:
    seat = OrganisationSeat(
        person_id=person_id,
        organisation_id=organisation_id,
        role=role,
        given_at=clock.now(session),
        given_by=actor.person_id,
    )
    session.add(seat)
    session.flush()
    return seat


def _managers(session: Session, organisation_id: UUID) -> int:
    return session.exec(
        select(func.count())
        .select_from(OrganisationSeat)
        .where(
            OrganisationSeat.organisation_id == organisation_id,
            col(OrganisationSeat.role).in_(MANAGERS),
            col(OrganisationSeat.ended_at).is_(None),
        )
    ).one()


def _open_invitation(session: Session, organisation_id: UUID, email: str, role: Role) -> SeatInvitation | None:
    return session.exec(
        select(SeatInvitation).where(
            SeatInvitation.organisation_id == organisation_id,
            SeatInvitation.email == email,
            SeatInvitation.role == role,
            col(SeatInvitation.accepted_at).is_(None),
            col(SeatInvitation.withdrawn_at).is_(None),
        )
    ).first()


def _label(role: str) -> str:
    return rules.ROLE_WORDS[Role(role)][0].lower()
