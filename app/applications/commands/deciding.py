"""Deciding each part of an application on its own: a refusal by two people."""

from uuid import UUID

from sqlmodel import Session

from app.applications import events, policy, queries, rules
from app.applications.models import Application, ApplicationLot
from app.applications.rules import Decision, RefusalReason, Step
from app.applications.telling import tell
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, refuse_if
from app.frameworks.models import Lot, Region
from app.memberships.commands import open_membership
from app.organisations.rules import Role


def accept_part(session: Session, actor: Actor, application_id: UUID, part_id: UUID) -> None:
    """Accept one lot in one region: opens its membership and tells the provider, in this transaction.

    Raises `NotFound` unless the actor leads the framework, `Refused` where the rules forbid it.
    """
    row, part = _decidable(session, actor, application_id, part_id, Step.ACCEPT)
    if part is None:
        return
    lot, region = session.get_one(Lot, part.lot_id), session.get_one(Region, part.region_id)
    part.decision, part.decided_at, part.decided_by = Decision.ACCEPTED, clock.now(session), actor.known
    open_membership(
        session,
        actor,
        provider_id=row.provider_id,
        framework_id=lot.framework_id,
        lot_id=lot.id,
        region_id=region.id,
    )
    audit.record(
        session, events.PART_ACCEPTED, actor=actor, subject=part.id, about=row.id, lot=lot.name, region=region.name
    )
    tell(session, row, row.provider_id, Role.OWNER, "accepted", key=str(part.id), lot=lot.name, region=region.name)


def propose_refusal(
    session: Session, actor: Actor, application_id: UUID, part_id: UUID, reason_code: RefusalReason, reason: str
) -> None:
    """The first of the two people that a refusal needs, with the reason in words. The provider is not told yet."""
    row, part = _decidable(session, actor, application_id, part_id, Step.PROPOSE_REFUSAL)
    if part is None:
        return
    part.proposed_by, part.proposed_at = actor.known, clock.now(session)
    part.reason_code, part.reason = reason_code, reason
    _record_refusal(session, events.REFUSAL_PROPOSED, actor, row, part)


def confirm_refusal(session: Session, actor: Actor, application_id: UUID, part_id: UUID) -> None:
    """The second person: the refusal stands, and the provider is told that reasons wait behind the sign-in."""
    row, part = _decidable(session, actor, application_id, part_id, Step.CONFIRM_REFUSAL)
    if part is None:
        return
    lot, region = session.get_one(Lot, part.lot_id), session.get_one(Region, part.region_id)
    part.decision, part.decided_at, part.decided_by = Decision.REFUSED, clock.now(session), actor.known
    _record_refusal(session, events.PART_REFUSED, actor, row, part)
    tell(session, row, row.provider_id, Role.OWNER, "decided", key=str(part.id), lot=lot.name, region=region.name)


def _decidable(
    session: Session, actor: Actor, application_id: UUID, part_id: UUID, step: Step
) -> tuple[Application, ApplicationLot | None]:
    """The application, locked so that two leads decide one after the other, and the part, or None when it is done."""
    row = queries.led_row(session, actor, application_id, lock=True)
    part = next((part for part in queries.parts_of(session, row.id) if part.id == part_id), None)
    if part is None:
        raise NotFound
    state = rules.part_state(decision=part.decision, proposed_at=part.proposed_at)
    mine = part.proposed_by == actor.person_id
    if rules.is_done(step, state=state, proposed_by_actor=mine):
        return row, None
    refuse_if(
        rules.why_not_step(
            step,
            state=state,
            phase=queries.phase_of(session, row, clock.now(session)),
            proposed_by_actor=mine,
            own_provider=policy.belongs_to(actor, row.provider_id),
        )
    )
    return row, part


def _record_refusal(session: Session, event: audit.Event, actor: Actor, row: Application, part: ApplicationLot) -> None:
    audit.record(
        session,
        event,
        actor=actor,
        subject=part.id,
        about=row.id,
        lot=session.get_one(Lot, part.lot_id).name,
        region=session.get_one(Region, part.region_id).name,
        reason=rules.REASONS[RefusalReason(part.reason_code)],
    )
