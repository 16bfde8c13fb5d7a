"""Looking at bids: a bidder's own at any time; anybody's only through `opened_bids`, once two people have opened them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from app.bids import events
from app.bids.letters.rules import STANDING, Letter, Question, missing
from app.bids.models import Bid, BidReceipt, BidSnapshot, LibraryAnswer
from app.bids.naming import Colleague, against_named, colleagues
from app.bids.partners import Ally, allies, engaged, partners_named
from app.bids.policy import bidding_for
from app.bids.pricing.rules import why_not_price
from app.bids.rules import (
    BidState,
    Partnered,
    library_of,
    needs_confirming,
    statement,
    why_not_alone,
    why_not_named,
    why_not_partners,
)
from app.bids.sealed import BidLetter, LetterKind
from app.briefs import queries as briefs
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import BriefFacts, Invitation
from app.briefs.rules import Phase
from app.briefs.terms.models import terms_of
from app.core import audit
from app.core.actor import Actor
from app.core.crypto import Envelope, Unreadable, digest, unseal
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.core.sealing import disclose, unwrap_under
from app.core.signing import written
from app.evidence.models import EvidenceItem
from app.frameworks.models import Lot
from app.frameworks.rules import PriceUnit
from app.memberships import queries as memberships
from app.memberships.rates.queries import limit_columns, limits
from app.memberships.rates.rules import Limit
from app.memberships.rules import Moment
from app.memberships.rules.answers import Answered
from app.organisations.models import Organisation
from app.providers.models import Provider
from app.providers.news import Closing
from app.providers.queries import supplier_record
from app.sealing.asking import LettersShut, Seal
from app.sealing.events import OF_THE_BIDDER

__all__ = ["against_named"]

MOST: Final = 100
TOLD_WITHIN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class BidLine:
    """One of a person's own bids."""

    id: UUID
    state: BidState
    provider_name: str
    brief_reference: str
    brief_title: str
    closes_at: datetime
    phase: Phase


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
class Receipt:
    """What a bidder holds in hand. `replaced_at`: when a later one took its place.

    `snapshot_sha256` is the digest of the profile and evidence that went with it; `signed` the whole as a text that anybody
    can check, or nothing in one from before receipts were signed.
    """

    id: UUID
    reference: str
    received_at: datetime
    brief_version: int
    content_sha256: str
    snapshot_sha256: str
    replaced_at: datetime | None
    signed: str


@dataclass(frozen=True, slots=True)
class OwnBid:
    """A bid as its bidder sees it. `draft` is what is not submitted; `submitted` the letter that stands, or stood.

    `against_record` is what an award would wait for, and no bid does.
    """

    id: UUID
    provider_id: UUID
    provider_name: str
    state: BidState
    submitted_at: datetime | None
    brief: BriefFacts
    draft: Letter | None
    submitted: Letter | None
    asked: tuple[Question, ...]
    colleagues: tuple[Colleague, ...]
    prices: "Prices"
    allies: dict[UUID, Ally]
    partners: tuple[Partnered, ...]
    is_engaged: bool
    not_eligible: tuple[Refusal, ...]
    against_record: Refusal | None
    receipts: tuple[Receipt, ...]
    opened: bool
    events: tuple[tuple[datetime, str], ...]

    @property
    def letter(self) -> Letter:
        """What the bidder last wrote while the brief is open; afterwards what was sent, if anything was."""
        last = self.draft or self.submitted if self.brief.phase is Phase.OPEN else self.submitted or self.draft
        return last or Letter()

    @property
    def seen(self) -> str:
        """The digest of what the page shows, by which a submit says what its sender read."""
        return digest(self.letter.canonical())

    @property
    def unconfirmed(self) -> bool:
        """It was submitted for a version of the brief before a material change, and not confirmed since."""
        received_for = self.receipts[0].brief_version if self.receipts else None
        return self.state is BidState.SUBMITTED and needs_confirming(received_for, self.brief.material_version)

    @property
    def as_sealed(self) -> bool | None:
        """Once two people have opened it, whether what they opened is what the receipt is for; None before."""
        if not self.opened or not self.submitted:
            return None
        return digest(self.submitted.canonical()) == self.receipts[0].content_sha256

    @property
    def unsubmitted(self) -> bool:
        """The brief is past, and a whole draft was never sent: it must be seen and said."""
        past = self.brief.phase in (Phase.CLOSED, Phase.OPENED, Phase.AWARDED)
        return past and self.draft is not None and not missing(self.draft, self.asked)

    @property
    def against_named(self) -> Refusal | None:
        """What speaks against a practitioner of the letter on the page."""
        meant = [(one.name, [c for c in self.colleagues if c.id == one.id]) for one in self.letter.team] or [
            (name, [c for c in self.colleagues if c.name == name]) for name in self.letter.names
        ]
        for name, people in meant:
            if not people:
                return why_not_named(name, (), provider_id=self.provider_id, bid_id=self.id)
            if all(one.why_not for one in people):
                return people[0].why_not
        return None

    @property
    def against_partners(self) -> Refusal | None:
        return why_not_partners(self.partners, bid_id=self.id) or why_not_alone(self.is_engaged)

    @property
    def against_price(self) -> Refusal | None:
        """What speaks against the price of the letter on the page; nothing while it has none."""
        return self.prices.against(self.letter, self.id)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the person's invited providers before a brief: may it bid, and has it begun?"""

    invitation: Invitation
    may_bid: bool
    not_eligible: tuple[Refusal, ...]
    bid_id: UUID | None
    state: BidState | None


