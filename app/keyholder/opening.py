"""When a brief's key may be used, and for whom: both clocks past the close, and two entitled people who were here themselves."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from app.awards.policy import OPENERS
from app.awards.queries import approvals
from app.awards.queries.opening import why_not_open_now
from app.bids.queries import standing_wraps
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer
from app.core import audit, clock
from app.core.actor import NOBODY, Actor
from app.core.crypto import Keyring
from app.core.refusals import Refusal, Refused
from app.keyholder.keys import follow
from app.keyholder.two_people import Sealed
from app.sealing import events
from app.sealing.asking import Released

BEHIND: Final = Refusal(
    "behind",
    "By the keyholder’s own clock this brief is not yet to be opened, though it is by the portal’s. Both must be past the hour. "
    "Try again later, and tell the platform’s administrators that the two clocks disagree.",
)


def _said(brief: Brief, person_id: UUID) -> bytes:
    """The close is in it, so that an approval that a later close made void is not revived by another hour on its row."""
    return b"opening 2 " + brief.id.bytes + person_id.bytes + brief.closes_at.isoformat().encode()


def _bound_to(bid_id: UUID) -> bytes:
    return bid_id.bytes


BIDS: Final = Sealed(
    approvals.BIDS, events.APPROVED, events.RELEASED, _said, standing_wraps, _bound_to, always_proved=False
)


def approve(
    session: Session, actor: Actor, brief_id: UUID, *, master: Keyring, own_now: datetime, drain: timedelta
) -> str:
    """The first approval. Raises `NotFound`, `Refused`."""
    brief = _entitled(session, actor, brief_id, own_now, drain)
    follow_closes(session, master)
    return BIDS.approve(session, actor, brief, master)


def release(
    session: Session, actor: Actor, brief_id: UUID, *, master: Keyring, own_now: datetime, drain: timedelta
) -> Released:
    """The second approval, and the data keys of the letters that stand. Raises `NotFound`, `Refused`."""
    return BIDS.release(session, actor, _entitled(session, actor, brief_id, own_now, drain), master)


def follow_closes(session: Session, master: Keyring) -> None:
    for brief_id in follow(session, master):
        audit.record(session, events.KEY_FOLLOWED, actor=NOBODY, subject=brief_id)


def _entitled(session: Session, actor: Actor, brief_id: UUID, own_now: datetime, drain: timedelta) -> Brief:
    """The brief, where this person may give the next approval by the rules of the opening, and by the clock that is behind.

    Raises `NotFound`, `Refused`.
    """
    brief = brief_of_buyer(session, actor, brief_id, *OPENERS)
    told = clock.now(session)
    for now, instead in ((told, None), (min(told, own_now), BEHIND)):
        if refusal := why_not_open_now(session, actor, brief, now=now, drain=drain):
            raise Refused(instead or refusal)
    return brief
