"""Whose calendar an address is, and the deadlines in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from app.accounts.models import Person
from app.briefs.amending.models import BriefAmendment
from app.briefs.calendar.models import CalendarFeed
from app.briefs.calendar.rules import Deadline
from app.briefs.models import Brief, BriefInvitation
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.refusals import NotFound
from app.frameworks.models import Lot, Region
from app.organisations.models import Organisation, OrganisationSeat

KEPT: Final = timedelta(days=60)
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Feed:
    made_at: datetime


def own_feed(session: Session, actor: Actor) -> Feed | None:
    made = select(CalendarFeed.made_at).where(
        CalendarFeed.person_id == actor.known, col(CalendarFeed.ended_at).is_(None)
    )
    found = session.exec(made).first()
    return Feed(found) if found else None


def deadlines(session: Session, token: str, now: datetime, *, base: str) -> list[Deadline]:
    """Of the briefs to which this person's providers are invited, and of their agencies' own that are published.

    It knows nothing of bids, and says of a brief no more than its reference, its agency, lot and region. Who has no seat any more
    sees nothing. `base` is where the service is reached. Raises `NotFound`.
    """
    person_id = session.exec(
        select(CalendarFeed.person_id)
        .join(Person, col(Person.id) == CalendarFeed.person_id)
        .where(
            CalendarFeed.token_digest == digest(token.encode()),
            col(CalendarFeed.ended_at).is_(None),
            col(Person.disabled_at).is_(None),
        )
    ).first()
    if person_id is None:
        raise NotFound
    seats = select(OrganisationSeat.organisation_id).where(
        OrganisationSeat.person_id == person_id, col(OrganisationSeat.ended_at).is_(None)
    )
    invited = select(BriefInvitation.brief_id).where(col(BriefInvitation.provider_id).in_(seats))
    own = col(Brief.raa_id).in_(seats)
    amended = (
        select(func.max(BriefAmendment.published_at))
        .where(BriefAmendment.brief_id == Brief.id)
        .correlate(Brief)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Brief, Organisation.name, Lot.name, Region.name)
        .add_columns(own, amended)
        .join(Organisation, col(Organisation.id) == Brief.raa_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .where(
            col(Brief.published_at).is_not(None),
            col(Brief.closes_at) > now - KEPT,
            or_(own, col(Brief.id).in_(invited)),
        )
        .order_by(col(Brief.closes_at), col(Brief.id))
        .limit(MOST)
    )
    return [
        Deadline(
            uid=f"{brief.id}@portal.invalid",
            at=brief.closes_at,
            summary=f"Brief {brief.reference} closes",
            description=f"{agency}. {lot}, {region}. Sign in to read it.",
            url=f"{base}/{'briefs' if is_own else 'opportunities'}/{brief.id}",
            revision=brief.version + (brief.cancelled_at is not None),
            written_at=brief.cancelled_at or amended_at or brief.published_at,
            cancelled=brief.cancelled_at is not None,
        )
        for brief, agency, lot, region, is_own, amended_at in rows
    ]
