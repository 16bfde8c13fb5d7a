"""Which seats a person holds, by kind of organisation. Pure."""

from collections.abc import Collection
from uuid import UUID

from app.core.actor import Actor
from app.organisations.rules import OrganisationKind, Role


def provider_ids(actor: Actor, *roles: Role) -> frozenset[UUID]:
    """The providers in which this person holds one of these roles; with none named, any."""
    return _ids(actor, (OrganisationKind.PROVIDER,), roles)


def buyer_ids(actor: Actor, *roles: Role) -> frozenset[UUID]:
    """The agencies in which this person holds one of these roles; with none named, any."""
    return _ids(actor, (OrganisationKind.RAA,), roles)


def lead_ids(actor: Actor, *roles: Role) -> frozenset[UUID]:
    """The organisations that lead frameworks or check evidence in which this person holds one of these roles."""
    return _ids(actor, (OrganisationKind.LEAD, OrganisationKind.RAA, OrganisationKind.AUTHORITY), roles)


def _ids(actor: Actor, kinds: Collection[str], roles: tuple[Role, ...]) -> frozenset[UUID]:
    return frozenset(
        seat.organisation_id for seat in actor.seats if seat.kind in kinds and (not roles or seat.role in roles)
    )
