"""When a bidder is reminded to confirm. Pure."""

from datetime import datetime, timedelta
from typing import Final

MARKS: Final = ((timedelta(hours=4), "4h"), (timedelta(days=2), "2d"))
"""How long before the close, the shortest first, and its name."""


def mark_due(closes_at: datetime, now: datetime) -> str | None:
    """The reminder that is due now: only the last one, where a worker that was stopped missed another."""
    left = closes_at - now
    if left <= timedelta(0):
        return None
    return next((name for before, name in MARKS if left <= before), None)
