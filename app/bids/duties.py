"""What the worker does for bids. Nothing depends on it: what is unconfirmed or was not sent is derived, whoever was told."""

from datetime import timedelta

from app.bids.confirming.commands import remind
from app.bids.unsent.commands import tell_of_unsent
from app.bids.unsent.queries import drafts_not_sent
from app.core import clock
from app.core.database import Database


def every_round(database: Database, *, drain: timedelta) -> int:
    """Remind bidders to confirm, and tell of drafts that were never sent; returns how many. A cheap look where there are none.

    `drain` is how long after a close what was received in time may still be written down.
    """
    reminded = remind(database)
    with database.read() as session:
        if not drafts_not_sent(session, clock.now(session), drain=drain):
            return reminded
    with database.write() as session:
        return reminded + tell_of_unsent(session, drain=drain)
