"""Looking at people and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts import rules
from app.accounts.models import OneTimeLink, Person, SignInSession
from app.accounts.passwords import NOBODYS
from app.accounts.rules import LinkKind
from app.core import clock
from app.core.crypto import digest
from app.core.refusals import Refused


@dataclass(frozen=True, slots=True)
class Known:
    id: UUID
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a typed password is checked against; `person_id` is None where there is no such account."""

    person_id: UUID | None
    password_hash: str


@dataclass(frozen=True, slots=True)
class LiveSession:
    id: UUID
    device: str
    began_at: datetime
    ends_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Persona:
    person_id: UUID
    name: str
    words: str


def credentials(session: Session, email: str) -> Credentials:
    """Those of the account with this address, or of nobody: checking either takes the same time."""
    found = session.exec(
        select(Person.id, Person.password_hash).where(Person.email == email, col(Person.disabled_at).is_(None))
    ).first()
    return Credentials(*found) if found else Credentials(None, NOBODYS)


def linked(session: Session, kind: LinkKind, token: str) -> Known:
    """The person a one-time link is for. Raises `Refused` for a link that is used, late or unknown: the same answer."""
    found = session.exec(
        select(OneTimeLink, Person)
        .join(Person, col(Person.id) == OneTimeLink.person_id)
        .where(OneTimeLink.token_digest == digest(token.encode()), OneTimeLink.kind == kind)
    ).first()
    if found is None:
        raise Refused(rules.DEAD_LINK[kind])
    link, person = found
    if refusal := rules.why_not_use_link(kind, used_at=link.used_at, ends_at=link.ends_at, now=clock.now(session)):
        raise Refused(refusal)
    return Known(person.id, person.name, person.email)


def line_up(session: Session, person_id: UUID) -> None:
    """Wait for whatever else this person has just sent: of two clicks the second sees what the first has made."""
    session.exec(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)).first()


def live_sessions(session: Session, person_id: UUID, token: str) -> list[LiveSession]:
    """Where this person is signed in, newest first; `current` is the one that holds this token."""
    rows = session.exec(
        select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            col(SignInSession.ended_at).is_(None),
            SignInSession.ends_at > clock.now(session),
        )
        .order_by(col(SignInSession.began_at).desc())
        .limit(50)
    )
    this = digest(token.encode())
    return [LiveSession(row.id, row.device, row.began_at, row.ends_at, row.token_digest == this) for row in rows]


def personas(session: Session) -> dict[str, list[Persona]]:
    """The people of the demonstration, by what they do."""
    rows = session.exec(
        select(Person.id, Person.name, Person.demonstration_note)
        .where(Person.demonstration_note != "", col(Person.disabled_at).is_(None))
        .order_by(col(Person.created_at), Person.name)
    )
    groups: dict[str, list[Persona]] = {}
    for person_id, name, note in rows:
        group, words = rules.persona(note)
        groups.setdefault(group, []).append(Persona(person_id, name, words))
    return groups
