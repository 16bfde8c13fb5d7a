"""Who may come through the doors of questions. Pure."""

from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import buyer_ids, lead_ids, provider_ids
from app.organisations.rules import Role

ASKERS = (Role.OWNER, Role.BIDS)


def asking_for(actor: Actor) -> dict[UUID, str]:
    """The providers, by name, for which this person may ask."""
    may = provider_ids(actor, *ASKERS)
    return {seat.organisation_id: seat.organisation_name for seat in actor.seats if seat.organisation_id in may}


def answers_brief_of(actor: Actor, raa_id: UUID) -> bool:
    return raa_id in buyer_ids(actor, Role.COMMISSIONER)


def answers_round_of(actor: Actor, lead_id: UUID) -> bool:
    return lead_id in lead_ids(actor, Role.FRAMEWORK_LEAD)
