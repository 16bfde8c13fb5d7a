"""What a commissioner attaches to a referral: a file, or words."""

from typing import Literal

from pydantic import Field
from starlette.datastructures import UploadFile

from app.briefs.referral.rules import MOST_LETTERS
from app.web.forms import Form


class AttachForm(Form):
    content: Literal["referral", "assessment", "plan", "letter"] = Field(title="what the document is")
    file: UploadFile = Field(title="a file")

    WORDS = {"file": "Select a file", "content": "Select what the document is"}  # noqa: RUF012 - declared in Form


class WordsForm(Form):
    words: str = Field(title="the words", min_length=10, max_length=MOST_LETTERS)
