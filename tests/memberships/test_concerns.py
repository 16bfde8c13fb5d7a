"""Rest, concern, suspension and end of one membership: when a lead may decide what, and what follows."""

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.bids import commands as bids
from app.bids.models import Bid
from app.bids.rules import BidState
from app.core import audit
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence.models import EvidenceItem
from app.memberships.commands import end_membership, end_what_is_over, pause_membership, return_membership
from app.memberships.concerns import queries
from app.memberships.concerns.commands import (
    agree_decision,
    lift_suspension,
    propose_decision,
    raise_concern,
    reply_to_concern,
    write_plan,
)
from app.memberships.concerns.queries import concern, framework_concerns, to_do
from app.memberships.models import Concern, ConcernDecision, Membership
from app.memberships.news import Ended
from app.memberships.queries import eligibility, memberships
from app.memberships.rules import State
from app.memberships.rules.concerns import Choice, Kind, Stage, stage, why_not_propose
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World
from tests.house.scenario import letter
from tests.sealing import SEAL

TODAY = NOON.date()
LATER = TODAY + timedelta(days=30)
WORDS, REASON = "Reports came late three times.", "Nothing has changed since."


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def _first(session: Session, made: World) -> UUID:
    """A's membership of the first lot in the first region."""
    wanted = select(Membership.id).where(
        Membership.provider_id == made.provider_a,
        Membership.lot_id == made.lots[0],
        Membership.region_id == made.regions[0],
    )
    return session.exec(wanted).one()


def _standing(db: Database, made: World, at: datetime) -> tuple[State, list[str]]:
    with db.read() as session:
        (found,) = (
            one
            for one in memberships(session, made.owner_a, at)
            if (one.lot_id, one.region_id) == (made.lots[0], made.regions[0])
        )
        return found.state, [reason.code for reason in found.reasons]


# --- When a lead may decide what


@pytest.mark.row("4.8")
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("choice", list(Choice))
@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("review", [None, TODAY, TODAY + timedelta(days=1)])
def test_the_member_is_heard_first_and_a_plan_comes_before_an_end(
    kind: Kind, choice: Choice, heard: bool, review: date | None
) -> None:
    found = why_not_propose(choice, kind, closed=False, heard=heard, plan_review_on=review, day=LATER, on=TODAY)
    if not heard and (choice is Choice.END or kind is Kind.PERFORMANCE):
        assert found and found.code == "not_heard"
    elif choice is Choice.END and kind is Kind.PERFORMANCE and review != TODAY:
        assert found and found.code == "plan_first"
    else:
        assert found is None
    for closed, day, code in ((True, LATER, "concern_closed"), (False, TODAY, "day")):
        no = why_not_propose(choice, kind, closed=closed, heard=heard, plan_review_on=review, day=day, on=TODAY)
        assert no and no.code == code


@pytest.mark.parametrize(("agreed", "declined", "lifted"), list(product((True, False), repeat=3)))
@pytest.mark.parametrize("days", [None, -1, 0])
def test_the_stage_of_a_decision_is_derived(agreed: bool, declined: bool, lifted: bool, days: int | None) -> None:
    last = None if days is None else TODAY + timedelta(days=days)
    found = stage(agreed=agreed, declined=declined, lifted=lifted, last_day=last, on=TODAY)
    if declined:
        assert found is Stage.DECLINED
    elif not agreed:
        assert found is Stage.PROPOSED
    else:
        assert found is (Stage.OVER if lifted or days == -1 else Stage.IN_FORCE)


# --- What follows


@pytest.mark.row("4.3")
@pytest.mark.invariant(4)
def test_a_suspension_is_over_by_itself_on_the_day_after_its_last_if_the_documents_are_in_order(
    db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        _, decision = factories.suspension(session, made, agreed=False)
    assert _standing(db, made, NOON) == (State.ACTIVE, []), "one person suspends nobody"
    with db.write() as session:
        agree_decision(session, made.checker, decision)
    assert _standing(db, made, NOON) == (State.SUSPENDED, ["suspended"])
    assert _standing(db, made, NOON - timedelta(minutes=1)) == (State.ACTIVE, []), "not before it was agreed"
    midnight = datetime(2026, 12, 24, tzinfo=NOON.tzinfo)  # London is at GMT
    assert _standing(db, made, midnight - timedelta(seconds=1)) == (State.SUSPENDED, ["suspended"])
    assert _standing(db, made, midnight) == (State.ACTIVE, [])
    with db.write() as session:
        for item in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_a)):
            item.expires_on = LATER
    assert _standing(db, made, midnight) == (State.SUSPENDED, ["evidence_expired"])
    clock.set(midnight)
    with db.write() as session:
        row = session.get_one(ConcernDecision, decision)
        again = propose_decision(session, made.lead, row.concern_id, Choice.SUSPEND, REASON, LATER + timedelta(days=9))
        assert again != decision
        assert (row.lifted_at, row.lifted_by) == (midnight, None)


