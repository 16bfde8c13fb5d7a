"""Closing a brief early: asked for, tried and agreed, or dropped."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import Session

from app.bids import events
from app.bids.closing import queries, rules
from app.bids.closing.models import EarlyClose
from app.briefs.amending.models import BriefAmendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind
from app.briefs.amending.writing import publish_version, tell_approvers
from app.briefs.queries import brief_of_buyer, phase_of
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal, refuse_if
from app.organisations.rules import Role


def ask_early_close(session: Session, actor: Actor, brief_id: UUID) -> None:
    """A commissioner's wish, which waits for an approver. It asks nothing of bids. Raises `NotFound`, `Refused`."""
    brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True), clock.now(session)
    waits, _ = queries.asked_row(session, brief_id)
    refuse_if(
        rules.why_not_ask(phase=phase_of(brief, now), waiting=waits is not None, closes_at=brief.closes_at, now=now)
    )
    row = EarlyClose(brief_id=brief_id, asked_at=now, asked_by=actor.known)
    session.add(row)
    key = f"brief.early_close:{row.id}"
    tell_approvers(session, actor, brief, key, now, what="A wish to close it early", path="early-close")
    audit.record(session, events.EARLY_CLOSE_ASKED, actor=actor, subject=brief_id, at=now, reference=brief.reference)


def agree_early_close(session: Session, actor: Actor, brief_id: UUID) -> Refusal | None:
    """Try it as an approver: where everybody has answered, the deadline comes forward, and all invited are told at once.

    Where not, that it was tried is kept, and nothing more is said. Raises `NotFound`, `Refused`.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.APPROVER, lock=True), clock.now(session)
    row, tried_at = queries.asked_row(session, brief_id)
    if row is None:
        raise NotFound
    refuse_if(
        rules.why_not_agree(
            phase=phase_of(brief, now),
            asker=row.asked_by == actor.person_id,
            tried_at=tried_at,
            closes_at=brief.closes_at,
            now=now,
        )
    )
    row.tried_at = now
    if not queries.everybody_answered(session, brief_id):
        audit.record(
            session, events.EARLY_CLOSE_TRIED, actor=actor, subject=brief_id, at=now, reference=brief.reference
        )
        return rules.UNANSWERED
    row.agreed_at, row.agreed_by = now, actor.known
    change = BriefAmendment(
        brief_id=brief_id,
        kind=Kind.EARLY_CLOSE,
        based_on=brief.version,
        reason=rules.REASON,
        proposed_at=row.asked_at,
        proposed_by=row.asked_by,
    )
    terms = replace(terms_of(brief), closes_at=rules.closes_early(now))
    publish_version(session, actor, brief, change, terms, now)
    return None


def drop_early_close(session: Session, actor: Actor, brief_id: UUID) -> None:
    """Wish it no more. A second time it changes nothing. Raises `NotFound`."""
    brief = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, Role.APPROVER, lock=True)
    (row, _), now = queries.asked_row(session, brief_id), clock.now(session)
    if row is None:
        return
    row.dropped_at = now
    audit.record(session, events.EARLY_CLOSE_DROPPED, actor=actor, subject=brief_id, at=now, reference=brief.reference)
