"""How a draft stands on a day: what the Fund pays for it, what the checker finds, and what must be mended."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from app.briefs import rules
from app.briefs.identity import Excerpt, Guarded
from app.briefs.models import Brief, BriefCriterion, FundingLimit
from app.briefs.queries.guarding import guarded_of, guarded_with
from app.briefs.rules import Weight
from app.briefs.terms.models import terms_of
from app.briefs.terms.rules import Checked, CheckedCriterion, Finding, LotPrice, check
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.frameworks.models import Framework, FrameworkCriterion, Lot, Region
from app.frameworks.rules import Mechanism, PriceUnit, Service


@dataclass(frozen=True, slots=True)
class LotOn:
    """A lot and its framework, and what the Fund pays for its kind of service per child and year; None where not known."""

    lot: Lot
    framework: Framework
    limit_pence: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`unready` is everything to mend before publication, `found` what the checker said, with the advice that was left.

    `guarded` are the brief's texts as the identity guard read them. `framework`, once read, is kept for who asks next.
    """

    limit_pence: int | None
    found: tuple[Finding, ...]
    guarded: tuple[Guarded, ...]
    unready: tuple[Refusal, ...]
    framework: Framework | None = None


def lot_on(session: Session, lot_id: UUID, on: date) -> LotOn:
    """Raises `NotFound`."""
    found = _lots_on(session, [lot_id], on)
    if not found:
        raise NotFound
    return found[lot_id]


def _lots_on(session: Session, lot_ids: Collection[UUID], on: date) -> dict[UUID, LotOn]:
    rows = session.exec(
        select(Lot, Framework, FundingLimit)
        .join(Framework, col(Framework.id) == Lot.framework_id)
        .outerjoin(FundingLimit, and_(col(FundingLimit.starts_on) <= on, col(FundingLimit.ends_on) >= on))
        .where(col(Lot.id).in_(lot_ids))
    )
    return {row[0].id: lot_on_of(*row) for row in rows}


def lot_on_of(lot: Lot, framework: Framework, limits: FundingLimit | None) -> LotOn:
    if limits is None:
        return LotOn(lot, framework, None)
    by_service = limits.assessment_pence if lot.service == Service.SPECIALIST_ASSESSMENT else limits.therapy_pence
    return LotOn(lot, framework, by_service)


def standing(session: Session, brief: Brief, now: datetime, *, minimum: timedelta | None = None) -> Standing:
    """How a draft stands today. `minimum` replaces the least number of working days."""
    return standings(session, [brief], now, minimum=minimum)[brief.id]


def standings(
    session: Session, briefs: Collection[Brief], now: datetime, *, minimum: timedelta | None = None
) -> dict[UUID, Standing]:
    """The same for many drafts at once, in as many statements as for one."""
    lots = _lots_on(session, {brief.lot_id for brief in briefs}, london_day(now))
    rows = session.exec(
        select(BriefCriterion, FrameworkCriterion)
        .join(Brief, col(Brief.id) == BriefCriterion.brief_id)
        .join(
            FrameworkCriterion,
            and_(
                col(FrameworkCriterion.framework_id) == Brief.framework_id,
                col(FrameworkCriterion.position) == BriefCriterion.position,
            ),
        )
        .where(col(Brief.id).in_([brief.id for brief in briefs]))
        .order_by(col(BriefCriterion.position))
    ).all()
    criteria: dict[UUID, list[tuple[BriefCriterion, FrameworkCriterion]]] = {brief.id: [] for brief in briefs}
    for own, of in rows:
        criteria[own.brief_id].append((own, of))
    texts = guarded_of(session, briefs)
    return {
        brief.id: stands(brief, lots[brief.lot_id], criteria[brief.id], texts[brief.id], now, minimum)
        for brief in briefs
    }


def with_checks(query: Any, on: date) -> Any:
    """A query for briefs, with what `standing_in` reads beside a draft: a row for each criterion of one, one row for any other."""
    draft = col(Brief.published_at).is_(None)
    return (
        query.add_columns(Lot, Framework, FundingLimit, col(Region.name), BriefCriterion, FrameworkCriterion)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Framework, col(Framework.id) == Brief.framework_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .outerjoin(FundingLimit, and_(draft, col(FundingLimit.starts_on) <= on, col(FundingLimit.ends_on) >= on))
        .outerjoin(BriefCriterion, and_(draft, col(BriefCriterion.brief_id) == Brief.id))
        .outerjoin(
            FrameworkCriterion,
            and_(
                col(FrameworkCriterion.framework_id) == Brief.framework_id,
                col(FrameworkCriterion.position) == BriefCriterion.position,
            ),
        )
        .options(
            load_only(Lot.service, Lot.price_unit, Lot.ceiling_pence, Lot.mechanism),  # type: ignore[arg-type]
            load_only(Framework.ends_on, Framework.direct_award),  # type: ignore[arg-type]
        )
    )


def standing_in(brief: Brief, rows: Iterable[Any], released: Collection[Excerpt], now: datetime) -> Standing:
    """How a draft stands, by its rows of a query `with_checks`, beside what was released."""
    found = [row[-6:] for row in rows]
    lot, framework, limits, region, *_ = found[0]
    criteria = sorted(((own, of) for *_, own, of in found if own and of), key=lambda one: one[0].position)
    texts = guarded_with(brief, region, released)
    return stands(brief, lot_on_of(lot, framework, limits), criteria, texts, now, None)


def stands(
    brief: Brief,
    on: LotOn,
    criteria: Sequence[tuple[BriefCriterion, FrameworkCriterion]],
    texts: tuple[Guarded, ...],
    now: datetime,
    minimum: timedelta | None,
) -> Standing:
    """How a draft stands, from all that was read of it."""
    edit = f"/briefs/{brief.id}/edit"
    found = check(to_check(brief, on, [own for own, _ in criteria], now))
    said = rules.unready(
        edit=edit,
        texts=texts,
        weights=[Weight(of.name, own.weight, of.weight_min, of.weight_max) for own, of in criteria],
        closes_at=brief.closes_at,
        start_by=brief.start_by,
        now=now,
        minimum=minimum,
    )
    stops = (Refusal(one.code, one.words, rules.mend(edit, one.field)) for one in found if one.blocking)
    return Standing(on.limit_pence, found, texts, (*said, *stops), on.framework)


def to_check(brief: Brief, on: LotOn, criteria: Sequence[BriefCriterion], now: datetime) -> Checked:
    """What the checker reads of a brief."""
    return Checked(
        need=brief.need,
        outcomes=brief.outcomes,
        age_band=brief.age_band,
        area=brief.area,
        sessions=brief.sessions,
        start_by=brief.start_by,
        budget_pence=brief.budget_pence,
        closes_on=london_day(brief.closes_at),
        terms=terms_of(brief),
        criteria=tuple(CheckedCriterion(own.position, own.name, own.is_price, own.weight) for own in criteria),
        lot=_price(on.lot),
        limit_pence=on.limit_pence,
        framework_ends_on=on.framework.ends_on,
        direct_award=bool(on.framework.direct_award),
        today=london_day(now),
    )


def _price(lot: Lot) -> LotPrice:
    return LotPrice(
        Service(lot.service), PriceUnit(lot.price_unit), lot.ceiling_pence, lot.mechanism == Mechanism.FIXED_PRICE
    )
