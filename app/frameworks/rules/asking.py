"""By when questions about a round or a brief are asked, and by when they are answered. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from app.core.london import LONDON, at_london, london_day
from app.core.working_days import before_working_days, working_days


@dataclass(frozen=True, slots=True)
class Dates:
    """Until when to ask, and by when to answer; with the working days that the answer leaves before the close."""

    ask_by: datetime
    answer_by: datetime
    leaves: int


def dates(opens_at: datetime, closes_at: datetime, *, always_open: bool = False) -> Dates:
    """Both in working days before the close and at its hour; for a window of a day or two, at its half and three quarters.

    A quarter of the working days, at most four, are left after the answers, and half of them, at most eight, after the
    questions. A default of this service: the law of light-touch contracts sets no least time (Procurement Act 2023 s54).
    What is `always_open` takes questions, and has answers in time, until it ends.
    """
    if always_open:
        return Dates(closes_at, closes_at, 1)
    days = working_days(london_day(opens_at), london_day(closes_at))
    if days < 4:
        whole = closes_at - opens_at
        return Dates(opens_at + whole / 2, opens_at + whole * 3 / 4, 1)
    leaves = min(4, days // 4)
    return Dates(_before(closes_at, min(8, days // 2)), _before(closes_at, leaves), leaves)


def _before(closes_at: datetime, days: int) -> datetime:
    return at_its_hour(closes_at, before_working_days(london_day(closes_at), days))


def at_its_hour(moment: datetime, on: date) -> datetime:
    """The hour of that moment in London, on another day."""
    return at_london(on, moment.astimezone(LONDON).time())
