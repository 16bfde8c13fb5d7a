"""What a provider types to sign an agreement or to leave."""

from typing import ClassVar, Literal

from pydantic import Field

from app.web.forms import Form


class SignForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"declaration": "Tick the box to say that you may sign for your organisation"}

    declaration: Literal["true"]


class LeaveForm(Form):
    reason: str = Field(title="why you are leaving", min_length=3, max_length=500)
