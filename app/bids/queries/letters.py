"""Letters, sealed and read: by their own bidder at any time, by anybody else only through `opened_bids`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from app.bids.letters.rules import Letter
from app.bids.models import Bid, BidReceipt, BidSnapshot, LibraryAnswer
from app.bids.naming import practitioner_column, practitioners_in
from app.bids.partners import engaged, has_asked
from app.bids.policy import bidding_for
from app.bids.pricing.rules import why_not_price
from app.bids.queries.row import own_bid, questions
from app.bids.queries.snapshots import Newest, is_newest, newest_columns
from app.bids.rules import BidState, library_of
from app.bids.sealed import BidLetter, LetterKind
from app.briefs import queries as briefs
from app.briefs.models import Brief
from app.core.actor import Actor
from app.core.crypto import Envelope, Unreadable, unseal
from app.core.database import fetch
from app.core.refusals import NotFound, Refusal
from app.core.sealing import KEY_BYTES, disclose, unwrap_under
from app.frameworks.models import Lot
from app.frameworks.requirements import Requirement, required_by, requirement_column
from app.frameworks.rules import PriceUnit
from app.memberships.rates.queries import limit_columns, limits
from app.memberships.rates.rules import Limit
from app.organisations.models import Organisation
from app.sealing.asking import LettersShut, Seal
from app.sealing.rules import bound_of_price

MOST: Final = 100
_WEIGHED_OF_BRIEF: Final[tuple[Any, ...]] = (
    *(Brief.reference, Brief.raa_id, Brief.lot_id, Brief.region_id, Brief.version, Brief.material_version),
    *(Brief.published_at, Brief.closes_at, Brief.opened_at, Brief.awarded_at, Brief.cancelled_at),
    *(Brief.two_envelopes, Brief.questions),
)
"""What a submit weighs of its brief: of the rest of the row a page is made."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a lot and the bidder's own card allow for each unit. `unit` is the one in which the lot is priced."""

    unit: PriceUnit
    limits: dict[PriceUnit, Limit]

    def against(self, letter: Letter, bid_id: UUID) -> Refusal | None:
        """A letter from before prices had lines keeps its one sum."""
        if not letter.lines:
            return None
        return why_not_price(letter.lines, letter.vat, limits=self.limits, unit=self.unit, bid_id=bid_id)


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """A bid that two people have opened. Until its price is opened, too, `price_pence` is None and the letter has none."""

    bid_id: UUID
    provider_id: UUID
    provider_name: str
    letter: Letter
    price_pence: int | None
    received_at: datetime
    content_sha256: str


@dataclass(frozen=True, slots=True)
class BothLetters:
    """What a bidder wrote and what it sent, either may be missing; `is_opened` once two people have opened what it sent.

    `price_is_sealed`: what it sent has its price in an envelope of its own, which nobody has opened yet.
    """

    draft: Letter | None
    submitted: Letter | None
    is_opened: bool
    price_is_sealed: bool


def both_letters(session: Session, bid_id: UUID, seal: Seal) -> BothLetters:
    """For its own bidder. Raises `LettersShut`."""
    sealed = letters_of(session, bid_id)
    draft, submitted = sealed.get(LetterKind.DRAFT), sealed.get(LetterKind.SUBMITTED)
    return BothLetters(_read(draft, seal), _read(submitted, seal), _is_opened(submitted), _price_is_sealed(submitted))


def has_draft() -> ColumnElement[bool]:
    """Whether something of a bid is written and not sent, as a column of a query over bids."""
    return select(BidLetter.id).where(BidLetter.bid_id == Bid.id, BidLetter.kind == LetterKind.DRAFT).exists()


def letters_of(session: Session, bid_id: UUID) -> dict[LetterKind, BidLetter]:
    """Its letters, sealed."""
    rows = session.exec(select(BidLetter).where(BidLetter.bid_id == bid_id))
    return {LetterKind(row.kind): row for row in rows}


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the receipt that stands, what a second submit is held against, and the brief's last version with a material change."""

    id: UUID
    content_sha256: str
    brief_version: int
    material_version: int


