"""Reminding bidders to confirm: two days and four hours before the close, each once."""

from sqlmodel import Session, col, select

from app.bids.confirming.queries import to_remind
from app.bids.confirming.rules import mark_due
from app.bids.policy import BIDDERS
from app.briefs.rules import in_words
from app.core import clock, mail
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.organisations.queries import emails_of


def remind(database: Database) -> int:
    """Queue what is due and was not queued yet; returns how many messages. A cheap look where nothing is due.

    Each message goes to the bid's own bidders; its key in the outbox is what makes it one.
    """
    with database.read() as session:
        due = _due(session)
        known = (
            set(session.exec(select(OutboxMessage.dedupe).where(col(OutboxMessage.dedupe).in_(due)))) if due else set()
        )
    wanted = {key: said for key, said in due.items() if key not in known}
    if not wanted:
        return 0
    with database.write() as session:
        now = clock.now(session)
        for key, (email, words) in wanted.items():
            mail.queue(session, "bids/confirm.txt", now, to=email, dedupe=key, **words)
    return len(wanted)


def _due(session: Session) -> dict[str, tuple[str, dict[str, str | int]]]:
    """Address and words of each message that is due, by its key."""
    now = clock.now(session)
    bids = to_remind(session, now)
    people = emails_of(session, {bid.provider_id for bid in bids}, *BIDDERS) if bids else {}
    return {
        f"bid.confirm:{bid.bid_id}:{bid.version}:{mark}:{person}": (
            email,
            {
                "brief": bid.brief_reference,
                "version": bid.version,
                "closes_at": in_words(bid.closes_at),
                "bid_id": str(bid.bid_id),
            },
        )
        for bid in bids
        if (mark := mark_due(bid.closes_at, now))
        for person, email in people.get(bid.provider_id, ())
    }
