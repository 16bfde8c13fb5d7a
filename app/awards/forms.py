"""What people type on this room's pages, beside their interests and their marks."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from app.core.scoring import LEAST_REASON
from app.web.forms import Form


class Appointment(Form):
    WORDS: ClassVar = {"person_id": "Select a person to ask"}
    person_id: UUID = Field(title="a person")


class WithoutChair(Form):
    """Empty where the chair begins, and for the second person."""

    reason: str = Field(default="", title="your reason", max_length=1000)


class Proposal(Form):
    WORDS: ClassVar = {"bid_id": "Select the bid you propose"}
    bid_id: UUID = Field(title="the bid")
    reason: str = Field(default="", title="your reason", max_length=2000)


class Rejection(Form):
    reason: str = Field(title="your reason", min_length=LEAST_REASON, max_length=1000)