@dataclass(frozen=True, slots=True)
class Shared:
    """What a submit weighs: the brief, locked, the bid's letters, sealed, what the bidder may charge, if it asked partners, whom
    it may name, and what the lot requires.
    """

    brief: Brief
    letters: dict[LetterKind, BidLetter]
    prices: Prices
    is_engaged: bool
    has_asked: bool
    needs: Sequence[Requirement]
    practitioners: Mapping[UUID, str]
    snapshot: Newest


def standing_alone(session: Session, bid: Bid) -> Standing | None:
    """The receipt that stands, where nothing was written since: what a bid that is sent twice comes to.

    The lock on the bid has to be held. The brief needs none, as nothing is decided about it.
    """
    found = fetch(session, _standing_alone(), {"bid_id": bid.id})
    return Standing(*found[0]) if found else None


@cache
def _standing_alone() -> Any:
    bid_id: Any = bindparam("bid_id", type_=Uuid())
    draft = select(BidLetter.id).where(BidLetter.bid_id == bid_id, BidLetter.kind == LetterKind.DRAFT)
    return (
        select(BidReceipt.id, BidReceipt.content_sha256, BidReceipt.brief_version, Brief.material_version)
        .join(Bid, col(Bid.id) == BidReceipt.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(BidReceipt.bid_id == bid_id, col(BidReceipt.replaced_at).is_(None), ~draft.exists())
    )


def shared_with_letters(session: Session, bid: Bid, on: date) -> Shared:
    """The brief, locked as a submit locks it, with all that a submit weighs beside it, in one query.

    Letters change only under the lock on the bid, which has to be held: whatever the brief's lock waits for, they stay. Raises
    `NotFound`.
    """
    which = {"bid_id": bid.id, "brief_id": bid.brief_id, "provider_id": bid.provider_id}
    rows: Any = session.execute(_shared_with_letters(), which).all()
    if not rows:
        raise NotFound
    brief, _, lot, further, agreed, is_engaged, asked, required, people, *newest = rows[0]
    return Shared(
        brief,
        {LetterKind(row[1].kind): row[1] for row in rows if row[1]},
        Prices(PriceUnit(lot.price_unit), limits(lot, further, agreed, on)),
        bool(is_engaged),
        bool(asked),
        required_by(lot, required),
        practitioners_in(people),
        Newest.read(*newest),
    )


@cache
def _shared_with_letters() -> Any:
    """Put together once: that takes longer than the answer, and shortly before a deadline all ask it."""
    bid_id, brief_id, provider_id = (bindparam(name, type_=Uuid()) for name in ("bid_id", "brief_id", "provider_id"))
    return (
        briefs.sharing(brief_id, provider_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .outerjoin(BidLetter, col(BidLetter.bid_id) == bid_id)
        .outerjoin(BidSnapshot, is_newest(provider_id))
        .add_columns(BidLetter, Lot, *limit_columns(provider_id), engaged(provider_id, brief_id), has_asked(bid_id))
        .add_columns(requirement_column(), practitioner_column(provider_id))
        .add_columns(*newest_columns(provider_id))
        .options(
            load_only(*_WEIGHED_OF_BRIEF, raiseload=True),
            load_only(Lot.price_unit, Lot.ceiling_pence, Lot.mechanism, Lot.requirement, raiseload=True),  # type: ignore[arg-type]
        )
        .execution_options(populate_existing=True)
    )


def opened_bids(session: Session, brief: Brief, *, secret: str) -> list[OpenedBid]:
    """The bids that stand and were not excluded, by provider's name.

    The only way to another's letter: raises `NotFound` unless `brief` is opened, and was: a letter that the keyholder never
    released stays sealed, whatever the database says of the brief. No price is in it while prices are not.
    """
    if brief.opened_at is None:
        raise NotFound
    priced = briefs.prices_are_open(brief)
    rows = session.exec(
        select(Bid, BidLetter, BidReceipt, Organisation.name)
        .join(BidLetter, (col(BidLetter.bid_id) == Bid.id) & (col(BidLetter.kind) == LetterKind.SUBMITTED))
        .join(BidReceipt, (col(BidReceipt.bid_id) == Bid.id) & col(BidReceipt.replaced_at).is_(None))
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(Bid.brief_id == brief.id, Bid.state == BidState.SUBMITTED, Bid.excluded_reason == "")
        .order_by(Organisation.name, col(Bid.id))
    )
    try:
        return [
            OpenedBid(
                bid.id,
                bid.provider_id,
                name,
                letter if priced else letter.without_price,
                letter.price_pence if priced and not _price_is_sealed(sealed) else None,
                receipt.received_at,
                receipt.content_sha256,
            )
            for bid, sealed, receipt, name in rows
            for letter in (read_opened(sealed, secret),)
        ]
    except Unreadable:
        raise NotFound from None


def letter_in_hand(session: Session, bid_id: UUID, seal: Seal) -> Letter:
    """What was last written, for its own bidder: the draft, or else what was submitted. Raises `LettersShut`."""
    letters = letters_of(session, bid_id)
    latest = letters.get(LetterKind.DRAFT) or letters.get(LetterKind.SUBMITTED)
    return read_letter(latest, seal) if latest else Letter()


@dataclass(frozen=True, slots=True)
class Sent:
    """What an own bid said that was opened: (question, answer), without its price."""

    bid_id: UUID
    brief: str
    sent_at: datetime
    said: tuple[tuple[str, str], ...]


def own_opened(session: Session, provider_id: UUID, *, secret: str) -> list[Sent]:
    """A provider's own bids that two people have opened, the newest first, at most a hundred. The caller has asked whose."""
    rows = session.exec(
        select(Bid, Brief, BidLetter)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(BidLetter, (col(BidLetter.bid_id) == Bid.id) & (col(BidLetter.kind) == LetterKind.SUBMITTED))
        .where(
            Bid.provider_id == provider_id,
            Bid.state == BidState.SUBMITTED,
            col(Brief.opened_at).is_not(None),
            col(BidLetter.wrapped_key).is_not(None),
        )
        .order_by(col(Bid.submitted_at).desc(), col(Bid.id))
        .limit(MOST)
    )
    return [
        Sent(
            bid.id,
            brief.reference,
            bid.submitted_at or bid.started_at,
            tuple((one.heading, letter.answer(one.key)) for one in questions(brief)),
        )
        for bid, brief, sealed in rows
        for letter in (read_opened(sealed, secret),)
    ]


def read_letter(sealed: BidLetter, seal: Seal) -> Letter:
    """For its own bidder. Raises `LettersShut` where only the keyholder can open it, `crypto.Unreadable` when it was changed."""
    if sealed.wrapped_key and not _price_is_sealed(sealed):
        return read_opened(sealed, seal.secret)
    keys, bid_id = data_key(sealed, seal), sealed.bid_id
    quality, price = keys[:KEY_BYTES], keys[KEY_BYTES:]
    if sealed.price_ciphertext is None:
        return Letter.read(disclose(quality, sealed.ciphertext, bound_to=bid_id.bytes))
    said = (
        _opened(sealed, seal.secret)
        if sealed.wrapped_key
        else disclose(quality, sealed.ciphertext, bound_to=bid_id.bytes)
    )
    return Letter.read(said, disclose(price, sealed.price_ciphertext, bound_to=bound_of_price(bid_id)))


def read_opened(sealed: BidLetter, secret: str) -> Letter:
    """By the portal's own key, under which an opened letter is kept; without a price that is sealed still.

    Raises `crypto.Unreadable`, also while all of it is sealed.
    """
    said = _opened(sealed, secret)
    if sealed.price_key is None or sealed.price_ciphertext is None:
        return Letter.read(said)
    envelope, bound = Envelope(sealed.price_key, sealed.price_ciphertext), bound_of_price(sealed.bid_id)
    return Letter.read(said, unseal(envelope, secret=secret, bound_to=bound))


def _opened(sealed: BidLetter, secret: str) -> bytes:
    if sealed.wrapped_key is None:
        raise Unreadable("this letter is sealed")
    return unseal(Envelope(sealed.wrapped_key, sealed.ciphertext), secret=secret, bound_to=bound_to(sealed))


def data_key(sealed: BidLetter, seal: Seal) -> bytes:
    """That of a sealed letter, by what the keyholder gave, or by the session that wrote it; of a divided one both, in a row.

    Raises `LettersShut`.
    """
    if known := seal.keys.get(sealed.id):
        return known
    try:
        return unwrap_under(seal.token, sealed.session_wrap or b"", bound_to=sealed.bid_id.bytes)
    except Unreadable:
        raise LettersShut(sealed.bid_id) from None


def bound_to(sealed: BidLetter) -> bytes:
    """What an envelope is tied to: its bid, and in letters from before the keyholder its kind too."""
    return sealed.bid_id.bytes if sealed.brief_wrap else sealed.bid_id.bytes + sealed.kind.encode()


def own_wraps(session: Session, actor: Actor, bid_id: UUID) -> tuple[UUID, dict[UUID, bytes]]:
    """The provider of one's own bid, and for each letter the data key as wrapped to that provider. Raises `NotFound`.

    The same for the kept answers of one's own library, by its name instead of a bid's.
    """
    for provider_id in bidding_for(actor):
        if library_of(provider_id) == bid_id:
            kept = select(LibraryAnswer.id, LibraryAnswer.own_wrap).where(LibraryAnswer.provider_id == provider_id)
            return provider_id, dict(session.exec(kept).all())
    bid = own_bid(session, actor, bid_id)
    rows = session.exec(select(BidLetter.id, BidLetter.own_wrap).where(BidLetter.bid_id == bid_id))
    return bid.provider_id, {letter_id: wrap for letter_id, wrap in rows if wrap}


def standing_wraps(session: Session, brief_id: UUID) -> list[tuple[UUID, UUID, bytes]]:
    """For the keyholder: each bid that stands, its letter, and the data key as wrapped to the brief. No draft, none withdrawn."""
    rows = session.exec(
        select(Bid.id, BidLetter.id, BidLetter.brief_wrap)
        .join(BidLetter, (col(BidLetter.bid_id) == Bid.id) & (col(BidLetter.kind) == LetterKind.SUBMITTED))
        .where(Bid.brief_id == brief_id, Bid.state == BidState.SUBMITTED)
    )
    return [(bid_id, letter_id, wrap) for bid_id, letter_id, wrap in rows if wrap]


def sealed_prices(session: Session, brief_id: UUID) -> list[tuple[UUID, UUID, bytes]]:
    """For the keyholder: the same of the prices that are sealed apart, of the bids that were opened and stand. None excluded."""
    rows = session.exec(
        select(Bid.id, BidLetter.id, BidLetter.price_wrap)
        .join(BidLetter, (col(BidLetter.bid_id) == Bid.id) & (col(BidLetter.kind) == LetterKind.SUBMITTED))
        .where(Bid.brief_id == brief_id, Bid.state == BidState.SUBMITTED, Bid.excluded_reason == "")
        .where(col(BidLetter.wrapped_key).is_not(None), col(BidLetter.price_key).is_(None))
    )
    return [(bid_id, letter_id, wrap) for bid_id, letter_id, wrap in rows if wrap]


def _is_opened(sealed: BidLetter | None) -> bool:
    return sealed is not None and sealed.wrapped_key is not None


def _price_is_sealed(sealed: BidLetter | None) -> bool:
    return sealed is not None and sealed.price_wrap is not None and sealed.price_key is None


def _read(sealed: BidLetter | None, seal: Seal) -> Letter | None:
    return read_letter(sealed, seal) if sealed else None
