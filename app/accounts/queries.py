"""Looking at people and their sessions."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person, SignInSession
from app.core import clock
from app.core.crypto import digest


@dataclass(frozen=True, slots=True)
class Known:
    id: UUID
    name: str
    email: str


def person_signed_in(session: Session, token: str) -> Known | None:
    """The person of a live session's token, or None when it has ended, run out, or the account is off."""
    found = session.exec(
        select(Person.id, Person.name, Person.email, SignInSession.ends_at)
        .join(SignInSession, col(SignInSession.person_id) == Person.id)
        .where(
            SignInSession.token_digest == digest(token.encode()),
            col(SignInSession.ended_at).is_(None),
            col(Person.disabled_at).is_(None),
        )
    ).first()
    if found is None:
        return None
    person_id, name, email, ends_at = found
    return Known(person_id, name, email) if clock.now(session) < ends_at else None
