"""Registering a provider, telling its facts and numbers, pausing it, bringing it back, and closing it for good."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from app.accounts.models import Person
from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import violates
from app.core.london import day_in_words, london_day
from app.core.refusals import Refusal, Refused, refuse_if
from app.organisations.commands import add_organisation, give_seat
from app.organisations.models import Organisation, OrganisationSeat
from app.organisations.rules import OrganisationKind, Role
from app.providers import events, policy, queries, rules
from app.providers.commands.duplicates import note_duplicates
from app.providers.models import Practitioner, Provider
from app.providers.policy import EDITORS
from app.providers.rules.duplicates import Traces

TAKEN: Final = {f"uq_provider_{field}": rules.taken(field) for field in rules.IDENTIFIERS}
"""The constraint that a number held by another provider breaks, and what is then said."""


def register_provider(
    session: Session, actor: Actor, registration: rules.Registration, *, none_of_these: int = 0
) -> UUID:
    """Create the organisation and give this person its owner's seat; the same registration again is quietly the same.

    A sole practitioner is its practitioner too, under the name of their account.
    `none_of_these`: how many likely doubles the person was shown and turned down.
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
    if registration.kind is rules.ProviderKind.SOLE_PRACTITIONER:
        session.add(Practitioner(provider_id=provider_id, full_name=actor.name, added_at=clock.now(session)))
    audit.record(
        session,
        events.PROVIDER_REGISTERED,
        actor=actor,
        subject=provider_id,
        name=registration.name,
        terms=rules.TERMS_VERSION,
    )
    if none_of_these:
        audit.record(session, events.NONE_OF_THESE, actor=actor, subject=provider_id, count=none_of_these)
    note_duplicates(session, provider_id, _traces(registration))
    return provider_id


def list_provider(
    session: Session, actor: Actor, name: str, kind: rules.ProviderKind, numbers: Mapping[str, Any]
) -> UUID:
    """Write down a provider that somebody else lists, with its official numbers by field: nobody is in it yet.

    Whether the actor may is the caller's question. Raises `Refused` when a number is another provider's.
    """
    provider_id = add_organisation(session, actor, kind=OrganisationKind.PROVIDER, name=name)
    session.add(
        Provider(id=provider_id, kind=kind.value, registered_at=clock.now(session), terms_version="", **numbers)
    )
    _flush_or_taken(session)
    audit.record(session, events.PROVIDER_LISTED, actor=actor, subject=provider_id, name=name)
    note_duplicates(session, provider_id, Traces(name))
    return provider_id


def update_profile(session: Session, actor: Actor, provider_id: UUID, about: rules.About) -> None:
    provider, organisation = queries.own_provider(session, actor, provider_id, *policy.EDITORS, lock=True)
    changed = []
    for field in (f.name for f in fields(rules.About)):
        row, value = organisation if field == "name" else provider, getattr(about, field)
        if getattr(row, field) != value:
            setattr(row, field, value)
            changed.append(field)
    if not changed:
        return
    session.flush()
    words = ", ".join(sorted(changed))
    audit.record(session, events.PROFILE_UPDATED, actor=actor, subject=provider_id, changed=words)
    if {"name", "telephone", "website"} & set(changed):
        note_duplicates(session, provider_id, _traces(about))


def tell_numbers(
    session: Session, actor: Actor, provider_id: UUID, numbers: rules.Numbers, *, record_is_current: bool = False
) -> None:
    """Keep the official numbers. `record_is_current`: the provider says so of its central record, today.

    Raises `Refused` when a number is missing or another provider's.
    """
    provider, _ = queries.own_provider(session, actor, provider_id, *policy.EDITORS, lock=True)
    numbers = _facts_or_refused(rules.ProviderKind(provider.kind), numbers)
    now = clock.now(session)
    changed = [field for field, value in asdict(numbers).items() if getattr(provider, field) != value]
    if "share_code" in changed:
        provider.record_confirmed_on = None
    for field in changed:
        setattr(provider, field, getattr(numbers, field))
    first, provider.numbers_told_at = provider.numbers_told_at is None, provider.numbers_told_at or now
    _flush_or_taken(session)
    if changed or first:
        words = ", ".join(sorted(map(rules.short_label, changed))) or "none to give"
        audit.record(session, events.NUMBERS_TOLD, actor=actor, subject=provider_id, changed=words)
    today = london_day(now)
    if record_is_current and provider.share_code and provider.record_confirmed_on != today:
        provider.record_confirmed_on = today
        audit.record(session, events.RECORD_CONFIRMED, actor=actor, subject=provider_id)


