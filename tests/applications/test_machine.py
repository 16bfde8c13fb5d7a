"""Bar R3: from an application to the end of a membership, act after act by anybody at any time, beside a model of a hundred lines.

The model is written from state machines 3, 4 and 6 and knows nothing of the product; whatever the two do not agree on, whether
an act is possible or where things stand after it, is a fault in one of them.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

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
from sqlmodel import Session, select

from app.applications import queries
from app.applications.commands import (
    accept_part,
    ask_to_look_again,
    choose_lots,
    confirm_refusal,
    decide_review,
    propose_refusal,
    restore_application,
    start_application,
    submit_application,
    take_back,
    withdraw_application,
    write_statement,
)
from app.applications.models import Application
from app.applications.rules import RefusalReason, Review
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.models import Framework
from app.memberships.commands import end_membership, pause_membership, return_membership
from app.memberships.concerns.commands import agree_decision, lift_suspension, propose_decision, raise_concern
from app.memberships.models import ConcernDecision, Membership
from app.memberships.queries import eligibility, memberships
from app.memberships.rules.concerns import Choice, Kind
from app.memberships.signing.commands import (
    countersign_agreement,
    hold_agreement,
    release_agreement,
    sign_agreement,
)
from app.memberships.signing.queries import agreement
from app.organisations.rules import Role
from tests import NOON
from tests.applications.applying import WHY, everything
from tests.applications.model import INSURED_FOR, LEADS, Asked, Member, Model
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import World, active, provider, seated, verified_evidence, world_without_members

THEIRS = st.sampled_from(("owner", "owner", "owner", "owner", "writer", "writer", "lead", "stranger"))
OURS = st.sampled_from((*LEADS, *LEADS, *LEADS, "checker", "owner", "stranger"))
PARTS = st.sampled_from((0, 0, 0, 1, 1, 2, 3))
DAYS = st.sampled_from((1, 1, 1, 2, 9, 30))


class Machine(RuleBasedStateMachine):
    db: Database
    clock: Clock
    made: World
    third: Actor
    tried: Counter[str]

    @initialize(begun=st.sampled_from(("", "written", "submitted", "submitted", "accepted")))
    def a_provider(self, begun: str) -> None:
        """Alone, or with an application so far along."""
        self.clock.set(NOON)
        self.model, self.application_id = Model(), None
        self.places = everything(self.made)
        with self.db.write() as session:
            self.provider_id = active(session, provider(session, "Cherry Therapy"))
            verified_evidence(session, self.provider_id, self.made.checker, expires_on=self.model.insured_to)
            self.people = {
                "lead": self.made.lead,
                "lead_two": self.made.lead_two,
                "lead_three": self.third,
                "checker": self.made.checker,
                "owner": seated(session, self.provider_id, Role.OWNER, name="Cher Owner"),
                "writer": seated(session, self.provider_id, Role.BIDS, name="Will Writer"),
                "stranger": self.made.owner_a,
            }
        if begun:
            self.start("owner")
            self.choose("owner", {0, 1, 2, 3})
            self.say("owner", "We work with families.")
        if begun in ("submitted", "accepted"):
            self.submit("owner")
        if begun == "accepted":
            self.accept("lead", 0)
            self.accept("lead", 1)

    def does(self, possible: bool, act: Callable[[Session], object]) -> bool:
        """Both agree on whether it is possible; what it returns is what happened."""
        try:
            with self.db.write() as session:
                act(session)
        except (Refused, NotAllowed, NotFound) as error:
            happened, why = False, repr(error)
        else:
            happened, why = True, "it happened"
        assert happened is possible, why
        self.tried["possible" if happened else "impossible"] += 1
        return happened

    @rule(days=DAYS)
    def time_passes(self, days: int) -> None:
        self.clock.forward(days=days)
        self.model.today += timedelta(days=days)

    @precondition(lambda self: not self.model.began)
    @rule(who=THEIRS)
    def start(self, who: str) -> None:
        model = self.model
        if model.began:
            return

        def act(session: Session) -> None:
            self.application_id = start_application(session, self.people[who], self.made.round_id, self.provider_id)

        model.began = self.does(who in ("owner", "writer") and model.open, act)

    @precondition(lambda self: self.model.began)
    @rule(who=THEIRS, chosen=st.sets(PARTS))
    def choose(self, who: str, chosen: set[int]) -> None:
        if self._on(self.model.writes(who), choose_lots, who, [self.places[one] for one in chosen]):
            self.model.parts = {one: self.model.parts.get(one, Asked()) for one in chosen}

    @precondition(lambda self: self.model.began)
    @rule(who=THEIRS, words=st.sampled_from(("", "We work with families.")))
    def say(self, who: str, words: str) -> None:
        if self._on(self.model.writes(who), write_statement, who, words):
            self.model.said = bool(words)

    @precondition(lambda self: self.model.began)
    @rule(who=THEIRS)
    def submit(self, who: str) -> None:
        if self._on(self.model.submits(who), submit_application, who):
            self.model.submitted = True

    @precondition(lambda self: self.model.began)
    @rule(who=THEIRS)
    def take_back(self, who: str) -> None:
        if self._on(self.model.takes_back(who), take_back, who) and self.model.submitted:
            self.model.submitted = False
            self.model.parts = {one: Asked() for one in self.model.parts}

    @precondition(lambda self: self.model.began)
    @rule(who=THEIRS)
    def withdraw(self, who: str) -> None:
        if self._on(self.model.withdraws(who), withdraw_application, who):
            self.model.withdrawn = True

    @precondition(lambda self: self.model.began)
    @rule(who=THEIRS)
    def restore(self, who: str) -> None:
        if self._on(self.model.restores(who), restore_application, who):
            self.model.withdrawn = False

    @precondition(lambda self: self.model.submitted)
    @rule(who=OURS, one=PARTS)
    def accept(self, who: str, one: int) -> None:
        part = self.model.parts.get(one)
        done = who in LEADS and self.model.submitted and part is not None and part.state == "accepted"
        possible = done or self.model.decides(who, part, "requested", "refusal proposed")
        if self._decide(possible, accept_part, who, one) and part and not done:
            part.state, part.member = "accepted", Member()

    @precondition(lambda self: self.model.submitted)
    @rule(who=OURS, one=PARTS)
    def propose(self, who: str, one: int) -> None:
        part = self.model.parts.get(one)
        done = bool(part and part.state == "refusal proposed" and who in part.took_part)
        possible = done or self.model.decides(who, part, "requested")
        if self._decide(possible, propose_refusal, who, one, RefusalReason.EXPERIENCE, WHY) and part:
            part.state, part.took_part = "refusal proposed", {who}

    @precondition(lambda self: self.model.submitted)
    @rule(who=OURS, one=PARTS)
    def confirm(self, who: str, one: int) -> None:
        part = self.model.parts.get(one)
        done = who in LEADS and part is not None and part.state == "refused"
        second = part is not None and who not in part.took_part
        possible = done or (self.model.decides(who, part, "refusal proposed") and second)
        if self._decide(possible, confirm_refusal, who, one) and part and not done:
            part.state, part.refused_on = "refused", self.model.today
            part.took_part.add(who)

    @precondition(lambda self: self.model.submitted)
    @rule(who=THEIRS, one=PARTS)
    def ask_again(self, who: str, one: int) -> None:
        part = self.model.parts.get(one)
        asked = part is not None and part.state == "review requested" and who in ("owner", "writer")
        in_time = bool(part and part.refused_on and self.model.today <= part.refused_on + timedelta(days=14))
        possible = asked or (who == "owner" and part is not None and part.state == "refused" and in_time)
        if self._decide(possible, ask_to_look_again, who, one, "We have a mediator now.") and part:
            part.state = "review requested"

    @precondition(lambda self: self.model.submitted)
    @rule(who=OURS, one=PARTS, outcome=st.sampled_from(Review))
    def look_again(self, who: str, one: int, outcome: Review) -> None:
        part = self.model.parts.get(one)
        done = who in LEADS and part is not None and part.state == outcome.value
        third = part is not None and who in LEADS and who not in part.took_part
        possible = done or (third and part is not None and part.state == "review requested")
        if self._decide(possible, decide_review, who, one, outcome, "We looked at it anew.") and part and not done:
            part.state = outcome.value
            part.member = Member() if outcome is Review.OVERTURNED else None

    @precondition(lambda self: self.model.members)
    @rule(who=THEIRS, one=PARTS)
    def sign(self, who: str, one: int) -> None:
        member = self._member(one)
        if member is None:
            return
        waits = member.signed_on is None
        possible = not waits or (self.model.live(member) and not self.model.held)
        if self._as_member(possible, sign_agreement, who, one) and waits:
            for each in self.model.members.values():
                if each.signed_on is None and self.model.live(each):
                    each.signed_on = self.model.today

    @precondition(lambda self: self.model.members)
    @rule(who=OURS, one=PARTS)
    def countersign(self, who: str, one: int) -> None:
        member = self._member(one)
        if member is None:
            return
        waits = not member.countersigned
        ready = self.model.live(member) and member.signed_on is not None and not self.model.held
        if self.does(who in LEADS and (ready or not waits), self._countersigned(who, one)) and waits:
            for each in self.model.members.values():
                each.countersigned = each.countersigned or (
                    each.signed_on == member.signed_on and self.model.live(each)
                )

    @precondition(lambda self: self.model.members)
    @rule(who=OURS, one=PARTS)
    def hold(self, who: str, one: int) -> None:
        member = self._member(one)
        if member is None:
            return
        until = self.model.today + timedelta(days=8)
        possible = who in LEADS and self.model.live(member) and not member.countersigned and not self.model.held
        if self.does(
            possible,
            lambda session: hold_agreement(
                session, self.people[who], self._id(session, one), f"Reason {self.tried.total()}", until
            ),
        ):
            self.model.held = True

    @precondition(lambda self: self.model.held)
    @rule(who=OURS, one=PARTS)
    def release(self, who: str, one: int) -> None:
        if self._member(one) and self.does(
            who in LEADS, lambda session: release_agreement(session, self.people[who], self._id(session, one))
        ):
            self.model.held = False

    @precondition(lambda self: self.model.members)
    @rule(who=THEIRS, one=PARTS, days=DAYS)
    def pause(self, who: str, one: int, days: int) -> None:
        member, until = self._member(one), self.model.today + timedelta(days=days)
        if member and self._as_member(self.model.live(member), pause_membership, who, one, until):
            member.back_on = until

    @precondition(lambda self: self.model.members)
    @rule(who=THEIRS, one=PARTS)
    def come_back(self, who: str, one: int) -> None:
        member = self._member(one)
        if member and self._as_member(True, return_membership, who, one):
            member.back_on = None

    @precondition(lambda self: self.model.members)
    @rule(who=THEIRS, one=PARTS, notice=st.sampled_from((0, 10)))
    def leave(self, who: str, one: int, notice: int) -> None:
        member = self._member(one)
        if member is None:
            return
        last = self.model.today + timedelta(days=notice)
        given = member.last_day
        again = self.model.over(member) or (notice > 0 and given == last)
        possible = again or given is None or last < given
        left = self._as_member(possible, end_membership, who, one, "We are too few.", last if notice else None)
        if left and not again:
            member.last_day, member.ended = (last, False) if notice else (given, True)

    @precondition(lambda self: self.model.members)
    @rule(first=OURS, second=st.sampled_from(("checker", "checker", "lead", "owner")), one=PARTS, days=DAYS)
    def suspend(self, first: str, second: str, one: int, days: int) -> None:
        member, last = self._member(one), self.model.today + timedelta(days=days)
        if member is None:
            return

        def act(session: Session) -> None:
            concern = raise_concern(
                session, self.people[first], self._id(session, one), Kind.SAFEGUARDING, f"{self.clock.moment}"
            )
            made = propose_decision(session, self.people[first], concern, Choice.SUSPEND, "It is looked into.", last)
            agree_decision(session, self.people[second], made)

        free = self.model.live(member) and not self.model.suspended(member)
        if self.does(free and first in LEADS and second == "checker", act):
            member.suspended_to = last

    @precondition(lambda self: self.model.members)
    @rule(who=OURS, one=PARTS)
    def lift(self, who: str, one: int) -> None:
        member = self._member(one)
        if member is None or member.suspended_to is None:
            return

        def act(session: Session) -> None:
            newest = session.exec(
                select(ConcernDecision.id)
                .where(ConcernDecision.membership_id == self._id(session, one))
                .order_by(ConcernDecision.proposed_at.desc())  # type: ignore[attr-defined]
            ).first()
            assert newest
            lift_suspension(session, self.people[who], newest, "It was looked into.")

        if self.does(who in LEADS and self.model.suspended(member), act):
            member.suspended_to = None

    @rule()
    def insure(self) -> None:
        self.model.insured_to = self.model.today + INSURED_FOR
        with self.db.write() as session:
            verified_evidence(session, self.provider_id, self.made.checker, expires_on=self.model.insured_to)

    @invariant()
    def they_agree(self) -> None:
        self.tried["steps"] += 1
        if not getattr(self, "application_id", None):
            return
        model = self.model
        with self.db.read() as session:
            row = session.get_one(Application, self.application_id)
            assert queries.phase_of(session, row, self.clock.moment) == model.phase
            found = {
                self.places.index((part.lot_id, part.region_id)): queries.state_of(part)
                for part in queries.parts_of(session, row.id)
            }
            assert found == {one: part.state for one, part in model.parts.items()}
            known = {
                (one.lot_id, one.region_id): one
                for one in memberships(session, self.people["owner"], self.clock.moment)
            }
            assert set(known) == {self.places[one] for one in model.members}
            for one, member in model.members.items():
                there = known[self.places[one]]
                assert there.ended == model.over(member)
                assert {reason.code for reason in there.reasons} == model.against(member)
                lot, region = self.places[one]
                may = eligibility(
                    session, provider_id=self.provider_id, lot_id=lot, region_id=region, at=self.clock.moment
                ).eligible
                assert may == (model.live(member) and not model.against(member))

    def _on(self, possible: bool, command: Callable[..., object], who: str, *rest: object) -> bool:
        """About the application, which has to be there to be named."""
        application_id = self.application_id
        if application_id is None:
            return False
        return self.does(possible, lambda session: command(session, self.people[who], application_id, *rest))

    def _decide(self, possible: bool, command: Callable[..., object], who: str, one: int, *rest: object) -> bool:
        if one not in self.model.parts or self.application_id is None:
            return False

        def act(session: Session) -> None:
            place = self.places[one]
            part = next(
                part
                for part in queries.parts_of(session, self.application_id)  # type: ignore[arg-type]
                if (part.lot_id, part.region_id) == place
            )
            command(session, self.people[who], self.application_id, part.id, *rest)

        return self.does(possible, act)

    def _countersigned(self, who: str, one: int) -> Callable[[Session], None]:
        def act(session: Session) -> None:
            membership_id = self._id(session, one)
            countersign_agreement(
                session, self.people[who], membership_id, agreement(session, self.people["lead"], membership_id).sha256
            )

        return act

    def _member(self, one: int) -> Member | None:
        return self.model.members.get(one)

    def _as_member(self, possible: bool, command: Callable[..., object], who: str, one: int, *rest: object) -> bool:
        return self.does(
            possible and who == "owner",
            lambda session: command(session, self.people[who], self._id(session, one), *rest),
        )

    def _id(self, session: Session, one: int) -> UUID:
        lot, region = self.places[one]
        return session.exec(
            select(Membership.id).where(
                Membership.provider_id == self.provider_id, Membership.lot_id == lot, Membership.region_id == region
            )
        ).one()


@pytest.fixture
def furniture() -> Furniture:
    return world_without_members


@pytest.mark.bar("R3")
@pytest.mark.walk
def test_whatever_is_done_the_model_agrees(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        session.get_one(Framework, made.framework_id).countersigned = True
        third = seated(session, made.lead_id, Role.FRAMEWORK_LEAD, name="Lars Lead")
    here = type("Here", (Machine,), {"db": db, "made": made, "clock": clock, "third": third, "tried": Counter()})
    run_state_machine_as_test(
        here,
        settings=settings(
            max_examples=60,
            stateful_step_count=70,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(here.tried)  # type: ignore[attr-defined]
    assert here.tried["steps"] >= 2_000  # type: ignore[attr-defined]
    assert min(here.tried["possible"], here.tried["impossible"]) >= 200  # type: ignore[attr-defined]
