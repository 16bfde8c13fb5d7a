"""What the worker does for agencies once a London day: one message that lists what has changed."""

from typing import Final

from app.core import clock
from app.core.database import Database
from app.core.london import london_day
from app.evidence.commands import begin_duty
from app.evidence.duties import is_done
from app.memberships import commands

DAILY: Final = "reliance"


def daily(database: Database) -> int:
    """After the evidence room’s own duty, so that what expired at midnight is in the message; returns how many changes."""
    if is_done(database, DAILY):
        return 0
    with database.write() as session:
        on = london_day(clock.now(session))
        return 0 if begin_duty(session, DAILY, on) is None else commands.mail_changes(session, on)
