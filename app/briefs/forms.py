"""What people may type about a brief that is written, and what a member may answer."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from app.briefs.identity import Guarded
from app.briefs.rules import DeclineReason, field_of, why_not_say
from app.core.money import to_pence
from app.web.forms import Form

MOST_POUNDS: Final = 1_000_000


def read_pounds(typed: object) -> int:
    """An amount typed in pounds, in pence. Raises `ValueError` in words for its reader."""
    try:
        pence = to_pence(str(typed))
    except ValueError:
        raise ValueError("Enter an amount in pounds, like 1,250.00") from None
    if not 0 < pence <= MOST_POUNDS * 100:
        raise ValueError(f"Enter an amount above £0 and up to £{MOST_POUNDS:,}")
    return pence


Pounds = Annotated[int, BeforeValidator(read_pounds)]
"""An amount of money, typed in pounds, held in pence."""


def findings(texts: Iterable[Guarded]) -> dict[str, str]:
    """What the identity guard finds and nobody has let through, beside each field, and why somebody did not."""
    found = {field_of(one.label): " ".join(one.to_mend) for one in texts}
    return {name: words for name, words in found.items() if words}


def _tells_nobody_who_the_child_is(words: str) -> str:
    if refusal := why_not_say(words):
        raise ValueError(refusal.words)
    return words


Harmless = Annotated[str, AfterValidator(_tells_nobody_who_the_child_is)]
"""Words of a person's own, in which the identity guard finds nothing."""


class PublishForm(Form):
    """`seen` is the digest of the brief that the page showed."""

    agreed: Literal["true"] = Field(title="your confirmation")
    seen: str | None = None

    WORDS = {"agreed": "Confirm that you have read the brief and that no child can be known by it"}  # noqa: RUF012


class CancelForm(Form):
    how: Literal["cancelled", "no_suitable_bid"] = Field(default="cancelled", title="how it ends")
    reason: Harmless = Field(title="the reason", min_length=10, max_length=1000)


class SendBackForm(Form):
    """`seen` is the digest of the brief that the page showed."""

    why: Harmless = Field(title="your reason", min_length=10, max_length=1000)
    seen: str | None = None


class DeclineForm(Form):
    provider: UUID = Field(title="your organisation")
    reason: DeclineReason = Field(title="a reason")
    words: Harmless = Field(default="", title="what else you say", max_length=500)


class UndoForm(Form):
    provider: UUID = Field(title="your organisation")
