"""Letters as they are sealed, and as they are kept once two people have opened them, in one envelope or in two."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from app.bids.letters.rules import Letter
from app.bids.models import Bid
from app.bids.queries import read_opened
from app.bids.rules import BidState
from app.bids.sealed import BidLetter, LetterKind
from app.core import together
from app.core.crypto import Unreadable, digest, wrap
from app.core.refusals import Refusal, Refused
from app.core.sealing import disclose, enclose, new_data_key, wrap_to, wrap_under
from app.sealing.asking import Seal
from app.sealing.queries import public_keys
from app.sealing.rules import bound_of_price

NOT_AS_WRITTEN: Final = (
    "A sealed bid is not as its bidder wrote it. Nothing is opened. Tell the platform’s administrators."
)


def seal_letter(
    session: Session, bid: Bid, row: BidLetter | None, kind: LetterKind, letter: Letter, seal: Seal, *, divided: bool
) -> Letter:
    """Seal the letter, salted, into this row, or into a new one, under a data key of its own.

    `divided`: its price is sealed apart, with a salt of its own, or whoever has read the rest could find it by guessing.
    """
    bound, keys = bid.id.bytes, new_data_key()
    of_brief, own = public_keys(session, bid.brief_id, bid.provider_id, seal)
    if row is None:
        row = BidLetter(bid_id=bid.id, kind=kind, ciphertext=b"")
        session.add(row)
    else:
        # The keyholder's answers are by letter: none that it gave for the old key is taken for the new.
        row.id = uuid4()
    salted = replace(
        letter,
        salt=letter.salt or secrets.token_hex(16),
        price_salt=(letter.price_salt or secrets.token_hex(16)) if divided else "",
        price_sha256="",
    )
    row.kind, row.wrapped_key, row.price_key = kind, None, None
    row.brief_wrap = wrap_to(of_brief, keys, bound_to=bound)
    row.ciphertext = enclose(keys, salted.canonical(), bound_to=bound)
    row.price_wrap = row.price_ciphertext = None
    if divided:
        of_price = new_data_key()
        row.price_wrap = wrap_to(of_brief, of_price, bound_to=bound_of_price(bid.id))
        row.price_ciphertext = enclose(of_price, salted.price(), bound_to=bound_of_price(bid.id))
        keys += of_price
    row.own_wrap = wrap_to(own, keys, bound_to=bound)
    row.session_wrap = wrap_under(seal.token, keys, bound_to=bound) if seal.token else None
    return salted


def send_draft(session: Session, bid: Bid, draft: BidLetter, letter: Letter, seal: Seal, *, divided: bool) -> Letter:
    """The draft becomes what is submitted; one sealed otherwise than it is today is sealed on the way."""
    if draft.brief_wrap and (draft.price_wrap is not None) is divided:
        together.change(session, BidLetter, draft.id, {"kind": LetterKind.SUBMITTED})
        return letter
    return seal_letter(session, bid, draft, LetterKind.SUBMITTED, letter, seal, divided=divided)


def open_letters(session: Session, brief_id: UUID, keys: Mapping[UUID, bytes], *, secret: str) -> None:
    """Keep the letters of the bids that stand and were not excluded under the portal's own key, by the keys released for them.

    The brief is locked exclusively and marked opened. Raises `Refused` when a key is missing, because a bid was written down
    after the keyholder was asked, and when a letter was changed: then none is opened.
    """
    for row in _standing(session, brief_id):
        if row.wrapped_key is None:
            key = _released(keys, row)
            _disclosed(key, row.ciphertext, row.bid_id.bytes)
            row.wrapped_key = wrap(key, secret=secret, bound_to=row.bid_id.bytes)


def open_prices(session: Session, brief_id: UUID, keys: Mapping[UUID, bytes], *, secret: str) -> None:
    """The same of the prices that are sealed apart, each of which is the one to which its opened letter commits."""
    for row in _standing(session, brief_id):
        if row.price_ciphertext is not None and row.price_key is None:
            key, bound = _released(keys, row), bound_of_price(row.bid_id)
            if digest(_disclosed(key, row.price_ciphertext, bound)) != read_opened(row, secret).price_sha256:
                raise Refused(Refusal("altered", NOT_AS_WRITTEN))
            row.price_key = wrap(key, secret=secret, bound_to=bound)


def _standing(session: Session, brief_id: UUID) -> list[BidLetter]:
    rows = session.exec(
        select(BidLetter)
        .join(Bid, col(Bid.id) == BidLetter.bid_id)
        .where(Bid.brief_id == brief_id, Bid.state == BidState.SUBMITTED, Bid.excluded_reason == "")
        .where(BidLetter.kind == LetterKind.SUBMITTED)
    )
    return list(rows)


def _released(keys: Mapping[UUID, bytes], row: BidLetter) -> bytes:
    if row.id not in keys:
        raise Refused(Refusal("again", "A bid was still being written down. Approve the opening again."))
    return keys[row.id]


def _disclosed(key: bytes, ciphertext: bytes, bound_to: bytes) -> bytes:
    try:
        return disclose(key, ciphertext, bound_to=bound_to)
    except Unreadable:
        raise Refused(Refusal("altered", NOT_AS_WRITTEN)) from None
