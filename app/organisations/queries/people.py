"""Organisations, regions, seats and invitations."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func
from sqlmodel import Session, col, select

from app.accounts.models import Person, SignInSession
from app.core import audit, clock
from app.core.actor import Actor, Seat
from app.core.crypto import digest
from app.core.database import fetch
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations import policy
from app.organisations.models import (
    Organisation,
    OrganisationSeat,
    SeatInvitation,
)
from app.organisations.rules import DEAD_INVITATION, MANAGERS, Role, may_have_left

LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class Contact:
    person_id: UUID
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """One role of one person, and when they last signed in; `away` asks whether they have left."""

    id: UUID
    name: str
    email: str
    role: Role
    given_at: datetime
    signed_in_at: datetime | None
    away: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    id: UUID
    email: str
    role: Role
    invited_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class People:
    """An organisation and who belongs to it. `managers` counts those who may invite."""

    id: UUID
    name: str
    kind: str
    seats: tuple[HeldSeat, ...]
    waiting: tuple[Waiting, ...]
    managers: int
    events: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class Invitation:
    organisation_id: UUID
    organisation_name: str
    role: Role
    email: str
    invited_by: str
    ends_at: datetime
    withdrawn: bool
    accepted: bool


def actor_signed_in(session: Session, token: str) -> Actor | None:
    """The person of a live session's token with every seat they hold, or None when it has ended, run out, or the account is off."""
    actor, _ = actor_and_time(session, token)
    return actor


def actor_and_time(session: Session, token: str) -> tuple[Actor | None, clock.Reading | None]:
    """The same with what time it is, which is asked of the database in any case to see whether the session has run out."""
    wanted, asked = _signed_in(clock.MOMENT), clock.arrival()
    found = fetch(session, wanted, {"token_digest": digest(token.encode())})
    if not found:
        return None, None
    person_id, name, email, ends_at, now = found[0][:5]
    reading = clock.Reading(now, asked, clock.arrival())
    if now >= ends_at:
        return None, reading
    return Actor(person_id, name, email, tuple(Seat(*row[5:]) for row in found if row[5])), reading


@lru_cache(maxsize=1)
def _signed_in(moment: ColumnElement[datetime]) -> Select[Any]:
    """Asked at the door of every request, so it is put together once."""
    seat = (col(OrganisationSeat.person_id) == Person.id) & col(OrganisationSeat.ended_at).is_(None)
    wanted: Select[Any] = (
        select(Person.id, Person.name, Person.email, SignInSession.ends_at, moment)  # type: ignore[call-overload]
        .add_columns(col(Organisation.id), col(Organisation.name), col(Organisation.kind), col(OrganisationSeat.role))
        .join(SignInSession, col(SignInSession.person_id) == Person.id)
        .outerjoin(OrganisationSeat, seat)
        .outerjoin(Organisation, col(Organisation.id) == OrganisationSeat.organisation_id)
        .where(
            col(SignInSession.token_digest) == bindparam("token_digest"),
            col(SignInSession.ended_at).is_(None),
            col(Person.disabled_at).is_(None),
        )
        .order_by(Organisation.name, OrganisationSeat.role)
    )
    return wanted


def seats_of(session: Session, person_id: UUID) -> tuple[Seat, ...]:
    """Every seat a person holds now, by organisation's name."""
    rows = session.exec(
        select(Organisation.id, Organisation.name, Organisation.kind, OrganisationSeat.role)
        .join(OrganisationSeat, col(OrganisationSeat.organisation_id) == Organisation.id)
        .where(OrganisationSeat.person_id == person_id, col(OrganisationSeat.ended_at).is_(None))
        .order_by(Organisation.name, OrganisationSeat.role)
    )
    return tuple(Seat(*row) for row in rows)


def contacts(session: Session, organisation_id: UUID, *roles: Role) -> list[Contact]:
    """The people who hold one of these roles there now, each once, by name; with no role named, any seat."""
    return contacts_of(session, (organisation_id,), *roles)


