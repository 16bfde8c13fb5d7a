"""What a bidder may type."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.bids.queries import OwnBid
from app.bids.rules import MOST_WORDS, Letter
from app.briefs.forms import Pounds
from app.core.money import pounds
from app.web.forms import Form


class StartForm(Form):
    provider: UUID = Field(title="your organisation")


class LetterForm(Form):
    """A draft: what is not yet known may be left empty. `seen` is the digest of the letter that the page began from."""

    approach: str = Field(default="", title="your approach", max_length=MOST_WORDS)
    experience: str = Field(default="", title="your experience", max_length=MOST_WORDS)
    practitioner: UUID | None = Field(default=None, title="a practitioner")
    price: Pounds = Field(default=0, title="your price")
    seen: str = Field(title="the page")

    WORDS = {"seen": "The form did not arrive whole, so nothing was saved. Send it again."}  # noqa: RUF012


class DeclarationForm(Form):
    """`seen` is the digest of the letter that the page showed, `version` the brief's."""

    declared: Literal["true"] = Field(title="the declaration")
    seen: str | None = None
    version: int | None = None

    WORDS = {"declared": "Confirm that you may submit this bid for your organisation"}  # noqa: RUF012


class WithdrawForm(Form):
    """Nothing to type: only when the whole request had arrived matters."""


def letter(form: LetterForm, bid: OwnBid) -> Letter:
    """The letter typed. Raises `KeyError` when the practitioner is not one of the bidder's own."""
    named = dict(bid.practitioners)[form.practitioner] if form.practitioner else ""
    return Letter(form.approach, form.experience, named, form.price)


def typed(bid: OwnBid) -> dict[str, Any]:
    """What the form shows of the letter last written."""
    written = bid.letter
    return {
        "seen": bid.seen,
        "approach": written.approach,
        "experience": written.experience,
        "practitioner": next((str(key) for key, name in bid.practitioners if name == written.practitioner), ""),
        "price": pounds(written.price_pence).removeprefix("£") if written.price_pence else "",
    }
