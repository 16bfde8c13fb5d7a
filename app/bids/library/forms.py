"""What is chosen from a library."""

from pydantic import Field

from app.web.forms import Form


class UseForm(Form):
    """`seen` is the digest of the letter that the page began from."""

    question: int = Field(title="a question")
    answer: str = Field(title="an answer", max_length=80)
    seen: str | None = None


class ForgetForm(Form):
    question: int = Field(default=1, title="a question")
