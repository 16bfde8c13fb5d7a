"""The board of open briefs. A constant number of queries, however many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, UTCDateTime, col, select

from app.accounts.models import Person
from app.bids.boards.rules import Fit, fit
from app.bids.models import Bid
from app.bids.policy import BIDDERS, bidding_for
from app.bids.queries.letters import has_draft
from app.bids.queries.row import unconfirmed
from app.bids.rules import BidState
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import in_phase
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.database import fetch
from app.frameworks.models import Lot, LotTherapy, Region, RegionAuthority
from app.memberships.capacity.queries import Said, stated_by
from app.memberships.queries import Member, memberships
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.queries import contacts_of
from app.providers.models import ProviderArea, ProviderTherapy

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Card:
    """An open brief, for one of the reader's providers that was invited to it. `state`: of its bid, if one was begun and the
    reader `may_bid` for that provider; `unconfirmed`: the brief changed materially since it was sent; `unsent`: what
    was changed in it since was not sent.
    """

    brief_id: UUID
    reference: str
    title: str
    agency: str
    lot: str
    region: str
    budget_pence: int | None
    closes_at: datetime
    provider_id: UUID
    provider: str
    declined: bool
    may_bid: bool
    bid_id: UUID | None
    state: BidState | None
    unconfirmed: bool
    unsent: bool
    colleague_id: UUID | None
    colleague: str
    fit: Fit


@dataclass(frozen=True, slots=True)
class Board:
    """`regions`, `lots` and `colleagues` are what its filters offer: those of the whole board, and who may write bids."""

    cards: tuple[Card, ...]
    regions: tuple[tuple[str, str], ...]
    lots: tuple[tuple[str, str], ...]
    colleagues: tuple[tuple[str, str], ...]


def board(
    session: Session, actor: Actor, now: datetime, *, region: str = "", lot: str = "", colleague: str = ""
) -> Board:
    """Every open brief to which this person's providers are invited, those that close soonest first, at most a hundred."""
    mine, bidding = provider_ids(actor), bidding_for(actor)
    rows = fetch(session, _cards(), {"mine": list(mine), "bidding": list(bidding), "now": now})
    members = {
        (one.provider_id, one.lot_id, one.region_id): one for one in memberships(session, actor, now) if not one.ended
    }
    stated = stated_by(session, [one.membership_id for one in members.values()], now)
    areas, therapies = _areas(session, mine), _therapies(session, mine)
    cards = [
        (row, _card(row, members.get((row.provider_id, row.lot_id, row.region_id)), bidding, stated, areas, therapies))
        for row in rows
    ]
    people = contacts_of(session, bidding, *BIDDERS)
    return Board(
        cards=tuple(
            card
            for row, card in cards
            if region in ("", str(row.region_id))
            and lot in ("", str(row.lot_id))
            and colleague in ("", str(row.assigned_to))
        ),
        regions=_choices((str(row.region_id), card.region) for row, card in cards),
        lots=_choices((str(row.lot_id), card.lot) for row, card in cards),
        colleagues=tuple((str(one.person_id), one.name) for one in people),
    )


@cache
def _cards() -> Any:
    """Of bids, those alone for whose provider this person may bid: that there is one is nobody else's to know."""
    now: Any = sa.bindparam("now", type_=UTCDateTime())
    agency, provider = aliased(Organisation), aliased(Organisation)
    return (
        sa.select(
            col(Brief.id).label("brief_id"),
            col(Brief.reference),
            col(Brief.title),
            col(agency.name).label("agency"),
            col(Brief.lot_id),
            col(Lot.number),
            col(Lot.name).label("lot_name"),
            col(Brief.region_id),
            col(Region.name).label("region"),
            col(Brief.budget_pence),
            col(Brief.closes_at),
            col(BriefInvitation.provider_id),
            col(provider.name).label("provider"),
            col(BriefInvitation.declined_at),
            col(Bid.id).label("bid_id"),
            col(Bid.state),
            unconfirmed().label("unconfirmed"),
            has_draft().label("drafted"),
            col(Bid.assigned_to),
            col(Person.name).label("colleague"),
        )
        .join(BriefInvitation, col(BriefInvitation.brief_id) == col(Brief.id))
        .join(Lot, col(Lot.id) == col(Brief.lot_id))
        .join(Region, col(Region.id) == col(Brief.region_id))
        .join(agency, col(agency.id) == col(Brief.raa_id))
        .join(provider, col(provider.id) == col(BriefInvitation.provider_id))
        .outerjoin(
            Bid,
            (col(Bid.brief_id) == col(Brief.id))
            & (col(Bid.provider_id) == col(BriefInvitation.provider_id))
            & col(Bid.provider_id).in_(_several("bidding")),
        )
        .outerjoin(Person, col(Person.id) == col(Bid.assigned_to))
        .where(in_phase(Phase.OPEN, now), col(BriefInvitation.provider_id).in_(_several("mine")))
        .order_by(col(Brief.closes_at), col(Brief.id), col(provider.name))
        .limit(MOST)
    )


