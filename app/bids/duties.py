"""What the worker does for bids. Nothing depends on it: whether a bid is confirmed is derived, whoever was reminded."""

from app.bids.confirming.commands import remind
from app.core.database import Database


def every_round(database: Database) -> int:
    """Remind bidders to confirm; returns how many messages were queued."""
    return remind(database)
