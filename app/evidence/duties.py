"""What the worker does for evidence once a London day. Nothing depends on it: what has expired has expired without it."""

from typing import Final

from app.core import clock
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.london import london_day
from app.evidence import commands, purging
from app.evidence.models import DutyDay

DAILY: Final = "evidence"


def is_done(database: Database, duty: str) -> bool:
    """One cheap look, so that an idle round writes nothing."""
    with database.read() as session:
        row = session.get(DutyDay, duty)
        return row is not None and row.done_on >= london_day(clock.now(session))


def daily(database: Database, blobs: Blobs) -> int:
    """Remind, tell of what has expired since the last time, and let go of DBS files; returns how much there was to do."""
    if is_done(database, DAILY):
        return 0
    with database.write() as session:
        on = london_day(clock.now(session))
        last = commands.begin_duty(session, DAILY, on)
        if last is None:
            return 0
        done = commands.remind(session, on) + commands.tell_of_lapses(session, last, on)
        done += len(commands.purge(session, on, automatic=True))
    return done + purging.delete_bytes(database, blobs)
