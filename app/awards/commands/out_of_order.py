"""Breaking the glass: opening the bids without the chair, or before every declaration is in, by two people and told to all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.awards import events
from app.awards.models import BriefAssessor, OpeningApproval
from app.awards.policy import APPROVERS, ASSESSORS, OPENERS
from app.awards.queries.opening import why_not_break_glass_now
from app.awards.queries.rivals import why_not_take_part_now
from app.awards.rules.opening import why_not_mend_glass
from app.briefs.amending.writing import tell_invited
from app.briefs.models import Brief, OutOfOrder
from app.briefs.queries import brief_of_buyer, lock_brief, phase_of
from app.briefs.rules import why_not_say
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.refusals import Refused, refuse_if
from app.organisations.queries import contacts


def break_glass(session: Session, actor: Actor, brief_id: UUID, reason: str) -> None:
    """Say, as an approver, why these bids are opened out of order. It opens nothing: two people still approve the opening.

    Everybody invited, everybody of the agency who may open and every assessor is told at once. Raises `NotFound` to all but the
    agency's approvers, and `Refused`, before the close above all.
    """
    brief_of_buyer(session, actor, brief_id, *APPROVERS)
    brief, now = lock_brief(session, brief_id, exclusive=True), clock.now(session)
    if refusal := why_not_break_glass_now(session, actor, brief, now=now) or why_not_say(reason):
        raise Refused(refusal)
    session.add(OutOfOrder(brief_id=brief_id, said_at=now, said_by=actor.known, reason=reason))
    audit.record(session, events.GLASS_BROKEN, actor=actor, subject=brief_id, at=now, reason=reason)
    _tell(session, brief, "awards/out_of_order.txt", now, now, reason=reason)


def mend_glass(session: Session, actor: Actor, brief_id: UUID) -> None:
    """Take it back, as any approver, before the bids are open; all who were told are told. Quiet when it is taken back.

    An approval given since may rest on it, as one of an approver or before every declaration was in: it is void, and counts no
    more if it is said again. Raises `NotFound`, `Refused`.
    """
    brief_of_buyer(session, actor, brief_id, *APPROVERS)
    brief, now = lock_brief(session, brief_id, exclusive=True), clock.now(session)
    row = session.get(OutOfOrder, brief_id)
    if row is None:
        return
    refuse_if(why_not_take_part_now(session, actor.known, brief_id) or why_not_mend_glass(phase=phase_of(brief, now)))
    session.delete(row)
    since = delete(OpeningApproval).where(
        col(OpeningApproval.brief_id) == brief_id, col(OpeningApproval.at) >= row.said_at
    )
    session.execute(since)
    audit.record(session, events.GLASS_MENDED, actor=actor, subject=brief_id, at=now)
    _tell(session, brief, "awards/in_order.txt", row.said_at, now)


def _tell(session: Session, brief: Brief, template: str, said_at: datetime, now: datetime, **words: str) -> None:
    """Everybody invited, who may open the bids, and who assesses them, each once."""
    key = f"{template}:{brief.id}:{said_at.isoformat()}"
    tell_invited(session, brief, template, key, now, path="opportunities", **words)
    asked = set(session.exec(select(BriefAssessor.person_id).where(BriefAssessor.brief_id == brief.id)))
    assessors = [one for one in contacts(session, brief.raa_id, *ASSESSORS) if one.person_id in asked]
    people = {f"{key}:{one.person_id}": one.email for one in (*contacts(session, brief.raa_id, *OPENERS), *assessors)}
    about = {"reference": brief.reference, "brief_id": str(brief.id), "path": "briefs"}
    mail.queue_all(session, template, people, now, **about, **words)
