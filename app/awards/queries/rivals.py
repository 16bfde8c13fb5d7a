"""Who holds a seat in a provider in a competition, and so has no part in its opening, assessment or award."""

from uuid import UUID

from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.awards.rules.opening import why_not_take_part
from app.bids.models import Bid, BidPartner
from app.bids.partners import STANDS
from app.briefs.models import Brief, BriefInvitation
from app.core.refusals import Refusal
from app.organisations.models import OrganisationSeat


def why_not_take_part_now(session: Session, person_id: UUID, brief_id: UUID) -> Refusal | None:
    """The rule against rivals, with the seats of this moment: one may be gained after everything else was asked."""
    return why_not_take_part(belongs=bool(own_providers(session, person_id, brief_id)))


def own_providers(session: Session, person_id: UUID, brief_id: UUID) -> frozenset[UUID]:
    """The providers in this competition in which this person holds a seat now."""
    return frozenset(session.exec(seats_of(person_id, brief_id)))


def seats_of(person_id: UUID, brief_id: UUID) -> SelectOfScalar[UUID]:
    """The same, as a part of a query."""
    held = _seats_in_competition(col(OrganisationSeat.organisation_id), brief_id)
    return held.where(OrganisationSeat.person_id == person_id)


def seated_with_rivals(brief_id: UUID) -> SelectOfScalar[UUID]:
    """Everybody who holds a seat now in a provider in this competition, as a part of a query."""
    return _seats_in_competition(col(OrganisationSeat.person_id), brief_id)


def _seats_in_competition(column: Mapped[UUID], brief_id: UUID) -> SelectOfScalar[UUID]:
    """In the providers invited and, once the bids are open and nobody learns too early whom they name, in their partners."""
    invited = select(BriefInvitation.provider_id).where(BriefInvitation.brief_id == brief_id)
    partners = (
        select(BidPartner.provider_id)
        .join(Bid, col(Bid.id) == BidPartner.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(
            Brief.id == brief_id,
            col(Brief.opened_at).is_not(None),
            STANDS,
        )
    )
    return select(column).where(
        col(OrganisationSeat.organisation_id).in_(invited.union(partners)), col(OrganisationSeat.ended_at).is_(None)
    )
