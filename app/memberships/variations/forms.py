"""What a person types about a new version of an agreement. `sha256` is of the text on the page on which it was read."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from app.memberships.rules.variations import Decliners, Silence
from app.web.forms import Form


class ProposalForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "silence": "Select what no answer means",
        "decliners": "Select what becomes of those who decline",
    }

    version: str = Field(title="the name of the version", min_length=1, max_length=20)
    text: str = Field(title="the agreement", min_length=3, max_length=20000)
    reason: str = Field(title="why it changes", min_length=3, max_length=2000)
    answer_by: date = Field(title="the last day to answer")
    effective_on: date = Field(title="the day on which it takes effect")
    silence: Silence
    decliners: Decliners
    ends_on: date | None = Field(default=None, title="the last day of those who decline")


class AnswerForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "answer": "Select whether you agree or decline",
        "declaration": "Tick the box to say that you may sign for your organisation",
    }

    provider_id: UUID = Field(title="the provider")
    answer: Literal["agree", "decline"]
    declaration: Literal["true"]
    sha256: str = Field(title="the text you have read", max_length=64)
