"""Looking at alerts: a person's own, what they may choose from, and which briefs an alert has not told of yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.briefs.alerts.models import AlertTold, BriefAlert
from app.briefs.alerts.rules import Often
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import could_be, in_phase
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Lot, LotTherapy, Region
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.organisations.models import OrganisationSeat
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.models import Therapy


@dataclass(frozen=True, slots=True)
class Alert:
    id: UUID
    framework: str
    region: str
    service: str
    therapy: str
    often: Often


@dataclass(frozen=True, slots=True)
class Choices:
    """What an alert may name: where one of the person's providers is a member today, by name, and what its lots offer."""

    frameworks: dict[UUID, str]
    regions: dict[UUID, str]
    therapies: dict[str, str]


@dataclass(frozen=True, slots=True)
class Untold:
    """A brief that fits a person's alert."""

    alert_id: UUID
    brief_id: UUID
    reference: str
    closes_at: datetime
    person_id: UUID
    email: str


def own_alerts(session: Session, actor: Actor) -> list[Alert]:
    """This person's live alerts, the oldest first."""
    rows = session.exec(
        select(BriefAlert, Framework.name, Region.name, Therapy.name)
        .outerjoin(Framework, col(Framework.id) == BriefAlert.framework_id)
        .outerjoin(Region, col(Region.id) == BriefAlert.region_id)
        .outerjoin(Therapy, col(Therapy.slug) == BriefAlert.therapy_slug)
        .where(BriefAlert.person_id == actor.known, col(BriefAlert.ended_at).is_(None))
        .order_by(col(BriefAlert.made_at), col(BriefAlert.id))
    )
    return [
        Alert(row.id, framework or "", region or "", row.service, therapy or "", Often(row.often))
        for row, framework, region, therapy in rows
    ]


def choices(session: Session, actor: Actor, now: datetime) -> Choices:
    mine = col(Membership.provider_id).in_(provider_ids(actor)), live(london_day(now))
    rows = session.exec(
        select(Framework.id, Framework.name, Region.id, Region.name)
        .join(Membership, col(Membership.framework_id) == Framework.id)
        .join(Region, col(Region.id) == Membership.region_id)
        .where(*mine)
        .distinct()
        .order_by(Framework.name, Region.name)
    ).all()
    therapies = session.exec(
        select(Therapy.slug, Therapy.name)
        .join(LotTherapy, col(LotTherapy.therapy_slug) == Therapy.slug)
        .join(Membership, col(Membership.lot_id) == LotTherapy.lot_id)
        .where(*mine)
        .distinct()
        .order_by(Therapy.name)
    )
    return Choices(
        {row[0]: row[1] for row in rows}, {row[2]: f"{row[3]} ({row[1]})" for row in rows}, dict(therapies.all())
    )


def own_alert(session: Session, actor: Actor, alert_id: UUID) -> BriefAlert:
    """The row, locked. Raises `NotFound`."""
    mine = BriefAlert.id == alert_id, BriefAlert.person_id == actor.known
    row = session.exec(select(BriefAlert).where(*mine).with_for_update()).first()
    if row is None:
        raise NotFound
    return row


def untold(session: Session, often: Collection[Often], now: datetime) -> list[Untold]:
    """Open briefs, published since the alert was made, to which a provider of its person is invited now. One query for all.

    None of which another alert has told this person already. To whom the invitation itself went by mail nothing is told at once:
    they know.
    """
    another = aliased(BriefAlert)
    told = exists().where(
        col(AlertTold.alert_id) == another.id,
        col(another.person_id) == BriefAlert.person_id,
        col(AlertTold.brief_id) == Brief.id,
    )
    invited = sa.func.max(sa.case((col(OrganisationSeat.role).in_((Role.OWNER, Role.BIDS)), 1), else_=0))
    columns: Any = (
        col(BriefAlert.id),
        col(Brief.id),
        col(Brief.reference),
        col(Brief.closes_at),
        col(Person.id),
        col(Person.email),
    )
    rows = session.execute(
        sa.select(*columns)
        .select_from(BriefAlert)
        .join(Person, col(Person.id) == col(BriefAlert.person_id))
        .join(OrganisationSeat, col(OrganisationSeat.person_id) == col(Person.id))
        .join(BriefInvitation, col(BriefInvitation.provider_id) == col(OrganisationSeat.organisation_id))
        .join(Brief, col(Brief.id) == col(BriefInvitation.brief_id))
        .join(Lot, col(Lot.id) == col(Brief.lot_id))
        .where(
            col(BriefAlert.often).in_(often),
            col(BriefAlert.ended_at).is_(None),
            col(Person.disabled_at).is_(None),
            col(OrganisationSeat.ended_at).is_(None),
            in_phase(Phase.OPEN, now),
            col(Brief.published_at) > col(BriefAlert.made_at),
            _fits(col(BriefAlert.framework_id).is_(None), col(BriefAlert.framework_id) == col(Brief.framework_id)),
            _fits(col(BriefAlert.region_id).is_(None), col(BriefAlert.region_id) == col(Brief.region_id)),
            _fits(col(BriefAlert.service) == "", col(BriefAlert.service) == col(Lot.service)),
            _fits(col(BriefAlert.therapy_slug).is_(None), could_be(col(BriefAlert.therapy_slug))),
            ~told,
        )
        .group_by(*columns, col(BriefAlert.often))
        .having(or_(col(BriefAlert.often) != Often.INSTANT, invited == 0))
        .order_by(col(Person.id), col(Brief.closes_at), col(Brief.id), col(BriefAlert.id))
    )
    return [Untold(*row) for row in rows]


def _fits(anything: ColumnElement[bool], this: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(anything, this)
