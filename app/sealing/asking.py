"""What is asked of the keyholder, in one small interface behind which a cloud key service could stand as well.

A command that lacks a key says so by an exception, which changes nothing; its caller asks the keyholder, with no transaction
open, and begins again: see `with_keys`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar
from uuid import UUID

from app.core.sealing import KeyholderAway
from app.core.signing import SigningKeys
from app.sealing.rules import Holder


@dataclass(frozen=True, slots=True)
class Released:
    """What the second of two openers is given: the proof of their approval, and each standing letter's data key by its id.

    At the opening of the bids the key of all but a price that is sealed apart; at that of the prices the key of the price.
    """

    witness: str
    keys: Mapping[UUID, bytes] = field(repr=False)


class Keyholder(Protocol):
    """Each call but the last names who asks by the token of their own live session, and is written down, granted or not.

    Every one raises `NotFound`, `Refused`, `KeyholderAway`. Asked again, it answers alike.
    """

    def make_key(self, token: str, holder: Holder, holder_id: UUID) -> None:
        """Make the pair of a brief or of an organisation, where there is none; a draft's follows its day of closing.

        It vouches for the public key. `Refused` for a pair that is there and was changed.
        """

    def read_own(self, token: str, bid_id: UUID) -> Mapping[UUID, bytes]:
        """The data keys of the letters of one's own organisation's bid, by letter."""

    def approve_opening(self, token: str, brief_id: UUID) -> str:
        """The proof that this person, the first of two, has approved the opening."""

    def open_bids(self, token: str, brief_id: UUID) -> Released:
        """The second approval, with which the brief's key opens the letters that stand."""

    def finish_quality(self, token: str, brief_id: UUID) -> str:
        """The proof that this person put it on record that the quality of opened bids is assessed, by the marks as they are."""

    def approve_prices(self, token: str, brief_id: UUID) -> str:
        """The proof that this person, the first of two, has approved the opening of the prices."""

    def open_prices(self, token: str, brief_id: UUID) -> Released:
        """The second approval, with which the brief's key opens the prices of the bids that stand."""

    def follow_closes(self) -> None:
        """Bind the keys of briefs that have come to close later to that close: it only ever moves forward."""


@dataclass(frozen=True, slots=True)
class Seal:
    """With what one request seals and reads letters.

    `secret` is the portal's, under which letters are kept once they are opened; `token` the session's; `receipts` sign what is
    received; `voucher` is what the portal and the keyholder share, under which it vouches for public keys; `keys` are data
    keys that it has given, by letter.
    """

    secret: str = field(repr=False)
    token: str = field(repr=False)
    receipts: SigningKeys = field(repr=False)
    voucher: str = field(repr=False)
    keys: Mapping[UUID, bytes] = field(default_factory=dict, repr=False)


class Wanted(Exception, ABC):
    """Something that only the keyholder has."""

    @abstractmethod
    def ask(self, keyholder: Keyholder, seal: Seal) -> Seal:
        """The seal with which to begin again."""


class KeyMissing(Wanted):
    def __init__(self, holder: Holder, holder_id: UUID) -> None:
        super().__init__(f"the {holder} has no pair of keys that the keyholder vouches for")
        self.holder, self.holder_id = holder, holder_id

    def ask(self, keyholder: Keyholder, seal: Seal) -> Seal:
        keyholder.make_key(seal.token, self.holder, self.holder_id)
        return seal


class LettersShut(Wanted):
    """Another session wrote them."""

    def __init__(self, bid_id: UUID) -> None:
        super().__init__("this session cannot open the letters of its own bid")
        self.bid_id = bid_id

    def ask(self, keyholder: Keyholder, seal: Seal) -> Seal:
        return replace(seal, keys={**seal.keys, **keyholder.read_own(seal.token, self.bid_id)})


_MOST: Final = 3
_T = TypeVar("_T")


def with_keys(keyholder: Keyholder, seal: Seal, act: Callable[[Seal], _T]) -> _T:
    """Do it with what the session has, and where that is not enough, with what the keyholder gives. Raises `KeyholderAway`."""
    for _ in range(_MOST):
        try:
            return act(seal)
        except Wanted as wanted:
            seal = wanted.ask(keyholder, seal)
    try:
        return act(seal)
    except Wanted as wanted:
        raise KeyholderAway(str(wanted)) from wanted
