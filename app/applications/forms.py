"""What a provider types to apply, and a framework lead to decide."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from app.applications.answers.rules import MOST_ANSWER
from app.applications.rules import MOST_STATEMENT, RefusalReason, Review
from app.frameworks.rules import Part
from app.web.forms import Form


def _part(ticked: str) -> list[str]:
    """The box's value is 'lot:region'."""
    return ticked.split(":")


class StartForm(Form):
    provider_id: UUID


class LotsForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"parts": "Select at least one lot in one region"}

    parts: list[Annotated[Part, BeforeValidator(_part)]] = Field(min_length=1)


class AddForm(LotsForm):
    round_id: UUID


class StatementForm(Form):
    statement: str = Field(title="your statement", max_length=MOST_STATEMENT)


class DeclarationForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"declaration": "Tick the box to say that what you send is true"}

    declaration: Literal["true"]


class CertifyForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"certifiers": "Select who certifies"}

    certifiers: Literal["one", "two"]


class RefusalForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"reason_code": "Select why it should be refused"}

    reason_code: RefusalReason
    reason: str = Field(title="the reason, in words the provider will read", min_length=20, max_length=2000)


class LookAgainForm(Form):
    words: str = Field(title="what we should look at again, and why", min_length=20, max_length=2000)


class ReviewForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"outcome": "Select whether the refusal stands"}

    outcome: Review
    reason: str = Field(title="the reason, in words the provider will read", min_length=20, max_length=2000)


class RequestForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"item": "Select what should be changed"}

    item: str = Field(max_length=400)
    words: str = Field(title="what should be changed, in words the provider will read", min_length=20, max_length=2000)


class ChangeForm(Form):
    change: str = Field(title="your change", max_length=MOST_ANSWER)
