"""What the worker does for questions once a London day: it tells those of new answers who want them together."""

from typing import Final

from app.clarifications import commands
from app.core import clock
from app.core.database import Database
from app.core.london import london_day
from app.evidence.commands import begin_duty
from app.evidence.duties import is_done

DAILY: Final = "clarifications"


def daily(database: Database) -> int:
    """Returns how many people were told."""
    if is_done(database, DAILY):
        return 0
    with database.write() as session:
        if begin_duty(session, DAILY, london_day(clock.now(session))) is None:
            return 0
        return commands.tell_daily(session)
