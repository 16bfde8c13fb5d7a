"""The second envelope: quality is put on record as assessed, for good, and then two people open the prices."""

from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from app.awards import events
from app.awards.models import PriceApproval, QualityAssessed
from app.awards.policy import OPENERS
from app.awards.queries.opening import assessed
from app.awards.queries.prices import price_approvals, why_not_finish_now, why_not_open_prices_now
from app.awards.queries.quality import marks
from app.bids.writing import open_prices
from app.briefs.commands import mark_prices_opened
from app.briefs.queries import brief_of_buyer
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.sealing.asking import Released

AGAIN: Final = Refusal("again", "Somebody else was here at the same moment. Look at the page, and try again.")


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


def approve_prices(
    session: Session, actor: Actor, brief_id: UUID, *, secret: str, told: str | Released | None = None
) -> bool:
    """Give one of the two approvals; the second opens the prices in the same transaction. Returns whether they are open.

    `told` is what the keyholder gave to this person, as for the opening of the bids. A second click is quiet.
    Raises `NotFound`, `Refused`.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, *OPENERS, lock=True), clock.now(session)
    given = price_approvals(session, brief_id)
    if any(one.person_id == actor.person_id for one in given):
        return brief.prices_opened_at is not None
    if refusal := why_not_open_prices_now(session, actor, brief, now=now):
        raise Refused(refusal)
    if told is None or isinstance(told, Released) is not bool(given):
        raise Refused(AGAIN)
    if not given:  # what has become void makes room
        session.execute(delete(PriceApproval).where(col(PriceApproval.brief_id) == brief_id))
    proof = told.witness if isinstance(told, Released) else told
    row = PriceApproval(brief_id=brief_id, person_id=actor.known, position=len(given) + 1, at=now, witness=proof)
    session.add(row)
    session.flush()
    if isinstance(told, str):
        audit.record(session, events.PRICES_APPROVED, actor=actor, subject=row.id, about=brief_id)
        return False
    mark_prices_opened(session, brief, now)
    open_prices(session, brief_id, told.keys, secret=secret)
    audit.record(session, events.PRICES_OPENED, actor=actor, subject=row.id, about=brief_id)
    return True
