"""What the worker does for briefs. Nothing depends on it: whoever wakes first extends a deadline that an outage came near."""

from app.briefs.outages.commands import make_good
from app.core.database import Database


def every_round(database: Database) -> int:
    """Extend the deadlines that an outage came near, if whoever ended it did not get so far; returns how many."""
    return make_good(database)
