"""How a draft stands on a day: what the Fund pays for it, what the checker finds, and what must be mended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, select

from app.briefs import rules
from app.briefs.identity import Guarded
from app.briefs.models import Brief, BriefCriterion, FundingLimit
from app.briefs.queries.guarding import guarded_texts
from app.briefs.rules import Weight
from app.briefs.terms.models import terms_of
from app.briefs.terms.rules import Checked, CheckedCriterion, Finding, LotPrice, check
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.frameworks.models import Framework, FrameworkCriterion, Lot
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
    row = session.exec(
        select(Lot, Framework, FundingLimit.therapy_pence, FundingLimit.assessment_pence)
        .join(Framework, col(Framework.id) == Lot.framework_id)
        .outerjoin(FundingLimit, and_(col(FundingLimit.starts_on) <= on, col(FundingLimit.ends_on) >= on))
        .where(Lot.id == lot_id)
    ).first()
    if row is None:
        raise NotFound
    lot, framework, therapy_pence, assessment_pence = row
    is_assessment = lot.service == Service.SPECIALIST_ASSESSMENT
    return LotOn(lot, framework, assessment_pence if is_assessment else therapy_pence)


def standing(session: Session, brief: Brief, now: datetime, *, minimum: timedelta | None = None) -> Standing:
    """How a draft stands today. `minimum` replaces the least number of working days."""
    today, terms = london_day(now), terms_of(brief)
    on, edit = lot_on(session, brief.lot_id, today), f"/briefs/{brief.id}/edit"
    criteria = session.exec(
        select(BriefCriterion, FrameworkCriterion)
        .join(
            FrameworkCriterion,
            and_(
                col(FrameworkCriterion.framework_id) == brief.framework_id,
                col(FrameworkCriterion.position) == BriefCriterion.position,
            ),
        )
        .where(BriefCriterion.brief_id == brief.id)
        .order_by(col(BriefCriterion.position))
    ).all()
    found = check(
        Checked(
            need=brief.need,
            outcomes=brief.outcomes,
            age_band=brief.age_band,
            area=brief.area,
            sessions=brief.sessions,
            start_by=brief.start_by,
            budget_pence=brief.budget_pence,
            closes_on=london_day(brief.closes_at),
            terms=terms,
            criteria=tuple(CheckedCriterion(own.position, own.name, own.is_price, own.weight) for own, _ in criteria),
            lot=_price(on.lot),
            limit_pence=on.limit_pence,
            framework_ends_on=on.framework.ends_on,
            direct_award=bool(on.framework.direct_award),
            today=today,
        )
    )
    texts = guarded_texts(session, brief)
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


def _price(lot: Lot) -> LotPrice:
    return LotPrice(
        Service(lot.service), PriceUnit(lot.price_unit), lot.ceiling_pence, lot.mechanism == Mechanism.FIXED_PRICE
    )
