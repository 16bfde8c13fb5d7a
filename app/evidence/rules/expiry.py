"""When somebody is reminded that a fact is about to lapse, or has. Pure.

A reminder is named by the days left on its own day: 60, 30, 14, 7 and 0, then -7, -14 and so on, once a week.
"""

from datetime import date, timedelta
from typing import Final

BEFORE: Final = (60, 30, 14, 7, 0)
WEEK: Final = 7


def reminder_due(*, expires_on: date, on: date, known_since: date) -> int | None:
    """The latest reminder whose day has come by the London day `on`; None when none has since the fact was verified.

    Only the latest: after a pause of the worker one message leaves, and not every one that was missed.
    """
    left = (expires_on - on).days
    due = min((mark for mark in BEFORE if mark >= left), default=None) if left >= 0 else -(-left // WEEK * WEEK)
    if due is None or expires_on - timedelta(days=due) < known_since:
        return None
    return due


def next_reminder(*, expires_on: date, on: date) -> date:
    """The London day after `on` on which the next reminder leaves, if nothing newer has been verified by then."""
    left = (expires_on - on).days
    mark = max((mark for mark in BEFORE if mark < left), default=None)
    if mark is None:
        mark = -(-left // WEEK + 1) * WEEK if left <= 0 else 0
    return expires_on - timedelta(days=mark)
