"""Which words are to be let through, and why."""

from uuid import UUID

from pydantic import Field

from app.web.forms import Form


class AskForm(Form):
    words: list[str] = Field(title="words", min_length=1, max_length=200)
    why: str = Field(title="why they may stay", min_length=10, max_length=500)

    WORDS = {"words": "Select the words that may stay"}  # noqa: RUF012 - declared in Form


class DecideForm(Form):
    asked: list[UUID] = Field(title="words", min_length=1, max_length=200)
    reason: str = Field(title="your reason", min_length=10, max_length=500)

    WORDS = {"asked": "Select the words that you decide about"}  # noqa: RUF012