@dataclass(frozen=True, slots=True)
class Opportunity:
    brief: BriefFacts
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """A bid that two people have opened."""

    bid_id: UUID
    provider_id: UUID
    provider_name: str
    letter: Letter
    received_at: datetime
    content_sha256: str


def own_bid(session: Session, actor: Actor, bid_id: UUID, *, lock: bool = False) -> Bid:
    """The row, if it is of a provider for which this person bids. Raises `NotFound`.

    The lock lets a row that refers to the bid be written meanwhile: a late submit and an award never wait for each other.
    """
    query = select(Bid).where(Bid.id == bid_id, col(Bid.provider_id).in_(bidding_for(actor)))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = session.exec(query).first()
    if row is None:
        raise NotFound
    return row


def bid_of(session: Session, brief_id: UUID, provider_id: UUID) -> Bid | None:
    return session.exec(select(Bid).where(Bid.brief_id == brief_id, Bid.provider_id == provider_id)).first()


def own_bids(session: Session, actor: Actor, now: datetime) -> list[BidLine]:
    """This person's providers' bids, those that close last on top, at most a hundred."""
    rows = session.exec(
        select(Bid, Brief, Organisation.name)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(col(Bid.provider_id).in_(bidding_for(actor)))
        .order_by(col(Brief.closes_at).desc(), col(Bid.id))
        .limit(MOST)
    )
    return [
        BidLine(
            bid.id,
            BidState(bid.state),
            name,
            brief.reference,
            brief.title,
            brief.closes_at,
            briefs.phase_of(brief, now),
        )
        for bid, brief, name in rows
    ]


def bid_page(session: Session, actor: Actor, bid_id: UUID, now: datetime, *, seal: Seal) -> OwnBid:
    """One of this person's own bids, with its letters unsealed for their own bidder. Raises `NotFound`, `LettersShut`."""
    found = session.execute(
        select(Bid, Brief, Organisation.name, Lot)
        .add_columns(*limit_columns(Bid.provider_id), engaged(col(Bid.provider_id), col(Bid.brief_id)))
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(col(Bid.id) == bid_id, col(Bid.provider_id).in_(bidding_for(actor)))
    ).first()
    if found is None:
        raise NotFound
    bid, brief, provider_name, lot, further, agreed, is_engaged = found
    letters = letters_of(session, bid_id)
    draft, submitted = _read(letters.get(LetterKind.DRAFT), seal), _read(letters.get(LetterKind.SUBMITTED), seal)
    last, known = draft or submitted or Letter(), allies(session, bid)
    reasons = eligible_of(session, brief, (bid.provider_id, *(one.id for one in last.partners)), now)
    return OwnBid(
        id=bid.id,
        provider_id=bid.provider_id,
        provider_name=provider_name,
        state=BidState(bid.state),
        submitted_at=bid.submitted_at,
        brief=briefs.facts(session, brief, now),
        draft=draft,
        submitted=submitted,
        asked=questions(brief),
        colleagues=colleagues(session, brief, bid.provider_id, now, bid.id),
        prices=Prices(PriceUnit(lot.price_unit), limits(lot, further, agreed, london_day(now))),
        allies=known,
        partners=partners_named(last, known, reasons, secret=seal.secret),
        is_engaged=bool(is_engaged),
        not_eligible=reasons[bid.provider_id],
        against_record=supplier_record(session, bid.provider_id, london_day(now)).refusal,
        receipts=receipts(session, bid_id),
        opened=brief.opened_at is not None and _is_opened(letters.get(LetterKind.SUBMITTED)),
        events=history(session, bid_id),
    )


