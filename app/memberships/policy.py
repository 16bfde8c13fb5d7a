"""Who may come through the doors of memberships. Pure."""

from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import buyer_ids, lead_ids, platform_ids, provider_ids
from app.organisations.rules import OrganisationKind, Role


def providers(actor: Actor) -> bool:
    """People of providers."""
    return bool(provider_ids(actor))


def signs_for(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, Role.OWNER)


def overseers(actor: Actor) -> bool:
    """People of leads and agencies: which frameworks they may look into is the query's business."""
    return bool(lead_ids(actor) | buyer_ids(actor))


RELIERS: Final = (Role.OWNER, Role.COMMISSIONER)
LOOKERS: Final = (*RELIERS, Role.CHECKER)
OPENERS: Final = (*LOOKERS, Role.APPROVER)


def buyers(actor: Actor) -> bool:
    """People of agencies."""
    return bool(buyer_ids(actor))


def reliers(actor: Actor) -> bool:
    """Those who speak for some agency on what it relies on."""
    return bool(buyer_ids(actor, *RELIERS))


def lookers(actor: Actor) -> bool:
    """Those who may add some agency's own check."""
    return bool(buyer_ids(actor, *LOOKERS))


def openers(actor: Actor) -> bool:
    """Those who may open, for some agency, a document it relies on: not who only scores."""
    return bool(buyer_ids(actor, *OPENERS))


def answers_for(actor: Actor, agency_id: UUID) -> bool:
    """Whether this person says how far the agency relies on others, and whether it is still content."""
    return agency_id in buyer_ids(actor, *RELIERS)


def looks_for(actor: Actor, agency_id: UUID) -> bool:
    """Whether this person may add the agency's own check."""
    return agency_id in buyer_ids(actor, *LOOKERS)


def audits(actor: Actor) -> bool:
    """Auditors of the platform."""
    return any(seat.kind == OrganisationKind.PLATFORM and seat.role == Role.AUDITOR for seat in actor.seats)


def lead_people(actor: Actor) -> bool:
    """People of organisations that lead frameworks."""
    return bool(lead_ids(actor))


def agreement_readers(actor: Actor) -> bool:
    """The two parties to some agreement: whose is the query's business."""
    return providers(actor) or lead_people(actor)


def rate_askers(actor: Actor) -> bool:
    """Those who speak for a provider or lead a framework: about whose prices is the query's business."""
    return bool(provider_ids(actor, Role.OWNER) or lead_ids(actor, Role.FRAMEWORK_LEAD))


ASSURERS: Final = (Role.CHECKER, Role.APPROVER)
"""Those of a framework's lead who assure quality: the second person of a suspension."""


def leads_member(actor: Actor, *, lead_id: UUID, provider_id: UUID) -> bool:
    """Whether this person decides about a member, as one of its framework's leads; never about their own provider."""
    return lead_id in lead_ids(actor, Role.FRAMEWORK_LEAD) and provider_id not in provider_ids(actor)


def assures_member(actor: Actor, *, lead_id: UUID, provider_id: UUID) -> bool:
    """Whether this person may be the second of a suspension."""
    return lead_id in lead_ids(actor, *ASSURERS) and provider_id not in provider_ids(actor)


def concern_deciders(actor: Actor) -> bool:
    """Those who decide about some member for which a concern was raised: about whom is the query's business."""
    return bool(lead_ids(actor, Role.FRAMEWORK_LEAD, *ASSURERS))


def concern_deciders_of(actor: Actor, lead_id: UUID) -> bool:
    return lead_id in lead_ids(actor, Role.FRAMEWORK_LEAD, *ASSURERS)


def concern_readers(actor: Actor) -> bool:
    return providers(actor) or concern_deciders(actor)


def restricters(actor: Actor) -> bool:
    """Those who may restrict some provider: which is the query’s business."""
    return bool(lead_ids(actor, Role.FRAMEWORK_LEAD) or platform_ids(actor, Role.ADMINISTRATOR))


def restriction_watchers(actor: Actor) -> bool:
    """Those who have a list of restrictions: to decide, to read of them, or to look over what was done."""
    return restricters(actor) or buyers(actor) or audits(actor)


def restriction_readers(actor: Actor) -> bool:
    """Those who may know of some provider whether it is restricted."""
    return providers(actor) or overseers(actor) or restriction_watchers(actor)


def pack_readers(actor: Actor) -> bool:
    """Those who may have some provider’s pack: whose is the query’s business."""
    return providers(actor) or overseers(actor) or audits(actor)