def contacts_of(session: Session, organisation_ids: Collection[UUID], *roles: Role) -> list[Contact]:
    """The same for many organisations at once; a person who holds seats in several comes once."""
    held = (
        select(OrganisationSeat.person_id)
        .where(col(OrganisationSeat.organisation_id).in_(organisation_ids), col(OrganisationSeat.ended_at).is_(None))
        .where(col(OrganisationSeat.role).in_(roles or tuple(Role)))
    )
    rows = session.exec(
        select(Person.id, Person.name, Person.email)
        .where(col(Person.id).in_(held), col(Person.disabled_at).is_(None))
        .order_by(Person.name, Person.email)
    )
    return [Contact(*row) for row in rows]


def emails_of(session: Session, organisation_ids: Collection[UUID], *roles: Role) -> dict[UUID, list[tuple[UUID, str]]]:
    """Person and e-mail address of those who hold one of these roles in each organisation, by address, in one query."""
    found: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    rows = session.exec(
        select(OrganisationSeat.organisation_id, Person.id, Person.email)
        .join(Person, col(Person.id) == OrganisationSeat.person_id)
        .where(
            col(OrganisationSeat.organisation_id).in_(organisation_ids),
            col(OrganisationSeat.role).in_(roles),
            col(OrganisationSeat.ended_at).is_(None),
            col(Person.disabled_at).is_(None),
        )
        .distinct()
        .order_by(Person.email)
    )
    for organisation_id, person_id, email in rows:
        found[organisation_id].append((person_id, email))
    return found


def names_and_emails(
    session: Session, organisation_ids: Collection[UUID], *roles: Role
) -> dict[UUID, tuple[str, list[tuple[UUID, str]]]]:
    """The name of each organisation, and person and e-mail address of those who hold one of these roles there, in one query."""
    sits = and_(
        col(OrganisationSeat.organisation_id) == Organisation.id,
        col(OrganisationSeat.role).in_(roles),
        col(OrganisationSeat.ended_at).is_(None),
    )
    rows = session.exec(
        select(Organisation.id, Organisation.name, Person.id, Person.email)
        .outerjoin(OrganisationSeat, sits)
        .outerjoin(Person, (col(Person.id) == OrganisationSeat.person_id) & col(Person.disabled_at).is_(None))
        .where(col(Organisation.id).in_(organisation_ids))
        .distinct()
        .order_by(Person.email)
    )
    found: dict[UUID, tuple[str, list[tuple[UUID, str]]]] = {}
    for organisation_id, name, person_id, email in rows:
        people = found.setdefault(organisation_id, (name, []))[1]
        if person_id:
            people.append((person_id, email))
    return found


def managers_beside(session: Session, actor: Actor) -> list[tuple[UUID, str, list[str]]]:
    """In each organisation where the actor may not invite people: its id, its name, and the names of those who may."""
    own = {seat.organisation_id for seat in actor.seats} - {
        s.organisation_id for s in actor.seats if s.role in MANAGERS
    }
    found: dict[UUID, tuple[UUID, str, list[str]]] = {}
    for organisation_id, organisation, name in session.exec(
        select(Organisation.id, Organisation.name, Person.name)
        .join(OrganisationSeat, col(OrganisationSeat.organisation_id) == Organisation.id)
        .join(Person, col(Person.id) == OrganisationSeat.person_id)
        .where(
            col(Organisation.id).in_(own),
            col(OrganisationSeat.role).in_(MANAGERS),
            col(OrganisationSeat.ended_at).is_(None),
            col(Person.disabled_at).is_(None),
        )
        .order_by(Organisation.name, Person.name)
    ):
        found.setdefault(organisation_id, (organisation_id, organisation, []))[2].append(name)
    return list(found.values())


