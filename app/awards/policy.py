"""Who may come to which door of this room. Pure."""

from app.applications.scoring import policy as applications
from app.core.actor import Actor
from app.organisations.policy import buyer_ids, provider_ids
from app.organisations.rules import Role

CHAIRS = (Role.CHAIR,)
OPENERS = (Role.CHAIR, Role.COMMISSIONER, Role.APPROVER)
ASSESSORS = (Role.ASSESSOR, Role.CHAIR)
VIEWERS = (Role.CHAIR, Role.COMMISSIONER, Role.APPROVER, Role.ASSESSOR)
PROPOSERS = (Role.CHAIR, Role.COMMISSIONER)
APPROVERS = (Role.APPROVER,)
READERS = (Role.OWNER, Role.BIDS, Role.CONTRACTS)
SIGNERS = (Role.OWNER,)
RECEIVERS = (Role.OWNER, Role.CONTRACTS)
"""Who in the winner receives a family's referral: those who run the work, not those who write bids."""


def chairs(actor: Actor) -> bool:
    return bool(buyer_ids(actor, *CHAIRS))


def openers(actor: Actor) -> bool:
    return bool(buyer_ids(actor, *OPENERS))


def assessors(actor: Actor) -> bool:
    """People who score: bids, or applications to join a framework."""
    return bool(buyer_ids(actor, *ASSESSORS)) or applications.assessors(actor)


def viewers(actor: Actor) -> bool:
    return bool(buyer_ids(actor, *VIEWERS))


def proposers(actor: Actor) -> bool:
    return bool(buyer_ids(actor, *PROPOSERS))


def approvers(actor: Actor) -> bool:
    return bool(buyer_ids(actor, *APPROVERS))


def letter_readers(actor: Actor) -> bool:
    return bool(provider_ids(actor, *READERS))


def signers(actor: Actor) -> bool:
    return bool(provider_ids(actor, *SIGNERS))


def receivers(actor: Actor) -> bool:
    return bool(provider_ids(actor, *RECEIVERS))
