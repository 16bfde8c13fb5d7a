"""Which seats a person holds, by kind of organisation, and whose people they may manage. Pure."""

from collections.abc import Collection
from uuid import UUID

from app.core.actor import Actor
from app.organisations.rules import MANAGERS, OrganisationKind, Role


def provider_ids(actor: Actor, *roles: Role) -> frozenset[UUID]:
    """The providers in which this person holds one of these roles; with none named, any."""
    return _ids(actor, (OrganisationKind.PROVIDER,), roles)


def buyer_ids(actor: Actor, *roles: Role) -> frozenset[UUID]:
    """The agencies and authorities, which may buy, in which this person holds one of these roles; with none named, any."""
    return _ids(actor, (OrganisationKind.RAA, OrganisationKind.AUTHORITY), roles)


def lead_ids(actor: Actor, *roles: Role) -> frozenset[UUID]:
    """The organisations that lead frameworks or check evidence in which this person holds one of these roles."""
    return _ids(actor, (OrganisationKind.LEAD, OrganisationKind.RAA, OrganisationKind.AUTHORITY), roles)


def platform_ids(actor: Actor, *roles: Role) -> frozenset[UUID]:
    """The service's own organisations in which this person holds one of these roles; with none named, any."""
    return _ids(actor, (OrganisationKind.PLATFORM,), roles)


def administers(actor: Actor) -> bool:
    """The service's own administrators, who keep the directory of agencies."""
    return bool(platform_ids(actor, Role.ADMINISTRATOR))


def belongs(actor: Actor, organisation_id: UUID) -> bool:
    return organisation_id in actor.where()


def manages(actor: Actor, organisation_id: UUID) -> bool:
    """Whether this person may invite people there and end their roles."""
    return organisation_id in actor.where(*MANAGERS)


def _ids(actor: Actor, kinds: Collection[str], roles: tuple[Role, ...]) -> frozenset[UUID]:
    return frozenset(
        seat.organisation_id for seat in actor.seats if seat.kind in kinds and (not roles or seat.role in roles)
    )
