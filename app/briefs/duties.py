"""What the worker does for briefs. Nothing depends on it: whoever wakes first extends a deadline that an outage came near."""

from typing import Final

from app.briefs.alerts.commands import tell
from app.briefs.alerts.rules import Often, due_on
from app.briefs.alerts.telling import tell_untold
from app.briefs.outages.commands import make_good
from app.core import clock
from app.core.database import Database
from app.core.london import london_day
from app.evidence.commands import begin_duty
from app.evidence.duties import is_done

DAILY: Final = "alerts"


def every_round(database: Database) -> int:
    """Extend the deadlines that an outage came near, if whoever ended it did not get so far, and tell what is told at once."""
    return make_good(database) + tell(database, Often.INSTANT)


def daily(database: Database) -> int:
    """Tell what is told once a day, and on Mondays once a week; returns how many messages."""
    if is_done(database, DAILY):
        return 0
    with database.write() as session:
        on = london_day(clock.now(session))
        if begin_duty(session, DAILY, on) is None:
            return 0
        return tell_untold(session, *due_on(on))
