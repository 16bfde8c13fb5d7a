"""What an owner answers."""

from pydantic import Field

from app.bids.rules import Answer
from app.web.forms import Form


class AnswerForm(Form):
    answer: Answer = Field(title="your answer")
