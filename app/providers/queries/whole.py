"""One provider: its own row for a change, and its page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, Refusal
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers import policy, rules
from app.providers.models import Provider, ProviderRestriction
from app.providers.queries.life import in_force
from app.providers.queries.offers import Group, _keep, area_groups, chosen_columns, chosen_in, therapy_groups
from app.providers.queries.people import PractitionerView, practitioners
from app.providers.queries.services import offered
from app.providers.queries.sites import SiteView, sites

LATEST: Final = 8
A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider as its page shows it. The latest that happened is in `timeline`; `earlier` says that there is more."""

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
    earlier: bool
    services: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A page of what happened, the newest first."""

    name: str
    lines: tuple[tuple[datetime, str], ...]
    pages: int


def history(session: Session, actor: Actor, provider_id: UUID, number: int) -> History:
    """One page of what happened to the actor's own provider. Raises `NotFound` to others, and beyond the last."""
    _, organisation = own_provider(session, actor, provider_id)
    pages = max(1, -(-audit.count(session, provider_id) // A_PAGE))
    if not 1 <= number <= pages:
        raise NotFound
    found = audit.newest(session, provider_id, most=A_PAGE, skip=A_PAGE * (number - 1))
    return History(organisation.name, tuple((e.at, audit.sentence(e)) for e in found), pages)


def let_in(actor: Actor, provider_id: UUID, *roles: Role) -> None:
    """Raises `NotFound` to outsiders of a provider, `NotAllowed` to members whose role does not reach."""
    if provider_id not in provider_ids(actor):
        raise NotFound
    if roles and provider_id not in provider_ids(actor, *roles):
        raise NotAllowed


@dataclass(frozen=True, slots=True)
class SupplierRecord:
    """A provider's record on the central digital platform, as it told us; `refusal` says why an award cannot go by it."""

    ppon: str
    share_code: str
    confirmed_on: date | None
    refusal: Refusal | None


def own_provider(
    session: Session, actor: Actor, provider_id: UUID, *roles: Role, lock: bool = False
) -> tuple[Provider, Organisation]:
    """The actor's own provider. Raises `NotFound` to outsiders, `NotAllowed` to members whose role does not reach."""
    let_in(actor, provider_id, *roles)
    return provider_row(session, provider_id, lock=lock)


def provider_row(session: Session, provider_id: UUID, *, lock: bool = False) -> tuple[Provider, Organisation]:
    """Whosever it is: who may ask has been asked already. Raises `NotFound`."""
    wanted = (
        select(Provider, Organisation)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(Provider.id == provider_id)
    )
    found = session.exec(wanted.with_for_update(of=Provider) if lock else wanted).first()
    if found is None:
        raise NotFound
    return found


def supplier_record(session: Session, provider_id: UUID, on: date) -> SupplierRecord:
    """What an authority goes by on a London day, before an award."""
    row = session.get_one(Provider, provider_id)
    against = rules.why_not_confirmed(row.share_code, row.record_confirmed_on, on)
    fix = (f"/providers/{provider_id}/numbers", "Look at the record and confirm it")
    refusal = Refusal("record_not_confirmed", against, fix) if against else None
    return SupplierRecord(row.ppon or "", row.share_code or "", row.record_confirmed_on, refusal)


def record_not_confirmed(on: date) -> ColumnElement[bool]:
    """The same of the provider in a row on that day, without its words, as a column of a query."""
    confirmed_on = col(Provider.record_confirmed_on)
    return or_(
        func.coalesce(Provider.share_code, "") == "", confirmed_on.is_(None), confirmed_on < on - rules.RECORD_FRESH
    )


def profile(session: Session, actor: Actor, provider_id: UUID) -> Profile:
    """Whole, to its own people and to buyers; its history to its own people. Raises `NotFound`."""
    own = provider_id in provider_ids(actor)
    if not own and not policy.sees_every_provider(actor):
        raise NotFound
    now = clock.now(session)
    found = session.execute(
        sa_select(Provider, col(Organisation.name), col(ProviderRestriction.id))
        .add_columns(*chosen_columns(provider_id))
        .join(Organisation, col(Organisation.id) == Provider.id)
        .outerjoin(ProviderRestriction, (col(ProviderRestriction.provider_id) == Provider.id) & in_force(now))
        .where(col(Provider.id) == provider_id)
    ).first()
    if found is None:
        raise NotFound
    provider, name, restriction, *chosen = found
    therapies, areas = chosen_in(*chosen)
    people = practitioners(session, provider_id)
    today = london_day(now)
    told = sum(bool(person.profession) for person in people)
    counts = {"therapies": len(therapies), "areas": len(areas), "practitioners": told}
    lacking = rules.unfinished(summary=provider.summary, **counts)
    facts = _facts(provider, name)
    newest = audit.newest(session, provider_id, most=LATEST + 1) if own else []
    numbers = (*rules.IDENTIFIERS, rules.SHARE_CODE.field)
    warnings = {field: rules.identifier_warning(field, getattr(facts, field)) for field in numbers}
    return Profile(
        id=provider_id,
        kind=rules.ProviderKind(provider.kind),
        facts=facts,
        state=rules.state(
            paused=rules.is_paused(provider.paused_at, provider.paused_until, today),
            restricted=restriction is not None,
            archived=provider.archived_at is not None,
            complete=not lacking,
        ),
        registered_at=provider.registered_at,
        paused_until=provider.paused_until,
        unfinished=lacking,
        tasks=rules.tasks(
            kind=rules.ProviderKind(provider.kind),
            summary=provider.summary,
            numbers_told=provider.numbers_told_at is not None,
            odd_numbers=[rules.short_label(field) for field, odd in warnings.items() if odd],
            **counts,
        ),
        warnings=warnings,
        record_confirmed_on=provider.record_confirmed_on,
        record_stale=rules.record_stale(provider.record_confirmed_on, today),
        therapies=_keep(therapy_groups(session), therapies),
        areas=_keep(area_groups(session), areas),
        practitioners=people,
        sites=sites(session, provider_id),
        timeline=tuple((e.at, audit.sentence(e)) for e in reversed(newest[:LATEST])),
        earlier=len(newest) > LATEST,
        services=offered(session, provider_id).told(),
    )


def _facts(provider: Provider, name: str) -> rules.Facts:
    return rules.Facts(
        name=name,
        summary=provider.summary,
        telephone=provider.telephone,
        website=provider.website,
        **{field: getattr(provider, field) for field in (*rules.IDENTIFIERS, "share_code")},
    )
