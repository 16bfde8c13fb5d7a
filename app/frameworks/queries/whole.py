"""Frameworks as their list and their page show them: what they buy, where and under which rules."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, literal
from sqlmodel import Session, col, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound
from app.frameworks import rules
from app.frameworks.entitlement import CallOff, call_off_list
from app.frameworks.models import (
    Framework,
    FrameworkCriterion,
    Lot,
    LotRate,
    LotTherapy,
    Region,
    RegionAuthority,
    Round,
    RuleSet,
)
from app.frameworks.policy import leads
from app.frameworks.queries.rounds import RoundView, open_rounds, rounds
from app.frameworks.queries.watching import deadlines_of, reopen_by, reopened
from app.frameworks.requirements import Requirement, requirements
from app.frameworks.rules import Phase
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids
from app.providers.models import Therapy

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
class RateView:
    """`unit` in words; `is_fixed` is the price itself and not the most it may be."""

    unit: str
    pence: int
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class LotView:
    """`rates` and `therapies`, by name, are filled in for the framework's own page alone."""

    id: UUID
    number: int
    name: str
    service: str
    description: str
    price_unit: str
    ceiling_pence: int
    requires: tuple[Requirement, ...]
    mechanism: rules.Mechanism
    admission: rules.Admission
    pass_mark: int | None
    max_members: int | None
    topics: tuple[str, ...]
    outcomes: tuple[str, ...]
    monitoring: tuple[str, ...]
    rates: tuple[RateView, ...] = ()
    therapies: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"Lot {self.number}: {self.name}"

    @property
    def unit(self) -> str:
        """The unit of its headline price, in words."""
        return rules.UNITS[rules.PriceUnit(self.price_unit)]

    @property
    def is_fixed(self) -> bool:
        return self.mechanism is rules.Mechanism.FIXED_PRICE


@dataclass(frozen=True, slots=True)
class RegionView:
    id: UUID
    name: str
    authorities: tuple[str, ...]


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
    """The law it stands under. `max_years` is None where there is no cap; `standstill` is in words."""

    name: str
    max_years: int | None
    standstill: str
    details_notice_days: int | None
    clocks_source: str
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
    estimated_value_pence: int | None
    extendable_to: date | None
    way: str
    direct_award: str
    fee_basis_points: int
    scheme_ends_on: date | None
    reopen_by: date | None
    deadlines: tuple[rules.Deadline, ...]
    sha256: str
    phase: Phase
    created_by: UUID | None
    wants_dbs_file: bool
    countersigned: bool
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


def led_framework(session: Session, actor: Actor, framework_id: UUID, *, lock: bool = True) -> Framework:
    """The framework, locked for a change. Raises `NotFound` to outsiders, `NotAllowed` to those who cannot lead it."""
    row = framework_row(session, actor, framework_id, lock=lock)
    _refuse_unless_led(actor, row)
    return row


def _refuse_unless_led(actor: Actor, row: Framework) -> None:
    if not leads(actor, row.lead_id):
        raise NotAllowed if row.lead_id in actor.where() else NotFound


