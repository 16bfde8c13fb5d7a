"""The facts that an application or a bid keeps of a provider, in one statement."""

from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.core.refusals import NotFound
from app.core.rows import packed, unpacked
from app.organisations.models import Organisation
from app.providers import rules
from app.providers.models import (
    Practitioner,
    ProfessionalBody,
    ProfessionalRegistration,
    Provider,
    ProviderArea,
    ProviderTherapy,
    Site,
    Therapy,
)

_FACTS: Final = ("summary", "telephone", "website", *rules.IDENTIFIERS, "share_code")


def snapshot(session: Session, provider_id: UUID) -> dict[str, Any]:
    """Ready for JSON and the same each time. Raises `NotFound`."""
    found = session.execute(_SNAPSHOT.where(col(Provider.id) == provider_id)).first()
    if found is None:
        raise NotFound
    provider, name, therapies, areas, people, sites = found
    confirmed_on = provider.record_confirmed_on
    return {
        "kind": provider.kind,
        "name": name,
        **{field: getattr(provider, field) for field in _FACTS},
        "record_confirmed_on": confirmed_on.isoformat() if confirmed_on else None,
        "therapies": sorted(name for (name,) in unpacked(therapies)),
        "areas": sorted(name for (name,) in unpacked(areas)),
        "practitioners": _people(people),
        "sites": [
            {"name": name, "postcode": postcode, "step_free": step_free}
            for name, _, postcode, step_free in sorted(unpacked(sites))
        ],
    }


def _people(text: str | None) -> list[dict[str, str]]:
    """By name, each with the first of their registrations."""
    each = groupby(sorted(unpacked(text)), key=lambda row: row[:3])
    first = (next(rows) for _, rows in each)
    return [
        {"name": name, "profession": profession, "body": body, "number": number}
        for name, _, profession, _, body, number in first
    ]


_AREA: Final = aliased(Organisation)
_THERAPIES: Final = (
    packed(Therapy.name)
    .join(ProviderTherapy, col(ProviderTherapy.therapy_slug) == Therapy.slug)
    .where(col(ProviderTherapy.provider_id) == Provider.id)
)
_AREAS: Final = (
    packed(_AREA.name)
    .join(ProviderArea, col(ProviderArea.authority_id) == _AREA.id)
    .where(col(ProviderArea.provider_id) == Provider.id)
)
_PEOPLE: Final = (
    packed(
        Practitioner.full_name,
        Practitioner.id,
        Practitioner.profession,
        ProfessionalRegistration.id,
        ProfessionalBody.name,
        ProfessionalRegistration.number,
    )
    .select_from(Practitioner)
    .outerjoin(ProfessionalRegistration, col(ProfessionalRegistration.practitioner_id) == Practitioner.id)
    .outerjoin(ProfessionalBody, col(ProfessionalBody.slug) == ProfessionalRegistration.body_slug)
    .where(col(Practitioner.provider_id) == Provider.id, col(Practitioner.left_at).is_(None))
)
_SITES: Final = packed(Site.name, Site.id, Site.postcode, Site.step_free).where(
    col(Site.provider_id) == Provider.id, col(Site.closed_at).is_(None)
)
_SNAPSHOT: Final[Any] = (
    select(Provider, Organisation.name)
    .join(Organisation, col(Organisation.id) == Provider.id)
    .add_columns(*(of.correlate(Provider).scalar_subquery() for of in (_THERAPIES, _AREAS, _PEOPLE, _SITES)))
)
