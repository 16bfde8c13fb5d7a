"""Who may call off on a day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.core.london import day_in_words
from app.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Period:
    """A time on the list, both days included; no last day means until it leaves or the framework ends."""

    first: date
    last: date | None

    def covers(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)


def why_not_entitled(periods: Sequence[Period], *, agency_ended: date | None, on: date, page: str) -> Refusal | None:
    """Why a body may not call off on a day. `agency_ended` is the day from which it no longer exists, `page` shows the list.

    Source: Procurement Act 2023 s45(5)(f).
    """
    fix = (page, "See who may call off, and how to join")
    if agency_ended is not None and agency_ended <= on:
        words = (
            f"Your agency ended on {day_in_words(agency_ended)}. The agency that followed it must join the list itself."
        )
        return Refusal("agency_ended", words, fix)
    if any(period.covers(on) for period in periods):
        return None
    if coming := [period.first for period in periods if period.first > on]:
        words = f"Your agency may call off from {day_in_words(min(coming))}. Publish on that day or later."
        return Refusal("not_yet_entitled", words, fix)
    if gone := [period.last for period in periods if period.last]:
        words = (
            f"Your agency’s right to call off ended with {day_in_words(max(gone))}. It must join the list again first."
        )
        return Refusal("no_longer_entitled", words, fix)
    words = "Your agency is not on this framework’s list of those that may call off. It must join the list first."
    return Refusal("not_entitled", words, fix)
