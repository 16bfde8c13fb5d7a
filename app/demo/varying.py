"""A new version of an agreement: Yorkshire's members are asked for reports; one agrees, one declines, the others think."""

from typing import Final

from app.demo.stage import Stage
from app.demo.telling import Story
from app.frameworks.models import Framework
from app.memberships.rules.variations import Decliners, Silence
from app.memberships.variations.commands import answer_variation, approve_variation, propose_variation
from app.memberships.variations.queries import new_version

TEXT: Final = (
    "9. From the day this version takes effect the member reports each quarter, for every lot, how many families it has begun "
    "with, how many it has finished with and how long they waited. The form takes minutes and names nobody."
)
REASON: Final = (
    "The three agencies have to tell their boards each quarter how long families wait. "
    "We ask once, for all three, and in one form."
)


def story(stage: Stage) -> Story:
    calendar = stage.calendar
    yield calendar.ago(5, 11)
    yorkshire, rosalind, imelda = stage["yorkshire"], stage.actor("rosalind"), stage.actor("imelda")
    framework = stage.session.get_one(Framework, yorkshire)
    stage.ids["yorkshire version"] = propose_variation(
        stage.session,
        rosalind,
        yorkshire,
        version="1.1",
        text=f"{framework.agreement_text}\n\n{TEXT}",
        reason=REASON,
        answer_by=calendar.day(9),
        effective_on=calendar.day(24),
        silence=Silence.DECLINES,
        decliners=Decliners.KEEP,
    )
    yield calendar.ago(4, 14)
    approve_variation(stage.session, imelda, stage["yorkshire version"])
    sha256 = new_version(stage.session, imelda, stage["yorkshire version"]).sha256
    for ago, provider, agrees in ((3, "lanternhouse", True), (2, "quillfeather", False)):
        yield calendar.ago(ago, 9, 40)
        owner = stage.actor(f"{provider}-owner")
        answer_variation(
            stage.session, owner, stage["yorkshire version"], stage[provider], agrees=agrees, sha256=sha256
        )
