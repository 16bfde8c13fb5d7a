"""Looking at frameworks: what they buy, where, under which rules, and when they can be joined."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks import rules
from app.frameworks.calling_off.entitlement import CallOff, call_off_list
from app.frameworks.models import (
    Framework,
    FrameworkCriterion,
    Lot,
    Region,
    RegionAuthority,
    Round,
    RoundScope,
    RuleSet,
)
from app.frameworks.requirements import Requirement, requirements
from app.frameworks.rules import Part, Phase, RoundPhase
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids

MOST = 200


@dataclass(frozen=True, slots=True)
class FrameworkLine:
    """A row of the list. `open_until` is the next close of a round that is open now."""

    id: UUID
    name: str
    lead_name: str
    summary: str
    starts_on: date
    ends_on: date
    phase: Phase
    open_until: datetime | None


@dataclass(frozen=True, slots=True)
class LotView:
    id: UUID
    number: int
    name: str
    service: str
    description: str
    price_unit: str
    ceiling_pence: int
    requires: tuple[Requirement, ...]

    @property
    def label(self) -> str:
        return f"Lot {self.number}: {self.name}"


@dataclass(frozen=True, slots=True)
class RegionView:
    id: UUID
    name: str
    authorities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoundView:
    id: UUID
    name: str
    opens_at: datetime
    closes_at: datetime
    phase: RoundPhase
    scope: frozenset[Part]


@dataclass(frozen=True, slots=True)
class Criterion:
    id: UUID
    position: int
    name: str
    guidance: str
    is_price: bool
    weight_min: int
    weight_max: int


@dataclass(frozen=True, slots=True)
class RuleSetView:
    """The law it stands under. `max_years` is None where there is no cap."""

    name: str
    max_years: int | None
    joining: str
    note: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """Everything of one framework that any signed-in person may read."""

    id: UUID
    name: str
    lead_id: UUID
    lead_name: str
    summary: str
    selection_process: str
    agreement_text: str
    agreement_version: str
    starts_on: date
    ends_on: date
    source: str
    phase: Phase
    created_by: UUID | None
    wants_dbs_file: bool
    rule_set: RuleSetView
    lots: tuple[LotView, ...]
    regions: tuple[RegionView, ...]
    call_off: tuple[CallOff, ...]
    criteria: tuple[Criterion, ...]
    rounds: tuple[RoundView, ...]


def frameworks(session: Session, actor: Actor, now: datetime) -> list[FrameworkLine]:
    """Every approved framework, newest first, and the drafts of the organisations this person works for."""
    rows = session.exec(
        select(Framework, Organisation.name)
        .join(Organisation, col(Organisation.id) == Framework.lead_id)
        .where(_visible(actor))
        .order_by(col(Framework.starts_on).desc(), Framework.name)
        .limit(MOST)
    ).all()
    until: dict[UUID, datetime] = {}
    for round_ in open_rounds(session, now):
        until[round_.framework_id] = min(round_.closes_at, until.get(round_.framework_id, round_.closes_at))
    return [
        FrameworkLine(
            row.id,
            row.name,
            lead_name,
            row.summary,
            row.starts_on,
            row.ends_on,
            phase_of(row, london_day(now)),
            until.get(row.id),
        )
        for row, lead_name in rows
    ]


def framework_row(session: Session, actor: Actor, framework_id: UUID, *, lock: bool = False) -> Framework:
    """The row, if this person may see it. Raises `NotFound`."""
    query = select(Framework).where(Framework.id == framework_id, _visible(actor))
    row = session.exec(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound
    return row


def framework(session: Session, actor: Actor, framework_id: UUID) -> FrameworkView:
    """One framework whole. Raises `NotFound` for a draft of somebody else's."""
    found = session.exec(
        select(Framework, RuleSet, Organisation.name, clock.MOMENT)
        .join(RuleSet, col(RuleSet.slug) == Framework.rule_set_slug)
        .join(Organisation, col(Organisation.id) == Framework.lead_id)
        .where(Framework.id == framework_id, _visible(actor))
    ).first()
    if found is None:
        raise NotFound
    row, rule_set, lead_name, now = found
    return FrameworkView(
        id=row.id,
        name=row.name,
        lead_id=row.lead_id,
        lead_name=lead_name,
        summary=row.summary,
        selection_process=row.selection_process,
        agreement_text=row.agreement_text,
        agreement_version=row.agreement_version,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        source=row.source,
        phase=phase_of(row, london_day(now)),
        created_by=row.created_by,
        wants_dbs_file=row.wants_dbs_file,
        rule_set=RuleSetView(
            rule_set.name,
            rule_set.max_years,
            rule_set.joining,
            rule_set.note,
            rule_set.source,
            rule_set.confidence,
        ),
        lots=lots(session, framework_id),
        regions=regions(session, framework_id),
        call_off=call_off_list(session, framework_id, london_day(now)),
        criteria=criteria(session, framework_id),
        rounds=rounds(session, framework_id, now),
    )


