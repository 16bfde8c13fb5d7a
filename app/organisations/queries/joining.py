"""Requests to join, as those who may answer them see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound
from app.organisations import policy
from app.organisations.models import JoinRequest, Organisation


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `role` is what was given, when it was accepted; `decided_at` is None while it waits."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    kind: str
    name: str
    email: str
    words: str
    asked_at: datetime
    decided_at: datetime | None
    role: str | None
    reason: str


def open_requests(session: Session, actor: Actor, organisation_id: UUID) -> tuple[Asked, ...]:
    """Those that wait, the oldest first; nothing for anybody who may not answer them."""
    if not policy.manages(actor, organisation_id):
        return ()
    rows = session.exec(
        _ASKED.where(JoinRequest.organisation_id == organisation_id, col(JoinRequest.decided_at).is_(None)).order_by(
            col(JoinRequest.asked_at)
        )
    )
    return tuple(_asked(*row) for row in rows)


def asked(session: Session, actor: Actor, organisation_id: UUID, request_id: UUID) -> Asked:
    """Raises `NotFound` to outsiders, `NotAllowed` to members who may not answer."""
    if not policy.belongs(actor, organisation_id):
        raise NotFound
    if not policy.manages(actor, organisation_id):
        raise NotAllowed
    found = session.exec(
        _ASKED.where(JoinRequest.organisation_id == organisation_id, JoinRequest.id == request_id)
    ).first()
    if found is None:
        raise NotFound
    return _asked(*found)


_ASKED = (
    select(JoinRequest, Person, Organisation)
    .join(Person, col(Person.id) == JoinRequest.person_id)
    .join(Organisation, col(Organisation.id) == JoinRequest.organisation_id)
)


def _asked(row: JoinRequest, person: Person, organisation: Organisation) -> Asked:
    return Asked(
        id=row.id,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        kind=organisation.kind,
        name=person.name,
        email=person.email,
        words=row.words,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        role=row.role,
        reason=row.reason,
    )
