"""Who may come through the doors of briefs. Pure."""

from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import buyer_ids, provider_ids
from app.organisations.rules import Role

CANCELLERS = (Role.COMMISSIONER, Role.APPROVER, Role.CHAIR)
REFERRAL_READERS = (Role.COMMISSIONER, Role.APPROVER)


def buyers(actor: Actor) -> bool:
    """People of an agency, whatever their role there."""
    return bool(buyer_ids(actor))


def commissioners(actor: Actor) -> bool:
    return bool(buyer_ids(actor, Role.COMMISSIONER))


def approvers(actor: Actor) -> bool:
    return bool(buyer_ids(actor, Role.APPROVER))


def cancellers(actor: Actor) -> bool:
    return bool(buyer_ids(actor, *CANCELLERS))


def menders(actor: Actor) -> bool:
    """Who has a part in changing a brief that is published."""
    return bool(buyer_ids(actor, Role.COMMISSIONER, Role.APPROVER))


def referral_readers(actor: Actor) -> bool:
    """Those who handle full referrals: nobody who assesses bids does."""
    return bool(buyer_ids(actor, *REFERRAL_READERS))


def members(actor: Actor) -> bool:
    """People of a provider, whatever their role there."""
    return bool(provider_ids(actor))


def sits_there(actor: Actor, raa_id: UUID, *roles: Role) -> bool:
    """Whether this person holds one of these roles in that agency."""
    return raa_id in buyer_ids(actor, *roles)
