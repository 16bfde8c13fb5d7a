"""What the worker does once a London day: it settles and chases answers to new versions of agreements, ends what notice is over
for, and tells agencies in one message what has changed.
"""

from typing import Final

from app.core import clock
from app.core.database import Database
from app.core.london import london_day
from app.evidence.commands import begin_duty
from app.evidence.duties import is_done
from app.memberships import commands
from app.memberships.variations.commands import chase_variations, settle_variations

DAILY: Final = "reliance"


def daily(database: Database) -> int:
    """After the evidence room’s own duty, so that what expired at midnight is in the message; returns how much there was to do."""
    if is_done(database, DAILY):
        return 0
    with database.write() as session:
        on = london_day(clock.now(session))
        if begin_duty(session, DAILY, on) is None:
            return 0
        varied = settle_variations(session, on) + chase_variations(session, on)
        return varied + commands.end_what_is_over(session, on) + commands.mail_changes(session, on)
