"""Changing a published brief: proposed, published by a second person, or dropped."""

from dataclasses import astuple, replace
from uuid import UUID

from sqlmodel import Session

from app.briefs import events
from app.briefs.amending import queries, rules
from app.briefs.amending.models import BriefAmendment
from app.briefs.amending.rules import Kind, Terms
from app.briefs.amending.writing import in_the_record, publish_version, tell_approvers
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.queries.guarding import beside
from app.briefs.terms.models import terms_of as written
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import refuse_if
from app.organisations.rules import Role


def propose_amendment(
    session: Session,
    actor: Actor,
    brief_id: UUID,
    kind: Kind,
    terms: Terms,
    reason: str,
    *,
    seen: int | None = None,
) -> UUID:
    """A commissioner's change of an open brief, which waits for an approver. Raises `NotFound`, `Refused`.

    `seen` is the version that was on the page: the terms are all of them, so an older page would undo what changed since.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True), clock.now(session)
    old = queries.terms_of(brief)
    refuse_if(
        rules.why_not_propose(
            phase=phase_of(brief, now),
            waiting=queries.waits(session, brief_id),
            stale=seen not in (None, brief.version),
            kind=kind,
            old=old,
            new=terms,
            reason=reason,
            others=written(brief).texts,
            near=beside(session, brief).near,
        )
        or queries.why_not_budget(session, brief, terms, now)
    )
    row = BriefAmendment(
        brief_id=brief_id,
        kind=kind,
        based_on=brief.version,
        reason=reason,
        changes=[list(astuple(one)) for one in rules.changes(old, terms)],
        terms=terms.values(),
        proposed_at=now,
        proposed_by=actor.known,
    )
    session.add(row)
    audit.record(
        session,
        events.AMENDMENT_PROPOSED,
        actor=actor,
        subject=row.id,
        about=brief_id,
        at=now,
        **in_the_record(brief, row),
    )
    tell_approvers(session, actor, brief, f"brief.change_waits:{row.id}", now, what="A proposed change", path="changes")
    return row.id


def publish_amendment(session: Session, actor: Actor, brief_id: UUID, amendment_id: UUID) -> None:
    """Make it the brief's next version, move the deadline as far as it must, and tell every invited member at once.

    No bid is being written meanwhile: the brief is locked, as for the opening. Quiet when this person has published it. Raises
    `NotFound` to all but the agency's approvers, and `Refused`.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.APPROVER, lock=True), clock.now(session)
    row = queries.amendment_row(session, brief_id, amendment_id)
    if row.published_by == actor.known:
        return
    refuse_if(queries.why_not_decide_now(session, row))
    terms = Terms.read(row.terms, queries.terms_of(brief))
    terms = replace(terms, closes_at=rules.deadline(Kind(row.kind), terms.closes_at, now))
    refuse_if(
        rules.why_not_publish(
            phase=phase_of(brief, now),
            author=actor.person_id == row.proposed_by,
            based_on=row.based_on,
            version=brief.version,
            start_by=terms.start_by,
            was=brief.closes_at,
            closes_at=terms.closes_at,
        )
        or queries.why_not_budget(session, brief, terms, now)
    )
    publish_version(session, actor, brief, row, terms, now)


def drop_amendment(session: Session, actor: Actor, brief_id: UUID, amendment_id: UUID) -> None:
    """Take back or turn down what waits. Quiet when this person has. Raises `NotFound`, `Refused`."""
    brief = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, Role.APPROVER, lock=True)
    row, now = queries.amendment_row(session, brief_id, amendment_id), clock.now(session)
    if row.dropped_by == actor.known:
        return
    refuse_if(queries.why_not_decide_now(session, row))
    row.dropped_at, row.dropped_by = now, actor.known
    audit.record(
        session,
        events.AMENDMENT_DROPPED,
        actor=actor,
        subject=row.id,
        about=brief_id,
        at=now,
        **in_the_record(brief, row),
    )
