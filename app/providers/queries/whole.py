"""One provider: its own row for a change, its page, and the facts an application keeps."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers import policy, rules
from app.providers.models import Provider
from app.providers.queries.offers import Group, _keep, area_groups, chosen_areas, chosen_therapies, therapy_groups
from app.providers.queries.people import PractitionerView, practitioners
from app.providers.queries.services import offered
from app.providers.queries.sites import SiteView, sites


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider as its page shows it."""

    id: UUID
    kind: rules.ProviderKind
    facts: rules.Facts
    state: rules.State
    registered_at: datetime
    paused_until: date | None
    unfinished: tuple[str, ...]
    tasks: tuple[rules.Task, ...]
    warnings: dict[str, str | None]
    record_confirmed_on: date | None
    record_stale: bool
    therapies: tuple[Group, ...]
    areas: tuple[Group, ...]
    practitioners: tuple[PractitionerView, ...]
    sites: tuple[SiteView, ...]
    timeline: tuple[tuple[datetime, str], ...]
    services: tuple[tuple[str, str], ...] = ()


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
    today = london_day(clock.now(session))
    counts = {"therapies": len(therapies), "areas": len(areas), "practitioners": len(people)}
    lacking = rules.unfinished(summary=provider.summary, **counts)
    facts = _facts(provider, name)
    return Profile(
        id=provider_id,
        kind=rules.ProviderKind(provider.kind),
        facts=facts,
        state=rules.state(
            paused=rules.is_paused(provider.paused_at, provider.paused_until, today),
            archived=provider.archived_at is not None,
            complete=not lacking,
        ),
        registered_at=provider.registered_at,
        paused_until=provider.paused_until,
        unfinished=lacking,
        tasks=rules.tasks(summary=provider.summary, numbers_told=provider.numbers_told_at is not None, **counts),
        warnings={
            field: rules.identifier_warning(field, getattr(facts, field))
            for field in (*rules.IDENTIFIERS, "share_code")
        },
        record_confirmed_on=provider.record_confirmed_on,
        record_stale=rules.record_stale(provider.record_confirmed_on, today),
        therapies=_keep(therapy_groups(session), therapies),
        areas=_keep(area_groups(session), areas),
        practitioners=people,
        sites=sites(session, provider_id),
        timeline=tuple((e.at, audit.sentence(e)) for e in audit.timeline(session, provider_id)) if own else (),
        services=offered(session, provider_id).told(),
    )


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
        "ppon": facts.ppon,
        "ofsted_urn": facts.ofsted_urn,
        "ico_number": facts.ico_number,
        "share_code": facts.share_code,
        "record_confirmed_on": provider.record_confirmed_on.isoformat() if provider.record_confirmed_on else None,
        "therapies": sorted(choice.label for group in therapies for choice in group.choices),
        "areas": sorted(choice.label for group in areas for choice in group.choices),
        "practitioners": [
            {"name": p.name, "profession": p.profession, "body": p.body, "number": p.registration_number}
            for p in practitioners(session, provider_id)
        ],
        "sites": [
            {"name": s.facts.name, "postcode": s.facts.postcode, "step_free": s.facts.step_free.value}
            for s in sites(session, provider_id)
        ],
    }


def _facts(provider: Provider, name: str) -> rules.Facts:
    return rules.Facts(
        name=name,
        summary=provider.summary,
        telephone=provider.telephone,
        website=provider.website,
        **{field: getattr(provider, field) for field in (*rules.IDENTIFIERS, "share_code")},
    )