def names(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """The organisations' names by id; an unknown id is left out."""
    if not ids:
        return {}
    return dict(session.exec(select(Organisation.id, Organisation.name).where(col(Organisation.id).in_(ids))).all())


def people(session: Session, actor: Actor, organisation_id: UUID) -> People:
    """An organisation to which the actor belongs. Raises `NotFound` for another's or none."""
    where = session.get(Organisation, organisation_id) if policy.belongs(actor, organisation_id) else None
    if where is None:
        raise NotFound
    last = select(SignInSession.person_id, func.max(col(SignInSession.began_at)).label("at"))
    signed_in = last.group_by(col(SignInSession.person_id)).subquery()
    now = clock.now(session)
    seats = tuple(
        HeldSeat(seat_id, name, email, Role(role), given_at, at, may_have_left(at, given_at, now))
        for seat_id, name, email, role, given_at, at in session.execute(
            select(OrganisationSeat.id, Person.name, Person.email, OrganisationSeat.role, OrganisationSeat.given_at)  # type: ignore[call-overload]
            .add_columns(signed_in.c.at)
            .outerjoin(signed_in, signed_in.c.person_id == OrganisationSeat.person_id)
            .join(Person, col(Person.id) == OrganisationSeat.person_id)
            .where(OrganisationSeat.organisation_id == organisation_id, col(OrganisationSeat.ended_at).is_(None))
            .order_by(Person.name, Person.email, OrganisationSeat.role)
        )
    )
    manages = policy.manages(actor, organisation_id)
    return People(
        id=where.id,
        name=where.name,
        kind=where.kind,
        seats=seats,
        waiting=_waiting(session, organisation_id) if manages else (),
        managers=sum(seat.role in MANAGERS for seat in seats),
        events=_events(session, organisation_id) if manages else (),
    )


def _waiting(session: Session, organisation_id: UUID) -> tuple[Waiting, ...]:
    rows = session.exec(
        select(SeatInvitation)
        .where(
            SeatInvitation.organisation_id == organisation_id,
            col(SeatInvitation.accepted_at).is_(None),
            col(SeatInvitation.withdrawn_at).is_(None),
            SeatInvitation.ends_at > clock.now(session),
        )
        .order_by(col(SeatInvitation.invited_at).desc())
    )
    return tuple(Waiting(row.id, row.email, Role(row.role), row.invited_at, row.ends_at) for row in rows)


def _events(session: Session, organisation_id: UUID) -> tuple[tuple[datetime, str], ...]:
    """The latest that happened, the oldest of it first."""
    found = audit.newest(session, organisation_id, most=LATEST)
    return tuple((event.at, audit.sentence(event)) for event in reversed(found))


def managed(session: Session, actor: Actor, organisation_id: UUID) -> Organisation:
    """The organisation whose people the actor may manage, locked, so that two changes of its people wait for each other.

    Raises `NotFound` to outsiders and `NotAllowed` to members whose role does not reach so far.
    """
    if not policy.belongs(actor, organisation_id):
        raise NotFound
    if not policy.manages(actor, organisation_id):
        raise NotAllowed
    return session.exec(select(Organisation).where(Organisation.id == organisation_id).with_for_update()).one()


def invitation(session: Session, token: str) -> Invitation:
    """Raises `Refused` for a token nobody was sent."""
    found = session.exec(
        select(SeatInvitation, Organisation.name, Person.name)
        .join(Organisation, col(Organisation.id) == SeatInvitation.organisation_id)
        .join(Person, col(Person.id) == SeatInvitation.invited_by)
        .where(SeatInvitation.token_digest == digest(token.encode()))
    ).first()
    if found is None:
        raise Refused(DEAD_INVITATION)
    row, organisation_name, invited_by = found
    return Invitation(
        organisation_id=row.organisation_id,
        organisation_name=organisation_name,
        role=Role(row.role),
        email=row.email,
        invited_by=invited_by,
        ends_at=row.ends_at,
        withdrawn=row.withdrawn_at is not None,
        accepted=row.accepted_at is not None,
    )
