"""One approval of the two that open what is sealed, given before the keyholder: alike for the bids of a brief and their prices."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from app.awards.queries.approvals import Envelope, approvals, has_approved
from app.awards.rules.opening import why_not_stamp
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.sealing.asking import Released

Told = str | Released
"""What the keyholder gave to this person: its witness to the first approval, or what it released to the second."""

AGAIN: Final = Refusal("again", "Somebody else approved the opening at the same moment. Look at the page again.")


def ask_keyholder(
    db: Database,
    actor: Actor,
    brief_id: UUID,
    envelope: Envelope,
    token: str,
    *,
    first: Callable[[str, UUID], str],
    second: Callable[[str, UUID], Released],
) -> Told | None:
    """Ask, with no transaction open, as the keyholder decides by its own look at everything; nothing to who has approved already.

    Raises `NotFound`, `Refused`, `KeyholderAway`.
    """
    with db.read() as session:
        begun, done = has_approved(session, actor, brief_id, envelope)
    if done:
        return None
    return second(token, brief_id) if begun else first(token, brief_id)


def approve(
    session: Session,
    actor: Actor,
    brief: Brief,
    envelope: Envelope,
    told: Told | None,
    at: datetime,
    *,
    why_not: Callable[[], Refusal | None],
) -> tuple[UUID, Released] | None:
    """Give one of the two approvals of a brief that is locked. The second is returned, for its caller to open by it.

    Nothing is returned for the first, nor for who has approved already: a second click is quiet. Raises `Refused`.
    """
    given = approvals(session, brief.id, envelope)
    if any(approval.person_id == actor.person_id for approval in given):
        return None
    before = [approval.at for approval in given] + ([brief.opened_at] if brief.opened_at else [])
    if refusal := why_not() or why_not_stamp(before=before, now=at):
        raise Refused(refusal)
    if told is None or isinstance(told, Released) is not bool(given):
        raise Refused(AGAIN)
    if not given:  # what has become void makes room
        session.execute(delete(envelope.row).where(col(envelope.row.brief_id) == brief.id))
    proof = told.witness if isinstance(told, Released) else told
    row = envelope.row(brief_id=brief.id, person_id=actor.known, position=len(given) + 1, at=at, witness=proof)
    session.add(row)
    session.flush()
    if isinstance(told, Released):
        return row.id, told
    audit.record(session, envelope.approved, actor=actor, subject=row.id, about=brief.id)
    return None
