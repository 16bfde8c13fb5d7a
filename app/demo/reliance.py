"""What an agency of the demonstration relies on, what it has checked itself, and the facts that have lapsed since it looked."""

from datetime import timedelta
from typing import Final

from app.demo.stage import Stage
from app.demo.telling import at
from app.evidence.checklists import checklist
from app.evidence.commands import tell_of_lapses
from app.evidence.queries import kind_of
from app.evidence.rules import Tick
from app.evidence.rules.reliance import Reliance
from app.memberships.commands import check_ourselves, set_reliance
from app.memberships.queries.reliance import own_checks

LOOKED: Final = timedelta(days=14)
KIND: Final = "safeguarding_policy"
LEFT: Final = 2


def rely(stage: Stage) -> None:
    """One agency checks safeguarding policies itself, and has two left; every agency is told of what expired in two weeks."""
    session, actor = stage.session, stage.actor("priya")
    today, agency = stage.calendar.today, stage["one-adoption-west-yorkshire"]
    with at(stage.calendar.now - timedelta(seconds=1), stage.session):
        set_reliance(session, actor, agency, KIND, Reliance.OWN_CHECK)
        seen = {point.key: Tick(seen=True) for point in checklist(kind_of(session, KIND), fitting=())}
        _, wanted = own_checks(session, actor, agency, at=stage.calendar.now)
        for line in wanted[:-LEFT]:
            how = "The policy, and the safeguarding lead’s name on the telephone"
            check_ourselves(session, actor, agency, line.item_id, how=how, ticks=seen)
        tell_of_lapses(session, today - LOOKED, today)
