"""What an owner answers."""

from pydantic import Field

from app.bids.rules import Answer
from app.web.forms import Form


class AnswerForm(Form):
    answer: Answer = Field(title="your answer")
    seen: str | None = Field(default=None, max_length=64)