def phase_of(row: Framework, on: date) -> Phase:
    return rules.phase(
        approved_at=row.approved_at,
        withdrawn_at=row.withdrawn_at,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        on=on,
    )


def lots(session: Session, framework_id: UUID) -> tuple[LotView, ...]:
    rows = session.exec(select(Lot).where(Lot.framework_id == framework_id).order_by(col(Lot.number))).all()
    needs = requirements(session, [row.id for row in rows])
    return tuple(
        LotView(
            row.id,
            row.number,
            row.name,
            row.service,
            row.description,
            row.price_unit,
            row.ceiling_pence,
            tuple(needs[row.id]),
        )
        for row in rows
    )


def regions(session: Session, framework_id: UUID) -> tuple[RegionView, ...]:
    rows = session.exec(select(Region).where(Region.framework_id == framework_id).order_by(Region.name)).all()
    served: dict[UUID, list[str]] = defaultdict(list)
    for region_id, name in session.exec(
        select(RegionAuthority.region_id, Organisation.name)
        .join(Organisation, col(Organisation.id) == RegionAuthority.authority_id)
        .where(col(RegionAuthority.region_id).in_([row.id for row in rows]))
        .order_by(Organisation.name)
    ):
        served[region_id].append(name)
    return tuple(RegionView(row.id, row.name, tuple(served[row.id])) for row in rows)


def lots_and_regions(session: Session, framework_id: UUID) -> tuple[tuple[LotView, ...], tuple[RegionView, ...]]:
    """Its lots by number and its regions by name."""
    return lots(session, framework_id), regions(session, framework_id)


def criteria(session: Session, framework_id: UUID) -> tuple[Criterion, ...]:
    """The criteria a brief may use, in their order, each with the range of its weight in per cent."""
    rows = session.exec(
        select(FrameworkCriterion)
        .where(FrameworkCriterion.framework_id == framework_id)
        .order_by(col(FrameworkCriterion.position))
    )
    return tuple(Criterion(r.id, r.position, r.name, r.guidance, r.is_price, r.weight_min, r.weight_max) for r in rows)


def rounds(session: Session, framework_id: UUID, now: datetime) -> tuple[RoundView, ...]:
    """Every round of a framework with its scope, the latest first."""
    rows = session.exec(
        select(Round).where(Round.framework_id == framework_id).order_by(col(Round.opens_at).desc())
    ).all()
    scope: dict[UUID, set[Part]] = defaultdict(set)
    for row in session.exec(select(RoundScope).where(col(RoundScope.round_id).in_([row.id for row in rows]))):
        scope[row.round_id].add((row.lot_id, row.region_id))
    return tuple(
        RoundView(
            row.id,
            row.name,
            row.opens_at,
            row.closes_at,
            rules.round_phase(opens_at=row.opens_at, closes_at=row.closes_at, now=now),
            frozenset(scope[row.id]),
        )
        for row in rows
    )


def open_rounds(session: Session, now: datetime) -> list[Round]:
    """The rounds in which providers may apply at this moment: the SQL twin of `rules.round_phase`."""
    query = select(Round).where(Round.opens_at <= now, Round.closes_at > now).order_by(col(Round.closes_at))
    return list(session.exec(query))


def overlapping(
    session: Session, framework_id: UUID, opens_at: datetime, closes_at: datetime, scope: Collection[Part]
) -> str | None:
    """The name of a round open at some moment of this window for one of these lots and regions."""
    rows = session.exec(
        select(Round.name, RoundScope.lot_id, RoundScope.region_id)
        .join(RoundScope, col(RoundScope.round_id) == Round.id)
        .where(Round.framework_id == framework_id, Round.opens_at < closes_at, Round.closes_at > opens_at)
    )
    return next((name for name, lot_id, region_id in rows if (lot_id, region_id) in scope), None)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return col(Framework.approved_at).is_not(None) | col(Framework.lead_id).in_(lead_ids(actor))
