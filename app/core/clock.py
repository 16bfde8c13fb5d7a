"""The time, asked of the database so that several hosts agree, always aware and in UTC. Rules are told the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NewType

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, UTCDateTime

Arrival = NewType("Arrival", float)
"""When a whole request had arrived, on this process's monotonic clock, in seconds."""

SIDE_BY_SIDE: Final = 0.02  # seconds
FAR_APART: Final = timedelta(milliseconds=250)


class _Moment(FunctionElement[datetime]):
    type = UTCDateTime()
    inherit_cache = True


@compiles(_Moment, "sqlite")
def _sqlite(element: _Moment, compiler: Any, **more: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now')"


@compiles(_Moment, "postgresql")
def _postgresql(element: _Moment, compiler: Any, **more: Any) -> str:
    return "clock_timestamp()"  # never now(): that is the start of the transaction


MOMENT: ColumnElement[datetime] = _Moment()
"""The database's clock as a column, for a query that asks something else as well."""
_NOW: Final = select(MOMENT)


def now(session: Session) -> datetime:
    """The database's clock at this moment."""
    return session.connection().execute(_NOW).scalar_one()


def arrival() -> Arrival:
    return Arrival(time.monotonic())


@dataclass(frozen=True, slots=True)
class Reading:
    """The database's clock, and this process's monotonic one just before and just after it was asked."""

    moment: datetime
    asked: Arrival
    told: Arrival

    @property
    def side_by_side(self) -> bool:
        return self.told - self.asked < SIDE_BY_SIDE

    def at(self, arrived: Arrival) -> datetime:
        """What the database's clock said when a request had arrived; it is never later than this reading."""
        return self.moment - timedelta(seconds=max(0.0, self.asked - arrived))


def received(session: Session, arrived: Arrival) -> datetime:
    """The database's clock as it stood when the request had arrived: nobody loses by waiting in our line.

    Read it before any lock is waited for. The two clocks are read side by side, again where the reading was held up, so that
    a pause between them dates nothing early. Source: design finding 2, time of receipt.
    """
    for _ in range(5):
        asked = arrival()
        reading = Reading(now(session), asked, arrival())
        if reading.side_by_side:
            break
    return reading.at(arrived)


def here() -> datetime:
    """This process's own clock. It decides nothing: it is asked only whether it agrees with the database's."""
    return datetime.now(UTC)


def apart(session: Session, own: Callable[[], datetime] | None = None) -> timedelta:
    """How far this process's clock, or its `own`, is from the database's, less what the question took."""
    own = own or here
    session.connection()
    before, moment, after = own(), now(session), own()
    return max(before - moment, moment - after, timedelta())


def why_not_ready(session: Session, own: Callable[[], datetime] | None = None) -> str:
    """In words, why a process should not be asked anything: its clock and the database's are `FAR_APART`. Empty where it may be."""
    distance = apart(session, own)
    if distance <= FAR_APART:
        return ""
    return f"the clocks of this process and of the database are {distance.total_seconds():.2f} seconds apart"