def led_round(session: Session, actor: Actor, framework_id: UUID, round_id: UUID) -> tuple[Framework, Round]:
    """A framework and its round, both locked for a change. Raises `NotFound`, and `NotAllowed` to those who cannot lead it."""
    both = select(Framework, Round).join(Round, col(Round.framework_id) == Framework.id)
    mine = both.where(Framework.id == framework_id, Round.id == round_id, _visible(actor))
    found = session.exec(mine.with_for_update().execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    _refuse_unless_led(actor, found[0])
    return found[0], found[1]


def framework(session: Session, actor: Actor, framework_id: UUID) -> FrameworkView:
    """One framework whole. Raises `NotFound` for a draft of somebody else's."""
    found = session.execute(
        select(Framework, RuleSet, Organisation.name, clock.MOMENT)
        .add_columns(reopened())
        .join(RuleSet, col(RuleSet.slug) == Framework.rule_set_slug)
        .join(Organisation, col(Organisation.id) == Framework.lead_id)
        .where(col(Framework.id) == framework_id, _visible(actor))
    ).first()
    if found is None:
        raise NotFound
    row, rule_set, lead_name, now, followed = found
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
        estimated_value_pence=row.estimated_value_pence,
        extendable_to=row.extendable_to,
        way=rules.WAYS[rules.Way(row.way)],
        direct_award=row.direct_award,
        fee_basis_points=row.fee_basis_points,
        scheme_ends_on=row.scheme_ends_on,
        reopen_by=reopen_by(row, rule_set),
        deadlines=deadlines_of(row, rule_set, reopened=followed),
        sha256=row.sha256,
        phase=phase_of(row, london_day(now)),
        created_by=row.created_by,
        wants_dbs_file=row.wants_dbs_file,
        countersigned=row.countersigned,
        rule_set=RuleSetView(
            rule_set.name,
            rule_set.max_years,
            rules.standstill_in_words(
                rules.StandstillKind(rule_set.standstill), rule_set.standstill_days, rule_set.standstill_calendar
            ),
            rule_set.details_notice_days,
            rule_set.clocks_source,
            rule_set.joining,
            rule_set.note,
            rule_set.source,
            rule_set.confidence,
        ),
        lots=_lots_in_full(session, framework_id),
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
            rules.Mechanism(row.mechanism),
            rules.Admission(row.admission),
            row.pass_mark,
            row.max_members,
            tuple(row.topics),
            tuple(row.outcomes),
            tuple(row.monitoring),
        )
        for row in rows
    )


def _lots_in_full(session: Session, framework_id: UUID) -> tuple[LotView, ...]:
    plain = lots(session, framework_id)
    ids = [lot.id for lot in plain]
    rates: defaultdict[UUID, list[RateView]] = defaultdict(list)
    for row in session.exec(select(LotRate).where(col(LotRate.lot_id).in_(ids)).order_by(col(LotRate.position))):
        rates[row.lot_id].append(RateView(rules.UNITS[rules.PriceUnit(row.unit)], row.pence, row.is_fixed))
    therapies: defaultdict[UUID, list[str]] = defaultdict(list)
    for lot_id, name in session.exec(
        select(LotTherapy.lot_id, Therapy.name)
        .join(Therapy, col(Therapy.slug) == LotTherapy.therapy_slug)
        .where(col(LotTherapy.lot_id).in_(ids))
        .order_by(Therapy.name)
    ):
        therapies[lot_id].append(name)
    return tuple(replace(lot, rates=tuple(rates[lot.id]), therapies=tuple(therapies[lot.id])) for lot in plain)


def lock_ranked(session: Session, which: ColumnElement[bool]) -> None:
    """Let one person at a time admit anybody where the best are ranked: locks those of these lots."""
    ranked = select(Lot.id).where(Lot.admission == rules.Admission.RANKED, which).order_by(col(Lot.id))
    session.exec(ranked.with_for_update(key_share=True)).all()


def regions(session: Session, framework_id: UUID) -> tuple[RegionView, ...]:
    served: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for region_id, region, authority in session.exec(
        select(Region.id, Region.name, Organisation.name)
        .outerjoin(RegionAuthority, col(RegionAuthority.region_id) == Region.id)
        .outerjoin(Organisation, col(Organisation.id) == RegionAuthority.authority_id)
        .where(Region.framework_id == framework_id)
        .order_by(Region.name, Organisation.name)
    ):
        served[region_id, region] += [authority] if authority else []
    return tuple(RegionView(region_id, region, tuple(names)) for (region_id, region), names in served.items())


def offers(lot_id: UUID, region_id: UUID, area: str) -> ColumnElement[bool]:
    """Whether the lot and the region are the query's `Framework`'s, and the area the region, a district of it or open ("")."""
    districts = (
        select(Organisation.name)
        .join(RegionAuthority, col(RegionAuthority.authority_id) == Organisation.id)
        .where(RegionAuthority.region_id == region_id)
    )
    found = (
        select(Lot.id)
        .join(Region, col(Region.framework_id) == Lot.framework_id)
        .where(Lot.framework_id == Framework.id, Lot.id == lot_id, Region.id == region_id)
        .where(literal(area).in_(["", Region.name]) | literal(area).in_(districts))
    )
    return found.correlate(Framework).exists()


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


def _visible(actor: Actor) -> ColumnElement[bool]:
    return col(Framework.approved_at).is_not(None) | col(Framework.lead_id).in_(lead_ids(actor))
