"""A member's invitations of the last year beside what it stated on the day of each. Three queries, however many."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from app.bids.accuracy.rules import Asked, told, went
from app.bids.models import Bid
from app.bids.partners import stands_as_partner
from app.bids.rules import BidState
from app.briefs.models import Brief, BriefInvitation
from app.core import clock
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.frameworks.models import Lot, Region
from app.memberships.models import Capacity
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, provider_ids
from app.providers.models import Provider
from app.providers.policy import sees_every_provider

LOOKED_BACK: Final = timedelta(days=365)
MOST: Final = 200

Stated = tuple[int, int, datetime]
"""Places of all therapies, the shortest wait in weeks, and when the newest of them was said."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The record in sentences, and each invitation that the reader may see by itself, the newest first."""

    provider_id: UUID
    provider: str
    told: tuple[str, ...]
    asked: tuple[Asked, ...]


def accuracy(session: Session, actor: Actor, provider_id: UUID) -> Accuracy:
    """To the provider's own people, and to those who see every provider. Raises `NotFound`.

    Its own people see every invitation. An agency sees those of its own briefs; what another agency asked is only in the sums,
    and only once that brief is awarded or cancelled: who bid there is not for others.
    """
    own, agencies = provider_id in provider_ids(actor), buyer_ids(actor)
    if not own and not sees_every_provider(actor):
        raise NotFound
    name = session.exec(
        select(Organisation.name).join(Provider, col(Provider.id) == Organisation.id).where(Provider.id == provider_id)
    ).first()
    if name is None:
        raise NotFound
    since = clock.now(session) - LOOKED_BACK
    invited = (
        col(BriefInvitation.provider_id) == provider_id,
        col(BriefInvitation.invited_at) >= since,
        col(Brief.opened_at).is_not(None),
        true()
        if own
        else or_(
            col(Brief.raa_id).in_(agencies), col(Brief.awarded_at).is_not(None), col(Brief.cancelled_at).is_not(None)
        ),
    )
    newer = aliased(Capacity)
    said_later = (
        select(newer.id)
        .where(
            col(newer.membership_id) == Capacity.membership_id,
            col(newer.therapy_slug) == Capacity.therapy_slug,
            col(newer.as_of) > col(Capacity.as_of),
            col(newer.as_of) <= col(BriefInvitation.invited_at),
        )
        .exists()
    )
    stated: dict[UUID, Stated] = {
        key: (places, weeks, as_of)
        for key, places, weeks, as_of in session.execute(
            select(BriefInvitation.id, func.sum(Capacity.places), func.min(Capacity.waiting_weeks))
            .add_columns(func.max(Capacity.as_of))
            .join(Brief, col(Brief.id) == BriefInvitation.brief_id)
            .join(Capacity, col(Capacity.membership_id) == BriefInvitation.membership_id)
            .where(*invited, col(Capacity.as_of) <= col(BriefInvitation.invited_at), ~said_later)
            .group_by(col(BriefInvitation.id))
        )
    }
    rows = session.execute(
        select(BriefInvitation, Lot, Region.name, Bid.state)
        .add_columns(
            stands_as_partner(col(BriefInvitation.provider_id), col(BriefInvitation.brief_id)), col(Brief.raa_id)
        )
        .join(Brief, col(Brief.id) == BriefInvitation.brief_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .outerjoin(Bid, (col(Bid.brief_id) == Brief.id) & (col(Bid.provider_id) == BriefInvitation.provider_id))
        .where(*invited)
        .order_by(col(BriefInvitation.invited_at).desc(), col(BriefInvitation.id))
        .limit(MOST)
    )
    asked = [
        (_asked(row, lot, region, state, bool(partner), stated.get(row.id)), agency)
        for row, lot, region, state, partner, agency in rows
    ]
    shown = tuple(one for one, agency_id in asked if own or agency_id in agencies)
    return Accuracy(provider_id, name, told([one for one, _ in asked]), shown)


def _asked(
    row: BriefInvitation, lot: Lot, region: str, state: str | None, partner: bool, stated: Stated | None
) -> Asked:
    places, weeks, as_of = stated or (None, None, None)
    return Asked(
        lot=f"Lot {lot.number}: {lot.name}",
        region=region,
        invited_at=row.invited_at,
        places=places,
        weeks=weeks,
        as_of=as_of,
        went=went(
            bid=BidState(state) if state else None,
            partner=partner,
            declined=row.declined_at is not None,
            reason=row.declined_reason,
        ),
    )
