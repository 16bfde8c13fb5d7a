"""Who may come through the doors of frameworks that are not for everybody. Pure."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import buyer_ids, lead_ids, provider_ids
from app.organisations.rules import Role

SIGNERS: Final = (Role.OWNER, Role.APPROVER, Role.FRAMEWORK_LEAD)
"""Who may accede for an agency or authority of its own."""


def framework_leads(actor: Actor) -> bool:
    """People who lead frameworks somewhere."""
    return bool(lead_ids(actor, Role.FRAMEWORK_LEAD))


def leads(actor: Actor, lead_id: UUID) -> bool:
    """Whether this person is a framework lead in that organisation."""
    return lead_id in lead_ids(actor, Role.FRAMEWORK_LEAD)


def buyers(actor: Actor) -> bool:
    """People of agencies and authorities, which may call off."""
    return bool(buyer_ids(actor))


def signers(actor: Actor) -> bool:
    """Those who may accede for an agency or authority of their own."""
    return bool(buyer_ids(actor, *SIGNERS))


def oversees(actor: Actor, lead_id: UUID, call_off: Collection[UUID]) -> bool:
    """Whether this person works for the framework's lead or for an agency on its call-off list."""
    return lead_id in lead_ids(actor) or bool(buyer_ids(actor) & set(call_off))


def applying_for(actor: Actor) -> Collection[tuple[UUID, str]]:
    """The providers, with their names, for which this person may start an application."""
    may = provider_ids(actor, Role.OWNER, Role.BIDS)
    return sorted({(s.organisation_id, s.organisation_name) for s in actor.seats if s.organisation_id in may})


def leading(actor: Actor) -> Collection[tuple[UUID, str]]:
    """The organisations, with their names, for which this person leads frameworks."""
    may = lead_ids(actor, Role.FRAMEWORK_LEAD)
    return sorted(
        {(s.organisation_id, s.organisation_name) for s in actor.seats if s.organisation_id in may},
        key=lambda one: one[1],
    )
