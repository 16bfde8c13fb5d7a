"""Whether a provider that has registered has done everything on its task list."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from app.evidence.queries.worth import standings
from app.evidence.rules.registration import ASKED_FIRST, supplied
from app.providers.queries import all_told


def registered_whole(session: Session, provider_id: UUID, on: date) -> bool:
    """Whether its profile is told and the documents asked for first are with a checker, on a London day. Two queries."""
    if not all_told(session, provider_id):
        return False
    found = standings(session, [provider_id], ASKED_FIRST, on)
    return supplied((kind, standing) for (_, kind), standing in found.items()) == frozenset(ASKED_FIRST)
