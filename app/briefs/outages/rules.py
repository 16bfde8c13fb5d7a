"""Whether a silence of the service moves a deadline, and how far. Pure."""

from datetime import date, datetime, timedelta
from typing import Final

from app.briefs.amending.rules import next_humane_hour
from app.core.london import LONDON, day_in_words, london_day

NEAR: Final = timedelta(hours=2)
LEAST: Final = timedelta(hours=1)


def extended(closes_at: datetime, silent_from: datetime, silent_until: datetime) -> datetime | None:
    """The deadline after a silence, or None where it was not near: it neither ended in the last two hours nor spans the close.

    All get the length of the silence and an hour or more; after it an hour at least is left, too. To a humane hour.
    """
    if not (silent_from < closes_at and silent_until > closes_at - NEAR):
        return None
    given_back = closes_at + max(silent_until - silent_from, LEAST)
    return next_humane_hour(max(given_back, silent_until + LEAST))


def overtaken(start_by: date, closes_at: datetime) -> bool:
    """Whether work can no longer start by this day, as bids may still come on it."""
    return start_by <= london_day(closes_at)


def reason(silent_from: datetime, silent_until: datetime, *, agree_start: bool) -> str:
    """Why, in the words that everybody invited and the agency read. `agree_start`: the day to start by is overtaken."""
    return (
        f"This service could not be reached from {_minute(silent_from)} to {_minute(silent_until)}, London time. "
        "The deadline is extended for everybody alike."
        f"{' Work can no longer start by the day that was named, so its start must be agreed.' if agree_start else ''}"
    )


def _minute(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{local:%H:%M} on {day_in_words(local.date())}"
