"""When a brief's key may be used, and for whom: both clocks past the close, and two entitled people who were here themselves."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.awards.models import OpeningApproval
from app.awards.policy import OPENERS
from app.awards.queries.opening import counting, why_not_open_now
from app.bids.confirming.queries import unconfirmed_bids
from app.bids.queries import standing_wraps
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer
from app.core import audit, clock
from app.core.actor import NOBODY, Actor
from app.core.crypto import Keyring, Unreadable
from app.core.refusals import Refusal, Refused
from app.core.sealing import unwrap_with
from app.keyholder.keys import follow, key_of, private_key
from app.sealing import events
from app.sealing.asking import Released
from app.sealing.rules import Holder

AGAIN: Final = Refusal("again", "Somebody else approved the opening at the same moment. Look at the page again.")
UNPROVEN: Final = Refusal(
    "unproven",
    "The first approval was not given to the keyholder by a person who was signed in, so nothing is opened by it.",
)
BEHIND: Final = Refusal(
    "behind",
    "By the keyholder’s own clock this brief is not yet to be opened, though it is by the portal’s. Both must be past the hour. "
    "Try again later, and tell the platform’s administrators that the two clocks disagree.",
)
ALTERED: Final = Refusal(
    "altered",
    "The key of this brief is not as the keyholder made it. Nothing is opened. Tell the platform’s administrators.",
)


def approve(
    session: Session, actor: Actor, brief_id: UUID, *, master: Keyring, own_now: datetime, drain: timedelta
) -> str:
    """The first approval, as a code that nobody else can make. Raises `NotFound`, `Refused`."""
    given = _entitled(session, actor, brief_id, own_now, drain)
    if given:
        raise Refused(AGAIN)
    follow_closes(session, master)
    audit.record(session, events.APPROVED, actor=actor, subject=brief_id)
    return witness(master, session.get_one(Brief, brief_id), actor.known)


def release(
    session: Session, actor: Actor, brief_id: UUID, *, master: Keyring, own_now: datetime, drain: timedelta
) -> Released:
    """The second approval, and the data keys of the letters that stand, and of none that a material change left unconfirmed.

    Raises `NotFound`, `Refused`.
    """
    given = _entitled(session, actor, brief_id, own_now, drain)
    if len(given) != 1:
        raise Refused(AGAIN)
    audit.record(session, events.RELEASED, actor=actor, subject=brief_id)
    brief = session.get_one(Brief, brief_id)
    own = witness(master, brief, actor.known)
    key = key_of(session, Holder.BRIEF, brief_id)
    if key is None:  # published before there was a keyholder: nothing is sealed to it
        return Released(own, {})
    if not is_witness(master, brief, given[0]):
        raise Refused(UNPROVEN)
    unconfirmed = unconfirmed_bids(session, brief)
    try:
        private = private_key(master, key)
        return Released(
            own,
            {
                letter_id: unwrap_with(private, wrap, bound_to=bid_id.bytes)
                for bid_id, letter_id, wrap in standing_wraps(session, brief_id)
                if bid_id not in unconfirmed
            },
        )
    except Unreadable:
        raise Refused(ALTERED) from None


def follow_closes(session: Session, master: Keyring) -> None:
    for brief_id in follow(session, master):
        audit.record(session, events.KEY_FOLLOWED, actor=NOBODY, subject=brief_id)


def witness(master: Keyring, brief: Brief, person_id: UUID, *, key_id: str | None = None) -> str:
    """What stands on the row of an approval that the keyholder has seen given: its key's name, and a code.

    The close is in it, so that an approval that a later close made void is not revived by another hour on its row.
    """
    return made(master, _said(brief, person_id), key_id=key_id)


def is_witness(master: Keyring, brief: Brief, approval: OpeningApproval) -> bool:
    return is_made(master, _said(brief, approval.person_id), approval.witness)


def made(master: Keyring, message: bytes, *, key_id: str | None = None) -> str:
    """A code over a message that nobody else can make, with its key's name before it."""
    key_id = key_id or master.current
    return f"{key_id}:{master.mac(message, key_id=key_id).hex()}"


def is_made(master: Keyring, message: bytes, code: str) -> bool:
    try:
        return hmac.compare_digest(made(master, message, key_id=code.rpartition(":")[0] or None), code)
    except Unreadable:
        return False


def _said(brief: Brief, person_id: UUID) -> bytes:
    return b"opening 2 " + brief.id.bytes + person_id.bytes + brief.closes_at.isoformat().encode()


def _entitled(
    session: Session, actor: Actor, brief_id: UUID, own_now: datetime, drain: timedelta
) -> Sequence[OpeningApproval]:
    """The approvals given, where this person may give the next by the rules of the opening, and by the clock that is behind.

    Raises `NotFound`, `Refused`.
    """
    brief = brief_of_buyer(session, actor, brief_id, *OPENERS)
    told = clock.now(session)
    for now, instead in ((told, None), (min(told, own_now), BEHIND)):
        if refusal := why_not_open_now(session, actor, brief, now=now, drain=drain):
            raise Refused(instead or refusal)
    given = select(OpeningApproval).join(Brief, col(Brief.id) == OpeningApproval.brief_id).where(*counting(brief_id))
    return session.exec(given.order_by(col(OpeningApproval.position))).all()
