"""Looking at a member's prices: what holds today, what is proposed, and what held before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.core.rows import moment, packed, unpacked
from app.frameworks.models import Framework, Lot, LotRate, Region
from app.frameworks.rules import UNITS, Mechanism, PriceUnit
from app.memberships import policy
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.memberships.rates import rules
from app.memberships.rates.rules import Limit, Rate
from app.memberships.terms import MemberRate
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids


@dataclass(frozen=True, slots=True)
class Said:
    """One price as proposed and, if so, agreed or declined. `answers`: the reader may, for the other side."""

    id: UUID
    pence: int
    from_on: date
    since: date | None
    reason: str
    by_lead: bool
    proposed_at: datetime
    proposed_by: str
    agreed_at: datetime | None
    agreed_by: str
    declined_at: datetime | None
    answers: bool
    withdraws: bool

    @property
    def waits(self) -> bool:
        return self.agreed_at is None and self.declined_at is None


@dataclass(frozen=True, slots=True)
class Price:
    """A unit of the lot: its ceiling, or its price where it is fixed; `own`: the member has a price of its own.

    `holds` today; `coming` are agreed and hold later, the first first.
    """

    unit: PriceUnit
    each: str
    most_pence: int
    fixed: bool
    own: bool
    holds: Rate | None
    coming: tuple[Rate, ...]
    said: tuple[Said, ...]

    @property
    def waiting(self) -> Said | None:
        return next((one for one in self.said if one.waits), None)


@dataclass(frozen=True, slots=True)
class Card:
    """A member's prices in the lot of a membership. `owns`: the reader speaks for the provider, `leads` for the framework."""

    membership_id: UUID
    provider_id: UUID
    provider_name: str
    framework_id: UUID
    framework_name: str
    lead_id: UUID
    lot_id: UUID
    lot: str
    region: str
    ended: bool
    prices: tuple[Price, ...]
    own: bool
    owns: bool
    leads: bool

    def price(self, unit: PriceUnit) -> Price | None:
        return next((one for one in self.prices if one.unit is unit), None)


def card(session: Session, actor: Actor, membership_id: UUID, at: datetime | None = None) -> Card:
    """For the provider's people and those of the framework's lead. `at`, where the caller knows it, is now. Raises `NotFound`."""
    on = london_day(at or clock.now(session))
    query: Any = select(Membership, Framework, Lot, Organisation.name)
    mine = or_(col(Membership.provider_id).in_(provider_ids(actor)), col(Framework.lead_id).in_(lead_ids(actor)))
    found = session.execute(
        query.add_columns(col(Region.name), live(on))
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(Lot, col(Lot.id) == Membership.lot_id)
        .join(Region, col(Region.id) == Membership.region_id)
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .where(col(Membership.id) == membership_id, mine)
    ).first()
    if found is None:
        raise NotFound
    row, framework, lot, provider_name, region, runs = found
    owns = policy.signs_for(actor, row.provider_id)
    leads = policy.leads_member(actor, lead_id=framework.lead_id, provider_id=row.provider_id)
    said = _said(session, row.provider_id, lot.id, owns=owns, leads=leads)
    return Card(
        membership_id=row.id,
        provider_id=row.provider_id,
        provider_name=provider_name,
        framework_id=framework.id,
        framework_name=framework.name,
        lead_id=framework.lead_id,
        lot_id=lot.id,
        lot=f"Lot {lot.number}: {lot.name}",
        region=region,
        ended=not runs,
        prices=tuple(_price(lot, *one, said, on) for one in _units(session, lot)),
        own=row.provider_id in provider_ids(actor),
        owns=owns,
        leads=leads,
    )


