"""Closing a provider for good: who may, and what stands in the way."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from app.core import clock
from app.core.actor import Actor
from app.core.refusals import Refusal
from app.organisations.models import Organisation
from app.organisations.rules import Role
from app.providers import policy
from app.providers.models import Provider
from app.providers.news import CLOSING, Closing
from app.providers.queries.whole import own_provider, provider_row


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """`own`: this person closes their own provider; otherwise they are of the platform."""

    id: UUID
    name: str
    own: bool
    in_the_way: tuple[Refusal, ...]


def closing(session: Session, actor: Actor, provider_id: UUID) -> ClosingPage:
    """Raises `NotFound`, or `NotAllowed` to its people who do not own it."""
    provider, organisation = provider_to_close(session, actor, provider_id)
    own = policy.belongs(actor, provider_id)
    return ClosingPage(provider.id, organisation.name, own, in_the_way(session, provider_id, own=own))


def provider_to_close(
    session: Session, actor: Actor, provider_id: UUID, *, lock: bool = False
) -> tuple[Provider, Organisation]:
    """For its owner, and for the platform's administrators. Raises `NotFound`, `NotAllowed`."""
    if policy.belongs(actor, provider_id) or not policy.administrators(actor):
        return own_provider(session, actor, provider_id, Role.OWNER, lock=lock)
    return provider_row(session, provider_id, lock=lock)


def in_the_way(session: Session, provider_id: UUID, *, own: bool) -> tuple[Refusal, ...]:
    """What the rooms above know of that must end first, each with the link to it."""
    return CLOSING.ask(session, Closing(provider_id, own, clock.now(session)))
