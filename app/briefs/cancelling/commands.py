"""Cancelling a published brief: asked for, agreed, declined, or taken back. Bids are neither counted nor opened by any of it."""

from uuid import UUID

from sqlmodel import Session

from app.briefs import events
from app.briefs.amending.writing import tell_approvers
from app.briefs.cancelling import queries, rules
from app.briefs.cancelling.models import BriefCancellation
from app.briefs.commands import end_brief
from app.briefs.policy import CANCELLERS, sits_there
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.rules import why_not_say
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.refusals import refuse_if
from app.organisations.queries import contacts
from app.organisations.rules import Role


def ask_cancellation(
    session: Session, actor: Actor, brief_id: UUID, reason: str, *, no_suitable_bid: bool = False
) -> None:
    """Ask an approver to agree. Nobody outside the agency is told. Quiet where this person has asked, or it has ended.

    Raises `NotFound`, and `Refused`, also for a reason that could tell who the child is.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, *CANCELLERS, lock=True), clock.now(session)
    waits, chair = queries.asked_row(session, brief_id), sits_there(actor, brief.raa_id, Role.CHAIR)
    if brief.cancelled_at or (waits and waits.asked_by == actor.known):
        return
    why_not = rules.why_not_ask(phase=phase_of(brief, now), chair=chair, waiting=waits is not None)
    refuse_if(why_not or why_not_say(reason))
    row = BriefCancellation(
        brief_id=brief_id, asked_at=now, asked_by=actor.known, reason=reason, no_suitable_bid=no_suitable_bid
    )
    session.add(row)
    key = f"brief.cancellation:{row.id}"
    tell_approvers(session, actor, brief, key, now, what="A wish to cancel it", path="cancellation")
    audit.record(
        session,
        events.CANCEL_ASKED,
        actor=actor,
        subject=brief_id,
        at=now,
        reference=brief.reference,
        reason=reason,
    )


def agree_cancellation(session: Session, actor: Actor, brief_id: UUID, seen: UUID | None = None) -> None:
    """Agree as an approver who did not ask: the brief ends, and every invited member is told why. Quiet when this person has.

    `seen` is the wish that was on the page: nobody agrees to another. Raises `NotFound`, `Refused`.
    """
    brief, now = queries.published(session, actor, brief_id, Role.APPROVER, lock=True), clock.now(session)
    row = queries.seen_row(session, brief_id, seen)
    if row.agreed_by == actor.known:
        return
    refuse_if(queries.why_not_decide_now(session, row))
    chairs = {one.person_id for one in contacts(session, brief.raa_id, Role.CHAIR)}
    chair, asker = bool(chairs & {row.asked_by, actor.known}), row.asked_by == actor.known
    refuse_if(rules.why_not_agree(phase=phase_of(brief, now), asker=asker, chair=chair))
    row.agreed_at, row.agreed_by = now, actor.known
    end_brief(session, actor, brief, row.reason, now, no_suitable_bid=row.no_suitable_bid)


def decline_cancellation(session: Session, actor: Actor, brief_id: UUID, reason: str, seen: UUID | None = None) -> None:
    """Decline as an approver who did not ask; who asked is told why. Quiet when this person has.

    `seen` is the wish that was on the page: nobody declines another. Raises `NotFound`, `Refused`.
    """
    brief, now = queries.published(session, actor, brief_id, Role.APPROVER, lock=True), clock.now(session)
    row = queries.seen_row(session, brief_id, seen)
    if row.declined_by == actor.known:
        return
    refuse_if(queries.why_not_decide_now(session, row))
    refuse_if(rules.why_not_decide(asker=row.asked_by == actor.known))
    row.dropped_at, row.declined_by, row.declined_reason = now, actor.known, reason
    asker = [one for one in contacts(session, brief.raa_id, *CANCELLERS) if one.person_id == row.asked_by]
    addresses = {f"brief.cancellation_declined:{row.id}": one.email for one in asker}
    reference = brief.reference
    mail.queue_all(
        session,
        "briefs/cancellation_declined.txt",
        addresses,
        now,
        brief_id=str(brief_id),
        reference=reference,
        reason=reason,
    )
    audit.record(
        session, events.CANCEL_DECLINED, actor=actor, subject=brief_id, at=now, reference=reference, reason=reason
    )


def drop_cancellation(session: Session, actor: Actor, brief_id: UUID, seen: UUID | None = None) -> None:
    """Wish it no more, as who asked. Quiet when this person does not.

    `seen` is the wish that was on the page: nobody takes back another. Raises `NotFound`, `Refused`.
    """
    brief, now = queries.published(session, actor, brief_id, *CANCELLERS, lock=True), clock.now(session)
    row = queries.seen_row(session, brief_id, seen)
    if row.dropped_at and row.declined_by is None and row.asked_by == actor.known:
        return
    refuse_if(queries.why_not_decide_now(session, row))
    refuse_if(rules.why_not_drop(asker=row.asked_by == actor.known))
    row.dropped_at = now
    audit.record(session, events.CANCEL_DROPPED, actor=actor, subject=brief_id, at=now, reference=brief.reference)
