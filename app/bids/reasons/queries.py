"""Why invited members did not bid, of briefs whose bids are opened: before that a decline would tell who is left."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists
from sqlmodel import Session, col, func, select

from app.bids.models import Bid
from app.bids.rules import BidState
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import brief_of_buyer
from app.briefs.rules import DeclineReason
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.queries import led_framework
from app.organisations.models import Organisation

MOST_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class Declined:
    provider_name: str
    reason: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BriefReasons:
    brief_id: UUID
    reference: str
    title: str
    declined: tuple[Declined, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A lot in a region: how often its briefs were declined for each reason, and how often members were invited in all."""

    lot: str
    region: str
    invited: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MarketReasons:
    """Of a whole framework. `words` are what decliners added, without their names."""

    framework_id: UUID
    framework_name: str
    reasons: tuple[str, ...]
    parts: tuple[Part, ...]
    words: tuple[tuple[str, str], ...]


def brief_reasons(session: Session, actor: Actor, brief_id: UUID) -> BriefReasons:
    """Who said "not this time" to a brief of this person's agency, and why. Raises `NotFound`, and before the opening as well."""
    brief = brief_of_buyer(session, actor, brief_id)
    if brief.opened_at is None:
        raise NotFound
    rows = session.exec(
        select(BriefInvitation, Organisation.name)
        .join(Organisation, col(Organisation.id) == BriefInvitation.provider_id)
        .where(BriefInvitation.brief_id == brief_id, _declined())
        .order_by(Organisation.name)
    )
    declined = tuple(
        Declined(name, DeclineReason(row.declined_reason).words, row.declined_words, row.declined_at)
        for row, name in rows
        if row.declined_at
    )
    return BriefReasons(brief_id, brief.reference, brief.title, declined)


def market_reasons(session: Session, actor: Actor, framework_id: UUID) -> MarketReasons:
    """For the framework's lead, of all its opened briefs. Raises `NotFound`, `NotAllowed`."""
    framework: Framework = led_framework(session, actor, framework_id, lock=False)
    opened = and_(col(Brief.framework_id) == framework_id, col(Brief.opened_at).is_not(None))
    reason = case((_declined(), col(BriefInvitation.declined_reason)), else_="")
    rows = session.execute(
        select(Lot.number, Lot.name, Region.name, func.count(col(BriefInvitation.id)))
        .add_columns(reason)
        .select_from(BriefInvitation)
        .join(Brief, col(Brief.id) == BriefInvitation.brief_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .where(opened)
        .group_by(col(Lot.number), Lot.name, Region.name, reason)
        .order_by(col(Lot.number), Region.name)
    ).all()
    invited, reasons = Counter[tuple[str, str]](), Counter[tuple[str, str, str]]()
    for number, lot, region, count, why in rows:
        part = f"Lot {number}: {lot}", region
        invited[part] += count
        reasons[*part, why] += count
    words = session.execute(
        select(BriefInvitation.declined_reason, BriefInvitation.declined_words)
        .join(Brief, col(Brief.id) == BriefInvitation.brief_id)
        .where(opened, _declined(), BriefInvitation.declined_words != "")
        .order_by(col(BriefInvitation.declined_at).desc())
        .limit(MOST_WORDS)
    )
    return MarketReasons(
        framework_id=framework_id,
        framework_name=framework.name,
        reasons=tuple(reason.words for reason in DeclineReason),
        parts=tuple(
            Part(lot, region, count, tuple((one.words, reasons[lot, region, one]) for one in DeclineReason))
            for (lot, region), count in invited.items()
        ),
        words=tuple((DeclineReason(why).words, said) for why, said in words),
    )


def _declined() -> ColumnElement[bool]:
    """Said "not this time", and sent no bid all the same."""
    stands = exists().where(
        col(Bid.brief_id) == BriefInvitation.brief_id,
        col(Bid.provider_id) == BriefInvitation.provider_id,
        col(Bid.state) == BidState.SUBMITTED,
    )
    return and_(col(BriefInvitation.declined_at).is_not(None), ~stands)
