"""Who may keep evidence, look at it, and check it. Pure."""

from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import buyer_ids, provider_ids
from app.organisations.rules import OrganisationKind, Role

KEEPERS: Final = (Role.OWNER, Role.DOCUMENTS)


def members(actor: Actor) -> bool:
    return bool(provider_ids(actor))


def checker_seats(actor: Actor) -> frozenset[UUID]:
    """The organisations for which this person checks evidence: never a provider."""
    return frozenset(
        seat.organisation_id
        for seat in actor.seats
        if seat.role == Role.CHECKER and seat.kind != OrganisationKind.PROVIDER
    )


def checkers(actor: Actor) -> bool:
    return bool(checker_seats(actor))


def checks_for_agency(actor: Actor) -> bool:
    """Whether some of those organisations is an agency, which may want checks of its own."""
    return bool(buyer_ids(actor, Role.CHECKER))


def reasons_readers(actor: Actor) -> bool:
    """Checkers, and those who lead frameworks: counts of why evidence comes back, and nobody's evidence."""
    return checkers(actor) or any(seat.role == Role.FRAMEWORK_LEAD for seat in actor.seats)


def readers(actor: Actor) -> bool:
    """Those who may open some document: which ones is asked where the row is found."""
    return members(actor) or checkers(actor)


def may_keep(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, *KEEPERS)


def overseers_of_retention(actor: Actor) -> bool:
    """People of the platform: what is kept how long is for them to see."""
    return any(seat.kind == OrganisationKind.PLATFORM for seat in actor.seats)


def administers(actor: Actor) -> bool:
    return any(seat.kind == OrganisationKind.PLATFORM and seat.role == Role.ADMINISTRATOR for seat in actor.seats)
