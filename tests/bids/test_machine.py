"""Bar R3: a brief and its bids from publication to award, act after act by anybody at any time, beside a model of a hundred lines.

Amendments, extensions, closing early, cancelling, bids sent, replaced, taken back and confirmed, the opening by two, the award.
The model is written from state machines 7, 9 and 11; whatever the two do not agree on is a fault in one of them. After each act
invariants 1 to 4 are looked at: nothing readable before the opening, one bid a provider, nothing received late, and no worker runs.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.bids.closing.commands import agree_early_close, ask_early_close, drop_early_close
from app.bids.commands import decline_brief, save_draft, start_bid, submit_bid, withdraw_bid
from app.bids.confirming.queries import unconfirmed_bids
from app.bids.models import Bid as BidRow
from app.bids.models import BidReceipt
from app.bids.queries import opened_bids
from app.bids.rules import Letter
from app.bids.sealed import BidLetter
from app.briefs.amending.commands import drop_amendment, propose_amendment, publish_amendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind
from app.briefs.commands import undo_decline, withdraw_draft
from app.briefs.models import Brief
from app.briefs.queries import phase_of
from app.briefs.rules import DeclineReason
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.rules import Role
from app.settings import DEVELOPMENT_SECRET as SECRET
from tests import NOON, factories
from tests.awards.stage import marks
from tests.bids.model import BIDDERS, CLOSES, DRAIN, Bid, Change, Model
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import World
from tests.house.scenario import letter
from tests.sealing import SEAL, approve_opening, publish_brief

THEIRS = st.sampled_from(("owner_a", "owner_a", "writer_a", "owner_b", "owner_b", "chair", "stranger"))
OURS = st.sampled_from(
    ("commissioner", "commissioner", "approver", "approver", "chair", "chair", "owner_a", "stranger")
)
BEGUN = ("draft", "published", "bid", "bid", "closed", "amended", "opened", "scored", "proposed", "awarded")
PROVIDERS = st.sampled_from(("a", "b"))
MOMENT = timedelta(milliseconds=1)


class Machine(RuleBasedStateMachine):
    db: Database
    clock: Clock
    made: World
    tried: Counter[str]

    @initialize(begun=st.sampled_from(BEGUN))
    def a_brief(self, begun: str) -> None:
        """Drafted, or so far along."""
        self.clock.set(NOON)
        made, self.model, self.change_id, self.words = self.made, Model(), uuid4(), 0
        self.bid_ids: dict[str, UUID] = {}
        self.provider_ids = {"a": made.provider_a, "b": made.provider_b}
        self.people = {
            "commissioner": made.commissioner,
            "approver": made.approver,
            "chair": made.chair,
            "assessor": made.assessor,
            "owner_a": made.owner_a,
            "owner_b": made.owner_b,
            "stranger": made.other_commissioner,
        }
        with self.db.write() as session:
            self.people["writer_a"] = factories.seated(session, made.provider_a, Role.BIDS, name="Will Writer")
            self.brief_id = factories.brief(session, made, published_at=None, closes_at=CLOSES)
            session.get_one(Brief, self.brief_id).start_by = date(2027, 12, 31)
        if begun != "draft":
            self.publish("approver")
        if begun not in ("draft", "published"):
            for who in ("owner_a", "owner_b"):
                self.start(who)
                self.save(who, 1)
                self.submit(who, late=False)
        if begun == "amended":
            self.propose("commissioner", True, "sessions")
            self.publish_change("approver")
            self.submit("owner_a", late=False)
        if begun in ("closed", *BEGUN[5:]):
            self.to_the_deadline(timedelta())
        if begun in BEGUN[5:]:
            self.to_the_deadline(DRAIN)
            self.approve_the_opening("chair")
            self.approve_the_opening("commissioner")
        if begun in BEGUN[7:]:
            self.score()
        if begun in BEGUN[8:]:
            self.propose_an_award("chair", "b")
        if begun == "awarded":
            self.approve_the_award("approver")

    def does(self, possible: bool, act: Callable[[Session], object]) -> bool:
        """Both agree on whether it is possible; what it returns is what happened."""
        try:
            with self.db.write() as session:
                act(session)
        except (Refused, NotAllowed, NotFound) as error:
            happened, why = False, repr(error)
        else:
            happened, why = True, "it happened"
        assert happened is possible, (why, self.model)
        self.tried["possible" if happened else "impossible"] += 1
        return happened

    @precondition(lambda self: self.model.published)
    @rule(hours=st.sampled_from((1, 5, 24, 48)))
    def time_passes(self, hours: int) -> None:
        self.model.now = self.clock.forward(hours=hours)

    @precondition(lambda self: self.model.published)
    @rule(beside=st.sampled_from((-MOMENT, timedelta(), MOMENT, DRAIN - MOMENT, DRAIN, DRAIN)))
    def to_the_deadline(self, beside: timedelta) -> None:
        """A millisecond before it, at it, after it, and to the end of the drain; never back."""
        if self.model.closes_at + beside > self.model.now:
            self.clock.set(self.model.closes_at + beside)
            self.model.now = self.clock.moment

    @precondition(lambda self: not self.model.published)
    @rule(who=OURS)
    def publish(self, who: str) -> None:
        def act(session: Session) -> None:
            publish_brief(session, self.people[who], self.brief_id)

        if self.does(who == "approver" and not self.model.cancelled, act):
            self.model.published = True
            with self.db.write() as session:
                add_assessor(session, self.made.chair, self.brief_id, self.made.assessor.known)
                declare_interests(session, self.made.assessor, self.brief_id, {})

    @rule(who=OURS, seriously=st.sampled_from((False, False, False, False, True)))
    def cancel(self, who: str, seriously: bool) -> None:
        """A draft by one person; once it is published the approver agrees, who then is not the one who asked."""

        def act(session: Session, actor: Actor, brief_id: UUID, reason: str) -> None:
            if self.model.published:
                factories.cancelled(session, self.made, brief_id, actor, reason)
            else:
                withdraw_draft(session, actor, brief_id, reason)

        if seriously and self._on(self.model.cancels(who), act, who, "The need has changed."):
            self.model.cancelled = True

    @rule(who=OURS, material=st.booleans(), what=st.sampled_from(("need", "sessions", "closes_at")))
    def propose(self, who: str, material: bool, what: str) -> None:
        self.words += 1
        later = self.model.closes_at + timedelta(days=1)
        new: Any = {"need": f"Another need, told {self.words} times.", "sessions": 20 + self.words, "closes_at": later}

        def act(session: Session) -> None:
            terms = replace(terms_of(session.get_one(Brief, self.brief_id)), **{what: new[what]})
            kind = Kind.MATERIAL if material else Kind.MINOR
            reason = "We have learnt more."
            self.change_id = propose_amendment(session, self.people[who], self.brief_id, kind, terms, reason)

        if self.does(self.model.proposes(who, material=material, hard=what == "sessions"), act):
            closes_at = later if what == "closes_at" else self.model.closes_at
            self.model.change = Change(material, closes_at, based_on=self.model.version)

    @precondition(lambda self: self.model.change)
    @rule(who=OURS)
    def publish_change(self, who: str) -> None:
        model, change = self.model, self.model.change
        assert change
        if self._on(model.publishes_change(who), publish_amendment, who, self.change_id) and change.waits:
            change.over = "published", who
            model.version += 1
            closes_at = self._closes_at()
            if change.material:
                model.material_version = model.version
                assert closes_at >= change.closes_at
                assert closes_at > model.now + timedelta(days=6), "five working days"
            else:
                assert closes_at == change.closes_at
            model.closes_at = closes_at

    @precondition(lambda self: self.model.change)
    @rule(who=OURS)
    def drop_change(self, who: str) -> None:
        assert self.model.change
        if self._on(self.model.drops_change(who), drop_amendment, who, self.change_id):
            self.model.change.over = "dropped", who

    @rule(who=OURS)
    def ask_to_close_early(self, who: str) -> None:
        model, left = self.model, self.model.closes_at - self.model.now
        if timedelta(days=1) <= left <= timedelta(days=6):
            return  # whether a working day's notice is left, the calendar says
        possible = who == "commissioner" and model.open and not model.early_asked and left > timedelta(days=6)
        if self._on(possible, ask_early_close, who):
            model.early_asked, model.early_tried = True, None

    @rule(who=OURS)
    def agree_to_close_early(self, who: str) -> None:
        model, left = self.model, self.model.closes_at - self.model.now
        if timedelta(days=1) <= left <= timedelta(days=6):
            return
        tried = model.early_tried is not None and model.early_tried.date() == model.now.date()
        possible = who == "approver" and model.early_asked and model.open and left > timedelta(days=6) and not tried
        if self._on(possible, agree_early_close, who):
            model.early_tried = model.now
            if model.answered():
                closes_at = self._closes_at()
                assert model.now + timedelta(hours=24) <= closes_at < model.closes_at
                model.closes_at, model.early_asked, model.version = closes_at, False, model.version + 1

    @rule(who=OURS)
    def drop_early_close(self, who: str) -> None:
        if self._on(who in ("commissioner", "approver"), drop_early_close, who):
            self.model.early_asked = False

    @rule(who=THEIRS, seriously=st.booleans())
    def decline(self, who: str, seriously: bool) -> None:
        model, side = self.model, BIDDERS.get(who, "a")
        if not seriously:
            return
        bid = model.bids.get(side)
        stands = bid is not None and bid.stands()
        possible = who in BIDDERS and model.published and not stands and (side in model.declined or model.open)
        if self._on(possible, decline_brief, who, self.provider_ids[side], DeclineReason.FULL):
            model.declined.add(side)

    @rule(who=THEIRS)
    def undo(self, who: str) -> None:
        model, side = self.model, BIDDERS.get(who, "a")
        possible = who in BIDDERS and model.published and (side not in model.declined or model.open)
        if self._on(possible, undo_decline, who, self.provider_ids[side]):
            model.declined.discard(side)

    @rule(who=THEIRS)
    def start(self, who: str) -> None:
        model, side = self.model, BIDDERS.get(who, "a")

        def act(session: Session) -> None:
            made = start_bid(session, self.people[who], self.brief_id, self.provider_ids[side])
            assert self.bid_ids.setdefault(side, made) == made, "one bid a provider"

        if self.does(who in BIDDERS and (side in model.bids or model.open), act):
            model.bids.setdefault(side, Bid())

    @precondition(lambda self: self.model.bids)
    @rule(who=THEIRS, number=st.sampled_from((0, 1, 1, 2, 3)))
    def save(self, who: str, number: int) -> None:
        side = BIDDERS.get(who, "a")
        bid = self.model.bids.get(side)
        if bid is None:
            return

        def act(session: Session) -> None:
            said = _said(session, self.provider_ids[side], number)
            save_draft(session, self.people[who], self.bid_ids[side], said, seal=SEAL)

        if self.does(who in BIDDERS and self.model.open, act):
            bid.draft = None if bid.stands() and bid.sent == number else number

    @precondition(lambda self: self.model.bids)
    @rule(who=THEIRS, late=st.booleans())
    def submit(self, who: str, late: bool) -> None:
        """`late`: it had arrived a millisecond before the close, and waited for its turn until now."""
        model, side = self.model, BIDDERS.get(who, "a")
        bid = model.bids.get(side)
        if bid is None:
            return
        received_at = min(model.now, model.closes_at - MOMENT) if late else model.now
        if received_at < model.now - DRAIN:
            return

        def act(session: Session) -> None:
            submit_bid(session, self.people[who], self.bid_ids[side], received_at=received_at, seal=SEAL)

        if self.does(model.submits(who, received_at), act):
            if bid.stands() and bid.draft is None and not model.unconfirmed(bid):
                return
            bid.state, bid.sent, bid.draft = "submitted", bid.sent if bid.draft is None else bid.draft, None
            bid.receipts.append(model.version)

    @precondition(lambda self: self.model.bids)
    @rule(who=THEIRS)
    def take_back(self, who: str) -> None:
        side = BIDDERS.get(who, "a")
        bid = self.model.bids.get(side)
        if bid is None:
            return

        def act(session: Session) -> None:
            withdraw_bid(session, self.people[who], self.bid_ids[side], received_at=self.model.now)

        if self.does(self.model.withdraws(who), act):
            bid.state = "withdrawn"

    @rule(who=OURS)
    def approve_the_opening(self, who: str) -> None:
        def act(session: Session) -> None:
            approve_opening(session, self.people[who], self.brief_id, drain=DRAIN)

        if self.does(self.model.approves_opening(who), act) and who not in self.model.approvals:
            self.model.approvals.append(who)
            self.model.opened = len(self.model.approvals) == 2

    @precondition(lambda self: self.model.opened and not self.model.scored)
    @rule()
    def score(self) -> None:
        standing = self.model.standing
        if not standing or self.model.phase != "opened":
            return
        with self.db.write() as session:
            open_bids(session, self.made.assessor, self.brief_id, secret=SECRET)
            for side in standing:
                given = marks(session, self.brief_id, 4)
                save_scores(session, self.made.assessor, self.brief_id, self.bid_ids[side], given, secret=SECRET)
            submit_scores(session, self.made.assessor, self.brief_id, secret=SECRET)
        self.model.scored = True

    @rule(who=OURS, of=PROVIDERS)
    def propose_an_award(self, who: str, of: str) -> None:
        bid_id, why = self.bid_ids.get(of, uuid4()), "It answers best of all what this family needs."

        def act(session: Session) -> None:
            propose_award(session, self.people[who], self.brief_id, bid_id, reason=why, secret=SECRET)

        if self.does(self.model.proposes_award(who, of), act):
            self.model.proposed = (of, who)

    @rule(who=OURS)
    def approve_the_award(self, who: str) -> None:
        def act(session: Session) -> None:
            approve_award(session, self.people[who], self.brief_id, secret=SECRET)

        if self.does(self.model.approves_award(who), act):
            self.model.awarded = True

    @invariant()
    def they_agree(self) -> None:
        self.tried["steps"] += 1
        if not hasattr(self, "brief_id"):
            return
        model = self.model
        self.tried[model.phase] += 1
        with self.db.read() as session:
            brief = session.get_one(Brief, self.brief_id)
            assert phase_of(brief, model.now) == model.phase
            now = (brief.version, brief.material_version, brief.closes_at)
            assert now == (model.version, model.material_version, model.closes_at)
            rows = session.exec(select(BidRow).where(BidRow.brief_id == self.brief_id)).all()
            assert {row.provider_id: row.state for row in rows} == {
                self.provider_ids[side]: bid.state for side, bid in model.bids.items()
            }
            assert len(rows) == len(model.bids)
            for side, bid in model.bids.items():
                self._receipts_agree(session, self.bid_ids[side], bid)
            if not model.opened:
                unconfirmed = {self.bid_ids[side] for side, bid in model.bids.items() if model.unconfirmed(bid)}
                assert unconfirmed_bids(session, brief) == unconfirmed
            self._seal_holds(session, brief)

    def _receipts_agree(self, session: Session, bid_id: UUID, bid: Bid) -> None:
        """Every receipt is kept, one stands, and none is of a moment at which the brief was closed."""
        receipts = session.exec(
            select(BidReceipt).where(BidReceipt.bid_id == bid_id).order_by(col(BidReceipt.brief_version))
        ).all()
        assert sorted(one.brief_version for one in receipts) == bid.receipts
        assert sum(one.replaced_at is None for one in receipts) == min(len(receipts), 1)
        assert all(one.received_at < self.model.closes_at for one in receipts)

    def _seal_holds(self, session: Session, brief: Brief) -> None:
        """Before the opening nothing is under the portal's own key; after it, what stood at the close and nothing else."""
        if not self.model.opened:
            keys = select(BidLetter.wrapped_key).join(BidRow, col(BidRow.id) == BidLetter.bid_id)
            assert set(session.exec(keys.where(BidRow.brief_id == self.brief_id))) <= {None}
            with pytest.raises(NotFound):
                opened_bids(session, brief, secret=SECRET)
            return
        found = {one.provider_id: one.letter for one in opened_bids(session, brief, secret=SECRET)}
        assert found == {
            self.provider_ids[side]: _said(session, self.provider_ids[side], number)
            for side, number in self.model.standing.items()
        }
        readable = select(BidLetter.bid_id).join(BidRow, col(BidRow.id) == BidLetter.bid_id)
        opened = readable.where(BidRow.brief_id == self.brief_id, col(BidLetter.wrapped_key).is_not(None))
        assert sorted(session.exec(opened)) == sorted(self.bid_ids[side] for side in self.model.standing)
        self.tried["left shut"] += any(self.model.unconfirmed(bid) for bid in self.model.bids.values())

    def _on(self, possible: bool, command: Callable[..., object], who: str, *rest: object) -> bool:
        return self.does(possible, lambda session: command(session, self.people[who], self.brief_id, *rest))

    def _closes_at(self) -> datetime:
        with self.db.read() as session:
            return session.get_one(Brief, self.brief_id).closes_at


def _said(session: Session, provider_id: UUID, number: int) -> Letter:
    return letter(session, provider_id, price_pence=100_000 * number, words=f"in manner {number}")


@pytest.fixture
def furniture() -> Furniture:
    return factories.world_and_limits


@pytest.mark.bar("R3")
@pytest.mark.invariant(1)
@pytest.mark.invariant(2)
@pytest.mark.invariant(3)
@pytest.mark.invariant(4)
@pytest.mark.walk
def test_whatever_is_done_the_model_agrees(db: Database, made: World, clock: Clock) -> None:
    here = type("Here", (Machine,), {"db": db, "made": made, "clock": clock, "tried": Counter()})
    run_state_machine_as_test(
        here,
        settings=settings(
            max_examples=60,
            stateful_step_count=60,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    tried = here.tried  # type: ignore[attr-defined]
    print(tried)
    assert tried["steps"] >= 2_000
    assert min(tried["possible"], tried["impossible"]) >= 200
    assert min(tried[phase] for phase in ("open", "closed", "opened", "awarded", "cancelled", "left shut")) >= 20
