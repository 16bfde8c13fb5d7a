"""Changing providers: register, describe, pause and return, and who works there."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from app.accounts.models import Person
from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import violates
from app.core.refusals import NotFound, Refusal, Refused
from app.organisations.commands import add_organisation, give_seat
from app.organisations.models import Organisation, OrganisationSeat
from app.organisations.rules import OrganisationKind, Role
from app.providers import events, queries, rules
from app.providers.models import Practitioner, Provider, ProviderArea, ProviderTherapy
from app.providers.policy import EDITORS

TAKEN: Final = {
    "uq_provider_company_number": Refusal(
        "company_number_taken",
        "A provider with this company number is already registered. Ask its owner to invite you.",
    ),
    "uq_provider_charity_number": Refusal(
        "charity_number_taken",
        "A provider with this charity number is already registered. Ask its owner to invite you.",
    ),
}


def register_provider(session: Session, actor: Actor, registration: rules.Registration) -> UUID:
    """Create the organisation and give this person its owner's seat; the same registration again is quietly the same.

    Raises `Refused` when the person's e-mail is unconfirmed, or a number is missing or already taken.
    """
    if _confirmed(session, actor.known) is None:
        raise Refused(Refusal("unconfirmed", "Confirm your e-mail address first: open the link we sent you."))
    registration = _facts_or_refused(registration.kind, registration)
    already = _owned(session, actor.known, registration.name)
    if already:
        return already
    provider_id = add_organisation(session, actor, kind=OrganisationKind.PROVIDER, name=registration.name)
    facts = {k: v for k, v in asdict(registration).items() if k not in ("name", "kind")}
    session.add(
        Provider(
            id=provider_id,
            kind=registration.kind.value,
            registered_at=clock.now(session),
            terms_version=rules.TERMS_VERSION,
            **facts,
        )
    )
    _flush_or_taken(session)
    give_seat(session, actor, person_id=actor.known, organisation_id=provider_id, role=Role.OWNER)
    audit.record(
        session,
        events.PROVIDER_REGISTERED,
        actor=actor,
        subject=provider_id,
        name=registration.name,
        terms=rules.TERMS_VERSION,
    )
    return provider_id


def update_profile(session: Session, actor: Actor, provider_id: UUID, facts: rules.Facts) -> None:
    """Raises `Refused` when an official number is missing or another provider's."""
    provider, organisation = queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    facts = _facts_or_refused(rules.ProviderKind(provider.kind), facts)
    changed = []
    for field, value in asdict(facts).items():
        row = organisation if field == "name" else provider
        if getattr(row, field) != value:
            setattr(row, field, value)
            changed.append(field.replace("_", " "))
    if not changed:
        return
    _flush_or_taken(session)
    audit.record(session, events.PROFILE_UPDATED, actor=actor, subject=provider_id, changed=", ".join(sorted(changed)))


def choose_therapies(session: Session, actor: Actor, provider_id: UUID, slugs: Collection[str]) -> None:
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    known = {choice.value for group in queries.therapy_groups(session) for choice in group.choices}
    _known_or_refused(slugs, known)
    if queries.chosen_therapies(session, provider_id) == frozenset(slugs):
        return
    session.exec(delete(ProviderTherapy).where(col(ProviderTherapy.provider_id) == provider_id))
    session.add_all(ProviderTherapy(provider_id=provider_id, therapy_slug=slug) for slug in set(slugs))
    audit.record(session, events.THERAPIES_CHOSEN, actor=actor, subject=provider_id, count=len(set(slugs)))


def choose_areas(session: Session, actor: Actor, provider_id: UUID, authority_ids: Collection[UUID]) -> None:
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    wanted = {str(authority_id) for authority_id in authority_ids}
    known = {choice.value for group in queries.area_groups(session) for choice in group.choices}
    _known_or_refused(wanted, known)
    if queries.chosen_areas(session, provider_id) == wanted:
        return
    session.exec(delete(ProviderArea).where(col(ProviderArea.provider_id) == provider_id))
    session.add_all(ProviderArea(provider_id=provider_id, authority_id=key) for key in set(authority_ids))
    audit.record(session, events.AREAS_CHOSEN, actor=actor, subject=provider_id, count=len(wanted))


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
    """The same person with the same number a second time is quietly the same practitioner."""
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    if body_slug:
        _known_or_refused([body_slug], {choice.value for choice in queries.bodies(session)})
    already = session.exec(
        select(Practitioner.id).where(
            Practitioner.provider_id == provider_id,
            Practitioner.full_name == full_name,
            Practitioner.registration_number == registration_number,
            col(Practitioner.left_at).is_(None),
        )
    ).first()
    if already:
        return already
    row = Practitioner(
        provider_id=provider_id,
        full_name=full_name,
        profession=profession,
        body_slug=body_slug,
        registration_number=registration_number,
        added_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    audit.record(session, events.PRACTITIONER_ADDED, actor=actor, subject=row.id, about=provider_id, name=full_name)
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
    audit.record(session, events.PRACTITIONER_LEFT, actor=actor, subject=row.id, about=provider_id, name=row.full_name)


def pause_provider(session: Session, actor: Actor, provider_id: UUID) -> None:
    """No new work until it returns; what runs goes on."""
    provider, _ = queries.own_provider(session, actor, provider_id, Role.OWNER, lock=True)
    if provider.paused_at:
        return
    _move_or_refused("pause", provider)
    provider.paused_at = clock.now(session)
    audit.record(session, events.PROVIDER_PAUSED, actor=actor, subject=provider_id)


def return_provider(session: Session, actor: Actor, provider_id: UUID) -> None:
    provider, _ = queries.own_provider(session, actor, provider_id, Role.OWNER, lock=True)
    if provider.paused_at is None:
        return
    _move_or_refused("return", provider)
    provider.paused_at = None
    audit.record(session, events.PROVIDER_RETURNED, actor=actor, subject=provider_id)


def _confirmed(session: Session, person_id: UUID) -> object:
    """When this person confirmed their address. Locks the person, so that two clicks are one registration."""
    return session.exec(select(Person.confirmed_at).where(Person.id == person_id).with_for_update()).first()


def _owned(session: Session, person_id: UUID, name: str) -> UUID | None:
    return session.exec(
        select(Organisation.id)
        .join(OrganisationSeat, col(OrganisationSeat.organisation_id) == Organisation.id)
        .where(
            OrganisationSeat.person_id == person_id,
            OrganisationSeat.role == Role.OWNER,
            col(OrganisationSeat.ended_at).is_(None),
            Organisation.kind == OrganisationKind.PROVIDER,
            func.lower(Organisation.name) == name.lower(),
        )
    ).first()


def _facts_or_refused(kind: rules.ProviderKind, facts: rules.F) -> rules.F:
    asked = rules.as_asked(kind, facts)
    refusal = rules.why_not_facts(kind, asked)
    if refusal:
        raise Refused(refusal)
    return asked


def _known_or_refused(chosen: Collection[object], known: Collection[object]) -> None:
    refusal = rules.unknown(chosen, known)
    if refusal:
        raise Refused(refusal)


def _move_or_refused(verb: str, provider: Provider) -> None:
    now = rules.state(paused_at=provider.paused_at, archived_at=provider.archived_at, complete=True)
    refusal = rules.why_not_move(verb, now)
    if refusal:
        raise Refused(refusal)


def _flush_or_taken(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        for constraint, refusal in TAKEN.items():
            if violates(error, constraint):
                raise Refused(refusal) from None
        raise
