"""Asking for approval of a draft, or sending it back; the value above which two approve; forgetting people in match reports."""

from uuid import UUID

from sqlmodel import Session, select

from app.briefs import events
from app.briefs.inviting import queries
from app.briefs.inviting.models import ApprovalLimit, MatchLine
from app.briefs.inviting.writing import approvers, end_approvals, tell_writers
from app.briefs.policy import sits_there
from app.briefs.queries import brief_of_buyer, call_off, facts, phase_of, standing
from app.briefs.queries.buyer import authors, sent_back
from app.briefs.rules import why_not_as_seen, why_not_ask_approval, why_not_say, why_not_send_back
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.money import pounds
from app.core.refusals import NotFound, Refusal, refuse_if
from app.evidence.news import PeopleForgotten
from app.organisations.queries import contacts
from app.organisations.rules import Role


def ask_approval(session: Session, actor: Actor, brief_id: UUID) -> None:
    """Put a draft, as it stands, before the agency's approvers who wrote none of it; they are told. A second time it is quiet.

    Raises `NotFound` to all but its agency's commissioners, `Refused` while anything is to be mended.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True), clock.now(session)
    if brief.approval_asked_at:
        return
    called_off = call_off(session, brief.framework_id, brief.raa_id, now)
    refuse_if(
        why_not_ask_approval(
            phase=phase_of(brief, now),
            call_off=called_off if isinstance(called_off, Refusal) else None,
            unready=standing(session, brief, now).unready,
        )
    )
    brief.approval_asked_at = now
    writers = authors(session, brief) | {actor.person_id}
    mail.queue_all(
        session,
        "briefs/approval_asked.txt",
        {
            f"brief.approval_asked:{brief_id}:{now.isoformat()}:{one.person_id}": one.email
            for one in contacts(session, brief.raa_id, Role.APPROVER)
            if one.person_id not in writers
        },
        now,
        reference=brief.reference,
        brief_id=str(brief_id),
    )
    audit.record(session, events.APPROVAL_ASKED, actor=actor, subject=brief_id, at=now, reference=brief.reference)


def send_back(session: Session, actor: Actor, brief_id: UUID, reason: str, *, seen: str | None = None) -> None:
    """Say what must change in a draft that waits for approval. Approvals given so far end, and its writers are told.

    `seen` is the digest of the brief that the approver read. The same reason again is quiet. Raises `NotFound` to all but the
    agency's approvers, `Refused` to its authors, and where it does not wait as it was read.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.APPROVER, lock=True), clock.now(session)
    back = sent_back(session, brief)
    if back and (back.person_id, back.reason) == (actor.person_id, reason):
        return
    refuse_if(
        why_not_send_back(
            phase=phase_of(brief, now),
            author=actor.person_id in authors(session, brief),
            asked=brief.approval_asked_at is not None,
            sent_back=back is not None,
        )
        or why_not_as_seen(seen, facts(session, brief, now).seen)
        or why_not_say(reason)
    )
    brief.approval_asked_at = None
    approved = session.execute(select(approvers(brief_id))).scalar()
    end_approvals(session, actor, brief, approved, now, what="Another approver has sent the draft back to its writer")
    tell_writers(session, actor, brief, "briefs/sent_back.txt", now)
    audit.record(
        session, events.SENT_BACK, actor=actor, subject=brief_id, at=now, reference=brief.reference, reason=reason
    )


def set_approval_limit(session: Session, actor: Actor, agency_id: UUID, pence: int) -> None:
    """The value above which two approve the agency's briefs, from now on; a higher one only those drafted from now on.

    The same again changes nothing. Raises `NotFound` to all but the agency's approvers.
    """
    if not sits_there(actor, agency_id, Role.APPROVER):
        raise NotFound
    before = queries.limit_of(session, agency_id)
    if before == pence:
        return
    row = ApprovalLimit(organisation_id=agency_id, pence=pence, set_at=clock.now(session), set_by=actor.known)
    session.add(row)
    audit.record(
        session,
        events.LIMIT_SET,
        actor=actor,
        subject=row.id,
        about=agency_id,
        before=pounds(before),
        now=pounds(pence),
    )


def forget_people(session: Session, forgotten: PeopleForgotten) -> None:
    """The words of reasons may name a closed provider's people: they go, and their codes stay, over which the digest is."""
    for line in session.exec(select(MatchLine).where(MatchLine.provider_id == forgotten.provider_id)):
        line.reasons = [[code, ""] for code, _ in line.reasons]
