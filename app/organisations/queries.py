"""Looking at organisations, regions and seats."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.core.actor import Seat
from app.organisations.models import Organisation, OrganisationSeat


def seats_of(session: Session, person_id: UUID) -> tuple[Seat, ...]:
    """Every seat a person holds now, by organisation's name."""
    rows = session.exec(
        select(Organisation.id, Organisation.name, Organisation.kind, OrganisationSeat.role)
        .join(OrganisationSeat, col(OrganisationSeat.organisation_id) == Organisation.id)
        .where(OrganisationSeat.person_id == person_id, col(OrganisationSeat.ended_at).is_(None))
        .order_by(Organisation.name, OrganisationSeat.role)
    )
    return tuple(Seat(*row) for row in rows)
