"""What people type on this room's pages, beside their interests and their marks."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from app.core.scoring import LEAST_REASON
from app.web.forms import NOT_WHOLE, Form


class Appointment(Form):
    WORDS: ClassVar = {"person_id": "Select a person to ask"}
    person_id: UUID = Field(title="a person")


class Proposal(Form):
    """`seen` is the digest of the ranking that the page showed."""

    WORDS: ClassVar = {"bid_id": "Select the bid you propose"}
    bid_id: UUID = Field(title="the bid")
    reason: str = Field(default="", title="your reason", max_length=2000)
    seen: str | None = None


class Decision(Form):
    """`award_id` is the award that the page showed."""

    WORDS: ClassVar = {"award_id": NOT_WHOLE}
    award_id: UUID


class Rejection(Decision):
    reason: str = Field(title="your reason", min_length=LEAST_REASON, max_length=1000)


class Scoring(Form):
    """`seen` is the digest of the marks that the page showed."""

    seen: str | None = None


class BrokenGlass(Form):
    reason: str = Field(title="the reason", min_length=10, max_length=1000)
