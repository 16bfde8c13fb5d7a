"""The clocks that a rule set starts: how long a framework may last and by when an open one must be opened again. Pure."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.core.london import day_in_words

MARKS: Final = (12, 6, 3)
"""How many months before a day its lead is reminded of it."""


class Watch(StrEnum):
    ENDS = "ends"
    REOPEN = "reopen"
    SCHEME_ENDS = "scheme_ends"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day that runs towards a framework, and what has to be done by then."""

    watch: Watch
    day: date
    words: str

    def mark(self, on: date) -> int | None:
        """The months before the day within which `on` lies, the fewest of `MARKS`; nothing before them or after the day."""
        reached = [months for months in MARKS if months_before(self.day, months) <= on <= self.day]
        return min(reached, default=None)

    def overdue(self, on: date) -> bool:
        return self.day < on


@dataclass(frozen=True, slots=True)
class Clocks:
    """`began_on` is the first day of the scheme's first framework, where one precedes this; `reopen_by` the day by which
    this scheme has to be opened again. `max_years` is None where there is no cap, `scheme` true of open frameworks alone."""

    max_years: int | None = None
    scheme: bool = False
    began_on: date | None = None
    reopen_by: date | None = None


def clocks(
    starts: Sequence[date], *, max_years: int | None, first_reopen: int | None, next_reopen: int | None
) -> Clocks:
    """`starts` are the first days of the scheme's frameworks so far, oldest first. Years are data of the rule set.

    Source: Procurement Act 2023 s49: the second framework within three years of the first, the next within five of the one
    before; the scheme ends eight years after its first.
    """
    return Clocks(
        max_years=max_years,
        scheme=first_reopen is not None,
        began_on=starts[0] if starts else None,
        reopen_by=reopen_by(starts[-1], is_first=len(starts) == 1, first_reopen=first_reopen, next_reopen=next_reopen)
        if starts
        else None,
    )


def reopen_by(
    starts_on: date,
    *,
    is_first: bool,
    first_reopen: int | None,
    next_reopen: int | None,
    scheme_ends_on: date | None = None,
) -> date | None:
    """By when the framework after this one has to begin; nothing where no rule says so, or the scheme ends before."""
    years = first_reopen if is_first else next_reopen
    day = anniversary(starts_on, years) if years else None
    return None if day is None or (scheme_ends_on and day > scheme_ends_on) else day


def deadlines(
    *, ends_on: date, extendable_to: date | None, reopen_by: date | None, reopened: bool, scheme_ends_on: date | None
) -> tuple[Deadline, ...]:
    """What runs towards an approved framework, the next day first. `reopened`: the next of its scheme is approved already."""
    if extendable_to and extendable_to > ends_on:
        ends = f"Its last day. Extend it before, to {day_in_words(extendable_to)} at the latest, or set up what follows it."
    else:
        ends = "Its last day. Set up what follows it in time."
    found = [Deadline(Watch.ENDS, ends_on, ends)]
    if reopen_by and not reopened:
        found.append(
            Deadline(Watch.REOPEN, reopen_by, "The next framework of its open scheme must have begun by then.")
        )
    if scheme_ends_on and scheme_ends_on != ends_on:
        found.append(
            Deadline(Watch.SCHEME_ENDS, scheme_ends_on, "The last day of its open scheme: nothing re-opens it then.")
        )
    return tuple(sorted(found, key=lambda one: one.day))


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def anniversary(day: date, years: int) -> date:
    """The same day some years later; 29 February counts as 1 March in a year without it."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
