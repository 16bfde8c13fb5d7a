"""Deciding each part of an application on its own: a refusal by two people."""

from uuid import UUID

from sqlmodel import Session

from app.applications import events, queries, rules
from app.applications.deciding import admit, close_if_decided, decidable, named
from app.applications.models import Application, ApplicationLot
from app.applications.rules import Decision, RefusalReason, Step
from app.applications.scoring.queries.checks import judged
from app.applications.scoring.queries.interests import led_decision
from app.applications.scoring.queries.standing import assessed
from app.applications.telling import tell
from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import refuse_if
from app.organisations.rules import Role


def accept_part(session: Session, actor: Actor, application_id: UUID, part_id: UUID) -> None:
    """Accept one lot in one region: opens its membership and tells the provider, in this transaction.

    Raises `NotFound` unless the actor leads the framework, `Refused` where the rules forbid it.
    """
    row, part = decidable(session, actor, application_id, part_id, Step.ACCEPT)
    if part is None:
        return
    part.decision, part.decided_at, part.decided_by = Decision.ACCEPTED, clock.now(session), actor.known
    close_if_decided(session, row, part.decided_at)
    lot, region = admit(session, actor, row, part)
    audit.record(session, events.PART_ACCEPTED, actor=actor, subject=part.id, about=row.id, lot=lot, region=region)
    tell(session, row, row.provider_id, Role.OWNER, "accepted", key=str(part.id), lot=lot, region=region)


def accept_passing(session: Session, actor: Actor, application_id: UUID) -> int:
    """Accept every part that passes by itself at this moment, each as a decision of its own; returns how many.

    What no longer passes stays for a person. Raises `NotFound`, `Refused`.
    """
    queries.led_row(session, actor, application_id, lock=True)
    view, on = led_decision(session, actor, application_id), london_day(clock.now(session))
    acceptable = judged(session, view, on).acceptable
    passing = [part.id for part in view.parts if part.id in acceptable]
    for part_id in passing:
        accept_part(session, actor, application_id, part_id)
    return len(passing)


def propose_refusal(
    session: Session, actor: Actor, application_id: UUID, part_id: UUID, reason_code: RefusalReason, reason: str
) -> None:
    """The first of the two people that a refusal needs, with the reason in words. The provider is not told yet."""
    row, part = decidable(session, actor, application_id, part_id, Step.PROPOSE_REFUSAL)
    if part is None:
        return
    now = clock.now(session)
    standing = assessed(session, row, (part,), london_day(now)).parts[part.id]
    refuse_if(standing.why_not_refuse_on(reason_code))
    part.proposed_by, part.proposed_at = actor.known, now
    part.reason_code, part.reason = reason_code, reason
    _record_refusal(session, events.REFUSAL_PROPOSED, actor, row, part)


def confirm_refusal(session: Session, actor: Actor, application_id: UUID, part_id: UUID) -> None:
    """The second person: the refusal stands, and the provider is told that reasons wait behind the sign-in."""
    row, part = decidable(session, actor, application_id, part_id, Step.CONFIRM_REFUSAL)
    if part is None:
        return
    part.decision, part.decided_at, part.decided_by = Decision.REFUSED, clock.now(session), actor.known
    close_if_decided(session, row, part.decided_at)
    lot, region = named(session, part)
    _record_refusal(session, events.PART_REFUSED, actor, row, part)
    tell(session, row, row.provider_id, Role.OWNER, "decided", key=str(part.id), lot=lot, region=region)


def _record_refusal(session: Session, event: audit.Event, actor: Actor, row: Application, part: ApplicationLot) -> None:
    lot, region = named(session, part)
    audit.record(
        session,
        event,
        actor=actor,
        subject=part.id,
        about=row.id,
        lot=lot,
        region=region,
        reason=rules.REASONS[RefusalReason(part.reason_code)],
    )
