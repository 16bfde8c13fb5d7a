"""Who may come through the doors of bids. Pure."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import provider_ids
from app.organisations.rules import Role

BIDDERS: Final = (Role.OWNER, Role.BIDS)


def bidders(actor: Actor) -> bool:
    """Owners and bid writers of a provider."""
    return bool(bidding_for(actor))


def bidding_for(actor: Actor) -> Collection[UUID]:
    """The providers for which this person may bid."""
    return provider_ids(actor, *BIDDERS)


def owners(actor: Actor) -> bool:
    """Owners of a provider: a partnership binds it."""
    return bool(provider_ids(actor, Role.OWNER))
