"""The time, asked of the database so that several hosts agree, always aware and in UTC. Rules are told the time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final, NewType

from sqlalchemy import text
from sqlmodel import Session

Arrival = NewType("Arrival", float)
"""When a whole request had arrived, on this process's monotonic clock, in seconds."""

SIDE_BY_SIDE: Final = 0.02  # seconds

_SQLITE = text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
_POSTGRESQL = text("SELECT clock_timestamp()")  # never now(): that is the start of the transaction


def now(session: Session) -> datetime:
    """The database's clock at this moment."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.fromisoformat(session.connection().execute(_SQLITE).scalar_one())
    moment: datetime = session.connection().execute(_POSTGRESQL).scalar_one()
    return moment.astimezone(UTC)


def arrival() -> Arrival:
    return Arrival(time.monotonic())


def received(session: Session, arrived: Arrival) -> datetime:
    """The database's clock as it stood when the request had arrived: nobody loses by waiting in our line.

    Read it before any lock is waited for. The two clocks are read side by side, again where the reading was held up, so that
    a pause between them dates nothing early. Source: design finding 2, time of receipt.
    """
    for _ in range(5):
        before = time.monotonic()
        moment = now(session)
        if time.monotonic() - before < SIDE_BY_SIDE:
            break
    return moment - timedelta(seconds=max(0.0, before - arrived))
