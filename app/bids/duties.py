"""What the worker does for bids. Nothing depends on it: a draft that was not submitted is said on its page at once."""

from app.bids.commands import tell_of_unsent
from app.bids.queries import drafts_not_sent
from app.core import clock
from app.core.database import Database


def every_round(database: Database) -> int:
    """Tell of drafts that were never sent; returns how many. A cheap look where there are none."""
    with database.read() as session:
        if not drafts_not_sent(session, clock.now(session)):
            return 0
    with database.write() as session:
        return tell_of_unsent(session)
