"""What a bidder's own pages show: its bids, one of them whole, and what it could bid for."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlmodel import Session, col, func, or_, select

from app.bids.asking import Outcome, outcomes
from app.bids.letters.rules import Letter, Question, missing
from app.bids.models import Bid
from app.bids.naming import Colleague, colleagues, practitioner_column, practitioners_in
from app.bids.partners import Ally, allies, engaged, leads_consortium, partners_named, stands_as_partner
from app.bids.policy import bidding_for
from app.bids.queries.desk import Desk
from app.bids.queries.letters import Prices, both_letters, has_draft
from app.bids.queries.receipts import Receipt, history, receipts
from app.bids.queries.row import eligible_of, not_eligible, questions, unconfirmed
from app.bids.rules import (
    BidState,
    Partnered,
    needs_confirming,
    why_not_alone,
    why_not_named,
    why_not_partners,
)
from app.briefs import queries as briefs
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import BriefFacts, Invitation
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.evidence.rules import EXPIRES_SOON
from app.frameworks.models import Lot
from app.frameworks.requirements import required_by, requirement_column
from app.frameworks.rules import PriceUnit
from app.memberships.rates.queries import limit_columns, limits
from app.organisations.models import Organisation
from app.providers.models import Provider
from app.providers.news import Closing
from app.providers.queries import supplier_record
from app.providers.rules import record_lapses_on
from app.sealing.asking import Seal

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class BidLine:
    """One of a person's own bids. `unconfirmed`: the brief, still open, changed materially since it was sent; `unsent`: it was
    sent, and what was changed in it since was not, and still may be. `outcome`: how it ended, once its letter is out.
    """

    id: UUID
    state: BidState
    provider_name: str
    brief_reference: str
    brief_title: str
    closes_at: datetime
    phase: Phase
    unconfirmed: bool
    unsent: bool
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class OwnBid:
    """A bid as its bidder sees it. `draft` is what is not submitted, last saved at `saved_at`; `submitted` the letter that
    stands, or stood.

    `against_record` is what an award would wait for, and no bid does; `record_until`: it is none yet, and will be soon.
    `price_is_sealed`: its price is in an envelope of its own that is not opened. `leads_consortium`: whether or not anybody in it
    can be a partner (`allies`). `outcome`: how it ended, once its letter is out.
    """

    id: UUID
    provider_id: UUID
    provider_name: str
    state: BidState
    outcome: Outcome | None
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
    leads_consortium: bool
    not_eligible: tuple[Refusal, ...]
    against_record: Refusal | None
    record_until: date | None
    receipts: tuple[Receipt, ...]
    opened: bool
    price_is_sealed: bool
    events: tuple[tuple[datetime, str], ...]
    saved_at: datetime | None

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
    def desk(self) -> Desk:
        """What it is written with."""
        return Desk(
            self.id,
            {one.id: one.name for one in self.colleagues},
            {id_: one.name for id_, one in self.allies.items()},
            self.asked,
            self.prices,
            self.brief.budget_pence,
            self.brief.sessions,
            self.brief.terms.two_envelopes,
        )

    @property
    def unconfirmed(self) -> bool:
        """It was submitted for a version of the brief before a material change, and not confirmed since."""
        received_for = self.receipts[0].brief_version if self.receipts else None
        return self.state is BidState.SUBMITTED and needs_confirming(received_for, self.brief.material_version)

    @property
    def as_sealed(self) -> bool | None:
        """Once two people have opened it, whether what they opened is what the receipt is for; None before.

        A price that is sealed still is read by its bidder's own key.
        """
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
        return why_not_partners(self.partners, bid_id=self.id)

    @property
    def against_alone(self) -> Refusal | None:
        return why_not_alone(self.is_engaged)

    @property
    def against_price(self) -> Refusal | None:
        """What speaks against the price of the letter on the page; nothing while it has none."""
        return self.prices.against(self.letter, self.id)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the person's invited providers before a brief: may it bid, has it begun, and must it confirm its bid again?

    `against`: it is a partner in another's bid, so it does not bid alone; `is_partner`: that bid was submitted, and stands.
    """

    invitation: Invitation
    may_bid: bool
    not_eligible: tuple[Refusal, ...]
    bid_id: UUID | None
    state: BidState | None
    unconfirmed: bool
    against: Refusal | None
    is_partner: bool
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Opportunity:
    brief: BriefFacts
    sides: tuple[Side, ...]


def own_bids(session: Session, actor: Actor, now: datetime) -> list[BidLine]:
    """This person's providers' bids, those that close last on top, at most a hundred."""
    found = session.execute(
        select(Bid, Brief, Organisation.name, unconfirmed())
        .add_columns(has_draft())
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(col(Bid.provider_id).in_(bidding_for(actor)))
        .order_by(col(Brief.closes_at).desc(), col(Bid.id))
        .limit(MOST)
    )
    rows = found.all()
    ended = outcomes(session, [bid.id for bid, *_ in rows])
    return [
        BidLine(
            bid.id,
            BidState(bid.state),
            name,
            brief.reference,
            brief.title,
            brief.closes_at,
            phase := briefs.phase_of(brief, now),
            bool(changed) and phase is Phase.OPEN,
            bool(drafted) and phase is Phase.OPEN and bid.state == BidState.SUBMITTED,
            ended.get(bid.id),
        )
        for bid, brief, name, changed, drafted in rows
    ]


