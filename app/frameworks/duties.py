"""What the worker does for frameworks once a London day: it reminds their leads of the days that run towards them."""

from typing import Final

from app.core import clock
from app.core.database import Database
from app.core.london import london_day
from app.evidence.commands import begin_duty
from app.evidence.duties import is_done
from app.frameworks import commands

DAILY: Final = "frameworks"


def daily(database: Database) -> int:
    """Returns how many days are near enough to be reminded of."""
    if is_done(database, DAILY):
        return 0
    with database.write() as session:
        on = london_day(clock.now(session))
        return 0 if begin_duty(session, DAILY, on) is None else commands.remind_of_clocks(session, on)
