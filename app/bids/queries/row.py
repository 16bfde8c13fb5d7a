"""A bid's own row, what it is asked, and who may act on it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam
from sqlmodel import Session, col, select

from app.bids.letters.rules import STANDING, Question
from app.bids.models import Bid, BidReceipt
from app.bids.policy import bidding_for
from app.bids.rules import BidState
from app.briefs.models import Brief
from app.briefs.terms.models import questions_of
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal
from app.frameworks.requirements import Requirement
from app.memberships import queries as memberships
from app.memberships.queries import Eligibility
from app.memberships.rules import Moment
from app.memberships.rules.answers import Answered
from app.providers.models import Provider

LEFT_BEHIND = and_(
    col(Bid.state) == BidState.SUBMITTED,
    col(BidReceipt.replaced_at).is_(None),
    col(BidReceipt.brief_version) < col(Brief.material_version),
)
"""A bid that stands was received for a version of its brief before the last material change."""


def unconfirmed() -> ColumnElement[bool]:
    """Whether that is so of the bid of a row, as a column of a query over bids and briefs."""
    receipt = select(BidReceipt.id).where(BidReceipt.bid_id == Bid.id, LEFT_BEHIND)
    return receipt.correlate(Bid, Brief).exists()


def own_bid(session: Session, actor: Actor, bid_id: UUID, *, lock: bool = False) -> Bid:
    """The row, if it is of a provider for which this person bids. Raises `NotFound`.

    The lock lets a row that refers to the bid be written meanwhile: a late submit and an award never wait for each other.
    The bidder is shared before it, as whoever ends its membership locks both in this order.
    """
    row: Bid | None = session.execute(_own_bid(lock), {"id": bid_id, "bidders": list(bidding_for(actor))}).scalar()
    if row is None:
        raise NotFound
    return row


@cache
def _own_bid(lock: bool) -> Any:
    """Put together once, as that takes longer than the answer."""
    bid_id: Any = bindparam("id", type_=Uuid())
    query = select(Bid).where(Bid.id == bid_id, col(Bid.provider_id).in_(bindparam("bidders", expanding=True)))
    if not lock:
        return query
    bidder = select(Bid.provider_id).where(Bid.id == bid_id).scalar_subquery()
    shared = select(Provider.id).where(Provider.id == bidder).with_for_update(read=True).subquery()
    locked = query.join(shared, shared.c.id == col(Bid.provider_id)).with_for_update(key_share=True, of=Bid)
    return locked.execution_options(populate_existing=True)


@dataclass(frozen=True, slots=True)
class NotReceived:
    """What there is to tell beside a bid that is not received any more. `unconfirmed`: what had been submitted before was not
    confirmed after its brief changed.
    """

    reference: str
    closes_at: datetime
    cancelled: bool
    state: BidState
    unconfirmed: bool


def not_received(session: Session, actor: Actor, bid_id: UUID) -> NotReceived:
    """In one question: just after a close many ask at once. Raises `NotFound` to all but its bidders."""
    what = (
        select(Brief.reference, Brief.closes_at, Brief.cancelled_at, Bid.state)
        .add_columns(unconfirmed())
        .join(Bid, col(Bid.brief_id) == Brief.id)
        .where(col(Bid.id) == bid_id, col(Bid.provider_id).in_(bidding_for(actor)))
    )
    found = session.execute(what).first()
    if found is None:
        raise NotFound
    called, closes_at, cancelled_at, state, left_behind = found
    return NotReceived(called, closes_at, cancelled_at is not None, BidState(state), bool(left_behind))


def bid_of(session: Session, brief_id: UUID, provider_id: UUID) -> Bid | None:
    return session.exec(select(Bid).where(Bid.brief_id == brief_id, Bid.provider_id == provider_id)).first()


def questions(brief: Brief) -> tuple[Question, ...]:
    """What every bid for this brief answers: its own questions, or where it has none those that stand."""
    own = tuple(Question(str(one.id), one.text, max_words=one.max_words) for one in questions_of(brief))
    return own or STANDING


def not_eligible(session: Session, brief: Brief, provider_id: UUID, at: datetime) -> tuple[Refusal, ...]:
    """Every reason why this provider may not act in the brief's lot and region at that moment."""
    return eligible_of(session, brief, (provider_id,), at)[provider_id].reasons


def eligible_of(
    session: Session,
    brief: Brief,
    provider_ids: Collection[UUID],
    at: datetime,
    needs: Sequence[Requirement] | None = None,
) -> dict[UUID, Eligibility]:
    """What the one eligibility function says of these providers; `needs` is what the brief's lot requires, where it was read."""
    return memberships.eligibilities(
        session,
        provider_ids=provider_ids,
        lot_id=brief.lot_id,
        region_id=brief.region_id,
        at=at,
        agency_id=brief.raa_id,
        called_off_at=brief.published_at,
        needs=needs,
    )


def answered(session: Session, moment: Moment, brief: Brief, provider_id: UUID, at: datetime) -> Answered:
    """What the one eligibility function says of a provider for a brief, to be kept with what is decided by it."""
    return as_answer(moment, brief, provider_id, at, not_eligible(session, brief, provider_id, at))


def answered_of(
    session: Session, moment: Moment, brief: Brief, provider_ids: Collection[UUID], at: datetime
) -> dict[UUID, Answered]:
    """The same of several providers, in as many queries as of one."""
    found = eligible_of(session, brief, provider_ids, at)
    return {one: as_answer(moment, brief, one, at, eligible.reasons) for one, eligible in found.items()}


def as_answer(moment: Moment, brief: Brief, provider_id: UUID, at: datetime, reasons: tuple[Refusal, ...]) -> Answered:
    return Answered(moment, brief.id, provider_id, brief.lot_id, brief.region_id, at, reasons)
