"""Writing an application: begun, or carried over from one that its round closed on, its lots and its statement."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.applications import events, policy, queries, rules
from app.applications.models import Application, ApplicationLot
from app.applications.queries.burden import last_statement
from app.applications.writing import carry_answers, editable
from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import violates
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.frameworks.models import Framework, Round
from app.frameworks.queries import open_rounds, scope_of
from app.frameworks.queries import phase_of as framework_phase
from app.frameworks.rules import Part, round_phase
from app.memberships.queries import held
from app.providers.queries import own_provider, restricted, unfinished
from app.providers.rules import is_paused


def start_application(session: Session, actor: Actor, round_id: UUID, provider_id: UUID) -> UUID:
    """Start one for an open round, with the last one's statement and the answers that carry over, or answer with the one there is.

    One that is withdrawn, or decided whole in a round that is always open, is no longer there.
    Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    provider, organisation = own_provider(session, actor, provider_id, *policy.WRITERS)
    window, at = session.get(Round, round_id), clock.now(session)
    if window is None:
        raise NotFound
    known = queries.live_application(session, provider_id, round_id)
    if known:
        return known.id
    framework = session.get_one(Framework, window.framework_id)
    refuse_if(
        rules.why_not_start(
            round_phase=round_phase(opens_at=window.opens_at, closes_at=window.closes_at, now=at),
            framework=framework_phase(framework, london_day(at)),
            paused=is_paused(provider.paused_at, provider.paused_until, london_day(at)),
            restricted=bool(restricted(session, [provider_id], at)),
            closed=provider.archived_at is not None,
            unfinished=unfinished(session, provider),
            provider_id=provider_id,
        )
    )
    row = Application(
        provider_id=provider_id,
        round_id=round_id,
        started_at=at,
        started_by=actor.known,
        statement=last_statement(session, provider_id),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        started_meanwhile = queries.live_application(session, provider_id, round_id)
        if started_meanwhile and violates(error, "uq_application_live"):
            return started_meanwhile.id
        raise
    audit.record(
        session,
        events.STARTED,
        actor=actor,
        subject=row.id,
        about=provider_id,
        provider=organisation.name,
        framework=framework.name,
        round=window.name,
    )
    carry_answers(session, actor, row)
    return row.id


def choose_lots(session: Session, actor: Actor, application_id: UUID, parts: Collection[Part]) -> None:
    """Ask for these lots in these regions and no others. A part outside the round's scope is `NotFound`."""
    row = editable(session, actor, application_id)
    if not set(parts) <= scope_of(session, row.round_id):
        raise NotFound
    framework_id = session.get_one(Round, row.round_id).framework_id
    member_of = held(session, row.provider_id, framework_id, london_day(clock.now(session)))
    refuse_if(rules.why_not_choose(already_members=len(set(parts) & set(member_of))))
    asked = {(part.lot_id, part.region_id): part for part in queries.parts_of(session, row.id)}
    if set(asked) == set(parts):
        return
    for part in set(asked) - set(parts):
        session.delete(asked[part])
    session.add_all(
        ApplicationLot(application_id=row.id, lot_id=lot_id, region_id=region_id)
        for lot_id, region_id in sorted(set(parts) - set(asked))
    )
    audit.record(session, events.LOTS_CHOSEN, actor=actor, subject=row.id, count=len(set(parts)))


def write_statement(session: Session, actor: Actor, application_id: UUID, statement: str) -> None:
    """Why this provider, in its own words; at most `rules.MOST_STATEMENT` characters."""
    row = editable(session, actor, application_id)
    if row.statement == statement:
        return
    row.statement = statement
    audit.record(session, events.STATEMENT_WRITTEN, actor=actor, subject=row.id)


def carry_application(session: Session, actor: Actor, application_id: UUID) -> UUID:
    """Go on in the open round that closes soonest with what was written for one that closed; returns that application.

    Carried are the statement, and those lots and regions that the round is open for and the provider is no member of. Where
    there is an application with lots already, that one is the answer as it is. Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    late = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    at = clock.now(session)
    framework_id = session.get_one(Round, late.round_id).framework_id
    windows = [window for window in open_rounds(session, at) if window.framework_id == framework_id]
    refuse_if(rules.why_not_carry(phase=queries.phase_of(session, late, at), rounds=len(windows)))
    carried_to = start_application(session, actor, windows[0].id, late.provider_id)
    if queries.parts_of(session, carried_to):
        return carried_to
    row = session.get_one(Application, carried_to)
    row.carried_from, row.statement = late.id, late.statement or row.statement
    wanted = {(part.lot_id, part.region_id) for part in queries.parts_of(session, late.id)}
    member_of = set(held(session, late.provider_id, framework_id, london_day(at)))
    choose_lots(session, actor, carried_to, (wanted & scope_of(session, row.round_id)) - member_of)
    audit.record(session, events.CARRIED, actor=actor, subject=row.id, about=late.id, round=windows[0].name)
    return carried_to
