"""The clocks that a rule set starts: how long a framework may last and by when an open one must be opened again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


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
    years = first_reopen if len(starts) == 1 else next_reopen
    return Clocks(
        max_years=max_years,
        scheme=first_reopen is not None,
        began_on=starts[0] if starts else None,
        reopen_by=anniversary(starts[-1], years) if starts and years else None,
    )


def anniversary(day: date, years: int) -> date:
    """The same day some years later; 29 February counts as 1 March in a year without it."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
