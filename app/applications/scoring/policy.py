"""Who may come to which door of the scoring of applications. Pure."""

from app.core.actor import Actor
from app.organisations.policy import lead_ids
from app.organisations.rules import Role


def assessors(actor: Actor) -> bool:
    """People who assess, for those who lead frameworks or call off from them."""
    return bool(lead_ids(actor, Role.ASSESSOR))
