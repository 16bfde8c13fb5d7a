"""Many practitioners at once from a spreadsheet: kept while it waits to be confirmed, then all of them or none."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel, col, delete, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.providers import events, queries
from app.providers.models import (
    DbsRecord,
    PersonalInsurance,
    Practitioner,
    PractitionerImport,
    PractitionerTherapy,
    ProfessionalRegistration,
    Qualification,
    Supervision,
)
from app.providers.policy import EDITORS
from app.providers.rules.importing import Person, identity


def keep_import(session: Session, actor: Actor, provider_id: UUID, *, file_name: str, people: Iterable[Person]) -> UUID:
    """Keep the rows of a spreadsheet in which every cell is right, for the page that asks whether to go on.

    One that was never confirmed goes: nobody's numbers lie about unused.
    """
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    session.exec(
        delete(PractitionerImport).where(
            col(PractitionerImport.provider_id) == provider_id, col(PractitionerImport.done_at).is_(None)
        )
    )
    row = PractitionerImport(
        provider_id=provider_id,
        file_name=file_name[-200:],
        rows={"people": [{"row": person.row, "values": person.values} for person in people]},
        read_at=clock.now(session),
        read_by=actor.known,
    )
    session.add(row)
    session.flush()
    return row.id


def import_practitioners(session: Session, actor: Actor, provider_id: UUID, import_id: UUID) -> int:
    """Add everybody of the import who is not here yet, in one transaction, and say how many; a second time nobody."""
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    kept = session.exec(
        select(PractitionerImport)
        .where(PractitionerImport.id == import_id, PractitionerImport.provider_id == provider_id)
        .with_for_update()
    ).first()
    if kept is None:
        raise NotFound
    if kept.done_at:
        return 0
    at, here = clock.now(session), queries.known_people(session, provider_id)
    rows = [person["values"] for person in kept.rows["people"]]
    new = [values for values in rows if identity(values) not in here]
    people = [
        Practitioner(provider_id=provider_id, full_name=v["full_name"], profession=v["profession"], added_at=at)
        for v in new
    ]
    session.add_all(people)
    session.flush()
    grounds: list[SQLModel] = []
    rest: list[SQLModel] = []
    for person, values in zip(people, new, strict=True):
        held = [*_registrations(person.id, values, at), *_qualifications(person.id, values, at)]
        grounds += held
        rest += [*_therapies(person.id, values, held), *_records(person.id, values, at, actor)]
        audit.record(
            session,
            events.PRACTITIONER_ADDED,
            actor=actor,
            subject=person.id,
            at=at,
            name=audit.Personal(person.full_name, person.id),
        )
    session.add_all(grounds)
    session.flush()
    session.add_all(rest)
    kept.done_at, kept.rows = at, {"people": []}
    audit.record(
        session,
        events.PRACTITIONERS_IMPORTED,
        actor=actor,
        subject=import_id,
        about=provider_id,
        at=at,
        count=len(new),
        rows=len(rows),
        skipped=len(rows) - len(new),
    )
    return len(new)


def _registrations(person_id: UUID, values: dict[str, Any], at: datetime) -> Iterable[ProfessionalRegistration]:
    for body, number, until in (
        ("body", "number", "registered_until"),
        ("second_body", "second_number", "second_until"),
    ):
        if values.get(number):
            yield ProfessionalRegistration(
                practitioner_id=person_id,
                body_slug=values.get(body) or None,
                number=values[number],
                expires_on=_day(values, until),
                added_at=at,
            )


def _qualifications(person_id: UUID, values: dict[str, Any], at: datetime) -> Iterable[Qualification]:
    if values.get("qualification"):
        yield Qualification(
            practitioner_id=person_id,
            name=values["qualification"],
            awarding_body=values.get("awarding_body", ""),
            year=values.get("year"),
            added_at=at,
        )


def _therapies(person_id: UUID, values: dict[str, Any], held: list[Any]) -> Iterable[PractitionerTherapy]:
    """A qualification says more about a therapy than a registration, so it is the ground where there is one."""
    ground = held[-1] if held else None
    qualified = isinstance(ground, Qualification)
    for slug in values.get("therapies", ()) if ground else ():
        yield PractitionerTherapy(
            practitioner_id=person_id,
            therapy_slug=slug,
            registration_id=None if qualified else held[0].id,
            qualification_id=ground.id if ground and qualified else None,
        )


def _records(person_id: UUID, values: dict[str, Any], at: datetime, actor: Actor) -> Iterable[SQLModel]:
    if values.get("supervisor"):
        yield Supervision(
            practitioner_id=person_id,
            supervisor=values["supervisor"],
            body=values.get("supervisor_body", ""),
            frequency=values["frequency"],
            last_on=_day(values, "supervised_on"),
        )
    if values.get("insurer"):
        yield PersonalInsurance(
            practitioner_id=person_id,
            insurer=values["insurer"],
            policy_number=values.get("policy_number", ""),
            expires_on=date.fromisoformat(values["insured_until"]),
        )
    if values.get("dbs_number"):
        yield DbsRecord(
            practitioner_id=person_id,
            certificate_number=values["dbs_number"],
            issued_on=date.fromisoformat(values["dbs_issued_on"]),
            level=values["dbs_level"],
            workforce=values["dbs_workforce"],
            children_barred=values.get("dbs_children", False),
            adults_barred=values.get("dbs_adults", False),
            update_service=values.get("dbs_update_service", False),
            consented_on=_day(values, "dbs_consented_on"),
            recorded_at=at,
            recorded_by=actor.known,
        )


def _day(values: dict[str, Any], key: str) -> date | None:
    return date.fromisoformat(values[key]) if values.get(key) else None
