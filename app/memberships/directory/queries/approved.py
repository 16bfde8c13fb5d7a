"""Who is approved for what, near where: a page of providers by name, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, literal, union_all
from sqlalchemy import select as columns
from sqlmodel import Session, and_, col, or_, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.memberships.capacity.queries import Said, stated_by
from app.memberships.directory.queries.choices import Choices, choices
from app.memberships.directory.rules import Sought
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.memberships.queries.standing import Member, standings
from app.organisations.models import Organisation
from app.organisations.queries import later_by_name
from app.organisations.rules import OrganisationKind
from app.providers.models import ProviderArea, ProviderOffer, ProviderReach, ProviderTherapy
from app.providers.rules import CHOICES, Aspect, area
from app.providers.rules.coverage import Coverage, Reach, coverage

PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One membership that answers, as it stands today, and what was said of its capacity: for the therapy looked for, if one."""

    member: Member
    capacity: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """A provider with its memberships that answer, how it works, and whether it covers the place, if one was named."""

    provider_id: UUID
    name: str
    entries: tuple[Entry, ...]
    modes: tuple[str, ...]
    coverage: Coverage | None

    @property
    def usable(self) -> bool:
        return any(not entry.member.reasons for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Directory:
    """A page of those approved, by name. `last` is whom the next page begins after, if there is one."""

    choices: Choices
    approved: tuple[Approved, ...]
    last: UUID | None

    @property
    def usable(self) -> int:
        """How many on this page can be used today for something that was looked for."""
        return sum(one.usable for one in self.approved)


@dataclass(slots=True)
class _Works:
    """How and where a provider says that it works."""

    modes: set[str] = field(default_factory=set)
    districts: set[str] = field(default_factory=set)
    authorities: set[str] = field(default_factory=set)
    travels_from: str = ""
    miles: int | None = None

    def reach(self, *, online_will_do: bool) -> Reach:
        online = online_will_do and "online" in self.modes
        return Reach(self.districts, self.authorities, self.travels_from, self.miles, online)


def directory(
    session: Session,
    actor: Actor,
    sought: Sought,
    *,
    agency_id: UUID | None = None,
    after: UUID | None = None,
    most: int = PAGE,
) -> Directory:
    """Members of the frameworks from which the reader's agency may call off today, and of those the reader leads.

    Evidence counts as the agency's policies of reliance have it. `after` is the last provider of the page before. Raises
    `NotFound` for an agency or a framework that is not the reader's to look into.
    """
    now = clock.now(session)
    found = choices(session, actor, london_day(now), agency_id)
    if sought.framework_id and sought.framework_id not in {one.id for one in found.frameworks}:
        raise NotFound
    lots, regions = found.answering(sought)
    here = and_(col(Membership.lot_id).in_(lots), col(Membership.region_id).in_(regions), live(london_day(now)))
    rows = [tuple(row) for row in session.execute(_page_of(here, sought, after, most + 1))]
    names: dict[UUID, str] = dict(rows[:most])
    authority = found.authorities.get(sought.authority_id, "") if sought.authority_id else ""
    return Directory(
        found,
        tuple(_approved(session, names, here, sought, authority, found, now)),
        rows[most - 1][0] if len(rows) > most else None,
    )


def _page_of(here: ColumnElement[bool], sought: Sought, after: UUID | None, most: int) -> Any:
    """Providers by name that have such a membership and say what is looked for: walked along the index of names."""
    provider_id, name = col(Organisation.id), col(Organisation.name)
    member = select(Membership.id).where(col(Membership.provider_id) == provider_id, here).exists()
    wanted = select(provider_id, name).where(Organisation.kind == OrganisationKind.PROVIDER, member, *_says(sought))
    if after:
        wanted = wanted.where(later_by_name(after))
    return wanted.order_by(name, provider_id).limit(most)


def _says(sought: Sought) -> Iterator[ColumnElement[bool]]:
    if sought.therapy:
        yield (
            select(ProviderTherapy.provider_id)
            .where(ProviderTherapy.provider_id == Organisation.id, ProviderTherapy.therapy_slug == sought.therapy)
            .exists()
        )
    if sought.mode:
        yield _offers(Aspect.MODE, sought.mode)
    if sought.district:
        travels = (
            select(ProviderReach.provider_id)
            .where(
                ProviderReach.provider_id == Organisation.id,
                col(ProviderReach.travels_from).regexp_match(f"^{area(sought.district)}([0-9]|$)"),
            )
            .exists()
        )
        near = [_offers(Aspect.DISTRICT, sought.district, area(sought.district)), travels]
        yield or_(*near, *([_offers(Aspect.MODE, "online")] if sought.online_will_do else []))


def _offers(aspect: Aspect, *values: str) -> ColumnElement[bool]:
    return (
        select(ProviderOffer.provider_id)
        .where(
            ProviderOffer.provider_id == Organisation.id,
            ProviderOffer.aspect == aspect,
            col(ProviderOffer.value).in_(values),
        )
        .exists()
    )


def _approved(
    session: Session,
    names: dict[UUID, str],
    here: ColumnElement[bool],
    sought: Sought,
    authority: str,
    found: Choices,
    now: datetime,
) -> Iterator[Approved]:
    theirs = standings(session, and_(col(Membership.provider_id).in_(names), here), now, agency_id=found.agency_id)
    only = found.names.get(sought.therapy)
    said = stated_by(session, [member.membership_id for member in theirs], now, found.names)
    works = _works(session, names)
    entries: dict[UUID, list[Entry]] = defaultdict(list)
    for member in theirs:
        wanted = (one for one in said.get(member.membership_id, ()) if only in (None, one.therapy))
        entries[member.provider_id].append(Entry(member, tuple(wanted)))
    for provider_id, name in names.items():
        work = works[provider_id]
        reach = work.reach(online_will_do=sought.online_will_do)
        yield Approved(
            provider_id,
            name,
            tuple(entries[provider_id]),
            tuple(words for mode, words in CHOICES[Aspect.MODE].items() if mode in work.modes),
            coverage(reach, district=sought.district, authority=authority) if sought.district or authority else None,
        )


def _works(session: Session, provider_ids: Collection[UUID]) -> dict[UUID, _Works]:
    """One query."""
    nothing, nought = literal(""), literal(0)
    offers = columns(col(ProviderOffer.provider_id), col(ProviderOffer.aspect), col(ProviderOffer.value), nought).where(
        col(ProviderOffer.provider_id).in_(provider_ids),
        col(ProviderOffer.aspect).in_((Aspect.MODE, Aspect.DISTRICT)),
    )
    reaches = columns(
        col(ProviderReach.provider_id), nothing, col(ProviderReach.travels_from), col(ProviderReach.miles)
    ).where(col(ProviderReach.provider_id).in_(provider_ids))
    areas = (
        columns(col(ProviderArea.provider_id), literal("authority"), col(Organisation.name), nought)
        .join(Organisation, col(Organisation.id) == ProviderArea.authority_id)
        .where(col(ProviderArea.provider_id).in_(provider_ids))
    )
    found: dict[UUID, _Works] = defaultdict(_Works)
    for provider_id, aspect, value, miles in session.execute(union_all(offers, reaches, areas)):
        work = found[provider_id]
        if miles:
            work.travels_from, work.miles = value, miles
        else:
            {"mode": work.modes, "district": work.districts, "authority": work.authorities}[aspect].add(value)
    return found
