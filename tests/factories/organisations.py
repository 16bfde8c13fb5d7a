"""People, organisations, and who is seated where."""

from uuid import UUID, uuid4

from sqlmodel import Session

from app.accounts.models import Person
from app.core.actor import Actor, Seat
from app.organisations.models import Organisation, OrganisationSeat, Raa
from app.organisations.rules import OrganisationKind, Role
from tests import NOON


def person(session: Session, name: str = "Ann Example") -> Person:
    row = Person(name=name, email=f"{uuid4().hex}@example.org", created_at=NOON, confirmed_at=NOON, password_hash="x")
    session.add(row)
    session.flush()
    return row


def organisation(session: Session, kind: OrganisationKind, name: str) -> UUID:
    row = Organisation(kind=kind, name=name, created_at=NOON)
    session.add(row)
    session.flush()
    return row.id


def seated(session: Session, organisation_id: UUID, *roles: Role, name: str = "Ann Example") -> Actor:
    """A new person with these roles there, as the actor they would be."""
    who, where = person(session, name), session.get_one(Organisation, organisation_id)
    for role in roles:
        session.add(OrganisationSeat(person_id=who.id, organisation_id=organisation_id, role=role, given_at=NOON))
    session.flush()
    return Actor(who.id, name, who.email, tuple(Seat(where.id, where.name, where.kind, role) for role in roles))


def raa(session: Session, name: str) -> UUID:
    raa_id = organisation(session, OrganisationKind.RAA, name)
    session.add(Raa(id=raa_id, source="test", confidence="verified"))
    session.flush()
    return raa_id
