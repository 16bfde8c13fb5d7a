"""How a past is told: the clock is set to each moment in turn, and many stories are woven into one order of time.

The rooms' commands read the time and take none, which is what makes them trustworthy, and a demonstration must have a past:
applications of last spring, a bid received in time for a brief that closed on Friday. Writing rows by hand would give it a
past that no rule has seen. So, while the demonstration is filled, and only then (one thread, before anything is served),
`at` stands in for the database's clock, and every event, deadline and letter is the commands' own.
"""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import literal
from sqlmodel import Session, UTCDateTime

from app.core import audit, clock
from app.core.london import at_london, london_day

SATURDAY: Final = 5

Story = Iterator[datetime]
"""A generator that yields the moment at which it wants to go on, each later than the last."""


@contextmanager
def at(moment: datetime, session: Session | None = None) -> Iterator[None]:
    """Inside, it is that moment, to the commands and the audit trail alike, into which what this session recorded is written."""

    def still(session: Session) -> datetime:
        return moment

    real = clock.now, clock.MOMENT
    clock.now, clock.MOMENT = still, literal(moment, UTCDateTime())
    try:
        yield
        if session:
            audit.write_down(session)
    finally:
        clock.now, clock.MOMENT = real


def weave(stories: Iterable[Story], session: Session | None = None) -> None:
    """Tell all stories at once, the one whose moment comes first going on first, so that the audit trail reads in order."""
    waiting = [(moment, place, story) for place, story in enumerate(stories) if (moment := next(story, None))]
    heapq.heapify(waiting)
    while waiting:
        moment, place, story = heapq.heappop(waiting)
        with at(moment, session):
            following = next(story, None)
        if following:
            heapq.heappush(waiting, (following, place, story))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Moments around the day of filling, counted in working days (Monday to Friday), in London's hours."""

    now: datetime

    @property
    def today(self) -> date:
        return london_day(self.now)

    def day(self, working_days: int) -> date:
        """So many working days after today, or before it when negative."""
        day, step = self.today, timedelta(days=1 if working_days > 0 else -1)
        for _ in range(abs(working_days)):
            day += step
            while day.weekday() >= SATURDAY:
                day += step
        return day

    def ago(self, working_days: int, hour: int = 10, minute: int = 0) -> datetime:
        return self.on(self.day(-working_days), hour, minute)

    def ahead(self, working_days: int, hour: int = 12) -> datetime:
        return self.on(self.day(working_days), hour)

    def on(self, day: date, hour: int, minute: int = 0) -> datetime:
        """That hour of that day in London, in UTC."""
        return at_london(day, time(hour, minute))
