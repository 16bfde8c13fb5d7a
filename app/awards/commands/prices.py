"""The second envelope: quality is put on record as assessed, for good, and then two people open the prices."""

from functools import partial
from uuid import UUID

from sqlmodel import Session

from app.awards import events
from app.awards.approving import Told, approve
from app.awards.models import QualityAssessed
from app.awards.policy import OPENERS
from app.awards.queries.approvals import PRICES
from app.awards.queries.opening import assessed
from app.awards.queries.prices import why_not_finish_now, why_not_open_prices_now
from app.awards.queries.quality import marks
from app.bids.writing import open_prices
from app.briefs.commands import mark_prices_opened
from app.briefs.queries import brief_of_buyer
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import Refused


def finish_quality(session: Session, actor: Actor, brief_id: UUID, *, witness: str) -> None:
    """Put it on record that the quality of the bids is assessed. It is never taken back. Quiet when this person did.

    `witness` is the keyholder's proof of these marks and this person; what it does not fit, the keyholder opens no price by.
    Raises `NotFound`, `Refused`.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, *OPENERS, lock=True), clock.now(session)
    known = assessed(session, brief)
    if known and known.by == actor.person_id:
        return
    given = marks(session, brief)
    if refusal := why_not_finish_now(session, actor, brief, given, done=known is not None, now=now):
        raise Refused(refusal)
    row = QualityAssessed(brief_id=brief_id, at=now, by=actor.known, sha256=given.sha256, witness=witness)
    session.add(row)
    audit.record(session, events.QUALITY_ASSESSED, actor=actor, subject=brief_id, at=now, sha256=row.sha256)


def approve_prices(session: Session, actor: Actor, brief_id: UUID, *, secret: str, told: Told | None = None) -> bool:
    """Give one of the two approvals; the second opens the prices in the same transaction. Returns whether they are open.

    `told` is what the keyholder gave to this person, as for the opening of the bids. A second click is quiet.
    Raises `NotFound`, `Refused`.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, *OPENERS, lock=True), clock.now(session)
    why_not = partial(why_not_open_prices_now, session, actor, brief, now=now)
    if second := approve(session, actor, brief, PRICES, told, now, why_not=why_not):
        approval_id, released = second
        mark_prices_opened(session, brief, now)
        open_prices(session, brief_id, released.keys, secret=secret)
        audit.record(session, events.PRICES_OPENED, actor=actor, subject=approval_id, about=brief_id)
    return brief.prices_opened_at is not None
