"""What the worker does for referrals: it lets go of those that have served."""

from app.briefs.referral import commands, queries
from app.core import clock
from app.core.database import Database


def let_go(database: Database) -> int:
    """One cheap look, so that an idle round writes nothing; how many documents lost their keys."""
    with database.read() as session:
        now = clock.now(session)
        if not queries.over(session, now, 1):
            return 0
    with database.write() as session:
        return commands.let_go_of_referrals(session, now)
