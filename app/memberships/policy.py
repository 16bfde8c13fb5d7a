"""Who may come through the doors of memberships. Pure."""

from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import buyer_ids, lead_ids, provider_ids
from app.organisations.rules import Role


def providers(actor: Actor) -> bool:
    """People of providers."""
    return bool(provider_ids(actor))


def signs_for(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, Role.OWNER)


def overseers(actor: Actor) -> bool:
    """People of leads and agencies: which frameworks they may look into is the query's business."""
    return bool(lead_ids(actor) | buyer_ids(actor))
