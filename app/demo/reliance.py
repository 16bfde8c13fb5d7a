"""What an agency of the demonstration relies on, and the facts that have lapsed since it last looked."""

from datetime import timedelta
from typing import Final

from app.demo.stage import Stage
from app.demo.telling import at
from app.evidence.commands import tell_of_lapses
from app.evidence.rules.reliance import Reliance
from app.memberships.commands import set_reliance

LOOKED: Final = timedelta(days=14)


def rely(stage: Stage) -> None:
    """One agency checks safeguarding policies itself; every agency is told of what expired in the last two weeks."""
    today, agency = stage.calendar.today, stage["one-adoption-west-yorkshire"]
    with at(stage.calendar.now - timedelta(seconds=1)):
        set_reliance(stage.session, stage.actor("priya"), agency, "safeguarding_policy", Reliance.OWN_CHECK)
        tell_of_lapses(stage.session, today - LOOKED, today)
