"""Closed providers whose people are named no longer, or will not be soon, and the proofs."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.core.london import london_day
from app.evidence.models import Anonymisation, LegalHold
from app.evidence.queries.retention import MOST, people_schedule
from app.evidence.rules.retention import add_months, day_ends, reached
from app.organisations.models import Organisation, OrganisationSeat
from app.providers.models import Practitioner, Provider


@dataclass(frozen=True, slots=True)
class PeopleDue:
    """A closed provider whose people's time is over: how many they are. `held` says that a legal hold keeps their names."""

    provider_id: UUID
    provider_name: str
    practitioners: int
    people: int
    due_on: date
    held: bool


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The proof of one provider."""

    provider_name: str
    practitioners: int
    people: int
    at: datetime


def people_due(session: Session, on: date, most: int | None = None) -> list[PeopleDue]:
    """Closed providers whose people are due by the London day `on`, the longest closed first. One query."""
    months = people_schedule().months
    practitioners = (
        select(func.count())
        .where(col(Practitioner.provider_id) == col(Provider.id))
        .correlate(Provider)
        .scalar_subquery()
    )
    people = (
        select(func.count(func.distinct(OrganisationSeat.person_id)))
        .where(col(OrganisationSeat.organisation_id) == col(Provider.id))
        .correlate(Provider)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Provider.id, Organisation.name, Provider.archived_at, LegalHold.id)
        .add_columns(practitioners, people)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .outerjoin(LegalHold, (col(LegalHold.provider_id) == Provider.id) & col(LegalHold.lifted_at).is_(None))
        .outerjoin(Anonymisation, col(Anonymisation.provider_id) == Provider.id)
        .where(col(Provider.archived_at) < day_ends(reached(on, months)), col(Anonymisation.provider_id).is_(None))
        .order_by(col(Provider.archived_at), col(Provider.id))
        .limit(most)
    )
    return [
        PeopleDue(provider_id, name, staff, seated, add_months(london_day(archived_at), months), hold is not None)
        for provider_id, name, archived_at, hold, staff, seated in rows
    ]


def forgotten(session: Session) -> list[Forgotten]:
    """The latest proofs, newest first."""
    rows = session.exec(
        select(Anonymisation, Organisation.name)
        .join(Organisation, col(Organisation.id) == Anonymisation.provider_id)
        .order_by(col(Anonymisation.at).desc(), col(Anonymisation.provider_id))
        .limit(MOST)
    )
    return [Forgotten(name, row.practitioners, row.people, row.at) for row, name in rows]
