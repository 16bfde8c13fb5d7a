"""The oracle: what the crowd's clients saw, against what the database holds."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.models import Bid, BidReceipt
from app.bids.rules import RECEIPT_FIELDS, BidState
from app.bids.sealed import BidLetter, LetterKind
from app.briefs.models import Brief
from app.core.audit import AuditEvent
from app.core.audit import verify as chain_faults
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.signing import as_published, check
from tests.bench.letters import LETTER_SHA256
from tests.bench.load import Connection, get
from tests.faults.crowd import Crowd
from tests.faults.sending import History

HONEST: Final = {0, 303, 409, 503}
"""What a client may see: cut off, received, too late, to come again."""
GRACE: Final = timedelta(seconds=1)
"""What a request may take from its sender's hands into ours. Source: bar R1."""


def violations(database: Database, crowd: Crowd, history: History) -> Counter[str]:
    """An honest run has none."""
    found: Counter[str] = Counter()
    with database.read() as session:
        received, brief = receipts(session, crowd), session.get_one(Brief, crowd.brief_id)
        witnessed = Counter(session.exec(select(AuditEvent.subject_id).where(AuditEvent.name == "bid.submitted")))
        mailed = set(session.exec(select(OutboxMessage.dedupe).where(OutboxMessage.template == "bids/receipt.txt")))
        states = dict(session.exec(select(Bid.id, Bid.state).where(Bid.brief_id == crowd.brief_id)).all())
        letters = session.exec(select(BidLetter).where(col(BidLetter.bid_id).in_(states))).all()
        found["broken chain"] = len(list(chain_faults(session)))
    of_bid = Counter(one.bid_id for one in received)
    found["late"] = sum(one.received_at >= brief.closes_at for one in received)
    found["late, as its sender saw it"] = len(set(of_bid) & _all_late(history, brief.closes_at))
    found["doubled"] = sum(count - 1 for count in of_bid.values())
    found["lost"] = len({one.bid_id for one in history.accepted} - set(of_bid))
    found["refused though early"] = sum(
        one.status == 409 and one.sent_at < brief.closes_at - GRACE for one in history.tries
    )
    found["no answer"] = sum(one.status in (0, 503) for one in history.posts)
    found["another status"] = sum(one.status not in HONEST for one in history.tries)
    found["503 without Retry-After"] = sum(one.status == 503 and not one.retry_after for one in history.tries)
    found["not witnessed once"] = sum(witnessed[bid_id] != 1 for bid_id in of_bid)
    found["witnessed, not received"] = len(set(witnessed) & set(states) - set(of_bid))
    found["not mailed"] = sum(f"receipt {one.id}" not in mailed for one in received)
    found["another letter"] = sum(one.content_sha256 != LETTER_SHA256 for one in received)
    found["letters beside its own"] = sum(count != 1 for count in Counter(one.bid_id for one in letters).values())
    for letter in letters:
        sent = letter.bid_id in of_bid
        whole = states[letter.bid_id] == BidState.SUBMITTED, letter.kind == LetterKind.SUBMITTED
        found["half a bid"] += whole != (sent, sent)
        found["without its seal"] += not (letter.brief_wrap and letter.own_wrap)
        found["after the opening"] += brief.opened_at is not None and sent and letter.wrapped_key is None
        found["opened though not sent"] += not sent and letter.wrapped_key is not None
    return +found


def unverified(database: Database, crowd: Crowd, port: int) -> list[UUID]:
    """The bids received whose receipt is not shown to its bidder, or does not verify by the keys that the service publishes.

    Those count, too, whose answer was cut off: their bidders look at the page.
    """
    connection = Connection(port)
    _, keys = connection.send(get("/receipts/keys"))
    public = as_published(keys.decode())
    with database.read() as session:
        received = {one.bid_id: one.reference for one in receipts(session, crowd)}
    wrong = []
    for bid_id, member in crowd.drafts:
        if bid_id in received:
            head, body = connection.send(get(f"/bids/{bid_id}/receipt.json", member.cookie))
            said = check(body.decode(), public, RECEIPT_FIELDS).said if b" 200 " in head.split(b"\r\n")[0] else None
            if said is None or said["reference"] != received[bid_id]:
                wrong.append(bid_id)
    connection.close()
    return wrong


def receipts(session: Session, crowd: Crowd) -> list[BidReceipt]:
    return list(session.exec(select(BidReceipt).join(Bid).where(col(Bid.brief_id) == crowd.brief_id)))


def stamping(database: Database, crowd: Crowd, history: History) -> list[float]:
    """Of each bid of this history that was received, the seconds from the moment it had been sent to its time of receipt."""
    with database.read() as session:
        at = {one.bid_id: one.received_at for one in receipts(session, crowd)}
    sent: dict[UUID, datetime] = {}
    for post in history.posts:
        sent[post.bid_id] = min(post.tries[0].sent_at, sent.get(post.bid_id, post.tries[0].sent_at))
    return [(received_at - sent[bid_id]).total_seconds() for bid_id, received_at in at.items() if bid_id in sent]


def _all_late(history: History, closes_at: datetime) -> set[UUID]:
    early = {post.bid_id for post in history.posts for one in post.tries if one.began_at < closes_at}
    return {post.bid_id for post in history.posts} - early
