"""Looking at providers: profiles, what may be chosen, and the facts an application keeps."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit
from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound
from app.organisations.models import Organisation, PanRegion, RaaAuthority, RaaPanRegion
from app.organisations.policy import provider_ids
from app.organisations.rules import OrganisationKind, Role
from app.providers import policy, rules
from app.providers.models import Practitioner, ProfessionalBody, Provider, ProviderArea, ProviderTherapy, Therapy


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tick: its id and what it is called."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Choices under one heading."""

    heading: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class PractitionerView:
    id: UUID
    name: str
    profession: str
    body: str
    registration_number: str
    warning: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider as its page shows it."""

    id: UUID
    kind: rules.ProviderKind
    facts: rules.Facts
    state: rules.State
    registered_at: datetime
    unfinished: tuple[str, ...]
    company_warning: str | None
    charity_warning: str | None
    therapies: tuple[Group, ...]
    areas: tuple[Group, ...]
    practitioners: tuple[PractitionerView, ...]
    timeline: tuple[tuple[datetime, str], ...]


def own_provider(
    session: Session, actor: Actor, provider_id: UUID, *roles: Role, lock: bool = False
) -> tuple[Provider, Organisation]:
    """The actor's own provider. Raises `NotFound` to outsiders, `NotAllowed` to members whose role does not reach."""
    if provider_id not in provider_ids(actor):
        raise NotFound
    if roles and provider_id not in provider_ids(actor, *roles):
        raise NotAllowed
    wanted = (
        select(Provider, Organisation)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(Provider.id == provider_id)
    )
    found = session.exec(wanted.with_for_update(of=Provider) if lock else wanted).first()
    if found is None:
        raise NotFound
    return found


def profile(session: Session, actor: Actor, provider_id: UUID) -> Profile:
    """Whole, to its own people and to buyers; its history to its own people. Raises `NotFound`."""
    own = provider_id in provider_ids(actor)
    if not own and not policy.sees_every_provider(actor):
        raise NotFound
    found = session.exec(
        select(Provider, Organisation.name)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(Provider.id == provider_id)
    ).first()
    if found is None:
        raise NotFound
    provider, name = found
    therapies, areas = chosen_therapies(session, provider_id), chosen_areas(session, provider_id)
    people = practitioners(session, provider_id)
    lacking = rules.unfinished(
        summary=provider.summary, therapies=len(therapies), areas=len(areas), practitioners=len(people)
    )
    return Profile(
        id=provider_id,
        kind=rules.ProviderKind(provider.kind),
        facts=_facts(provider, name),
        state=rules.state(paused_at=provider.paused_at, archived_at=provider.archived_at, complete=not lacking),
        registered_at=provider.registered_at,
        unfinished=lacking,
        company_warning=rules.company_warning(provider.company_number),
        charity_warning=rules.charity_warning(provider.charity_number),
        therapies=_keep(therapy_groups(session), therapies),
        areas=_keep(area_groups(session), areas),
        practitioners=people,
        timeline=tuple((e.at, audit.sentence(e)) for e in audit.timeline(session, provider_id)) if own else (),
    )


def practitioners(session: Session, provider_id: UUID) -> tuple[PractitionerView, ...]:
    """Those who are with the provider now, by name."""
    rows = session.exec(
        select(Practitioner, ProfessionalBody)
        .outerjoin(ProfessionalBody, col(ProfessionalBody.slug) == Practitioner.body_slug)
        .where(Practitioner.provider_id == provider_id, col(Practitioner.left_at).is_(None))
        .order_by(Practitioner.full_name, col(Practitioner.id))
    )
    return tuple(_practitioner(person, body) for person, body in rows)


def bodies(session: Session) -> tuple[Choice, ...]:
    rows = session.exec(select(ProfessionalBody.slug, ProfessionalBody.name).order_by(ProfessionalBody.name))
    return tuple(Choice(slug, f"{name} ({slug})") for slug, name in rows)


def therapy_groups(session: Session) -> tuple[Group, ...]:
    """Every therapy, by family."""
    rows = session.exec(select(Therapy.family, Therapy.slug, Therapy.name).order_by(Therapy.family, Therapy.name))
    return _grouped((family.capitalize(), slug, name) for family, slug, name in rows)


def area_groups(session: Session) -> tuple[Group, ...]:
    """Every authority once, under the pan-region of the agency that serves it, or under both where it crosses a border."""
    rows = session.exec(
        select(Organisation.id, Organisation.name, PanRegion.name)
        .outerjoin(RaaAuthority, col(RaaAuthority.authority_id) == Organisation.id)
        .outerjoin(RaaPanRegion, col(RaaPanRegion.raa_id) == RaaAuthority.raa_id)
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


def snapshot(session: Session, provider_id: UUID) -> dict[str, Any]:
    """The facts an application or a bid keeps, ready for JSON and the same each time. Raises `NotFound`."""
    found = session.exec(
        select(Provider, Organisation.name)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(Provider.id == provider_id)
    ).first()
    if found is None:
        raise NotFound
    provider, name = found
    facts = _facts(provider, name)
    therapies = _keep(therapy_groups(session), chosen_therapies(session, provider_id))
    areas = _keep(area_groups(session), chosen_areas(session, provider_id))
    return {
        "kind": provider.kind,
        "name": facts.name,
        "summary": facts.summary,
        "telephone": facts.telephone,
        "website": facts.website,
        "company_number": facts.company_number,
        "charity_number": facts.charity_number,
        "therapies": sorted(choice.label for group in therapies for choice in group.choices),
        "areas": sorted(choice.label for group in areas for choice in group.choices),
        "practitioners": [
            {"name": p.name, "profession": p.profession, "body": p.body, "number": p.registration_number}
            for p in practitioners(session, provider_id)
        ],
    }


def _facts(provider: Provider, name: str) -> rules.Facts:
    return rules.Facts(
        name=name,
        summary=provider.summary,
        telephone=provider.telephone,
        website=provider.website,
        company_number=provider.company_number,
        charity_number=provider.charity_number,
    )


def _practitioner(row: Practitioner, body: ProfessionalBody | None) -> PractitionerView:
    return PractitionerView(
        id=row.id,
        name=row.full_name,
        profession=row.profession,
        body=body.name if body else "",
        registration_number=row.registration_number,
        warning=rules.registration_warning(body.number_pattern, row.registration_number, body.slug) if body else None,
    )


def _grouped(rows: Iterable[tuple[str, str, str]]) -> tuple[Group, ...]:
    """(heading, value, label) rows in order of their headings."""
    return tuple(
        Group(heading, tuple(Choice(value, label) for _, value, label in members))
        for heading, members in groupby(rows, key=lambda row: row[0])
    )


def _keep(groups: tuple[Group, ...], chosen: frozenset[str]) -> tuple[Group, ...]:
    kept = (Group(g.heading, tuple(c for c in g.choices if c.value in chosen)) for g in groups)
    return tuple(group for group in kept if group.choices)