def opportunity(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> Opportunity:
    """A brief for the people of the providers invited to it. Raises `NotFound` to everybody else."""
    brief, invitations = briefs.invitations(session, actor, brief_id)
    return Opportunity(
        briefs.facts(session, brief, now), tuple(_side(session, actor, brief, one, now) for one in invitations)
    )


def letters_of(session: Session, bid_id: UUID) -> dict[LetterKind, BidLetter]:
    """Its letters, sealed."""
    rows = session.exec(select(BidLetter).where(BidLetter.bid_id == bid_id))
    return {LetterKind(row.kind): row for row in rows}


def questions(brief: Brief) -> tuple[Question, ...]:
    """What every bid for this brief answers: its own questions, or where it has none those that stand."""
    own = tuple(Question(str(one.id), one.text, max_words=one.max_words) for one in terms_of(brief).questions)
    return own or STANDING


@dataclass(frozen=True, slots=True)
class Shared:
    """What a submit weighs: the brief, locked, the bid's letters, sealed, and what the bidder may ask."""

    brief: Brief
    letters: dict[LetterKind, BidLetter]
    prices: Prices
    is_engaged: bool


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
    )
    rows: Any = session.execute(wanted.execution_options(populate_existing=True)).all()
    if not rows:
        raise NotFound
    brief, _, lot, further, agreed, is_engaged = rows[0]
    return Shared(
        brief,
        {LetterKind(row[1].kind): row[1] for row in rows if row[1]},
        Prices(PriceUnit(lot.price_unit), limits(lot, further, agreed, on)),
        bool(is_engaged),
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot of what is shared of a bidder, without its content."""

    id: UUID
    sha256: str
    shared_on: date
    position: int


def newest_snapshot(session: Session, provider_id: UUID) -> tuple[Taken | None, int]:
    """The snapshot of a bidder that was taken last, if any, and the position of the record's newest event about it.

    What happens to a document is recorded about its item.
    """
    items = select(EvidenceItem.id).where(EvidenceItem.provider_id == provider_id)
    *taken, of_bidder, of_items = session.execute(
        select(BidSnapshot.id, BidSnapshot.sha256)
        .add_columns(col(BidSnapshot.shared_on), col(BidSnapshot.position))
        .add_columns(audit.latest(provider_id), audit.latest_about(items))
        .select_from(Provider)
        .outerjoin(BidSnapshot, col(BidSnapshot.provider_id) == Provider.id)
        .where(col(Provider.id) == provider_id)
        .order_by(col(BidSnapshot.shared_on).desc(), col(BidSnapshot.position).desc())
        .limit(1)
    ).one()
    return Taken(*taken) if taken[0] else None, max(of_bidder or 0, of_items or 0)


def receipts(session: Session, bid_id: UUID) -> tuple[Receipt, ...]:
    """Every receipt, the newest first; the first stands."""
    rows = session.exec(
        select(BidReceipt, Brief.reference)
        .join(Bid, col(Bid.id) == BidReceipt.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(BidReceipt.bid_id == bid_id)
        .order_by(col(BidReceipt.received_at).desc())
    )
    return tuple(_receipt(row, brief) for row, brief in sorted(rows, key=lambda one: one[0].replaced_at is not None))


def own_receipt(session: Session, actor: Actor, bid_id: UUID) -> Receipt:
    """The one that stands of one's own bid. Raises `NotFound`, also while there is none that is signed."""
    own_bid(session, actor, bid_id)
    for receipt in receipts(session, bid_id):
        if receipt.signed:
            return receipt
    raise NotFound


def _receipt(row: BidReceipt, brief: str) -> Receipt:
    said = statement(
        reference=row.reference,
        received_at=row.received_at,
        brief=brief,
        brief_version=row.brief_version,
        content_sha256=row.content_sha256,
        snapshot_sha256=row.snapshot_sha256,
    )
    return Receipt(
        row.id,
        row.reference,
        row.received_at,
        row.brief_version,
        row.content_sha256,
        row.snapshot_sha256,
        row.replaced_at,
        written(said, row.key_id, row.signature) if row.signature else "",
    )


def history(session: Session, bid_id: UUID) -> tuple[tuple[datetime, str], ...]:
    """What the bidder did, in words; what assessors did with the bid is not the bidder's to see.

    A draft is saved with every change: of several in a row by one person the last is told.
    """
    shown = events.OF_THE_BIDDER | OF_THE_BIDDER
    told = [(e.at, audit.sentence(e)) for e in audit.timeline(session, bid_id) if e.name in shown]
    return tuple(one for one, after in zip_longest(told, told[1:]) if after is None or one[1] != after[1])


def not_eligible(session: Session, brief: Brief, provider_id: UUID, at: datetime) -> tuple[Refusal, ...]:
    """Every reason why this provider may not act in the brief's lot and region at that moment."""
    return eligible_of(session, brief, (provider_id,), at)[provider_id]


def eligible_of(
    session: Session, brief: Brief, provider_ids: Collection[UUID], at: datetime
) -> dict[UUID, tuple[Refusal, ...]]:
    """The same of several providers at once."""
    found = memberships.eligibilities(
        session,
        provider_ids=provider_ids,
        lot_id=brief.lot_id,
        region_id=brief.region_id,
        at=at,
        agency_id=brief.raa_id,
        called_off_at=brief.published_at,
    )
    return {provider_id: one.reasons for provider_id, one in found.items()}


def answered(session: Session, moment: Moment, brief: Brief, provider_id: UUID, at: datetime) -> Answered:
    """What the one eligibility function says of a provider for a brief, to be kept with what is decided by it."""
    return as_answer(moment, brief, provider_id, at, not_eligible(session, brief, provider_id, at))


def as_answer(moment: Moment, brief: Brief, provider_id: UUID, at: datetime, reasons: tuple[Refusal, ...]) -> Answered:
    return Answered(moment, brief.id, provider_id, brief.lot_id, brief.region_id, at, reasons)


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


def in_the_way(session: Session, closing: Closing) -> list[Refusal]:
    """What of bidding stands in the way of closing a provider: to its owner, each bid that waits for a decision.

    To anybody else, that it is invited to briefs, whether it has bid or not: a bid's existence is part of the seal.
    """
    phases = or_(*(briefs.in_phase(phase, closing.at) for phase in (Phase.OPEN, Phase.CLOSED, Phase.OPENED)))
    if not closing.own:
        count = session.exec(
            select(func.count())
            .select_from(BriefInvitation)
            .join(Brief, col(Brief.id) == BriefInvitation.brief_id)
            .where(BriefInvitation.provider_id == closing.provider_id, phases)
        ).one()
        words = f"It is invited to {count} brief{'' if count == 1 else 's'} not decided yet. Restrict it meanwhile if you must."
        return (
            [Refusal("invited", words, (f"/providers/{closing.provider_id}/restriction", "Restrict it"))]
            if count
            else []
        )
    rows = session.exec(
        select(Bid.id, Brief.reference, Brief.title)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(
            Bid.provider_id == closing.provider_id, Bid.state == BidState.SUBMITTED, Bid.excluded_reason == "", phases
        )
        .order_by(col(Brief.closes_at), col(Bid.id))
    )
    return [
        Refusal(
            "live_bid",
            f"Your bid for {reference}: {title} is not decided yet.",
            (f"/bids/{bid_id}", "Look at it, or withdraw it while the brief is open"),
        )
        for bid_id, reference, title in rows
    ]


def _side(session: Session, actor: Actor, brief: Brief, invitation: Invitation, now: datetime) -> Side:
    may_bid = invitation.provider_id in bidding_for(actor)
    bid = bid_of(session, brief.id, invitation.provider_id) if may_bid else None
    return Side(
        invitation,
        may_bid,
        not_eligible(session, brief, invitation.provider_id, now),
        bid.id if bid else None,
        BidState(bid.state) if bid else None,
    )
