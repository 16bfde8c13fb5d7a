"""Telling the bidders of a draft that was never submitted."""

from datetime import timedelta

from sqlmodel import Session

from app.bids import events
from app.bids.policy import BIDDERS
from app.bids.rules import BidState
from app.bids.unsent.queries import drafts_not_sent
from app.core import audit, clock, mail
from app.core.actor import NOBODY
from app.organisations.queries import contacts


def tell_of_unsent(session: Session, *, drain: timedelta) -> int:
    """Tell the bidders of each draft that was not submitted when its brief closed, and write it down; returns how many drafts.

    Whether it was complete nobody but they can read. The lock on the bid makes it once, however many workers there are.
    """
    now = clock.now(session)
    found = drafts_not_sent(session, now, drain=drain, lock=True)
    for bid, brief in found:
        bid.unsent_told_at = now
        audit.record(session, events.UNSENT, actor=NOBODY, subject=bid.id, at=now, reference=brief.reference)
        bidders = contacts(session, bid.provider_id, *BIDDERS)
        addresses = {f"bid.unsent:{bid.id}:{brief.closes_at}:{one.person_id}": one.email for one in bidders}
        about = {"brief": brief.reference, "bid_id": str(bid.id)}
        stands = "yes" if bid.state == BidState.SUBMITTED else ""
        mail.queue_all(session, "bids/unsent.txt", addresses, now, stands=stands, **about)
    return len(found)
