"""Registering a provider, telling its facts, pausing it and bringing it back."""

from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from app.accounts.models import Person
from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import violates
from app.core.refusals import Refusal, Refused, refuse_if
from app.organisations.commands import add_organisation, give_seat
from app.organisations.models import Organisation, OrganisationSeat
from app.organisations.rules import OrganisationKind, Role
from app.providers import events, queries, rules
from app.providers.models import Provider
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
    refuse_if(rules.why_not_facts(kind, asked))
    return asked


def _move_or_refused(verb: str, provider: Provider) -> None:
    now = rules.state(paused_at=provider.paused_at, archived_at=provider.archived_at, complete=True)
    refuse_if(rules.why_not_move(verb, now))


def _flush_or_taken(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        for constraint, refusal in TAKEN.items():
            if violates(error, constraint):
                raise Refused(refusal) from None
        raise
