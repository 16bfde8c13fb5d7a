"""What the keyholder does, done in a test's own transaction, by its own code and without a process of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.accounts.models import SignInSession
from app.awards.approving import Told
from app.awards.commands import opening as awards
from app.awards.commands import prices as of_prices
from app.awards.queries.approvals import BIDS, PRICES, Envelope, approvals
from app.bids.models import Bid
from app.bids.queries import standing_wraps
from app.bids.rules import Letter
from app.bids.sealed import BidLetter, LetterKind
from app.bids.writing import open_letters
from app.briefs import commands as briefs
from app.briefs.models import Brief
from app.core import clock
from app.core.actor import Actor
from app.core.crypto import Keyring, digest
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.core.sealing import enclose, new_data_key, unwrap_with, wrap_to, wrap_under
from app.core.signing import SigningKeys
from app.keyholder import opening, prices
from app.keyholder.holder import RealKeyholder
from app.keyholder.keys import key_of, make_key, private_key
from app.sealing.asking import KeyMissing, Seal
from app.sealing.queries import public_keys
from app.sealing.rules import Holder, bound_of_price
from app.settings import (
    DEVELOPMENT_KEYHOLDER_TOKEN,
    DEVELOPMENT_MASTER_KEYS,
    DEVELOPMENT_RECEIPT_KEYS,
    DEVELOPMENT_SECRET,
    Settings,
)
from app.web.session import session_cookie

MASTER = Keyring.parse(DEVELOPMENT_MASTER_KEYS, "master")
DRAIN = timedelta(seconds=60)
TOKEN = "the token of a session"
RECEIPTS = SigningKeys.parse(DEVELOPMENT_RECEIPT_KEYS, "receipts'")
SEAL = Seal(DEVELOPMENT_SECRET, TOKEN, RECEIPTS, DEVELOPMENT_KEYHOLDER_TOKEN)
"""The one session in which tests write and read, unless they are about sessions."""


def signed_in(config: Settings, token: str = TOKEN) -> dict[str, str]:
    """The cookie that holds a session's token."""
    name, _, value = session_cookie(config, token).partition(";")[0].partition("=")
    return {name: value}


def begin_session(session: Session, actor: Actor, token: str, at: datetime) -> None:
    """A year's session with this token."""
    begun = {"began_at": at, "ends_at": at + timedelta(days=365)}
    session.add(SignInSession(person_id=actor.known, token_digest=digest(token.encode()), **begun))


def keyholder(db: Database, **different: Any) -> RealKeyholder:
    """The real one; its own clock is the database's, which a test may have frozen."""
    usual = {"voucher": DEVELOPMENT_KEYHOLDER_TOKEN, "drain": DRAIN, "own_now": lambda: clock.now(None)}
    return RealKeyholder(db, MASTER, **(usual | different))  # type: ignore[arg-type]


def brief_key(session: Session, brief_id: UUID) -> None:
    closes_at, known = session.get_one(Brief, brief_id).closes_at, key_of(session, Holder.BRIEF, brief_id)
    voucher = DEVELOPMENT_KEYHOLDER_TOKEN
    make_key(session, MASTER, Holder.BRIEF, brief_id, voucher=voucher, not_before=closes_at, instead_of=known)


def organisation_key(session: Session, organisation_id: UUID) -> None:
    make_key(session, MASTER, Holder.ORGANISATION, organisation_id, voucher=DEVELOPMENT_KEYHOLDER_TOKEN)


def publish_brief(session: Session, actor: Actor, brief_id: UUID, **more: Any) -> None:
    """As though its writer had asked for approval."""
    row = session.get_one(Brief, brief_id)
    row.approval_asked_at = row.approval_asked_at or row.created_at
    try:
        briefs.publish_brief(session, actor, brief_id, **more)
    except KeyMissing:
        brief_key(session, brief_id)
        briefs.publish_brief(session, actor, brief_id, **more)


def approve_opening(session: Session, actor: Actor, brief_id: UUID, *, drain: timedelta = DRAIN) -> bool:
    told = _told(session, actor, brief_id, drain, BIDS, opening.approve, opening.release)
    return awards.approve_opening(session, actor, brief_id, drain=drain, told=told, secret=DEVELOPMENT_SECRET)


def finish_quality(session: Session, actor: Actor, brief_id: UUID) -> None:
    """With the keyholder's proof; with none where it refused, for the rules to say why."""
    try:
        proof = prices.finish(session, actor, brief_id, master=MASTER, own_now=clock.now(session), drain=DRAIN)
    except (Refused, NotFound):
        proof = ""
    of_prices.finish_quality(session, actor, brief_id, witness=proof)


def approve_prices(session: Session, actor: Actor, brief_id: UUID) -> bool:
    told = _told(session, actor, brief_id, DRAIN, PRICES, prices.approve, prices.release)
    return of_prices.approve_prices(session, actor, brief_id, told=told, secret=DEVELOPMENT_SECRET)


def _told(
    session: Session,
    actor: Actor,
    brief_id: UUID,
    drain: timedelta,
    envelope: Envelope,
    first: Callable[..., str],
    second: Callable[..., Told],
) -> Told | None:
    """Ask the keyholder, and go on with what it gave; with nothing where it refused, for the rules to say why."""
    ask = second if approvals(session, brief_id, envelope) else first
    try:
        return ask(session, actor, brief_id, master=MASTER, own_now=clock.now(session), drain=drain)
    except (Refused, NotFound):
        return None


def let_open(session: Session, brief_id: UUID) -> None:
    """The letters that stand, opened as an opening does, where a test has only marked the brief."""
    key = key_of(session, Holder.BRIEF, brief_id)
    assert key
    private = private_key(MASTER, key)
    found = {
        letter: unwrap_with(private, wrap, bound_to=bid.bytes)
        for bid, letter, wrap in standing_wraps(session, brief_id)
    }
    open_letters(session, brief_id, found, secret=DEVELOPMENT_SECRET)


def sealed_letter(session: Session, bid: Bid, letter: Letter, kind: LetterKind) -> BidLetter:
    """A letter as it is kept, without the rules that a save asks."""
    of_brief, own = public_keys(session, bid.brief_id, bid.provider_id, SEAL)
    key, bound, of_price = new_data_key(), bid.id.bytes, bound_of_price(bid.id)
    price_key = new_data_key() if letter.is_divided else b""
    return BidLetter(
        bid_id=bid.id,
        kind=kind,
        brief_wrap=wrap_to(of_brief, key, bound_to=bound),
        own_wrap=wrap_to(own, key + price_key, bound_to=bound),
        session_wrap=wrap_under(TOKEN, key + price_key, bound_to=bound),
        ciphertext=enclose(key, letter.canonical(), bound_to=bound),
        price_wrap=wrap_to(of_brief, price_key, bound_to=of_price) if price_key else None,
        price_ciphertext=enclose(price_key, letter.price(), bound_to=of_price) if price_key else None,
    )
