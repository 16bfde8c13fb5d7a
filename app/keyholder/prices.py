"""The second envelope: when a brief's key may open the prices, which it never does with the bids themselves.

Nothing that is asked here is believed because the database says so: the bids were opened by two approvals that this keyholder
saw, the quality was put on record before it, over the marks as they still are, and two more people ask for the prices.
"""

import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, select

from app.awards.models import OpeningApproval, QualityAssessed
from app.awards.policy import OPENERS
from app.awards.queries import approvals
from app.awards.queries.opening import assessed, stays_shut_until
from app.awards.queries.prices import why_not_finish_now, why_not_open_prices_now
from app.awards.queries.quality import marks, marks_sha256, submitted_scores
from app.awards.rules.opening import OPENERS as HOW_MANY
from app.awards.rules.opening import why_not_unlock
from app.bids.queries import sealed_prices
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer
from app.core import audit, clock
from app.core.actor import Actor
from app.core.crypto import Keyring
from app.core.refusals import Refusal, Refused
from app.keyholder.keys import key_of
from app.keyholder.opening import BIDS
from app.keyholder.two_people import Sealed, is_made, made
from app.sealing import events
from app.sealing.asking import Released
from app.sealing.rules import Holder, bound_of_price

UNSEEN: Final = Refusal(
    "unseen", "The bids were not opened by this keyholder, so it opens no prices. Tell the platform’s administrators."
)
MARKS_CHANGED: Final = Refusal(
    "marks_changed",
    "The marks are not as they were when it was put on record that the quality is assessed. No price is opened. Tell the "
    "platform’s administrators.",
)


def _said(brief: Brief, person_id: UUID) -> bytes:
    return b"prices 1 " + brief.id.bytes + person_id.bytes


PRICES: Final = Sealed(
    approvals.PRICES,
    events.PRICES_APPROVED,
    events.PRICES_RELEASED,
    _said,
    sealed_prices,
    bound_of_price,
    always_proved=True,
)


def finish(
    session: Session, actor: Actor, brief_id: UUID, *, master: Keyring, own_now: datetime, drain: timedelta
) -> str:
    """The proof that this person put these marks on record, while every price was sealed. Raises `NotFound`, `Refused`."""
    brief = _opened(session, actor, brief_id, master, own_now, drain)
    given, done = marks(session, brief), assessed(session, brief) is not None
    if refusal := why_not_finish_now(session, actor, brief, given, done=done, now=clock.now(session)):
        raise Refused(refusal)
    audit.record(session, events.QUALITY_PROVED, actor=actor, subject=brief_id)
    return _of_quality(master, brief_id, actor.known, given.sha256)


def approve(
    session: Session, actor: Actor, brief_id: UUID, *, master: Keyring, own_now: datetime, drain: timedelta
) -> str:
    """The first approval. Raises `NotFound`, `Refused`."""
    return PRICES.approve(session, actor, _entitled(session, actor, brief_id, master, own_now, drain), master)


def release(
    session: Session, actor: Actor, brief_id: UUID, *, master: Keyring, own_now: datetime, drain: timedelta
) -> Released:
    """The second approval, and the keys of the prices of the bids that were opened and stand. Raises `NotFound`, `Refused`."""
    return PRICES.release(session, actor, _entitled(session, actor, brief_id, master, own_now, drain), master)


def quality_witness(master: Keyring, row: QualityAssessed) -> str:
    """That of a record as it stands, under the current key: for whoever has made sure that the old one was genuine."""
    return _of_quality(master, row.brief_id, row.by, row.sha256)


def is_quality_witness(master: Keyring, row: QualityAssessed) -> bool:
    return is_made(master, _quality(row.brief_id, row.by, row.sha256), row.witness)


def _of_quality(master: Keyring, brief_id: UUID, person_id: UUID, sha256: str) -> str:
    return made(master, _quality(brief_id, person_id, sha256))


def _quality(brief_id: UUID, person_id: UUID, sha256: str) -> bytes:
    return b"quality 1 " + brief_id.bytes + person_id.bytes + sha256.encode()


def _entitled(
    session: Session, actor: Actor, brief_id: UUID, master: Keyring, own_now: datetime, drain: timedelta
) -> Brief:
    """The brief, where this person may give the next approval. Raises `NotFound`, `Refused`."""
    brief = _opened(session, actor, brief_id, master, own_now, drain)
    if refusal := why_not_open_prices_now(session, actor, brief, now=clock.now(session)):
        raise Refused(refusal)
    row, as_they_are = session.get_one(QualityAssessed, brief_id), marks_sha256(submitted_scores(session, brief_id))
    if not is_quality_witness(master, row) or not hmac.compare_digest(row.sha256, as_they_are):
        raise Refused(MARKS_CHANGED)
    return brief


def _opened(
    session: Session, actor: Actor, brief_id: UUID, master: Keyring, own_now: datetime, drain: timedelta
) -> Brief:
    """The brief, past its hour by the clock that is behind, and opened before this keyholder. Raises `NotFound`, `Refused`."""
    brief = brief_of_buyer(session, actor, brief_id, *OPENERS)
    shut_until, now = stays_shut_until(session, brief), min(clock.now(session), own_now)
    if brief.opened_at and (refusal := why_not_unlock(shut_until=shut_until, drain=drain, now=now)):
        raise Refused(refusal)
    seen = session.exec(select(OpeningApproval).where(OpeningApproval.brief_id == brief_id)).all()
    sealed = key_of(session, Holder.BRIEF, brief_id) is not None
    if brief.opened_at and sealed and sum(BIDS.is_witnessed(master, brief, one) for one in seen) != HOW_MANY:
        raise Refused(UNSEEN)
    return brief
