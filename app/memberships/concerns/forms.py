"""What a person types about a concern."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from app.memberships.rules.concerns import Choice, Kind
from app.web.forms import Form


class ConcernForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"kind": "Select what it is about"}

    kind: Kind
    words: str = Field(title="what has happened", min_length=3, max_length=2000)


class ReplyForm(Form):
    reply: str = Field(title="your reply", min_length=3, max_length=4000)


class PlanForm(Form):
    plan: str = Field(title="what is to be put right", min_length=3, max_length=2000)
    review_on: date = Field(title="the day on which you look at it again")


class Proposal(StrEnum):
    """What a lead may choose on the page: a suspension has a last day, or a day on which it is looked at again."""

    SUSPEND = "suspend"
    REVIEW = "review"
    END = "end"


class ProposalForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"choice": "Select what you propose"}

    choice: Proposal
    day: date = Field(title="the day")
    reason: str = Field(title="your reason", min_length=3, max_length=500)

    @property
    def decision(self) -> Choice:
        return Choice.END if self.choice is Proposal.END else Choice.SUSPEND


class LiftForm(Form):
    lift_reason: str = Field(title="why it is lifted", min_length=3, max_length=500)


class CloseForm(Form):
    outcome: str = Field(title="how it ended", min_length=3, max_length=1000)
