"""The therapies and areas to choose from, and those chosen."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import clock
from app.core.london import london_day
from app.core.rows import packed, unpacked
from app.organisations.directory.queries import standing
from app.organisations.models import Organisation, PanRegion, RaaAuthority, RaaPanRegion
from app.organisations.rules import OrganisationKind
from app.providers.models import ProviderArea, ProviderTherapy, Therapy


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tick: its id and what it is called."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Choices under one heading. `whole` says that every one there is has been chosen."""

    heading: str
    choices: tuple[Choice, ...]
    whole: bool = False


def therapy_groups(session: Session) -> tuple[Group, ...]:
    """Every therapy, by family."""
    rows = session.exec(select(Therapy.family, Therapy.slug, Therapy.name).order_by(Therapy.family, Therapy.name))
    return _grouped((family.capitalize(), slug, name) for family, slug, name in rows)


def area_groups(session: Session) -> tuple[Group, ...]:
    """Every authority once, under the pan-region of the agency that serves it today, or both where it crosses a border."""
    today = london_day(clock.now(session))
    rows = session.exec(
        select(Organisation.id, Organisation.name, PanRegion.name)
        .outerjoin(RaaAuthority, (col(RaaAuthority.authority_id) == Organisation.id) & standing(RaaAuthority, today))
        .outerjoin(RaaPanRegion, (col(RaaPanRegion.raa_id) == RaaAuthority.raa_id) & standing(RaaPanRegion, today))
        .outerjoin(PanRegion, col(PanRegion.id) == RaaPanRegion.pan_region_id)
        .where(Organisation.kind == OrganisationKind.AUTHORITY)
    )
    regions: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    for authority_id, name, region in rows:
        regions[authority_id, name] |= {region} if region else set()
    headed = [(" and ".join(sorted(found)), str(key), name) for (key, name), found in regions.items()]
    headed.sort(key=lambda row: (not row[0], row[0], row[2]))
    return _grouped((heading or "Other authorities", key, name) for heading, key, name in headed)


def chosen_therapies(session: Session, provider_id: UUID) -> frozenset[str]:
    rows = session.exec(select(ProviderTherapy.therapy_slug).where(ProviderTherapy.provider_id == provider_id))
    return frozenset(rows)


def chosen_areas(session: Session, provider_id: UUID) -> frozenset[str]:
    rows = session.exec(select(ProviderArea.authority_id).where(ProviderArea.provider_id == provider_id))
    return frozenset(str(authority_id) for authority_id in rows)


def chosen_columns(provider_id: UUID) -> tuple[Any, Any]:
    """Both as texts for `chosen_in`, as columns of another query."""
    therapies = packed(ProviderTherapy.therapy_slug).where(col(ProviderTherapy.provider_id) == provider_id)
    areas = packed(ProviderArea.authority_id).where(col(ProviderArea.provider_id) == provider_id)
    return therapies.scalar_subquery(), areas.scalar_subquery()


def chosen_in(therapies: str | None, areas: str | None) -> tuple[frozenset[str], frozenset[str]]:
    return (
        frozenset(slug for (slug,) in unpacked(therapies)),
        frozenset(str(UUID(id_)) for (id_,) in unpacked(areas)),
    )


def _grouped(rows: Iterable[tuple[str, str, str]]) -> tuple[Group, ...]:
    """(heading, value, label) rows in order of their headings."""
    return tuple(
        Group(heading, tuple(Choice(value, label) for _, value, label in members))
        for heading, members in groupby(rows, key=lambda row: row[0])
    )


def _keep(groups: tuple[Group, ...], chosen: frozenset[str]) -> tuple[Group, ...]:
    kept = ((g, tuple(c for c in g.choices if c.value in chosen)) for g in groups)
    return tuple(Group(g.heading, choices, choices == g.choices) for g, choices in kept if choices)
