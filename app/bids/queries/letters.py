"""Letters, sealed and read: by their own bidder at any time, by anybody else only through `opened_bids`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.letters.rules import Letter
from app.bids.models import Bid, BidReceipt, LibraryAnswer
from app.bids.partners import engaged, has_asked
from app.bids.policy import bidding_for
from app.bids.pricing.rules import why_not_price
from app.bids.queries.row import own_bid, questions
from app.bids.rules import (
    BidState,
    library_of,
)
from app.bids.sealed import BidLetter, LetterKind
from app.briefs import queries as briefs
from app.briefs.models import Brief
from app.core.actor import Actor
from app.core.crypto import Envelope, Unreadable, unseal
from app.core.refusals import NotFound, Refusal
from app.core.sealing import disclose, unwrap_under
from app.frameworks.models import Lot
from app.frameworks.rules import PriceUnit
from app.memberships.rates.queries import limit_columns, limits
from app.memberships.rates.rules import Limit
from app.organisations.models import Organisation
from app.sealing.asking import LettersShut, Seal

MOST: Final = 100
TOLD_WITHIN: Final = timedelta(days=7)


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
    """A bid that two people have opened."""

    bid_id: UUID
    provider_id: UUID
    provider_name: str
    letter: Letter
    received_at: datetime
    content_sha256: str


@dataclass(frozen=True, slots=True)
class BothLetters:
    """What a bidder wrote and what it sent, either may be missing; `is_opened` once two people have opened what it sent."""

    draft: Letter | None
    submitted: Letter | None
    is_opened: bool


def both_letters(session: Session, bid_id: UUID, seal: Seal) -> BothLetters:
    """For its own bidder. Raises `LettersShut`."""
    sealed = letters_of(session, bid_id)
    draft, submitted = sealed.get(LetterKind.DRAFT), sealed.get(LetterKind.SUBMITTED)
    return BothLetters(_read(draft, seal), _read(submitted, seal), _is_opened(submitted))


def letters_of(session: Session, bid_id: UUID) -> dict[LetterKind, BidLetter]:
    """Its letters, sealed."""
    rows = session.exec(select(BidLetter).where(BidLetter.bid_id == bid_id))
    return {LetterKind(row.kind): row for row in rows}


@dataclass(frozen=True, slots=True)
class Shared:
    """What a submit weighs: the brief, locked, the bid's letters, sealed, what the bidder may charge, and if it asked partners."""

    brief: Brief
    letters: dict[LetterKind, BidLetter]
    prices: Prices
    is_engaged: bool
    has_asked: bool


def shared_with_letters(session: Session, bid: Bid, on: date) -> Shared:
    """The brief, locked as a submit locks it, with all that a submit weighs beside it, in one query.

    Letters change only under the lock on the bid, which has to be held: whatever the brief's lock waits for, they stay. Raises
    `NotFound`.
    """
    wanted = (
        briefs.sharing(bid.brief_id, bid.provider_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .outerjoin(BidLetter, col(BidLetter.bid_id) == bid.id)
        .add_columns(BidLetter, Lot, *limit_columns(bid.provider_id), engaged(bid.provider_id, bid.brief_id))
        .add_columns(has_asked(bid.id))
    )
    rows: Any = session.execute(wanted.execution_options(populate_existing=True)).all()
    if not rows:
        raise NotFound
    brief, _, lot, further, agreed, is_engaged, asked = rows[0]
    return Shared(
        brief,
        {LetterKind(row[1].kind): row[1] for row in rows if row[1]},
        Prices(PriceUnit(lot.price_unit), limits(lot, further, agreed, on)),
        bool(is_engaged),
        bool(asked),
    )


def opened_bids(session: Session, brief: Brief, *, secret: str) -> list[OpenedBid]:
    """The bids that stand and were not excluded, by provider's name.

    The only way to another's letter: raises `NotFound` unless `brief` is opened.
    """
    if brief.opened_at is None:
        raise NotFound
    rows = session.exec(
        select(Bid, BidLetter, BidReceipt, Organisation.name)
        .join(BidLetter, (col(BidLetter.bid_id) == Bid.id) & (col(BidLetter.kind) == LetterKind.SUBMITTED))
        .join(BidReceipt, (col(BidReceipt.bid_id) == Bid.id) & col(BidReceipt.replaced_at).is_(None))
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(Bid.brief_id == brief.id, Bid.state == BidState.SUBMITTED, Bid.excluded_reason == "")
        .order_by(Organisation.name, col(Bid.id))
    )
    return [
        OpenedBid(
            bid.id, bid.provider_id, name, read_opened(sealed, secret), receipt.received_at, receipt.content_sha256
        )
        for bid, sealed, receipt, name in rows
    ]


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
    if sealed.wrapped_key:
        return read_opened(sealed, seal.secret)
    return Letter.read(disclose(data_key(sealed, seal), sealed.ciphertext, bound_to=sealed.bid_id.bytes))


def read_opened(sealed: BidLetter, secret: str) -> Letter:
    """By the portal's own key, under which an opened letter is kept. Raises `crypto.Unreadable`, also while it is sealed."""
    if sealed.wrapped_key is None:
        raise Unreadable("this letter is sealed")
    envelope = Envelope(sealed.wrapped_key, sealed.ciphertext)
    return Letter.read(unseal(envelope, secret=secret, bound_to=bound_to(sealed)))


def data_key(sealed: BidLetter, seal: Seal) -> bytes:
    """That of a sealed letter, by what the keyholder gave, or by the session that wrote it. Raises `LettersShut`."""
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


def _is_opened(sealed: BidLetter | None) -> bool:
    return sealed is not None and sealed.wrapped_key is not None


def _read(sealed: BidLetter | None, seal: Seal) -> Letter | None:
    return read_letter(sealed, seal) if sealed else None


def drafts_not_sent(session: Session, now: datetime, *, lock: bool = False) -> list[tuple[Bid, Brief]]:
    """The bids of briefs that closed in the last week, with a draft that nobody was told of yet. What they say stays sealed."""
    query = (
        select(Bid, Brief)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(BidLetter, (col(BidLetter.bid_id) == Bid.id) & (col(BidLetter.kind) == LetterKind.DRAFT))
        .where(
            col(Bid.unsent_told_at).is_(None),
            col(Brief.closes_at) <= now,
            col(Brief.closes_at) > now - TOLD_WITHIN,
            col(Brief.cancelled_at).is_(None),
        )
        .order_by(col(Bid.id))
    )
    if lock:
        query = query.with_for_update(of=Bid, key_share=True).execution_options(populate_existing=True)
    return list(session.exec(query).all())
