"""What members said of their capacity, the newest of each, for themselves and for buyers."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Lot
from app.frameworks.models import Region as FrameworkRegion
from app.memberships.capacity import rules
from app.memberships.capacity.rules import Figures
from app.memberships.models import Capacity, Membership
from app.memberships.queries.live import live
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.providers.models import ProviderTherapy, Therapy


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one therapy, and whether it has gone stale."""

    therapy: str
    figures: Figures
    as_of: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One therapy, and what was last said of it: in one region, or as a rule in a whole lot."""

    slug: str
    therapy: str
    figures: Figures | None
    said: Said | None = None

    @property
    def places(self) -> str:
        return f"places_{self.slug}"

    @property
    def weeks(self) -> str:
        return f"weeks_{self.slug}"


@dataclass(frozen=True, slots=True)
class Group:
    """One membership: its lot and region, and a line for each therapy offered that belongs to the lot."""

    membership_id: UUID
    provider_id: UUID
    provider: str
    framework: str
    lot_id: UUID
    lot: str
    region: str
    may_state: bool
    lines: tuple[Line, ...]

    @property
    def stated(self) -> tuple[Said, ...]:
        return tuple(line.said for line in self.lines if line.said)


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a lot, and in words what differs there from what is said as a rule."""

    membership_id: UUID
    name: str
    differs: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class LotStatement:
    """One provider's lot: what it says as a rule of each therapy, and the regions in which something else is so."""

    groups: tuple[Group, ...]

    @property
    def first(self) -> Group:
        return self.groups[0]

    @property
    def lines(self) -> tuple[Line, ...]:
        """As a rule: of each therapy what is said in most regions."""
        said: dict[str, list[Said]] = defaultdict(list)
        for line in (line for group in self.groups for line in group.lines):
            said[line.slug] += [line.said] if line.said else []
        return tuple(Line(line.slug, line.therapy, _usual(said[line.slug])) for line in self.first.lines)

    @property
    def regions(self) -> tuple[Region, ...]:
        rule = {line.slug: line.figures for line in self.lines}
        return tuple(
            Region(
                group.membership_id,
                group.region,
                tuple(line.said for line in group.lines if line.said and line.said.figures != rule[line.slug]),
            )
            for group in self.groups
        )

    @property
    def apart(self) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.differs)

    @property
    def left_alone(self) -> tuple[Region, ...]:
        """Those apart; where that is every region, all but the one that differs least, so that something can be saved."""
        apart = sorted(self.apart, key=lambda region: len(region.differs))
        return tuple(apart if len(apart) < len(self.groups) else apart[1:])

    @property
    def stated(self) -> tuple[Said, ...]:
        return tuple(said for group in self.groups for said in group.stated)

    @property
    def old(self) -> int:
        return sum(said.stale for said in self.stated)

    @property
    def missing(self) -> int:
        return sum(len(group.lines) for group in self.groups) - len(self.stated)


@dataclass(frozen=True, slots=True)
class Statement:
    """All that a person's providers say, lot by lot."""

    lots: tuple[LotStatement, ...]

    @property
    def stated(self) -> tuple[Said, ...]:
        return tuple(said for lot in self.lots for said in lot.stated)

    @property
    def old(self) -> int:
        return sum(lot.old for lot in self.lots)

    @property
    def may_renew(self) -> bool:
        return any(lot.first.may_state and lot.stated for lot in self.lots)


def newest(session: Session, membership_ids: Collection[UUID]) -> dict[tuple[UUID, str], Capacity]:
    """The newest row of each membership and therapy. One query."""
    latest = (
        select(Capacity.membership_id, Capacity.therapy_slug, func.max(Capacity.as_of).label("as_of"))
        .where(col(Capacity.membership_id).in_(membership_ids))
        .group_by(col(Capacity.membership_id), Capacity.therapy_slug)
        .subquery()
    )
    rows = session.exec(
        select(Capacity)
        .join(
            latest,
            (col(Capacity.membership_id) == latest.c.membership_id)
            & (col(Capacity.therapy_slug) == latest.c.therapy_slug)
            & (col(Capacity.as_of) == latest.c.as_of),
        )
        .order_by(col(Capacity.id))
    )
    return {(row.membership_id, row.therapy_slug): row for row in rows}


def stated_by(
    session: Session, membership_ids: Collection[UUID], now: datetime, names: Mapping[str, str] | None = None
) -> dict[UUID, list[Said]]:
    """What each of these members says, by therapy: for buyers, who see how old it is. Two queries, one with `names`."""
    rows, names = newest(session, membership_ids), names or _names(session)
    found: dict[UUID, list[Said]] = defaultdict(list)
    for (membership_id, slug), row in sorted(rows.items(), key=lambda pair: names.get(pair[0][1], pair[0][1])):
        found[membership_id].append(_said(names.get(slug, slug), row, now))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long families wait for one therapy of a provider, over all that it says; as old as its oldest figure's day."""

    least: int
    most: int
    on: date
    stale: bool


