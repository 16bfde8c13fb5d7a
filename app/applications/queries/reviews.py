"""Refusals that their providers have asked to be looked at again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from app.applications.models import Application, ApplicationLot
from app.applications.rules import look_again_until
from app.core.actor import Actor
from app.core.london import london_day
from app.frameworks.models import Framework, Lot, Region, Round
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids
from app.organisations.rules import Role

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """`due` is the last day to answer; `took_part` says that somebody else has to."""

    application_id: UUID
    part_id: UUID
    provider_name: str
    framework_name: str
    lot: str
    region: str
    asked_at: datetime
    due: date
    took_part: bool


def reviews(session: Session, actor: Actor) -> list[ReviewLine]:
    """Those that wait for an answer in the frameworks this person leads, the oldest first, in one query."""
    query: Any = (
        sa_select(ApplicationLot, col(Organisation.name), col(Framework.name), col(Lot.name), col(Region.name))
        .join(Application, col(Application.id) == ApplicationLot.application_id)
        .join(Organisation, col(Organisation.id) == Application.provider_id)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .join(Lot, col(Lot.id) == ApplicationLot.lot_id)
        .join(Region, col(Region.id) == ApplicationLot.region_id)
        .where(
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
            col(ApplicationLot.review_asked_at).is_not(None),
            col(ApplicationLot.review_outcome).is_(None),
        )
        .order_by(col(ApplicationLot.review_asked_at), col(ApplicationLot.id))
        .limit(MOST)
    )
    return [
        ReviewLine(
            part.application_id,
            part.id,
            provider,
            framework,
            lot,
            region,
            part.review_asked_at,
            look_again_until(london_day(part.review_asked_at)),
            actor.person_id in (part.proposed_by, part.decided_by),
        )
        for part, provider, framework, lot, region in session.execute(query)
    ]