@pytest.mark.row("4.3")
def test_one_that_is_to_be_looked_at_again_lasts_until_a_lead_lifts_it(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        concern_id = raise_concern(session, made.lead, _first(session, made), Kind.OFSTED, WORDS)
        decision = propose_decision(session, made.lead, concern_id, Choice.SUSPEND, REASON, LATER, review=True)
        agree_decision(session, made.checker, decision)
    clock.forward(days=100)
    assert _standing(db, made, clock.moment) == (State.SUSPENDED, ["suspended"])
    with db.read() as session:
        assert concern(session, made.lead, concern_id).due
    with db.write() as session:
        lift_suspension(session, made.lead_two, decision, "It was put right.")
    assert _standing(db, made, clock.moment) == (State.ACTIVE, [])
    assert _standing(db, made, clock.moment - timedelta(days=1)) == (State.SUSPENDED, ["suspended"])


@pytest.mark.row("4.3")
@pytest.mark.parametrize(
    ("different", "constraint"),
    [
        ({"review_on": None}, "suspension_has_a_day"),
        ({"reason": ""}, "says_why"),
        ({"ends_on": LATER}, "one_day"),
        ({"choice": "end"}, "end_has_a_last_day"),
        ({"agreed_at": NOON, "agreed_by": "proposer"}, "two_people"),
    ],
)
def test_the_database_itself_wants_a_day_a_reason_and_two_people(
    db: Database, made: World, different: dict[str, Any], constraint: str
) -> None:
    with db.write() as session:
        concern_id = raise_concern(session, made.lead, _first(session, made), Kind.OFSTED, WORDS)
    facts = {"choice": "suspend", "reason": REASON, "review_on": LATER, **different}
    if facts.get("agreed_by"):
        facts["agreed_by"] = made.lead.known
    with pytest.raises(IntegrityError, match=constraint), db.write() as session:
        session.add(
            ConcernDecision(
                concern_id=concern_id,
                membership_id=_first(session, made),
                proposed_at=NOON,
                proposed_by=made.lead.known,
                **facts,
            )
        )


@pytest.mark.row("4.8")
def test_removal_for_performance_from_the_concern_to_the_last_day(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        member = _first(session, made)
        concern_id = raise_concern(session, made.lead, member, Kind.PERFORMANCE, WORDS)
        assert session.get_one(Concern, concern_id).reply_by == date(2026, 12, 7), "ten working days"
    last = LATER + timedelta(days=30)

    def propose() -> UUID:
        with db.write() as session:
            return propose_decision(session, made.lead, concern_id, Choice.END, REASON, last)

    clock.set(NOON + timedelta(days=14))
    with pytest.raises(Refused, match="not_heard"):
        propose()
    with db.write() as session:
        reply_to_concern(session, made.owner_a, concern_id, "We have hired somebody.")
    with pytest.raises(Refused, match="plan_first"):
        propose()
    with db.write() as session:
        write_plan(session, made.lead, concern_id, "Every report within five days.", LATER)
    clock.set(NOON + timedelta(days=30))
    decision = propose()
    with db.read() as session:
        assert concern(session, made.owner_a, concern_id).decisions == (), (
            "what is only proposed is not the member's to read"
        )
        assert concern(session, made.lead_two, concern_id).decisions[0].seconds
    with db.write() as session:
        agree_decision(session, made.lead_two, decision)
    with db.read() as session:
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/concern.txt")).all()
        assert {one.to_address for one in told} == {made.owner_a.email}
        assert [one.context["what"] for one in sorted(told, key=lambda one: one.queued_at)] == [
            "raised",
            "planned",
            "end",
        ]
        written = [audit.sentence(event) for event in audit.timeline(session, member)]
        assert written[-1] == f"Lena Lead gave notice: the membership ends after 22 January 2027. {REASON}"
    assert _standing(db, made, NOON + timedelta(days=60))[0] is State.ACTIVE
    assert _standing(db, made, NOON + timedelta(days=61)) == (State.ENDED, ["notice_over"])


@pytest.mark.row("4.3")
def test_a_member_rests_here_or_in_its_whole_framework_and_is_back_on_its_day(
    db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        member = _first(session, made)
        for day in (TODAY, TODAY + timedelta(days=1200)):
            with pytest.raises(Refused, match="day"):
                pause_membership(session, made.owner_a, member, day)
        pause_membership(session, made.owner_a, member, LATER)
    back = datetime(2026, 12, 23, tzinfo=NOON.tzinfo)
    assert _standing(db, made, back - timedelta(seconds=1)) == (State.PAUSED, ["membership_paused"])
    assert _standing(db, made, back) == (State.ACTIVE, [])

    def resting() -> int:
        with db.read() as session:
            return sum(one.state is State.PAUSED for one in memberships(session, made.owner_a, NOON))

    assert resting() == 1
    with db.write() as session:
        pause_membership(session, made.owner_a, member, LATER, whole_framework=True)
    assert resting() == 4
    with db.write() as session:
        return_membership(session, made.owner_a, member)
    assert resting() == 3
    with db.write() as session:
        return_membership(session, made.owner_a, member, whole_framework=True)
    assert resting() == 0


@pytest.mark.row("4.3")
@pytest.mark.parametrize("notice", [False, True])
def test_with_the_membership_its_sealed_bids_are_withdrawn_and_only_the_bidders_are_told(
    db: Database, made: World, clock: Clock, notice: bool
) -> None:
    with db.write() as session:
        member, submitted = _first(session, made), {}
        for owner, provider in ((made.owner_a, made.provider_a), (made.owner_b, made.provider_b)):
            brief_id = factories.brief(session, made, closes_at=NOON + timedelta(days=60))
            bid = submitted[provider] = bids.start_bid(session, owner, brief_id, provider)
            bids.save_draft(session, owner, bid, letter(session, provider), seal=SEAL)
            bids.submit_bid(session, owner, bid, received_at=NOON, seal=SEAL)
        before = {one.id for one in session.exec(select(OutboxMessage))}
    with db.write() as session:
        end_membership(session, made.owner_a, member, "We moved away", LATER if notice else None)
        with pytest.raises(Refused, match="day"):
            end_membership(session, made.owner_b, _of(session, made, made.provider_b), "No", TODAY - timedelta(days=1))
    ended = Ended(made.provider_a, made.lots[0], made.regions[0], NOON)
    if notice:
        with db.read() as session:
            assert session.get_one(Bid, submitted[made.provider_a]).state == BidState.SUBMITTED
        clock.set(NOON + timedelta(days=31))
        with db.write() as session:
            assert [end_what_is_over(session, clock.moment.date()) for _ in range(2)] == [1, 0]
    with db.write() as session:
        bids.withdraw_of_ended(session, ended)
    with db.read() as session:
        states = [session.get_one(Bid, submitted[one]).state for one in (made.provider_a, made.provider_b)]
        assert states == [BidState.WITHDRAWN, BidState.SUBMITTED]
        told = [one for one in session.exec(select(OutboxMessage)) if one.id not in before]
        assert [(one.to_address, one.template) for one in told] == [(made.owner_a.email, "bids/lapsed.txt")]
        last = audit.timeline(session, submitted[made.provider_a])[-1]
        assert (last.name, last.person_name) == ("bid.lapsed", "")
    assert _standing(db, made, clock.moment)[0] is State.ENDED


def _of(session: Session, made: World, provider_id: UUID) -> UUID:
    return session.exec(select(Membership.id).where(Membership.provider_id == provider_id)).first() or uuid4()


def test_the_concerns_of_a_framework_are_for_those_who_decide(db: Database, made: World) -> None:
    with db.write() as session:
        factories.suspension(session, made)
    with db.read() as session:
        for actor in (made.lead, made.lead_two, made.checker):
            _, found = framework_concerns(session, actor, made.framework_id)
            assert [(one.kind, one.reach.provider_name) for one in found] == [(Kind.SAFEGUARDING, "Alder Therapy")]
        for actor in (made.owner_a, made.commissioner, made.owner_b):
            with pytest.raises(NotFound):
                framework_concerns(session, actor, made.framework_id)


# --- On the pages


def _days(name: str, day: date) -> dict[str, str]:
    return {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


@pytest.mark.row("4.8")
def test_a_concern_is_raised_answered_decided_and_closed_on_its_pages(
    db: Database, made: World, client_for: ClientFor
) -> None:
    lead, owner, checker = (client_for(one) for one in (made.lead, made.owner_a, made.checker))
    with db.read() as session:
        member = _first(session, made)
    here = f"/memberships/{member}/concerns"
    assert here in lead.get(f"/frameworks/{made.framework_id}/members").text
    assert lead.post(here, data={}).status_code == 422
    raised = lead.post(here, data={"kind": "safeguarding", "words": WORDS})
    one = raised.headers["location"]
    assert WORDS in owner.get(one).text
    assert "Reply to the concern about Alder Therapy" in owner.get("/").text
    assert owner.post(f"{one}/reply", data={}).status_code == 422
    assert owner.post(f"{one}/reply", data={"reply": "We are sorry."}).status_code == 303
    assert "We are sorry." in checker.get(one).text
    replied = "Alder Therapy replied: decide about the concern"
    assert [replied in client.get("/").text for client in (lead, owner, checker)] == [True, False, False]
    with db.read() as session:
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/concern_replied.txt"))
        assert {row.to_address for row in told} == {made.lead.email, made.lead_two.email}
    given = {"choice": "suspend", "reason": REASON}
    early = lead.post(f"{one}/propose", data=given | _days("day", TODAY))
    assert (early.status_code, "Enter a day after today" in early.text) == (422, True)
    assert lead.post(f"{one}/plan", data={"plan": "Train."} | _days("review_on", LATER)).status_code == 303
    assert lead.post(f"{one}/propose", data=given | _days("day", LATER)).status_code == 303
    assert replied not in lead.get("/").text
    assert not BeautifulSoup(lead.get(one).text, "html.parser").select("form[action$=propose]"), "one waits already"
    waits = "Decide, as the second person, about Alder Therapy"
    assert [waits in client.get("/").text for client in (lead, owner, checker)] == [False, False, True]
    form = BeautifulSoup(checker.get(one).text, "html.parser").select_one("form[action$=agree]")
    assert not BeautifulSoup(lead.get(one).text, "html.parser").select("form[action$=agree]")
    assert lead.post(form["action"]).status_code == 409
    assert checker.post(form["action"]).status_code == 303
    shown = owner.get(f"/memberships/{member}").text
    assert "The framework’s lead has suspended this membership until the end of 23 December 2026." in shown
    assert lead.post(f"{one}/close", data={"outcome": "Settled."}).status_code == 409
    lifting = form["action"].replace("agree", "lift")
    assert lead.post(lifting, data={"lift_reason": "Put right."}).status_code == 303
    assert lead.post(f"{one}/close", data={"outcome": "Settled."}).status_code == 303
    assert "Settled." in owner.get(one).text
    assert "Closed" in lead.get(f"/frameworks/{made.framework_id}/concerns").text


@pytest.mark.row("4.3")
def test_an_owner_rests_returns_and_leaves_with_notice_on_the_page(
    db: Database, made: World, client_for: ClientFor
) -> None:
    owner = client_for(made.owner_a)
    with db.read() as session:
        here = f"/memberships/{_first(session, made)}"
    past = owner.post(f"{here}/pause", data=_days("until", TODAY))
    assert (past.status_code, "must be after today" in past.text) == (422, True)
    assert owner.post(f"{here}/pause", data=_days("until", LATER)).status_code == 303
    assert "you take work here again on 23 December 2026" in owner.get(here).text
    assert "Paused" in owner.get("/memberships").text
    assert owner.post(f"{here}/pause", data=_days("until", LATER) | {"scope": "framework"}).status_code == 303
    assert owner.get("/memberships").text.count("Paused") == 4
    assert owner.post(f"{here}/return", data={"back_in": "framework"}).status_code == 303
    assert "Paused" not in owner.get("/memberships").text
    assert "you take work here again on" not in owner.get(here).text
    leaving = {"reason": "We moved away"}
    assert owner.post(f"{here}/leave", data=leaving | _days("last_day", TODAY - timedelta(days=1))).status_code == 422
    assert owner.post(f"{here}/leave", data=leaving | _days("last_day", LATER)).status_code == 303
    assert "this membership ends after 23 December 2026" in owner.get(here).text
    assert owner.post(f"{here}/leave", data=leaving | _days("last_day", LATER + timedelta(days=1))).status_code == 409


@pytest.mark.row("4.8")
def test_what_a_lead_has_to_do_is_listed_however_many_newer_ones_wait_for_others(
    db: Database, made: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST", 2)
    with db.write() as session:
        first = _first(session, made)
        due = raise_concern(session, made.lead, first, Kind.PERFORMANCE, "Reports are late.")
        write_plan(session, made.lead, due, "Send them.", NOON.date() + timedelta(days=7))
    clock.set(NOON + timedelta(days=7))
    with db.write() as session:
        for number in range(2):
            raise_concern(session, made.lead, first, Kind.PERFORMANCE, f"Another report, {number}, is late.")
    with db.read() as session:
        assert [one.id for one in to_do(session, made.lead, clock.moment.date())] == [due]
        assert len(to_do(session, made.owner_a, clock.moment.date())) == 2


def test_who_leaves_with_notice_may_still_be_suspended(db: Database, made: World) -> None:
    with db.write() as session:
        place = (Membership.lot_id == made.lots[0], Membership.region_id == made.regions[0])
        first = session.exec(select(Membership.id).where(Membership.provider_id == made.provider_a, *place)).one()
        end_membership(session, made.owner_a, first, "We are too few.", NOON.date() + timedelta(days=60))
        factories.suspension(session, made)
        found = eligibility(
            session, provider_id=made.provider_a, lot_id=made.lots[0], region_id=made.regions[0], at=NOON
        )
        assert [reason.code for reason in found.reasons] == ["suspended"]
