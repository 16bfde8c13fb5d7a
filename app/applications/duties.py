"""What the worker does once a London day: it chases applications that are not finished, and tells members of open rounds."""

from typing import Final

from app.applications import commands
from app.core import clock
from app.core.database import Database
from app.core.london import london_day
from app.evidence.commands import begin_duty
from app.evidence.duties import is_done

DAILY: Final = "applications"


def daily(database: Database) -> int:
    """Returns how many applications were chased and how many members told."""
    if is_done(database, DAILY):
        return 0
    with database.write() as session:
        on = london_day(clock.now(session))
        if begin_duty(session, DAILY, on) is None:
            return 0
        return commands.chase(session, on) + commands.tell_of_rounds(session)
