"""What members said of their capacity, the newest of each, for themselves and for buyers."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.core import clock
from app.core.actor import Actor
from app.frameworks.models import Framework, Lot, Region
from app.memberships.capacity import rules
from app.memberships.capacity.rules import STATERS, Figures
from app.memberships.models import Capacity, Membership
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.providers.models import ProviderTherapy, Therapy

MOST_LINES: Final = 200
"""Beyond this a page is of one lot at a time: a form holds 500 fields."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one therapy, and whether it has gone stale."""

    therapy: str
    figures: Figures
    as_of: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One therapy in one lot and region of one's own, with what was last said of it."""

    membership_id: UUID
    slug: str
    therapy: str
    said: Said | None

    @property
    def places(self) -> str:
        return f"places_{self.membership_id.hex}_{self.slug}"

    @property
    def weeks(self) -> str:
        return f"weeks_{self.membership_id.hex}_{self.slug}"


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


@dataclass(frozen=True, slots=True)
class Statement:
    """All of a person's memberships; `lots` to choose from where they are too many for one page."""

    groups: tuple[Group, ...]
    lots: tuple[tuple[UUID, str], ...]
    lot_id: UUID | None

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def stated(self) -> tuple[Said, ...]:
        return tuple(line.said for line in self.lines if line.said)

    @property
    def may_state(self) -> bool:
        return any(group.may_state and group.lines for group in self.groups)


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


def stated_by(session: Session, membership_ids: Collection[UUID], now: datetime) -> dict[UUID, list[Said]]:
    """What each of these members says, by therapy: for buyers, who see how old it is. Two queries."""
    rows, names = newest(session, membership_ids), _names(session)
    found: dict[UUID, list[Said]] = defaultdict(list)
    for (membership_id, slug), row in sorted(rows.items(), key=lambda pair: names.get(pair[0][1], pair[0][1])):
        found[membership_id].append(_said(names.get(slug, slug), row, now))
    return dict(found)


def statement(session: Session, actor: Actor, lot_id: UUID | None = None) -> Statement:
    """Every live membership of this person's providers, with the therapies that belong to its lot. Four queries."""
    return _fitting(_groups(session, actor), lot_id)


def every_line(session: Session, actor: Actor) -> list[Line]:
    """Every therapy in every live membership of this person's providers."""
    return [line for group in _groups(session, actor) for line in group.lines]


def _groups(session: Session, actor: Actor) -> list[Group]:
    now = clock.now(session)
    rows = session.execute(
        select(Membership, Organisation, Framework.name, Lot)
        .add_columns(col(Region.name))
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(Lot, col(Lot.id) == Membership.lot_id)
        .join(Region, col(Region.id) == Membership.region_id)
        .where(col(Membership.provider_id).in_(provider_ids(actor)), col(Membership.ended_at).is_(None))
        .order_by(Organisation.name, Framework.name, col(Lot.number), Region.name)
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
            may_state=organisation.id in provider_ids(actor, *STATERS),
            lines=tuple(
                Line(
                    membership.id,
                    slug,
                    name,
                    _said(name, row, now) if (row := said.get((membership.id, slug))) else None,
                )
                for slug, name, services in offered.get(organisation.id, ())
                if lot.service in services
            ),
        )
        for membership, organisation, framework, lot, region in rows
    ]


def _fitting(groups: list[Group], lot_id: UUID | None) -> Statement:
    """All of it, unless a lot is asked for or all is too much; then one lot, and the others to go to."""
    lots = tuple(dict.fromkeys((group.lot_id, f"{group.framework}, {group.lot}") for group in groups))
    too_many = sum(len(group.lines) for group in groups) > MOST_LINES
    known = lot_id if lot_id in {key for key, _ in lots} else lots[0][0] if too_many else None
    kept = tuple(group for group in groups if known in (None, group.lot_id))
    return Statement(kept, lots if too_many else (), known)


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