def waits(session: Session, provider_ids: Collection[UUID], now: datetime) -> dict[UUID, dict[str, Wait]]:
    """Of each provider's therapies the waits stated, without a word of frameworks, lots or regions. One query."""
    newer = aliased(Capacity)
    replaced = (
        select(newer.id)
        .where(
            col(newer.membership_id) == Capacity.membership_id,
            col(newer.therapy_slug) == Capacity.therapy_slug,
            col(newer.as_of) > col(Capacity.as_of),
        )
        .exists()
    )
    rows = session.execute(
        select(Membership.provider_id, Capacity.therapy_slug)
        .add_columns(func.min(Capacity.waiting_weeks), func.max(Capacity.waiting_weeks), func.min(Capacity.as_of))
        .join(Capacity, col(Capacity.membership_id) == Membership.id)
        .where(col(Membership.provider_id).in_(provider_ids), live(london_day(now)), ~replaced)
        .group_by(col(Membership.provider_id), Capacity.therapy_slug)
    )
    found: dict[UUID, dict[str, Wait]] = defaultdict(dict)
    for provider_id, slug, least, most, as_of in rows:
        found[provider_id][slug] = Wait(least, most, london_day(as_of), rules.stale(as_of, now))
    return found


def statement(session: Session, actor: Actor) -> Statement:
    """Every live membership of this person's providers, with the therapies that belong to its lot. Four queries."""
    lots: dict[tuple[UUID, UUID], list[Group]] = defaultdict(list)
    for group in groups(session, actor):
        lots[group.provider_id, group.lot_id].append(group)
    return Statement(tuple(LotStatement(tuple(of)) for of in lots.values()))


def lot_statement(session: Session, actor: Actor, provider_id: UUID, lot_id: UUID) -> LotStatement:
    """One lot of one of this person's providers. Raises `NotFound`. Four queries."""
    found = groups(session, actor, col(Membership.provider_id) == provider_id, col(Membership.lot_id) == lot_id)
    if not found:
        raise NotFound
    return LotStatement(tuple(found))


def region_statement(session: Session, actor: Actor, membership_id: UUID) -> Group:
    """One live membership of this person's providers. Raises `NotFound`. Four queries."""
    found = groups(session, actor, col(Membership.id) == membership_id)
    if not found:
        raise NotFound
    return found[0]


def groups(session: Session, actor: Actor, *which: ColumnElement[bool]) -> list[Group]:
    """This person's providers' live memberships by provider, framework, lot and region."""
    now = clock.now(session)
    rows = session.execute(
        select(Membership, Organisation, Framework.name, Lot)
        .add_columns(col(FrameworkRegion.name))
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(Lot, col(Lot.id) == Membership.lot_id)
        .join(FrameworkRegion, col(FrameworkRegion.id) == Membership.region_id)
        .where(col(Membership.provider_id).in_(provider_ids(actor)), live(london_day(now)), *which)
        .order_by(Organisation.name, Framework.name, col(Lot.number), FrameworkRegion.name)
    ).all()
    offered = _offered(session, {row[0].provider_id for row in rows})
    said = newest(session, {row[0].id for row in rows})
    return [
        Group(
            membership_id=membership.id,
            provider_id=organisation.id,
            provider=organisation.name,
            framework=framework,
            lot_id=lot.id,
            lot=f"Lot {lot.number}: {lot.name}",
            region=region,
            may_state=rules.states_for(actor, organisation.id),
            lines=tuple(
                _line(slug, name, said.get((membership.id, slug)), now)
                for slug, name, services in offered.get(organisation.id, ())
                if lot.service in services
            ),
        )
        for membership, organisation, framework, lot, region in rows
    ]


def _usual(said: list[Said]) -> Figures | None:
    return rules.usual(one.figures for one in sorted(said, key=lambda one: one.as_of))


def _line(slug: str, therapy: str, row: Capacity | None, now: datetime) -> Line:
    said = _said(therapy, row, now) if row else None
    return Line(slug, therapy, said.figures if said else None, said)


def _offered(session: Session, providers: Collection[UUID]) -> dict[UUID, list[tuple[str, str, list[str]]]]:
    rows = session.exec(
        select(ProviderTherapy.provider_id, Therapy.slug, Therapy.name, Therapy.services)
        .join(Therapy, col(Therapy.slug) == ProviderTherapy.therapy_slug)
        .where(col(ProviderTherapy.provider_id).in_(providers))
        .order_by(Therapy.name)
    )
    found: dict[UUID, list[tuple[str, str, list[str]]]] = defaultdict(list)
    for provider_id, slug, name, services in rows:
        found[provider_id].append((slug, name, services.split(",")))
    return found


def _names(session: Session) -> dict[str, str]:
    return dict(session.exec(select(Therapy.slug, Therapy.name)).all())


def _said(therapy: str, row: Capacity, now: datetime) -> Said:
    return Said(therapy, Figures(row.places, row.waiting_weeks), row.as_of, rules.stale(row.as_of, now))
