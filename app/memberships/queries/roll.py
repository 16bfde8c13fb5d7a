"""Who is a member of a framework, who may be invited and why not: for its lead, and for the agencies on its list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, tuple_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.entitlement import entitled_bodies
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.queries import LotView, RegionView, framework_row, lots_and_regions
from app.frameworks.rules import Part
from app.memberships.models import Membership
from app.memberships.policy import concern_deciders_of
from app.memberships.queries.live import live
from app.memberships.queries.standing import PAGE, Member, standings
from app.memberships.rules import Why, is_why
from app.organisations.policy import buyer_ids, lead_ids
from app.organisations.rules import Role

LOOKED_AT: Final = 100  # of how many members one page works out what stands in the way


@dataclass(frozen=True, slots=True)
class FrameworkMembers:
    """A page of the members of one lot of a framework, region by region, and the other lots and regions to look at.

    `leads`: the reader decides about ratings; `decides`: about concerns. `begins`: no page is before this one; `last` is the
    last membership that was looked at, if more follow.
    """

    framework_id: UUID
    framework_name: str
    lots: tuple[LotView, ...]
    regions: tuple[RegionView, ...]
    lot: LotView | None
    region: RegionView | None
    why: Why | None
    members: list[Member]
    leads: bool
    decides: bool
    begins: bool
    last: UUID | None


def overseen_framework(
    session: Session, actor: Actor, framework_id: UUID, at: datetime
) -> tuple[Framework, UUID | None]:
    """A framework, for its lead and for whoever may call off from it that day, with the agency that may.

    Raises `NotFound` for everybody else.
    """
    row = framework_row(session, actor, framework_id)
    agencies = entitled_bodies(session, framework_id, buyer_ids(actor), london_day(at))
    if row.lead_id not in lead_ids(actor) and not agencies:
        raise NotFound
    return row, min(agencies, default=None)


def first_members(
    session: Session, framework_id: UUID, at: datetime, most: int
) -> tuple[dict[Part, int], list[Member]]:
    """How many memberships of a framework run, by lot and region; and of each, at most so many who joined first as they stand."""
    runs = live(london_day(at))
    there = sa_select(col(Membership.id)).where(
        col(Membership.lot_id) == Lot.id, col(Membership.region_id) == Region.id, runs
    )
    some = there.correlate(Lot, Region).order_by(col(Membership.id)).limit(most).subquery()
    cells = (
        sa_select(
            col(Lot.id).label("lot_id"),
            col(Region.id).label("region_id"),
            there.with_only_columns(func.count()).scalar_subquery().label("members"),
            sa_select(some.c.id).order_by(some.c.id.desc()).limit(1).scalar_subquery().label("last"),
        )
        .join(Region, col(Region.framework_id) == Lot.framework_id)
        .where(col(Lot.framework_id) == framework_id)
        .cte("cells")
        .prefix_with("MATERIALIZED")  # each once, and not again for each of its members
    )
    first = and_(
        col(Membership.lot_id) == cells.c.lot_id,
        col(Membership.region_id) == cells.c.region_id,
        col(Membership.id) <= cells.c.last,
    )
    rows = session.connection().execute(sa_select(cells, col(Membership.id)).join(Membership, first).where(runs)).all()
    found = standings(session, col(Membership.id).in_([row.id for row in rows]), at)
    return {(row.lot_id, row.region_id): row.members for row in rows}, found


def members_of_cells(session: Session, cells: Collection[Part], at: datetime) -> list[Member]:
    """Every membership of these lots in these regions that runs, as it stands at that moment."""
    here = tuple_(col(Membership.lot_id), col(Membership.region_id)).in_(cells)
    return standings(session, and_(here, live(london_day(at))), at)


def framework_members(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    lot_id: UUID | None,
    *,
    after: UUID | None = None,
    region_id: UUID | None = None,
    why: Why | None = None,
) -> FrameworkMembers:
    """The members of one lot, the first unless one is named, in one region or all, for the lead and for agencies on the list.

    To an agency, as its own policies of reliance have it. `why` keeps those of whom that holds today; because it is worked
    out and not stored, it is asked of one region, the first unless one is named, and a page is of so many as were looked at.
    `after` is the last membership of the page before. Raises `NotFound` for everybody else.
    """
    at = clock.now(session)
    row, agency_id = overseen_framework(session, actor, framework_id, at)
    of, regions = lots_and_regions(session, framework_id)
    lot = next((lot for lot in of if lot_id in (None, lot.id)), None)
    wanted = region_id or (regions[0].id if why and regions else None)
    region = next((one for one in regions if one.id == wanted), None)
    if (lot is None and lot_id) or (region is None and region_id):
        raise NotFound
    here = and_(col(Membership.lot_id) == (lot.id if lot else None), live(london_day(at)))
    if region:
        here = and_(here, col(Membership.region_id) == region.id)
    most = LOOKED_AT if why else PAGE
    found = standings(session, here, at, agency_id=agency_id, most=most, after=after)
    return FrameworkMembers(
        framework_id=framework_id,
        framework_name=row.name,
        lots=of,
        regions=regions,
        lot=lot,
        region=region,
        why=why,
        members=[one for one in found[:most] if why is None or is_why(why, one.reasons)],
        leads=row.lead_id in lead_ids(actor, Role.FRAMEWORK_LEAD),
        decides=concern_deciders_of(actor, row.lead_id),
        begins=after is None,
        last=found[most - 1].membership_id if len(found) > most else None,
    )
