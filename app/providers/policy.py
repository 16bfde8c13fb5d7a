"""Who may register a provider, look at one, and change it. Pure."""

from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import buyer_ids, lead_ids, platform_ids, provider_ids
from app.organisations.rules import Role

EDITORS: Final = (Role.OWNER, Role.DOCUMENTS)


def registrars(actor: Actor) -> bool:
    """Anybody signed in: accounts signs in only people whose e-mail address is confirmed."""
    return actor.person_id is not None


def viewers(actor: Actor) -> bool:
    return bool(provider_ids(actor)) or sees_every_provider(actor)


def members(actor: Actor) -> bool:
    """People of a provider; what their role lets them change is asked where the row is found."""
    return bool(provider_ids(actor))


def administrators(actor: Actor) -> bool:
    """The service's own staff, who look after suggested duplicates."""
    return bool(platform_ids(actor, Role.ADMINISTRATOR))


def closers(actor: Actor) -> bool:
    """Owners close their own provider, and administrators one whose owners are gone; whose it is, is the query's business."""
    return members(actor) or administrators(actor)


def sees_every_provider(actor: Actor) -> bool:
    """Agencies and those who lead frameworks look at any provider's profile; other providers do not."""
    return bool(buyer_ids(actor) or lead_ids(actor))


def may_restrict(actor: Actor, provider_id: UUID) -> bool:
    """Whether this person may come to ask for it; that they lead a framework it belongs to is the memberships' business."""
    return bool(lead_ids(actor, Role.FRAMEWORK_LEAD)) and not belongs(actor, provider_id)


def belongs(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor)


def may_edit(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, *EDITORS)


def may_pause(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, Role.OWNER)
