"""The keyholder itself, over a database and the master keys: grants, or refuses, and writes down which."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.policy import bidding_for
from app.bids.queries import own_wraps
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import lock_brief
from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.crypto import Keyring, Unreadable
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.core.sealing import unwrap_with
from app.keyholder import keys, opening, prices
from app.keyholder.own_clock import OwnClock, own_clock
from app.keyholder.two_people import ALTERED
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, provider_ids
from app.organisations.queries import actor_signed_in
from app.sealing import events
from app.sealing.asking import Released
from app.sealing.queries import is_genuine
from app.sealing.rules import Holder

T = TypeVar("T")

SIGNED_OUT = Refusal("signed_out", "Your session has ended. Sign in again.", ("/sign-in", "Sign in"))


class RealKeyholder:
    """`voucher` is what it shares with the portal; `drain` how long after the close nothing is opened yet; `signed_in` finds the
    person of a live session's token.
    """

    def __init__(
        self,
        database: Database,
        master: Keyring,
        *,
        voucher: str,
        drain: timedelta,
        own_now: OwnClock | None = None,
        signed_in: Callable[[Session, str], Actor | None] = actor_signed_in,
    ) -> None:
        self.database, self.master, self.voucher, self.drain = database, master, voucher, drain
        self.signed_in = signed_in
        self.own_now = own_now or own_clock()

    def make_key(self, token: str, holder: Holder, holder_id: UUID) -> None:
        make = partial(_make, self.master, self.voucher, holder, holder_id)
        self._asked(token, f"make the key of {_AN[holder]}", None, make)

    def read_own(self, token: str, bid_id: UUID) -> Mapping[UUID, bytes]:
        return self._asked(token, "read a sealed bid", bid_id, lambda s, who: _read(s, self.master, who, bid_id))

    def approve_opening(self, token: str, brief_id: UUID) -> str:
        return self._asked(token, "approve the opening", brief_id, partial(self._opening, opening.approve, brief_id))

    def open_bids(self, token: str, brief_id: UUID) -> Released:
        return self._asked(token, "open the bids", brief_id, partial(self._opening, opening.release, brief_id))

    def finish_quality(self, token: str, brief_id: UUID) -> str:
        return self._asked(
            token, "prove that quality is assessed", brief_id, partial(self._opening, prices.finish, brief_id)
        )

    def approve_prices(self, token: str, brief_id: UUID) -> str:
        return self._asked(
            token, "approve the opening of the prices", brief_id, partial(self._opening, prices.approve, brief_id)
        )

    def open_prices(self, token: str, brief_id: UUID) -> Released:
        return self._asked(token, "open the prices", brief_id, partial(self._opening, prices.release, brief_id))

    def follow_closes(self) -> None:
        with self.database.write() as session:
            opening.follow_closes(session, self.master)

    def vouch_for_all(self) -> None:
        """As it starts: for what was made before it vouched for keys, or before it shared what it shares now."""
        with self.database.write() as session:
            if count := keys.vouch_for_all(session, self.master, voucher=self.voucher):
                audit.record(session, events.VOUCHED, actor=NOBODY, subject=NOWHERE, count=f"{count}")

    def turn_away(self, verb: str, why: str) -> None:
        """Write down what was asked and came to no person's request."""
        self._refused(NOBODY, verb, NOWHERE, why)

    def _opening(self, act: Callable[..., T], brief_id: UUID, session: Session, who: Actor) -> T:
        return act(session, who, brief_id, master=self.master, own_now=self.own_now(), drain=self.drain)

    def _asked(self, token: str, verb: str, subject: UUID | None, act: Callable[[Session, Actor], T]) -> T:
        who = NOBODY
        try:
            with self.database.write() as session:
                who = self.signed_in(session, token) or NOBODY
                if who is NOBODY:
                    raise Refused(SIGNED_OUT)
                return act(session, who)
        except (Refused, NotFound) as no:
            why = no.refusal.words if isinstance(no, Refused) else "it is not theirs."
            self._refused(who, verb, subject or NOWHERE, why)
            raise

    def _refused(self, who: Actor, verb: str, subject: UUID, why: str) -> None:
        with self.database.write() as session:
            audit.record(session, events.REFUSED, actor=who, subject=subject, verb=verb, why=why)


NOT_SEALED_TO = Refusal(
    "altered",
    "The key to which this is sealed is not as the keyholder made it. Nothing was saved. Tell the platform’s administrators.",
)

NOWHERE = UUID("6b657968-6f6c-8465-9200-000000000000")
"""The subject of what concerns no record: the keyholder itself."""

_AN = {Holder.BRIEF: "a brief", Holder.ORGANISATION: "an organisation"}


def _make(master: Keyring, voucher: str, holder: Holder, holder_id: UUID, session: Session, who: Actor) -> None:
    """Whoever's pair it is, is locked before it is looked for. Raises `NotFound` to whoever has nothing to do with it, `Refused`
    when the pair was changed.
    """
    not_before, about, is_draft = None, None, False
    if holder is Holder.ORGANISATION:
        if holder_id not in bidding_for(who):
            raise NotFound
        session.get_one(Organisation, holder_id, with_for_update={"key_share": True})
    else:
        brief = lock_brief(session, holder_id, exclusive=True)
        if not _concerned(session, who, brief):
            raise NotFound
        not_before, about = brief.closes_at, holder_id if brief.raa_id in buyer_ids(who) else None
        is_draft = brief.published_at is None
    known = keys.key_of(session, holder, holder_id, lock=True)
    if known and not (is_draft and known.not_before != not_before):  # nothing is sealed to a draft's yet
        if not is_genuine(known, voucher):
            try:
                keys.vouch_anew(master, known, voucher=voucher)
            except Unreadable:
                raise Refused(NOT_SEALED_TO) from None
        audit.record(session, events.KEY_THERE, actor=who, subject=known.id)
        return
    made = keys.make_key(session, master, holder, holder_id, voucher=voucher, not_before=not_before, instead_of=known)
    event = events.BRIEF_KEY_MADE if holder is Holder.BRIEF else events.OWN_KEY_MADE
    audit.record(session, event, actor=who, subject=made, about=about)


def _concerned(session: Session, who: Actor, brief: Brief) -> bool:
    """A person of its agency, or of a provider invited to it."""
    invited = select(BriefInvitation.id).where(
        BriefInvitation.brief_id == brief.id, col(BriefInvitation.provider_id).in_(provider_ids(who))
    )
    return brief.raa_id in buyer_ids(who) or session.exec(invited).first() is not None


def _read(session: Session, master: Keyring, who: Actor, bid_id: UUID) -> dict[UUID, bytes]:
    """Raises `NotFound` to all but its own bidders, `Refused` when a key was changed."""
    provider_id, wraps = own_wraps(session, who, bid_id)
    key = keys.key_of(session, Holder.ORGANISATION, provider_id)
    try:
        private = keys.private_key(master, key) if key else b""
        found = {letter_id: unwrap_with(private, wrap, bound_to=bid_id.bytes) for letter_id, wrap in wraps.items()}
    except Unreadable:
        raise Refused(ALTERED) from None
    audit.record(session, events.OWN_READ, actor=who, subject=bid_id)
    return found
