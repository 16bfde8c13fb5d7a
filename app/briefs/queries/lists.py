"""Lists of briefs: those to which a person's providers were invited. Of bids they know nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    SQLColumnExpression,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    or_,
)
from sqlmodel import Session, UTCDateTime, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.briefs import rules
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries.row import in_phase
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.database import fetch
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Lot, LotTherapy, Region
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.providers.models import Therapy

MOST: Final = 100
_OWN: Final[Any] = bindparam("mine", expanding=True)


@dataclass(frozen=True, slots=True)
class BriefLine:
    """A row of a list. Of bids it knows nothing."""

    id: UUID
    reference: str
    title: str
    framework_name: str
    lot_number: int
    lot_name: str
    region_name: str
    raa_name: str
    budget_pence: int
    closes_at: datetime
    phase: Phase

    @property
    def lot(self) -> str:
        return f"Lot {self.lot_number}: {self.lot_name}"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One of the person's own providers, invited to a brief."""

    provider_id: UUID
    provider_name: str
    declined_at: datetime | None
    declined_reason: str


def opportunities(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    framework: UUID | None = None,
    service: str = "",
    therapy: str = "",
    region: UUID | None = None,
    which: ColumnElement[bool] | None = None,
) -> list[BriefLine]:
    """The briefs to which one of this person's providers was invited: open ones first, those that close soonest on top.

    `which` narrows it to some of the invitations.
    """
    asked = {"framework": framework, "service": service, "therapy": therapy, "region": region}
    narrowed = {name: value for name, value in asked.items() if value}
    query, given = _offered(frozenset(narrowed)), {"mine": list(provider_ids(actor)), "now": now, **narrowed}
    if which is not None:
        query = query.where(col(Brief.id).in_(_mine().where(which)))
    return _drawn(session, query, given, now)


def _mine() -> SelectOfScalar[UUID]:
    """The briefs to which one of the providers named `mine` was invited."""
    return select(BriefInvitation.brief_id).where(col(BriefInvitation.provider_id).in_(_OWN))


@cache
def _offered(narrowed: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Put together once for each set of filters that narrow it, as that takes longer than the answer."""
    is_open = in_phase(Phase.OPEN, bindparam("now", type_=UTCDateTime()))
    filters = {
        "framework": col(Brief.framework_id) == bindparam("framework", type_=Uuid()),
        "service": col(Lot.service) == bindparam("service"),
        "therapy": could_be(bindparam("therapy", type_=String())),
        "region": col(Brief.region_id) == bindparam("region", type_=Uuid()),
    }
    return (
        _lines()
        .where(col(Brief.id).in_(_mine()), *(filters[name] for name in sorted(narrowed)))
        .order_by(
            case((is_open, 0), else_=1),
            case((is_open, col(Brief.closes_at)), else_=None),
            col(Brief.closes_at).desc(),
            col(Brief.id),
        )
    )


def could_be(therapy: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether this therapy, by its slug, could meet a brief: it names it, or names none and is of a lot that offers it."""
    named = cast(col(Brief.therapies), String)
    offered = exists().where(col(LotTherapy.lot_id) == Brief.lot_id, col(LotTherapy.therapy_slug) == therapy)
    return or_(named.contains('"' + therapy + '":'), and_(named == "{}", offered))


def opportunity_filters(session: Session, actor: Actor) -> tuple[dict[UUID, str], dict[UUID, str], dict[str, str]]:
    """The frameworks and the regions of the briefs this person's providers were invited to, and the therapies of their lots, by
    name.
    """
    mine = {"mine": list(provider_ids(actor))}
    where, therapies = (fetch(session, query, mine) for query in _to_filter_by())
    return (
        {row[0]: row[1] for row in where},
        {row[2]: f"{row[3]} ({row[1]})" for row in where},
        dict(map(tuple, therapies)),
    )


@cache
def _to_filter_by() -> tuple[Executable, Executable]:
    mine = col(BriefInvitation.provider_id).in_(_OWN)
    return (
        select(Framework.id, Framework.name, Region.id, Region.name)
        .join(Brief, col(Brief.framework_id) == Framework.id)
        .join(Region, col(Region.id) == Brief.region_id)
        .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
        .where(mine)
        .distinct()
        .order_by(Framework.name, Region.name),
        select(Therapy.slug, Therapy.name)
        .join(LotTherapy, col(LotTherapy.therapy_slug) == Therapy.slug)
        .join(Brief, col(Brief.lot_id) == LotTherapy.lot_id)
        .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
        .where(mine)
        .distinct()
        .order_by(Therapy.name),
    )


def invitations(session: Session, actor: Actor, brief_id: UUID) -> tuple[Brief, list[Invitation]]:
    """The brief, and which of this person's providers were invited to it. Raises `NotFound` when none was."""
    rows = session.execute(_invitations(), {"brief": brief_id, "mine": list(provider_ids(actor))})
    found = [
        (brief, Invitation(one.provider_id, name, one.declined_at, one.declined_reason)) for brief, one, name in rows
    ]
    if not found:
        raise NotFound
    return found[0][0], [one for _, one in found]


@cache
def _invitations() -> Any:
    return (
        select(Brief, BriefInvitation, Organisation.name)
        .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
        .join(Organisation, col(Organisation.id) == BriefInvitation.provider_id)
        .where(BriefInvitation.brief_id == bindparam("brief", type_=Uuid()))
        .where(col(BriefInvitation.provider_id).in_(_OWN))
        .order_by(Organisation.name)
    )


def _lines() -> Select[*tuple[Any, ...]]:
    """The columns of a `BriefLine`, no more: a list never loads what a brief says."""
    return (
        sa.select(
            col(Brief.id),
            col(Brief.reference),
            col(Brief.title),
            col(Framework.name),
            col(Lot.number),
            col(Lot.name),
            col(Region.name),
            col(Organisation.name),
            col(Brief.budget_pence),
            col(Brief.closes_at),
            col(Brief.published_at),
            col(Brief.opened_at),
            col(Brief.awarded_at),
            col(Brief.cancelled_at),
        )
        .join(Framework, col(Framework.id) == col(Brief.framework_id))
        .join(Lot, col(Lot.id) == col(Brief.lot_id))
        .join(Region, col(Region.id) == col(Brief.region_id))
        .join(Organisation, col(Organisation.id) == col(Brief.raa_id))
        .limit(MOST)
    )


def _drawn(
    session: Session, query: Select[*tuple[Any, ...]], given: Mapping[str, Any], now: datetime
) -> list[BriefLine]:
    return [
        BriefLine(
            *row[:10],  # type: ignore[misc]  # the ten columns before the phase
            phase=rules.phase(
                closes_at=row[9],
                published_at=row[10],
                opened_at=row[11],
                awarded_at=row[12],
                cancelled_at=row[13],
                now=now,
            ),
        )
        for row in fetch(session, query, given)
    ]
