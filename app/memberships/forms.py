"""What a provider types about its memberships, and a lead or an agency about what it relies on."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from app.evidence.rules.reliance import Reliance
from app.memberships.rules import FloorChoice
from app.web.forms import Form


class LeaveForm(Form):
    reason: str = Field(title="why you are leaving", min_length=3, max_length=500)
    last_day: date | None = Field(default=None, title="your last day")


class PauseForm(Form):
    """`scope` is ticked for every lot and region of the framework."""

    until: date = Field(title="the day you take work here again")
    scope: list[Literal["framework"]] = Field(default_factory=list)


class ReturnForm(Form):
    """`back_in` is ticked for every lot and region of the framework."""

    back_in: list[Literal["framework"]] = Field(default_factory=list)


class FloorForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "item_id": "Select which rating you decide about",
        "choice": "Select what you decide",
    }

    item_id: UUID
    choice: FloorChoice
    reason: str = Field(title="your reason", max_length=1000)
    day: date | None = Field(default=None, title="the day")


class ConfirmForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"confirmed_id": "Select which membership you decide about"}

    confirmed_id: UUID


class RelianceForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"policy": "Select how far you rely on the checks of others"}

    kind: str = Field(default="", title="the kind of evidence", max_length=60)
    policy: Reliance = Field(title="how far you rely on others")


class QuestionForm(Form):
    question: str = Field(title="your question", min_length=3, max_length=1000)


class PackForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"as_at": "Enter a day, like 27 3 2026"}

    as_at: date = Field(title="a day")


def as_uuid(typed: str) -> UUID | None:
    """What was chosen in a filter; a value that is no id limits nothing."""
    try:
        return UUID(typed)
    except ValueError:
        return None
