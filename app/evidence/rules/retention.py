"""How long a file of evidence is kept, by its class, and when it goes. Pure.

The record, the digest and the decision outlive the file. A legal hold stops every deletion of its provider.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from app.core.london import at_london
from app.evidence.rules.checking import Outcome


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """`automatic` classes are applied by the worker each day, the others by the operator."""

    slug: str
    name: str
    counted_from: str
    months: int
    automatic: bool
    basis: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What decides about one file, in London days: when it was uploaded, decided, replaced, and its provider closed."""

    narrow: bool
    uploaded_on: date
    submitted: bool
    outcome: Outcome | None = None
    decided_on: date | None = None
    replaced_on: date | None = None
    expires_on: date | None = None
    closed_on: date | None = None


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def reached(on: date, months: int) -> date:
    """The last day from which so many months are over on that day: `add_months` turned round, for asking a database."""
    day = add_months(on, -months)
    ends_its_month = on.day == monthrange(on.year, on.month)[1]
    return day.replace(day=monthrange(day.year, day.month)[1]) if ends_its_month else day


def day_ends(day: date) -> datetime:
    """The moment at which a London day is over, in UTC."""
    return at_london(day + timedelta(days=1), time())


def goes(file: FileFacts, schedule: Mapping[str, RetentionClass]) -> tuple[RetentionClass, date] | None:
    """The class under which this file goes first, and the first day on which it is gone; None while nothing ends it."""
    days = [
        (add_months(since, schedule[slug].months), slug)
        for slug, since in _classes(file).items()
        if since and slug in schedule
    ]
    if not days:
        return None
    day, slug = min(days)
    return schedule[slug], day


def _classes(file: FileFacts) -> Mapping[str, date | None]:
    if file.narrow:
        return {
            "dbs_file": file.decided_on or file.replaced_on,
            "dbs_unsent_file": None if file.submitted else file.uploaded_on,
            "closed_provider_file": file.closed_on,
        }
    verified = file.outcome is Outcome.VERIFIED
    return {
        "unsent_file": None if file.submitted else file.uploaded_on,
        "returned_file": file.decided_on if file.outcome in (Outcome.RETURNED, Outcome.REFUSED) else None,
        "replaced_file": file.replaced_on if verified or not file.outcome else None,
        "lapsed_file": file.expires_on if verified and not file.replaced_on else None,
        "closed_provider_file": file.closed_on,
    }


COUNTED_FROM: Final = {
    "decided": "the decision",
    "uploaded": "the upload",
    "replaced": "the day a newer one was verified",
    "expired": "the day it expired",
    "closed": "the day the provider closed",
}