def rate_row(session: Session, rate_id: UUID) -> MemberRate:
    """The row, locked. Raises `NotFound`."""
    row = session.get(MemberRate, rate_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def held_units(session: Session, provider_id: UUID, lot_id: UUID, on: date) -> set[PriceUnit]:
    """The units for which a price was agreed that holds on a London day, of a member of the lot; of anybody else, none."""
    here = col(Membership.provider_id) == provider_id, col(Membership.lot_id) == lot_id
    if not session.exec(select(Membership.id).where(*here, live(on))).first():
        return set()
    agreed = select(MemberRate.unit).where(
        MemberRate.provider_id == provider_id,
        MemberRate.lot_id == lot_id,
        MemberRate.from_on <= on,
        col(MemberRate.agreed_at).is_not(None),
    )
    return {PriceUnit(unit) for unit in session.exec(agreed)}


def limit_columns(provider_id: Any) -> tuple[Any, Any]:
    """The further units of the query's `Lot`, and the provider's agreed prices there, each as one text for `limits`.

    As columns they cost a query of the deadline no statement of its own.
    """
    further = packed(LotRate.unit, LotRate.pence, LotRate.is_fixed)
    agreed = packed(MemberRate.unit, MemberRate.pence, MemberRate.from_on, MemberRate.agreed_at).where(
        col(MemberRate.provider_id) == provider_id,
        col(MemberRate.lot_id) == Lot.id,
        col(MemberRate.agreed_at).is_not(None),
    )
    return (
        further.where(col(LotRate.lot_id) == Lot.id).correlate_except(LotRate).scalar_subquery(),
        agreed.correlate_except(MemberRate).scalar_subquery(),
    )


def limits(lot: Lot, further: str | None, agreed: str | None, on: date) -> dict[PriceUnit, Limit]:
    """The most that a bid of this member may ask for each unit of the lot on a day, from what `limit_columns` gave."""
    fixed = lot.mechanism == Mechanism.FIXED_PRICE
    units = {PriceUnit(lot.price_unit): (lot.ceiling_pence, fixed)}
    for unit, pence, is_fixed in unpacked(further):
        units[PriceUnit(unit)] = int(pence), fixed or is_fixed in ("1", "true")
    cards: dict[PriceUnit, list[tuple[datetime, Rate]]] = {}
    for unit, pence, from_on, agreed_at in unpacked(agreed):
        at = moment(agreed_at)
        rate = Rate(int(pence), date.fromisoformat(from_on), london_day(at))
        cards.setdefault(PriceUnit(unit), []).append((at, rate))
    return {
        unit: rules.limit(
            ceiling_pence=pence,
            mechanism=Mechanism(lot.mechanism),
            is_fixed=is_fixed,
            card=rules.holding((rate for _, rate in sorted(cards.get(unit, ()), key=lambda one: one[0])), on),
        )
        for unit, (pence, is_fixed) in units.items()
    }


def membership_of(session: Session, rate_id: UUID, at: datetime) -> UUID:
    """The newest membership to which a price belongs, one that runs before one that has ended. Raises `NotFound`."""
    found = session.exec(
        select(Membership.id)
        .join(MemberRate, col(MemberRate.provider_id) == Membership.provider_id)
        .where(MemberRate.id == rate_id, Membership.lot_id == MemberRate.lot_id)
        .order_by(live(london_day(at)).desc(), col(Membership.opened_at).desc(), col(Membership.id))
    ).first()
    if found is None:
        raise NotFound
    return found


def _units(session: Session, lot: Lot) -> list[tuple[PriceUnit, int, bool]]:
    """The units of a lot, the headline first, each with the most it may be, and whether that is the price."""
    fixed = lot.mechanism == Mechanism.FIXED_PRICE
    rates = session.exec(select(LotRate).where(LotRate.lot_id == lot.id).order_by(col(LotRate.position)))
    further = [(PriceUnit(one.unit), one.pence, one.is_fixed or fixed) for one in rates]
    return [(PriceUnit(lot.price_unit), lot.ceiling_pence, fixed), *further]


def _price(
    lot: Lot, unit: PriceUnit, most_pence: int, fixed: bool, said: Sequence[tuple[str, Said]], on: date
) -> Price:
    mine = tuple(one for of, one in said if of == unit)
    agreed = [
        Rate(one.pence, one.from_on, london_day(one.agreed_at)) for one in reversed(mine) if one.agreed_at is not None
    ]
    return Price(
        unit=unit,
        each=UNITS[unit],
        most_pence=most_pence,
        fixed=fixed,
        own=rules.is_members_own(Mechanism(lot.mechanism), is_fixed=fixed),
        holds=rules.holding(agreed, on),
        coming=rules.coming(agreed, on),
        said=mine,
    )


def _said(session: Session, provider_id: UUID, lot_id: UUID, *, owns: bool, leads: bool) -> list[tuple[str, Said]]:
    """All that was ever said of these prices, by unit, the newest first."""
    proposer, agreer = aliased(Person), aliased(Person)
    rows = session.exec(
        select(MemberRate, col(proposer.name), col(agreer.name))
        .join(proposer, col(proposer.id) == MemberRate.proposed_by)
        .outerjoin(agreer, col(agreer.id) == MemberRate.agreed_by)
        .where(MemberRate.provider_id == provider_id, MemberRate.lot_id == lot_id)
        .order_by(col(MemberRate.proposed_at).desc(), col(MemberRate.id).desc())
    )
    return [
        (
            row.unit,
            Said(
                id=row.id,
                pence=row.pence,
                from_on=row.from_on,
                since=max(row.from_on, london_day(row.agreed_at)) if row.agreed_at else None,
                reason=row.reason,
                by_lead=row.by_lead,
                proposed_at=row.proposed_at,
                proposed_by=proposed_by,
                agreed_at=row.agreed_at,
                agreed_by=agreed_by or "",
                declined_at=row.declined_at,
                answers=owns if row.by_lead else leads,
                withdraws=leads if row.by_lead else owns,
            ),
        )
        for row, proposed_by, agreed_by in rows
    ]
