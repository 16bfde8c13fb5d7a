"""What a person types about an agreement. `sha256` is of the text on the page on which it was read."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from app.web.forms import Form


class SignForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"declaration": "Tick the box to say that you may sign for your organisation"}

    declaration: Literal["true"]
    sha256: str = Field(title="the text you have read", max_length=64)


class HoldForm(Form):
    reason: str = Field(title="your reason", min_length=3, max_length=500)
    review_on: date = Field(title="the day on which you look at it again")
