"""One practitioner whole: what they hold, what they may deliver and why, and who may see which part of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.providers import policy, rules
from app.providers.models import (
    DbsRecord,
    PersonalInsurance,
    Practitioner,
    PractitionerTherapy,
    ProfessionalRegistration,
    Qualification,
    Supervision,
    Therapy,
)
from app.providers.queries.offers import Choice
from app.providers.queries.people import RegistrationView, registrations
from app.providers.rules import Ground


@dataclass(frozen=True, slots=True)
class TherapyView:
    """A therapy somebody may deliver, why, and what is usually expected of those who do; `why_not` once its ground has lapsed."""

    id: UUID
    slug: str
    name: str
    usual: str
    ground: str
    note: str
    why_not: Refusal | None


@dataclass(frozen=True, slots=True)
class PractitionerPage:
    """`dbs` and `insurance` are told to those who keep the provider's records, `timeline` to its own people."""

    id: UUID
    provider_id: UUID
    provider_name: str
    name: str
    profession: str
    added_at: datetime
    left_at: datetime | None
    registrations: tuple[RegistrationView, ...]
    qualifications: tuple[Qualification, ...]
    therapies: tuple[TherapyView, ...]
    supervision: Supervision | None
    insurance: PersonalInsurance | None
    dbs: DbsRecord | None
    today: date
    timeline: tuple[tuple[datetime, str], ...]


def practitioner_page(session: Session, actor: Actor, practitioner_id: UUID) -> PractitionerPage:
    """To its provider's people, and to buyers while the practitioner is there. Raises `NotFound`."""
    found = session.exec(
        select(Practitioner, Organisation.name, Supervision, PersonalInsurance)
        .join(Organisation, col(Organisation.id) == Practitioner.provider_id)
        .outerjoin(Supervision, col(Supervision.practitioner_id) == Practitioner.id)
        .outerjoin(PersonalInsurance, col(PersonalInsurance.practitioner_id) == Practitioner.id)
        .where(Practitioner.id == practitioner_id)
    ).first()
    if found is None:
        raise NotFound
    person, provider_name, supervision, insurance = found
    own, keeps = person.provider_id in provider_ids(actor), policy.may_edit(actor, person.provider_id)
    if not own and (person.left_at or not policy.sees_every_provider(actor)):
        raise NotFound
    on = london_day(clock.now(session))
    entries = tuple(
        entry for _, entry in registrations(session, col(ProfessionalRegistration.practitioner_id) == person.id)
    )
    held = qualifications(session, person.id)
    return PractitionerPage(
        id=person.id,
        provider_id=person.provider_id,
        provider_name=provider_name,
        name=person.full_name,
        profession=person.profession,
        added_at=person.added_at,
        left_at=person.left_at,
        registrations=entries,
        qualifications=held,
        therapies=_therapies(session, person, entries, held, on),
        supervision=supervision,
        insurance=insurance if keeps else None,
        dbs=newest_dbs(session, person.id) if keeps else None,
        today=on,
        timeline=tuple((e.at, audit.sentence(e)) for e in audit.timeline(session, person.id)) if own else (),
    )


def qualifications(session: Session, practitioner_id: UUID) -> tuple[Qualification, ...]:
    rows = session.exec(
        select(Qualification).where(Qualification.practitioner_id == practitioner_id).order_by(col(Qualification.id))
    )
    return tuple(rows)


def newest_dbs(session: Session, practitioner_id: UUID) -> DbsRecord | None:
    return session.exec(
        select(DbsRecord)
        .where(DbsRecord.practitioner_id == practitioner_id)
        .order_by(col(DbsRecord.recorded_at).desc(), col(DbsRecord.id).desc())
        .limit(1)
    ).first()


def grounds(session: Session, practitioner_id: UUID) -> tuple[Choice, ...]:
    """What may allow a therapy: their registrations, then their qualifications."""
    entries = registrations(session, col(ProfessionalRegistration.practitioner_id) == practitioner_id)
    return (
        *(Choice(str(entry.id), f"Registration: {entry.words}") for _, entry in entries),
        *(Choice(str(held.id), f"Qualification: {held.name}") for held in qualifications(session, practitioner_id)),
    )


def therapies_allowed_by(session: Session, entry_id: UUID) -> list[str]:
    """The names of the therapies that this registration or qualification allows."""
    either = (col(PractitionerTherapy.registration_id) == entry_id) | (
        col(PractitionerTherapy.qualification_id) == entry_id
    )
    return list(
        session.exec(
            select(Therapy.name)
            .join(PractitionerTherapy, col(PractitionerTherapy.therapy_slug) == Therapy.slug)
            .where(either)
        )
    )


def part_as_typed(session: Session, practitioner: Practitioner, part: str, entry_id: UUID | None) -> dict[str, Any]:
    """What is known of one part of a record, field by field, to be typed over. Raises `NotFound` for another's entry."""
    row: Any = None
    if part in ("registration", "qualification") and entry_id:
        row = session.get(ProfessionalRegistration if part == "registration" else Qualification, entry_id)
        if row is None or row.practitioner_id != practitioner.id:
            raise NotFound
    elif part in ("supervision", "insurance"):
        row = session.get(Supervision if part == "supervision" else PersonalInsurance, practitioner.id)
    elif part == "dbs":
        row = newest_dbs(session, practitioner.id)
    elif part == "name":
        row = practitioner
    return dict(row.model_dump()) if row else {}


def _therapies(
    session: Session,
    person: Practitioner,
    entries: tuple[RegistrationView, ...],
    held: tuple[Qualification, ...],
    on: date,
) -> tuple[TherapyView, ...]:
    words = {entry.id: Ground(entry.words, entry.expires_on) for entry in entries}
    words |= {q.id: Ground(", ".join(part for part in (q.name, q.awarding_body) if part)) for q in held}
    rows = session.exec(
        select(PractitionerTherapy, Therapy)
        .join(Therapy, col(Therapy.slug) == PractitionerTherapy.therapy_slug)
        .where(PractitionerTherapy.practitioner_id == person.id)
        .order_by(Therapy.name)
    )
    return tuple(
        TherapyView(
            id=row.id,
            slug=therapy.slug,
            name=therapy.name,
            usual=therapy.practitioner_evidence,
            ground=" and ".join(g.words for g in given),
            note=row.note,
            why_not=rules.why_not_deliver(
                practitioner_id=person.id,
                name=person.full_name,
                left=person.left_at is not None,
                therapy=therapy.name,
                grounds=given,
                on=on,
            ),
        )
        for row, therapy in rows
        for given in [[words[key] for key in (row.registration_id, row.qualification_id) if key]]
    )
