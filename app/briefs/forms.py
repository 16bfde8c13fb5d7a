"""What people may type about a brief that is written, and what a member may answer."""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, field_validator

from app.briefs.identity import identifying
from app.briefs.queries import BriefFacts
from app.briefs.rules import TEXTS, DeclineReason, why_not_say
from app.core.money import to_pence
from app.web.forms import Form

MOST_POUNDS: Final = 1_000_000


def _pence(typed: object) -> int:
    try:
        pence = to_pence(str(typed))
    except ValueError:
        raise ValueError("Enter an amount in pounds, like 1,250.00") from None
    if not 0 < pence <= MOST_POUNDS * 100:
        raise ValueError(f"Enter an amount above £0 and up to £{MOST_POUNDS:,}")
    return pence


Pounds = Annotated[int, BeforeValidator(_pence)]
"""An amount of money, typed in pounds, held in pence."""


def findings(brief: BriefFacts) -> dict[str, str]:
    """What the identity guard finds, beside each field."""
    texts = [
        *((name, getattr(brief, name)) for name, _ in TEXTS),
        *((name, words) for name, _, words in brief.terms.texts),
    ]
    found = {name: " ".join(f.words for f in identifying(words)) for name, words in texts}
    return {name: words for name, words in found.items() if words}


class PublishForm(Form):
    """`seen` is the digest of the brief that the page showed."""

    agreed: Literal["true"] = Field(title="your confirmation")
    seen: str | None = None

    WORDS = {"agreed": "Confirm that you have read the brief and that no child can be known by it"}  # noqa: RUF012


class CancelForm(Form):
    reason: str = Field(title="the reason", min_length=10, max_length=1000)

    @field_validator("reason")
    @classmethod
    def _tells_nobody_who_the_child_is(cls, reason: str) -> str:
        if refusal := why_not_say(reason):
            raise ValueError(refusal.words)
        return reason


class DeclineForm(Form):
    provider: UUID = Field(title="your organisation")
    reason: DeclineReason = Field(title="a reason")
