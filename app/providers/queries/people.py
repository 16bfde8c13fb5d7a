"""Who works there: the list, with each one's registrations."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers import rules
from app.providers.models import Practitioner, ProfessionalBody, ProfessionalRegistration, Provider
from app.providers.queries.offers import Choice


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """An entry in a body's register. `body` is its short name, or says that the list does not hold it."""

    id: UUID
    body: str
    body_name: str
    number: str
    expires_on: date | None
    warning: str | None

    @property
    def words(self) -> str:
        return " ".join(part for part in (self.body, self.number) if part)


@dataclass(frozen=True, slots=True)
class PractitionerView:
    """`body`, `registration_number` and `warning` are those of the first registration."""

    id: UUID
    name: str
    profession: str
    left_at: datetime | None
    registrations: tuple[RegistrationView, ...]

    @property
    def body(self) -> str:
        return self.registrations[0].body_name if self.registrations else ""

    @property
    def registration_number(self) -> str:
        return self.registrations[0].number if self.registrations else ""

    @property
    def warning(self) -> str | None:
        return self.registrations[0].warning if self.registrations else None


def practitioners(session: Session, provider_id: UUID, *, left: bool = False) -> tuple[PractitionerView, ...]:
    """Those who are with the provider now, by name; with `left`, those too who have left. One query."""
    rows = session.exec(
        select(Practitioner, ProfessionalRegistration, ProfessionalBody)
        .outerjoin(ProfessionalRegistration, col(ProfessionalRegistration.practitioner_id) == Practitioner.id)
        .outerjoin(ProfessionalBody, col(ProfessionalBody.slug) == ProfessionalRegistration.body_slug)
        .where(Practitioner.provider_id == provider_id, *(() if left else (col(Practitioner.left_at).is_(None),)))
        .order_by(Practitioner.full_name, col(Practitioner.id), col(ProfessionalRegistration.id))
    )
    people: dict[UUID, Practitioner] = {}
    entries: dict[UUID, list[RegistrationView]] = defaultdict(list)
    for person, entry, body in rows:
        people[person.id] = person
        entries[person.id] += [_registration(entry, body)] if entry else []
    return tuple(
        PractitionerView(person.id, person.full_name, person.profession, person.left_at, tuple(entries[person.id]))
        for person in people.values()
    )


def registrations(session: Session, *where: ColumnElement[bool]) -> list[tuple[UUID, RegistrationView]]:
    """Registrations with whose they are, the first one first."""
    rows = session.exec(
        select(ProfessionalRegistration, ProfessionalBody)
        .outerjoin(ProfessionalBody, col(ProfessionalBody.slug) == ProfessionalRegistration.body_slug)
        .where(*where)
        .order_by(col(ProfessionalRegistration.id))
    )
    return [(entry.practitioner_id, _registration(entry, body)) for entry, body in rows]


def bodies(session: Session) -> tuple[Choice, ...]:
    rows = session.exec(select(ProfessionalBody.slug, ProfessionalBody.name).order_by(ProfessionalBody.name))
    return tuple(Choice(slug, f"{name} ({slug})") for slug, name in rows)


def body_patterns(session: Session) -> dict[str, tuple[str, str]]:
    """The name of each body, and how it writes its numbers."""
    rows = session.exec(select(ProfessionalBody.slug, ProfessionalBody.name, ProfessionalBody.number_pattern))
    return {slug: (name, pattern) for slug, name, pattern in rows}


def own_practitioner(
    session: Session, actor: Actor, practitioner_id: UUID, *roles: Role, lock: bool = False
) -> Practitioner:
    """A practitioner of the actor's provider. Raises `NotFound` to outsiders, `NotAllowed` where the role does not reach."""
    wanted = select(Practitioner).where(
        Practitioner.id == practitioner_id, col(Practitioner.provider_id).in_(provider_ids(actor))
    )
    person = session.exec(wanted.with_for_update() if lock else wanted).first()
    if person is None:
        raise NotFound
    if roles and person.provider_id not in provider_ids(actor, *roles):
        raise NotAllowed
    return person


def unfinished_self(session: Session, provider_id: UUID) -> Practitioner | None:
    """A sole practitioner's own record, as registering made it: nothing but the name."""
    return session.exec(
        select(Practitioner)
        .join(Provider, col(Provider.id) == Practitioner.provider_id)
        .where(
            Practitioner.provider_id == provider_id,
            Provider.kind == rules.ProviderKind.SOLE_PRACTITIONER,
            Practitioner.profession == "",
            col(Practitioner.left_at).is_(None),
        )
    ).first()


def known_people(session: Session, provider_id: UUID) -> dict[tuple[str, str], UUID]:
    """The current practitioners by name in small letters and bare number: once for each registration, or under no number."""
    return {
        (person.name.casefold(), number): person.id
        for person in practitioners(session, provider_id)
        for number in {rules.bare(entry.number) for entry in person.registrations} or {""}
    }


def _registration(row: ProfessionalRegistration, body: ProfessionalBody | None) -> RegistrationView:
    return RegistrationView(
        id=row.id,
        body=body.slug if body else "Another body",
        body_name=body.name if body else "",
        number=row.number,
        expires_on=row.expires_on,
        warning=rules.registration_warning(body.number_pattern, row.number, body.slug) if body else None,
    )
