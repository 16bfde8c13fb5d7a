"""Breaking the glass: opening the bids without the chair, or before every declaration is in, by two people and told to all."""

from uuid import UUID

from sqlmodel import Session

from app.awards import events
from app.awards.models import OutOfOrder
from app.awards.policy import APPROVERS, OPENERS
from app.awards.queries.opening import why_not_break_glass_now
from app.briefs.amending.writing import tell_invited
from app.briefs.queries import brief_of_buyer, lock_brief
from app.briefs.rules import why_not_say
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.refusals import Refused
from app.organisations.queries import contacts


def break_glass(session: Session, actor: Actor, brief_id: UUID, reason: str) -> None:
    """Say, as an approver, why these bids are opened out of order. It opens nothing: two people still approve the opening.

    Everybody invited and everybody of the agency who may open is told at once. Raises `NotFound` to all but the agency's approvers,
    and `Refused`, before the close above all.
    """
    brief_of_buyer(session, actor, brief_id, *APPROVERS)
    brief, now = lock_brief(session, brief_id, exclusive=True), clock.now(session)
    if refusal := why_not_break_glass_now(session, actor, brief, now=now) or why_not_say(reason):
        raise Refused(refusal)
    session.add(OutOfOrder(brief_id=brief_id, said_at=now, said_by=actor.known, reason=reason))
    audit.record(session, events.GLASS_BROKEN, actor=actor, subject=brief_id, at=now, reason=reason)
    key = f"opening.out_of_order:{brief_id}"
    tell_invited(session, brief, "awards/out_of_order.txt", key, now, reason=reason, path="opportunities")
    openers = {f"{key}:{one.person_id}": one.email for one in contacts(session, brief.raa_id, *OPENERS)}
    words = {"reference": brief.reference, "brief_id": str(brief.id), "reason": reason, "path": "briefs"}
    mail.queue_all(session, "awards/out_of_order.txt", openers, now, **words)