def _card(
    row: Any,
    member: Member | None,
    bidding: Collection[UUID],
    stated: dict[UUID, list[Said]],
    areas: dict[tuple[UUID, UUID], tuple[int, int]],
    therapies: dict[tuple[UUID, UUID], int],
) -> Card:
    said = stated.get(member.membership_id, []) if member else []
    return Card(
        brief_id=row.brief_id,
        reference=row.reference,
        title=row.title,
        agency=row.agency,
        lot=f"Lot {row.number}: {row.lot_name}",
        region=row.region,
        budget_pence=row.budget_pence,
        closes_at=row.closes_at,
        provider_id=row.provider_id,
        provider=row.provider,
        declined=row.declined_at is not None,
        may_bid=row.provider_id in bidding,
        bid_id=row.bid_id,
        state=BidState(row.state) if row.state else None,
        unconfirmed=bool(row.unconfirmed),
        unsent=bool(row.drafted) and row.state == BidState.SUBMITTED,
        colleague_id=row.assigned_to,
        colleague=row.colleague or "",
        fit=fit(
            reasons=member.reasons if member else (),
            places=[(one.therapy, one.figures.places, one.figures.weeks, one.stale) for one in said],
            areas=areas.get((row.provider_id, row.region_id), (0, 0)),
            therapies=therapies.get((row.provider_id, row.lot_id), 0),
        ),
    )


def _areas(session: Session, mine: Collection[UUID]) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    """By provider and region: how many of its authorities the provider serves, of how many."""
    of: dict[UUID, set[UUID]] = {}
    served: dict[UUID, set[UUID]] = {}
    for region_id, authority_id, provider_id in fetch(session, _served(), {"mine": list(mine)}):
        of.setdefault(region_id, set()).add(authority_id)
        if provider_id:
            served.setdefault(provider_id, set()).add(authority_id)
    return {
        (provider_id, region_id): (len(served.get(provider_id, set()) & all_of), len(all_of))
        for provider_id in mine
        for region_id, all_of in of.items()
    }


@cache
def _served() -> Any:
    mine = _several("mine")
    invited_to = (
        sa.select(col(Brief.region_id))
        .join(BriefInvitation, col(BriefInvitation.brief_id) == col(Brief.id))
        .where(col(BriefInvitation.provider_id).in_(mine))
    )
    return (
        sa.select(col(RegionAuthority.region_id), col(RegionAuthority.authority_id), col(ProviderArea.provider_id))
        .outerjoin(
            ProviderArea,
            (col(ProviderArea.authority_id) == col(RegionAuthority.authority_id))
            & col(ProviderArea.provider_id).in_(mine),
        )
        .where(col(RegionAuthority.region_id).in_(invited_to))
    )


def _several(name: str) -> Any:
    return sa.bindparam(name, expanding=True)


def _therapies(session: Session, mine: Collection[UUID]) -> dict[tuple[UUID, UUID], int]:
    """By provider and lot: how many of the lot's therapies it offers."""
    rows = session.exec(
        select(ProviderTherapy.provider_id, LotTherapy.lot_id, sa.func.count())
        .join(LotTherapy, col(LotTherapy.therapy_slug) == ProviderTherapy.therapy_slug)
        .where(col(ProviderTherapy.provider_id).in_(mine))
        .group_by(col(ProviderTherapy.provider_id), col(LotTherapy.lot_id))
    )
    return {(provider_id, lot_id): count for provider_id, lot_id, count in rows}


def _choices(found: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dict(found).items(), key=lambda one: one[1]))
