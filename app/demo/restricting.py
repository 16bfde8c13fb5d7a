"""One provider held back by two people, and a proposal about another that waits for its second person."""

from typing import Final

from app.demo.stage import Stage
from app.demo.telling import Story
from app.memberships.restriction.commands import agree_restriction, propose_restriction
from app.providers.rules.restriction import Proposal, RestrictionReason

HELD: Final = "tansyteasel"
DOUBTED: Final = "pennywhistle"


def story(stage: Stage) -> Story:
    """A training company in administration; a therapist whose registration has to be cleared up."""
    ago = stage.calendar.ago
    yield ago(6, 10, 1)
    restriction = propose_restriction(
        stage.session,
        stage.actor("marisol"),
        stage[HELD],
        Proposal(
            reason=RestrictionReason.INSOLVENCY,
            words="The Gazette of Monday names an administrator. Families with booked courses are being told by their agencies.",
            told="We have read that an administrator is appointed. Please send us the administrator’s name and say which "
            "booked courses will still be held. We look at this again once we have heard from you.",
            contact="leads@essex-hub.example",
        ),
    )
    yield ago(6, 14, 1)
    agree_restriction(stage.session, stage.actor("edwin"), restriction)
    yield ago(1, 15, 1)
    propose_restriction(
        stage.session,
        stage.actor("rosalind"),
        stage[DOUBTED],
        Proposal(
            reason=RestrictionReason.REGISTRATION,
            words="The public register shows no current entry for the only therapist. The office there has been asked in writing.",
            told="The public register shows no current entry for your therapist. Please send us the register’s letter. "
            "Until it is cleared up we offer you no new work.",
            contact="leads@yh-hub.example",
        ),
    )