def bid_page(session: Session, actor: Actor, bid_id: UUID, now: datetime, *, seal: Seal) -> OwnBid:
    """One of this person's own bids, with its letters unsealed for their own bidder. Raises `NotFound`, `LettersShut`."""
    found = session.execute(
        select(Bid, Brief, Organisation.name, Lot)
        .add_columns(Provider)  # as `supplier_record` wants it
        .add_columns(*limit_columns(Bid.provider_id), engaged(col(Bid.provider_id), col(Bid.brief_id)))
        .add_columns(requirement_column(), practitioner_column(Bid.provider_id), leads_consortium(Bid.provider_id))
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .join(Provider, col(Provider.id) == Bid.provider_id)
        .where(col(Bid.id) == bid_id, col(Bid.provider_id).in_(bidding_for(actor)))
    ).first()
    if found is None:
        raise NotFound
    bid, brief, provider_name, lot, _, further, agreed, is_engaged, required, people, leads = found
    read = both_letters(session, bid_id, seal)
    draft, submitted = read.draft, read.submitted
    last, known = draft or submitted or Letter(), allies(session, bid)
    named = {one.id for one in last.partners}
    eligible = eligible_of(session, brief, {bid.provider_id, *known, *named}, now, required_by(lot, required))
    reasons = {provider_id: one.reasons for provider_id, one in eligible.items()}
    happened, record = history(session, bid_id), supplier_record(session, bid.provider_id, london_day(now))
    until = record_lapses_on(record.confirmed_on) if record.confirmed_on else None
    return OwnBid(
        id=bid.id,
        provider_id=bid.provider_id,
        provider_name=provider_name,
        state=BidState(bid.state),
        outcome=_ended(session, brief, [bid.id]).get(bid.id),
        submitted_at=bid.submitted_at,
        brief=briefs.facts(session, brief, now),
        draft=draft,
        submitted=submitted,
        asked=questions(brief),
        colleagues=colleagues(
            practitioners_in(people), eligible[bid.provider_id], provider_id=bid.provider_id, bid_id=bid.id
        ),
        prices=Prices(PriceUnit(lot.price_unit), limits(lot, further, agreed, london_day(now))),
        allies={id_: one for id_, one in known.items() if id_ in named or not reasons[id_]},
        partners=partners_named(last, known, reasons, secret=seal.secret),
        is_engaged=bool(is_engaged),
        leads_consortium=bool(leads),
        not_eligible=reasons[bid.provider_id],
        against_record=record.refusal,
        record_until=until if until and london_day(now) <= until < london_day(now) + EXPIRES_SOON else None,
        receipts=receipts(session, bid_id, happened.withdrawals) if bid.submitted_at else (),
        opened=brief.opened_at is not None and read.is_opened,
        price_is_sealed=read.price_is_sealed,
        events=happened.told,
        saved_at=happened.saved_at,
    )


def opportunity(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> Opportunity:
    """A brief for the people of the providers invited to it. Raises `NotFound` to everybody else."""
    brief, invitations = briefs.invitations(session, actor, brief_id)
    sides = [_side(session, actor, brief, one, now) for one in invitations]
    ended = _ended(session, brief, [side.bid_id for side in sides if side.bid_id])
    return Opportunity(
        briefs.facts(session, brief, now),
        tuple(replace(side, outcome=ended.get(side.bid_id) if side.bid_id else None) for side in sides),
    )


def _ended(session: Session, brief: Brief, bid_ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """How these bids for the brief ended. Before it is awarded no letter is out, and nothing is asked."""
    return outcomes(session, bid_ids) if brief.awarded_at else {}


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
    begun = _begun(session, brief, invitation.provider_id) if may_bid else None
    return Side(
        invitation,
        may_bid,
        not_eligible(session, brief, invitation.provider_id, now),
        begun.id if begun else None,
        BidState(begun.state) if begun and begun.state else None,
        begun is not None and bool(begun.unconfirmed) and briefs.phase_of(brief, now) is Phase.OPEN,
        why_not_alone(begun is not None and bool(begun.engaged)),
        begun is not None and bool(begun.is_partner),
    )


def _begun(session: Session, brief: Brief, provider_id: UUID) -> Any:
    """One row: the bid's id and state, nothing before it is begun, and how the provider stands before the brief."""
    return session.execute(_begun_query(), {"brief_id": brief.id, "provider_id": provider_id}).one()


@cache
def _begun_query() -> Any:
    """Put together once."""
    brief_id, provider_id = bindparam("brief_id", type_=Uuid()), bindparam("provider_id", type_=Uuid())
    return (
        select(Bid.id, Bid.state, unconfirmed().label("unconfirmed"))
        .add_columns(engaged(provider_id, brief_id).label("engaged"))
        .add_columns(stands_as_partner(provider_id, brief_id).label("is_partner"))
        .select_from(Brief)
        .outerjoin(Bid, (col(Bid.brief_id) == Brief.id) & (col(Bid.provider_id) == provider_id))
        .where(col(Brief.id) == brief_id)
    )
