"""What is recorded about a practitioner: each part kept or taken away, each change told in their history."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, refuse_if
from app.providers import events, queries, rules
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
from app.providers.policy import EDITORS


def change_practitioner(
    session: Session, actor: Actor, practitioner_id: UUID, *, full_name: str, profession: str
) -> None:
    person = _locked(session, actor, practitioner_id)
    if _differs(person, full_name=full_name, profession=profession):
        _tell(session, actor, person, "the name or profession")


def return_practitioner(session: Session, actor: Actor, practitioner_id: UUID) -> None:
    """Somebody who had left is back: what they hold counts again."""
    person = _locked(session, actor, practitioner_id)
    if person.left_at is None:
        return
    person.left_at = None
    audit.record(
        session,
        events.PRACTITIONER_RETURNED,
        actor=actor,
        subject=person.id,
        about=person.provider_id,
        name=audit.Personal(person.full_name, person.id),
    )


def keep_registration(
    session: Session,
    actor: Actor,
    practitioner_id: UUID,
    *,
    body_slug: str | None,
    number: str = "",
    expires_on: date | None = None,
    entry_id: UUID | None = None,
) -> UUID:
    """Add a registration, or change the one that `entry_id` names; the same body and number again is the same entry."""
    person = _locked(session, actor, practitioner_id)
    if body_slug:
        refuse_if(rules.unknown([body_slug], {choice.value for choice in queries.bodies(session)}))
    row = (
        _entry(session, ProfessionalRegistration, person, entry_id)
        or session.exec(
            select(ProfessionalRegistration).where(
                ProfessionalRegistration.practitioner_id == person.id,
                ProfessionalRegistration.body_slug == body_slug,
                ProfessionalRegistration.number == number,
            )
        ).first()
    )
    if row is None:
        row = ProfessionalRegistration(practitioner_id=person.id, added_at=clock.now(session))
        session.add(row)
        row.body_slug, row.number, row.expires_on = body_slug, number, expires_on
        _tell(session, actor, person, f"the registration {body_slug or 'with another body'}")
    elif _differs(row, body_slug=body_slug, number=number, expires_on=expires_on):
        _tell(session, actor, person, f"the registration {body_slug or 'with another body'}")
    session.flush()
    return row.id


def keep_qualification(
    session: Session,
    actor: Actor,
    practitioner_id: UUID,
    *,
    name: str,
    awarding_body: str = "",
    year: int | None = None,
    entry_id: UUID | None = None,
) -> UUID:
    """Add a qualification, or change the one that `entry_id` names; the same name and body again is the same."""
    person = _locked(session, actor, practitioner_id)
    row = (
        _entry(session, Qualification, person, entry_id)
        or session.exec(
            select(Qualification).where(
                Qualification.practitioner_id == person.id,
                Qualification.name == name,
                Qualification.awarding_body == awarding_body,
            )
        ).first()
    )
    if row is None:
        row = Qualification(practitioner_id=person.id, name=name, added_at=clock.now(session))
        session.add(row)
        row.awarding_body, row.year = awarding_body, year
        _tell(session, actor, person, f"the qualification {name}")
    elif _differs(row, name=name, awarding_body=awarding_body, year=year):
        _tell(session, actor, person, f"the qualification {name}")
    session.flush()
    return row.id


def allow_therapy(
    session: Session, actor: Actor, practitioner_id: UUID, *, therapy: str, ground: UUID | None, note: str = ""
) -> None:
    """Say that this person may deliver a therapy, and which registration or qualification allows it; again, it is changed."""
    person = _locked(session, actor, practitioner_id)
    kind = session.get(Therapy, therapy)
    refuse_if(rules.unknown([therapy], [kind.slug] if kind else []))
    entries = _ids(session, ProfessionalRegistration, person.id)
    refuse_if(rules.why_not_ground(held=entries | _ids(session, Qualification, person.id), ground=ground))
    row = session.exec(
        select(PractitionerTherapy).where(
            PractitionerTherapy.practitioner_id == person.id, PractitionerTherapy.therapy_slug == therapy
        )
    ).first() or PractitionerTherapy(practitioner_id=person.id, therapy_slug=therapy)
    session.add(row)
    registration, qualification = (ground, None) if ground in entries else (None, ground)
    if _differs(row, registration_id=registration, qualification_id=qualification, note=note):
        _tell(session, actor, person, f"what allows {kind.name if kind else therapy}")


def keep_supervision(
    session: Session,
    actor: Actor,
    practitioner_id: UUID,
    *,
    supervisor: str,
    frequency: rules.Frequency,
    body: str = "",
    last_on: date | None = None,
) -> None:
    person = _locked(session, actor, practitioner_id)
    row = _only(session, Supervision, person)
    if _differs(row, supervisor=supervisor, body=body, frequency=str(frequency), last_on=last_on):
        _tell(session, actor, person, "the supervision")


def keep_insurance(
    session: Session, actor: Actor, practitioner_id: UUID, *, insurer: str, expires_on: date, policy_number: str = ""
) -> None:
    """Cover of the practitioner's own, where the provider's does not reach them."""
    person = _locked(session, actor, practitioner_id)
    row = _only(session, PersonalInsurance, person)
    if _differs(row, insurer=insurer, policy_number=policy_number, expires_on=expires_on):
        _tell(session, actor, person, "the personal insurance")


def record_dbs(
    session: Session,
    actor: Actor,
    practitioner_id: UUID,
    *,
    certificate_number: str,
    issued_on: date,
    level: rules.DbsLevel,
    workforce: rules.Workforce,
    children_barred: bool = False,
    adults_barred: bool = False,
    update_service: bool = False,
    consented_on: date | None = None,
) -> None:
    """The facts of a certificate; the number stays out of the history. The same again changes nothing."""
    person = _locked(session, actor, practitioner_id)
    facts: dict[str, Any] = {
        "certificate_number": certificate_number,
        "issued_on": issued_on,
        "level": str(level),
        "workforce": str(workforce),
        "children_barred": children_barred,
        "adults_barred": adults_barred,
        "update_service": update_service,
        "consented_on": consented_on if update_service else None,
    }
    known = queries.newest_dbs(session, person.id)
    if known and all(getattr(known, name) == value for name, value in facts.items()):
        return
    session.add(DbsRecord(practitioner_id=person.id, recorded_at=clock.now(session), recorded_by=actor.known, **facts))
    _tell(session, actor, person, "the DBS record")


def remove_entry(session: Session, actor: Actor, practitioner_id: UUID, part: str, entry_id: UUID) -> None:
    """Take away a registration, a qualification or a therapy that was recorded; a second time it is no error.

    Raises `Refused` while a therapy is allowed by it, `NotFound` for a part that has no entries.
    """
    if part not in _ENTRIES:
        raise NotFound
    person = _locked(session, actor, practitioner_id)
    row = session.get(_ENTRIES[part], entry_id)
    if row is None or row.practitioner_id != person.id:
        return
    if part != "therapy":
        refuse_if(rules.why_not_remove(allows=queries.therapies_allowed_by(session, entry_id)))
    session.delete(row)
    audit.record(
        session,
        events.PRACTITIONER_ENTRY_REMOVED,
        actor=actor,
        subject=person.id,
        about=person.provider_id,
        what=f"the {part} {_called(session, row)}",
        name=audit.Personal(person.full_name, person.id),
    )


_ENTRIES: Final[dict[str, Any]] = {
    "registration": ProfessionalRegistration,
    "qualification": Qualification,
    "therapy": PractitionerTherapy,
}


def _called(session: Session, row: Any) -> str:
    if isinstance(row, ProfessionalRegistration):
        return row.body_slug or "with another body"
    return row.name if isinstance(row, Qualification) else session.get_one(Therapy, row.therapy_slug).name


def _locked(session: Session, actor: Actor, practitioner_id: UUID) -> Practitioner:
    return queries.own_practitioner(session, actor, practitioner_id, *EDITORS, lock=True)


def _entry(session: Session, table: Any, person: Practitioner, entry_id: UUID | None) -> Any:
    if entry_id is None:
        return None
    row = session.get(table, entry_id)
    if row is None or row.practitioner_id != person.id:
        raise NotFound
    return row


def _only(session: Session, table: Any, person: Practitioner) -> Any:
    """The one row of this table for this person, or a new one to be filled at once."""
    row = session.get(table, person.id) or table(practitioner_id=person.id)
    session.add(row)
    return row


def _ids(session: Session, table: Any, practitioner_id: UUID) -> set[UUID]:
    return set(session.exec(select(col(table.id)).where(col(table.practitioner_id) == practitioner_id)))


def _differs(row: Any, **facts: Any) -> bool:
    """Write what is new into the row; whether anything was."""
    changed = {name: value for name, value in facts.items() if getattr(row, name, None) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _tell(session: Session, actor: Actor, person: Practitioner, what: str) -> None:
    audit.record(
        session,
        events.PRACTITIONER_UPDATED,
        actor=actor,
        subject=person.id,
        about=person.provider_id,
        what=what,
        name=audit.Personal(person.full_name, person.id),
    )
