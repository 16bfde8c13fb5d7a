"""Who works there."""

from uuid import UUID

from sqlmodel import Session, col, select, update

from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, refuse_if
from app.core.rows import mark
from app.providers import events, queries, rules
from app.providers.models import (
    DbsRecord,
    PersonalInsurance,
    Practitioner,
    PractitionerImport,
    ProfessionalRegistration,
    Provider,
    Supervision,
)
from app.providers.news import PRACTITIONER_LEFT, PractitionerLeft
from app.providers.policy import EDITORS


def add_practitioner(
    session: Session,
    actor: Actor,
    provider_id: UUID,
    *,
    full_name: str,
    profession: str,
    body_slug: str | None = None,
    registration_number: str = "",
) -> UUID:
    """The same person with the same number a second time is quietly the same practitioner.

    A sole practitioner's own record has been there since they registered, and is filled in.
    """
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    if body_slug:
        refuse_if(rules.unknown([body_slug], {choice.value for choice in queries.bodies(session)}))
    row = queries.unfinished_self(session, provider_id)
    already = queries.known_people(session, provider_id).get((full_name.casefold(), rules.bare(registration_number)))
    if already and not row:
        return already
    now = clock.now(session)
    row = row or Practitioner(provider_id=provider_id, full_name=full_name, added_at=now)
    row.full_name, row.profession = full_name, profession
    session.add(row)
    session.flush()
    if body_slug or registration_number:
        session.add(
            ProfessionalRegistration(
                practitioner_id=row.id, body_slug=body_slug, number=registration_number, added_at=now
            )
        )
        session.flush()
    audit.record(
        session,
        events.PRACTITIONER_ADDED,
        actor=actor,
        subject=row.id,
        about=provider_id,
        name=audit.Personal(full_name, row.id),
    )
    return row.id


def mark_practitioner_left(session: Session, actor: Actor, provider_id: UUID, practitioner_id: UUID) -> None:
    """From now on their evidence no longer counts for the provider; what was recorded stays."""
    queries.own_provider(session, actor, provider_id, *EDITORS)
    row = session.exec(
        select(Practitioner)
        .where(Practitioner.id == practitioner_id, Practitioner.provider_id == provider_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound
    if row.left_at:
        return
    row.left_at = clock.now(session)
    PRACTITIONER_LEFT.tell(session, PractitionerLeft(row.id))
    audit.record(
        session,
        events.PRACTITIONER_LEFT,
        actor=actor,
        subject=row.id,
        about=provider_id,
        name=audit.Personal(row.full_name, row.id),
    )


def forget_practitioners(session: Session, provider_id: UUID) -> frozenset[UUID]:
    """Take the names and numbers of everybody who ever worked at a provider, and its contact; who they were.

    What refers to them still does, and their professions, therapies and dates stay.
    """
    provider = session.get_one(Provider, provider_id)
    provider.telephone = provider.website = ""
    people = session.exec(select(Practitioner).where(Practitioner.provider_id == provider_id)).all()
    at = clock.now(session)
    for person in people:
        person.full_name, person.left_at = f"Former practitioner {mark(person.id)}", person.left_at or at
    ids = frozenset(person.id for person in people)
    for table, blank in (
        (ProfessionalRegistration, {"number": ""}),
        (Supervision, {"supervisor": "", "body": ""}),
        (PersonalInsurance, {"policy_number": ""}),
        (DbsRecord, {"certificate_number": ""}),
    ):
        session.exec(update(table).where(col(table.practitioner_id).in_(ids)).values(**blank))
    imports = update(PractitionerImport).where(col(PractitionerImport.provider_id) == provider_id)
    session.exec(imports.values(rows={"people": []}, file_name=""))
    audit.forget(session, ids)
    return ids
