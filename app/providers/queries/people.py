"""Who works there."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.providers import rules
from app.providers.models import Practitioner, ProfessionalBody
from app.providers.queries.offers import Choice


@dataclass(frozen=True, slots=True)
class PractitionerView:
    id: UUID
    name: str
    profession: str
    body: str
    registration_number: str
    warning: str | None


def practitioners(session: Session, provider_id: UUID) -> tuple[PractitionerView, ...]:
    """Those who are with the provider now, by name."""
    rows = session.exec(
        select(Practitioner, ProfessionalBody)
        .outerjoin(ProfessionalBody, col(ProfessionalBody.slug) == Practitioner.body_slug)
        .where(Practitioner.provider_id == provider_id, col(Practitioner.left_at).is_(None))
        .order_by(Practitioner.full_name, col(Practitioner.id))
    )
    return tuple(_practitioner(person, body) for person, body in rows)


def bodies(session: Session) -> tuple[Choice, ...]:
    rows = session.exec(select(ProfessionalBody.slug, ProfessionalBody.name).order_by(ProfessionalBody.name))
    return tuple(Choice(slug, f"{name} ({slug})") for slug, name in rows)


def _practitioner(row: Practitioner, body: ProfessionalBody | None) -> PractitionerView:
    return PractitionerView(
        id=row.id,
        name=row.full_name,
        profession=row.profession,
        body=body.name if body else "",
        registration_number=row.registration_number,
        warning=rules.registration_warning(body.number_pattern, row.registration_number, body.slug) if body else None,
    )
