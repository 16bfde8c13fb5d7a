"""Who may come through the doors of applications. Pure."""

from collections.abc import Collection
from uuid import UUID

from app.applications import rules
from app.core.actor import Actor
from app.core.refusals import Refusal
from app.organisations.policy import buyer_ids, lead_ids, platform_ids, provider_ids
from app.organisations.rules import Role

WRITERS = (Role.OWNER, Role.BIDS)


def providers(actor: Actor) -> bool:
    """People of providers."""
    return bool(provider_ids(actor))


def deciders(actor: Actor) -> bool:
    """People who lead frameworks."""
    return bool(lead_ids(actor, Role.FRAMEWORK_LEAD))


def submits_for(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, Role.OWNER)


def writes_for(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, *WRITERS)


def belongs_to(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor)


def why_not_own(actor: Actor, provider_id: UUID, vouched: Collection[UUID | None]) -> Refusal | None:
    """Why this person does not decide about an application of this provider, which those who `vouched` certified or submitted."""
    return rules.why_not_own(belongs=belongs_to(actor, provider_id), vouched=actor.person_id in vouched)


def oversees_some(actor: Actor) -> bool:
    """People of leads and agencies: whose frameworks is the query's business."""
    return bool(lead_ids(actor) | buyer_ids(actor))


def sees_approved(actor: Actor) -> bool:
    """Those who rely on providers, and providers, each of their own."""
    return providers(actor) or oversees_some(actor)


def oversees_all(actor: Actor) -> bool:
    """The service's own people: figures of every framework, and nobody's application."""
    return bool(platform_ids(actor))


def sees_burden(actor: Actor) -> bool:
    return providers(actor) or oversees_some(actor) or oversees_all(actor)
