"""Lists of briefs: those to which a person's providers were invited. Of bids they know nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, SQLColumnExpression, String, and_, case, cast, exists, literal, or_
from sqlmodel import Session, col, select

from app.briefs import rules
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries.row import in_phase
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Lot, LotTherapy, Region
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.providers.models import Therapy

MOST: Final = 100


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
    mine = select(BriefInvitation.brief_id).where(col(BriefInvitation.provider_id).in_(provider_ids(actor)))
    query = _lines().where(col(Brief.id).in_(mine if which is None else mine.where(which)))
    if framework:
        query = query.where(col(Brief.framework_id) == framework)
    if service:
        query = query.where(col(Lot.service) == service)
    if therapy:
        query = query.where(could_be(literal(therapy)))
    if region:
        query = query.where(col(Brief.region_id) == region)
    is_open = in_phase(Phase.OPEN, now)
    soonest = case((is_open, col(Brief.closes_at)), else_=None)
    ordered = query.order_by(case((is_open, 0), else_=1), soonest, col(Brief.closes_at).desc(), col(Brief.id))
    return _drawn(session, ordered, now)


def could_be(therapy: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether this therapy, by its slug, could meet a brief: it names it, or names none and is of a lot that offers it."""
    named = cast(col(Brief.therapies), String)
    offered = exists().where(col(LotTherapy.lot_id) == Brief.lot_id, col(LotTherapy.therapy_slug) == therapy)
    return or_(named.contains('"' + therapy + '":'), and_(named == "{}", offered))


def opportunity_filters(session: Session, actor: Actor) -> tuple[dict[UUID, str], dict[UUID, str], dict[str, str]]:
    """The frameworks and the regions of the briefs this person's providers were invited to, and the therapies of their lots, by
    name.
    """
    mine = col(BriefInvitation.provider_id).in_(provider_ids(actor))
    rows = session.exec(
        select(Framework.id, Framework.name, Region.id, Region.name)
        .join(Brief, col(Brief.framework_id) == Framework.id)
        .join(Region, col(Region.id) == Brief.region_id)
        .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
        .where(mine)
        .distinct()
        .order_by(Framework.name, Region.name)
    ).all()
    therapies = session.exec(
        select(Therapy.slug, Therapy.name)
        .join(LotTherapy, col(LotTherapy.therapy_slug) == Therapy.slug)
        .join(Brief, col(Brief.lot_id) == LotTherapy.lot_id)
        .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
        .where(mine)
        .distinct()
        .order_by(Therapy.name)
    ).all()
    return {row[0]: row[1] for row in rows}, {row[2]: f"{row[3]} ({row[1]})" for row in rows}, dict(therapies)


def invitations(session: Session, actor: Actor, brief_id: UUID) -> tuple[Brief, list[Invitation]]:
    """The brief, and which of this person's providers were invited to it. Raises `NotFound` when none was."""
    rows = session.exec(
        select(Brief, BriefInvitation, Organisation.name)
        .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
        .join(Organisation, col(Organisation.id) == BriefInvitation.provider_id)
        .where(BriefInvitation.brief_id == brief_id, col(BriefInvitation.provider_id).in_(provider_ids(actor)))
        .order_by(Organisation.name)
    )
    found = [
        (brief, Invitation(one.provider_id, name, one.declined_at, one.declined_reason)) for brief, one, name in rows
    ]
    if not found:
        raise NotFound
    return found[0][0], [one for _, one in found]


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


def _drawn(session: Session, query: Select[*tuple[Any, ...]], now: datetime) -> list[BriefLine]:
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
        for row in session.connection().execute(query)
    ]