def tell_number(session: Session, actor: Actor, provider_id: UUID, field: str, number: str) -> None:
    """One official number alone, as it came to light elsewhere. Raises `Refused` when it is another provider's."""
    provider, _ = queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    tidy = rules.identifier(field).tidy(number)
    if getattr(provider, field) == tidy:
        return
    setattr(provider, field, tidy)
    if field == rules.SHARE_CODE.field:
        provider.record_confirmed_on = None
    _flush_or_taken(session)
    audit.record(session, events.NUMBERS_TOLD, actor=actor, subject=provider_id, changed=rules.short_label(field))


def pause_provider(session: Session, actor: Actor, provider_id: UUID, *, until: date | None = None) -> None:
    """No new work until that day, or until it says that it is back; what runs goes on. Raises `Refused`."""
    provider, _ = queries.own_provider(session, actor, provider_id, Role.OWNER, lock=True)
    now = clock.now(session)
    today = london_day(now)
    paused = rules.is_paused(provider.paused_at, provider.paused_until, today)
    _move_or_refused(session, "pause", provider, now)
    refuse_if(rules.why_not_until(until, today))
    if paused and provider.paused_until == until:
        return
    if not paused:
        provider.paused_at = now
    provider.paused_until = until
    if until is None:
        audit.record(session, events.PROVIDER_PAUSED, actor=actor, subject=provider_id)
        return
    day = day_in_words(until)
    audit.record(session, events.PROVIDER_PAUSED_UNTIL, actor=actor, subject=provider_id, until=day)


def return_provider(session: Session, actor: Actor, provider_id: UUID) -> None:
    provider, _ = queries.own_provider(session, actor, provider_id, Role.OWNER, lock=True)
    now = clock.now(session)
    if not rules.is_paused(provider.paused_at, provider.paused_until, london_day(now)):
        return
    _move_or_refused(session, "return", provider, now)
    provider.paused_at = provider.paused_until = None
    audit.record(session, events.PROVIDER_RETURNED, actor=actor, subject=provider_id)


def archive_provider(session: Session, actor: Actor, provider_id: UUID) -> None:
    """For good: it may win nothing more, what was recorded stays, and the clocks of what is kept for a while start.

    The owner's own word, or an administrator's; a second click is quiet. Raises `NotFound`, `NotAllowed`, and `Refused` with
    the first of the things that must end before.
    """
    provider, organisation = queries.provider_to_close(session, actor, provider_id, lock=True)
    if provider.archived_at:
        return
    now = clock.now(session)
    _move_or_refused(session, "archive", provider, now)
    refuse_if(next(iter(queries.in_the_way(session, provider_id, own=policy.belongs(actor, provider_id))), None))
    provider.archived_at = now
    audit.record(session, events.PROVIDER_ARCHIVED, actor=actor, subject=provider_id, name=organisation.name)


def _traces(about: rules.About) -> Traces:
    return Traces(about.name, about.telephone, about.website)


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


def _move_or_refused(session: Session, verb: str, provider: Provider, now: datetime) -> None:
    refuse_if(rules.why_not_move(verb, queries.life(session, provider, now)))


def _flush_or_taken(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        for constraint, refusal in TAKEN.items():
            if violates(error, constraint):
                raise Refused(refusal) from None
        raise
