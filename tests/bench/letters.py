"""A bid's letter in bulk: the same words in every one, truly sealed in each."""

from typing import Any, Final
from uuid import UUID

from app.bids.rules import Letter
from app.bids.sealed import LetterKind
from app.core.crypto import digest, wrap
from app.core.sealing import enclose, new_data_key, new_pair, wrap_to, wrap_under

LETTER: Final = Letter(
    approach="We begin with the parents, then work with the children together, at home and at school. " * 10,
    experience="Twelve years of work with families who adopted, most of them with more than one child. " * 5,
    practitioner="Tess Therapist",
    price_pence=280_000,
)
LETTER_SHA256: Final = digest(LETTER.canonical())


PUBLIC: Final = new_pair()[1]
"""Of every brief and bidder here: nothing that is measured asks for the private one."""


def letter(
    bid_id: UUID, *, submitted: bool, opened: bool, token: str, secret: str, brief_key: bytes = PUBLIC
) -> dict[str, Any]:
    """The row of a bid's letter, as the session of that token wrote it; `brief_key` is its brief's public one."""
    key, bound = new_data_key(), bid_id.bytes
    return {
        "bid_id": bid_id,
        "kind": LetterKind.SUBMITTED if submitted else LetterKind.DRAFT,
        "wrapped_key": wrap(key, secret=secret, bound_to=bound) if opened else None,
        "brief_wrap": wrap_to(brief_key, key, bound_to=bound),
        "own_wrap": wrap_to(PUBLIC, key, bound_to=bound),
        "session_wrap": wrap_under(token, key, bound_to=bound),
        "ciphertext": enclose(key, LETTER.canonical(), bound_to=bound),
    }
