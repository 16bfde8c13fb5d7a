"""A bid's letter in bulk: the same words in every one, truly sealed in each."""

from typing import Any, Final
from uuid import UUID

from app.bids.queries import bound_to
from app.bids.rules import Letter
from app.bids.sealed import LetterKind
from app.core.crypto import digest, seal

LETTER: Final = Letter(
    approach="We begin with the parents, then work with the children together, at home and at school. " * 10,
    experience="Twelve years of work with families who adopted, most of them with more than one child. " * 5,
    practitioner="Tess Therapist",
    price_pence=280_000,
)
LETTER_SHA256: Final = digest(LETTER.canonical())


def letter(bid_id: UUID, *, submitted: bool, secret: str) -> dict[str, Any]:
    """The row of a bid's letter."""
    kind = LetterKind.SUBMITTED if submitted else LetterKind.DRAFT
    sealed = seal(LETTER.canonical(), secret=secret, bound_to=bound_to(bid_id, kind))
    return {"bid_id": bid_id, "kind": kind, "wrapped_key": sealed.wrapped_key, "ciphertext": sealed.ciphertext}
