"""What those type who ask, and those who answer."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from app.clarifications.rules import How, Reply
from app.web.forms import Form

MOST_WORDS = 4000
MOST_REASON = 1000


def _needed(given: str, info: ValidationInfo, field: str, answer: str, words: str) -> str:
    """What must be written where another field has that answer. Raises `ValueError`."""
    if info.data.get(field) == answer and not given:
        raise ValueError(words)
    return given


class QuestionForm(Form):
    """A question; with a reason it is asked in confidence. `keep` is the button that does not ask it yet."""

    WORDS: ClassVar[dict[str, str]] = {"words": "Write your question"}

    words: str = Field(min_length=10, max_length=MOST_WORDS)
    confidence: Literal["public", "private"] = "public"
    private_reason: str = Field(default="", max_length=MOST_REASON, validate_default=True)
    keep: Literal["draft"] | None = None

    @field_validator("private_reason")
    @classmethod
    def _says_why(cls, given: str, info: ValidationInfo) -> str:
        return _needed(given, info, "confidence", "private", "Say why it must be answered to you alone")

    @property
    def reason(self) -> str:
        return self.private_reason if self.confidence == "private" else ""


class AskForm(QuestionForm):
    """A new question, of one of the person's providers or of nobody's."""

    provider_id: UUID | None = None


class WordingForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"wording": "Write the question as everybody will read it"}

    wording: str = Field(min_length=10, max_length=MOST_WORDS)


class WhyForm(Form):
    """What its asker is told of a question that is returned."""

    WORDS: ClassVar[dict[str, str]] = {"why": "Say why, so that it can be asked better"}

    why: str = Field(min_length=10, max_length=MOST_REASON)


class PrivacyForm(Form):
    """Whether a question is answered in confidence; a refusal says why."""

    WORDS: ClassVar[dict[str, str]] = {"agrees": "Select whether you answer in confidence"}

    agrees: Literal["yes", "no"]
    privacy_why: str = Field(default="", max_length=MOST_REASON, validate_default=True)

    @field_validator("privacy_why")
    @classmethod
    def _says_why(cls, given: str, info: ValidationInfo) -> str:
        return _needed(given, info, "agrees", "no", "Say why everybody must be able to read the answer")


class AnswerForm(Form):
    """An answer, whether it changes what is asked for, and for a late one what becomes of the deadline.

    `seen` is the digest of the newest answer that the page showed.
    """

    WORDS: ClassVar[dict[str, str]] = {
        "seen": "The form did not arrive whole, so nothing was saved. Send it again.",
        "answer": "Write the answer",
        "changes_request": "Say whether this changes what you are asking for",
    }

    seen: str
    answer: str = Field(min_length=2, max_length=MOST_WORDS)
    changes_request: Literal["yes", "no"]
    changes: str = Field(default="", max_length=MOST_REASON, validate_default=True)
    deadline: Literal["extend", "keep"] = "extend"
    keep_reason: str = Field(default="", max_length=MOST_REASON, validate_default=True)
    keep: Literal["draft"] | None = None

    @field_validator("changes")
    @classmethod
    def _says_what(cls, given: str, info: ValidationInfo) -> str:
        return _needed(given, info, "changes_request", "yes", "Say what changes")

    @field_validator("keep_reason")
    @classmethod
    def _says_why(cls, given: str, info: ValidationInfo) -> str:
        return _needed(given, info, "deadline", "keep", "Say why the deadline stays as it is")

    def reply(self) -> Reply:
        return Reply(
            words=self.answer,
            changes=self.changes if self.changes_request == "yes" else "",
            extends=self.deadline == "extend",
            keep_reason=self.keep_reason if self.deadline == "keep" else "",
        )


class KeepForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"keep_reason": "Say why the deadline stays as it is"}

    keep_reason: str = Field(min_length=10, max_length=MOST_REASON)


class FollowForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"how": "Select how you want to be told"}

    how: How
