"""What a draft is written with: enough to read what was typed and to answer a save, and nothing of what a submit weighs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.letters.rules import Question
from app.bids.models import Bid
from app.bids.naming import practitioner_column, practitioners_in
from app.bids.partners import allies_in, ally_column
from app.bids.policy import bidding_for
from app.bids.queries.letters import Prices
from app.bids.queries.row import questions
from app.briefs.models import Brief
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.models import Lot
from app.frameworks.rules import PriceUnit
from app.memberships.rates.queries import limit_columns, limits


@dataclass(frozen=True, slots=True)
class Desk:
    """`people` are the bidder's practitioners and `allies` those whom it may name as partners, by id."""

    bid_id: UUID
    people: Mapping[UUID, str]
    allies: Mapping[UUID, str]
    asked: tuple[Question, ...]
    prices: Prices
    budget_pence: int | None
    sessions: int | None
    two_envelopes: bool


def desk(session: Session, actor: Actor, bid_id: UUID, now: datetime) -> Desk:
    """Of one of this person's own bids, in one statement. Raises `NotFound`."""
    found = session.execute(
        select(Brief, Lot, practitioner_column(Bid.provider_id), ally_column(Bid.provider_id))
        .add_columns(*limit_columns(Bid.provider_id))
        .join(Bid, col(Bid.brief_id) == Brief.id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .where(col(Bid.id) == bid_id, col(Bid.provider_id).in_(bidding_for(actor)))
    ).first()
    if found is None:
        raise NotFound
    brief, lot, people, known, further, agreed = found
    return Desk(
        bid_id,
        practitioners_in(people),
        allies_in(known),
        questions(brief),
        Prices(PriceUnit(lot.price_unit), limits(lot, further, agreed, london_day(now))),
        brief.budget_pence,
        brief.sessions,
        brief.two_envelopes,
    )
