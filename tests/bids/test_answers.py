""" "Not this time", taken back, told after the opening alone; and closing early once everybody has answered."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app.bids.closing import rules
from app.bids.closing.commands import agree_early_close, ask_early_close, drop_early_close
from app.bids.closing.queries import everybody_answered
from app.bids.commands import decline_brief, withdraw_bid
from app.bids.reasons.queries import brief_reasons, market_reasons
from app.bids.rules import Letter
from app.briefs.amending.queries import published
from app.briefs.amending.rules import Kind
from app.briefs.commands import undo_decline
from app.briefs.models import Brief, BriefInvitation
from app.briefs.rules import DeclineReason, Phase, closing
from app.core.actor import Actor
from app.core.audit import AuditEvent, timeline
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.rules import Role
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World

CLOSES = NOON + timedelta(days=10)
LETTER = Letter("We listen first.", "Ten years of it.", "Therapist of Alder Therapy", 250_000)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        return factories.brief(session, made, closes_at=CLOSES)


def _decline(db: Database, actor: Actor, brief_id: UUID, provider_id: UUID, words: str = "") -> None:
    with db.write() as session:
        decline_brief(session, actor, brief_id, provider_id, DeclineReason.FULL, words)


@pytest.mark.row("5.10")
def test_not_this_time_can_be_taken_back_until_the_close(
    db: Database, made: World, brief_id: UUID, clock: Clock, client_for: ClientFor
) -> None:
    client, where = client_for(made.owner_a), f"/opportunities/{brief_id}"
    said = {"provider": str(made.provider_a), "reason": "full", "words": "Our waiting list is six months."}
    named = said | {"words": "Ask Tom, born 3 March 2018."}
    assert client.post(f"{where}/decline", data=named).status_code == 422
    assert client.post(f"{where}/decline", data=said).status_code == 303
    assert "Take “not this time” back" in client.get(where).text
    for _ in range(2):
        assert client.post(f"{where}/decline/undo", data={"provider": str(made.provider_a)}).status_code == 303
    assert client.post(f"{where}/decline/undo", data={"provider": str(made.provider_b)}).status_code == 404
    with db.read() as session:
        rows = session.exec(select(BriefInvitation)).all()
        assert {(row.declined_at, row.declined_reason, row.declined_words) for row in rows} == {(None, "", "")}
        names = [event.name for event in session.exec(select(AuditEvent).order_by(AuditEvent.position))]
        assert names == ["brief.declined", "brief.decline_undone"]
        assert timeline(session, brief_id) == [], "the brief's own record tells the agency nothing"
    _decline(db, made.owner_a, brief_id, made.provider_a)
    clock.set(CLOSES)
    with pytest.raises(Refused) as no, db.write() as session:
        undo_decline(session, made.owner_a, brief_id, made.provider_a)
    assert no.value.refusal.code == "closed"


@pytest.mark.row("5.10")
@pytest.mark.invariant(1)
def test_reasons_are_told_after_the_opening_alone_and_of_those_who_did_not_bid(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        decline_brief(session, made.owner_a, brief_id, made.provider_a, DeclineReason.PRICE, "It pays no travel.")
        decline_brief(session, made.owner_b, brief_id, made.provider_b, DeclineReason.FULL)
        letter = Letter("We play.", "Three years.", "Therapist of Birch Therapy", 260_000)
        factories.submitted_bid(session, brief_id, made.provider_b, made.owner_b, letter)
    buyer, lead = client_for(made.commissioner), client_for(made.lead)
    market = f"/frameworks/{made.framework_id}/reasons"
    assert buyer.get(f"/briefs/{brief_id}/reasons").status_code == 404
    assert "No brief of this framework has been opened yet" in lead.get(market).text
    with db.write() as session:
        session.get_one(Brief, brief_id).closes_at = NOON
        factories.opened(session, brief_id, NOON)
    page = buyer.get(f"/briefs/{brief_id}/reasons").text
    assert ("Alder Therapy" in page, "It pays no travel." in page, "Birch Therapy" in page) == (True, True, False)
    page = lead.get(market).text
    assert ("It pays no travel." in page, "Alder" in page) == (True, False)
    with db.read() as session:
        (part,) = market_reasons(session, made.lead, made.framework_id).parts
        assert part.invited == 2
        assert {words: count for words, count in part.counts if count} == {"The budget is too low": 1}
        for actor in (made.other_commissioner, made.owner_a, made.lead):
            with pytest.raises(NotFound):
                brief_reasons(session, actor, brief_id)
        for actor in (made.owner_a, made.commissioner):
            with pytest.raises((NotFound, NotAllowed)):
                market_reasons(session, actor, made.framework_id)


@pytest.mark.row("5.12")
@pytest.mark.parametrize(
    ("now", "early"),
    [
        (closing(date(2026, 11, 23), 12), closing(date(2026, 11, 24), 12)),
        (closing(date(2026, 11, 23), 12) + timedelta(minutes=1), closing(date(2026, 11, 24), 14)),
        (closing(date(2026, 11, 23), 16) + timedelta(hours=1), closing(date(2026, 11, 25), 10)),
        (closing(date(2026, 11, 27), 10), closing(date(2026, 11, 30), 10)),
        (closing(date(2026, 11, 28), 10), closing(date(2026, 11, 30), 10)),
    ],
)
def test_closing_early_leaves_a_working_day(now: datetime, early: datetime) -> None:
    assert rules.closes_early(now) == early


@pytest.mark.parametrize("phase", list(Phase))
def test_only_an_open_brief_closes_early(phase: Phase) -> None:
    refusal = rules.why_not_ask(phase=phase, waiting=False, closes_at=CLOSES, now=NOON)
    assert (refusal is None) == (phase is Phase.OPEN)


@pytest.mark.row("5.12")
def test_a_brief_closes_early_when_every_one_has_answered_and_not_before(
    db: Database, made: World, brief_id: UUID, clock: Clock
) -> None:
    with db.write() as session:
        bid_id = factories.submitted_bid(session, brief_id, made.provider_a, made.owner_a, LETTER)
        ask_early_close(session, made.commissioner, brief_id)
    assert _agree(db, made.approver, brief_id) == "unanswered"
    _decline(db, made.owner_b, brief_id, made.provider_b)
    assert _agree(db, made.approver, brief_id) == "tried", "once a day: nobody watches the answers arrive"
    with db.write() as session:
        drop_early_close(session, made.commissioner, brief_id)
        ask_early_close(session, made.commissioner, brief_id)
    assert _agree(db, made.approver, brief_id) == "tried", "nor by asking for it anew"
    clock.forward(days=1)
    with db.write() as session:
        withdraw_bid(session, made.owner_a, bid_id, received_at=clock.moment)
    assert _agree(db, made.approver, brief_id) == "unanswered", "a bid taken back is no answer"
    clock.forward(days=1)
    _decline(db, made.owner_a, brief_id, made.provider_a)
    assert _agree(db, made.approver, brief_id) is None
    with db.read() as session:
        brief = session.get_one(Brief, brief_id)
        assert brief.closes_at == closing(date(2026, 11, 26), 12)
        (version,) = published(session, brief_id)
        assert (version.kind, version.version, brief.material_version) == (Kind.EARLY_CLOSE, 2, 1)
        letters = session.exec(select(OutboxMessage).where(OutboxMessage.template == "briefs/amended.txt")).all()
        assert {one.to_address for one in letters} == {made.owner_a.email, made.owner_b.email}
        assert [event.name for event in timeline(session, brief_id)] == [
            "brief.early_close_asked",
            "brief.early_close_tried",
            "brief.early_close_dropped",
            "brief.early_close_asked",
            "brief.early_close_tried",
            "brief.amended",
        ]
    with pytest.raises(NotFound), db.write() as session:
        agree_early_close(session, made.approver, brief_id)


def test_a_bid_that_must_be_confirmed_is_no_answer(db: Database, made: World, brief_id: UUID) -> None:
    with db.write() as session:
        factories.submitted_bid(session, brief_id, made.provider_a, made.owner_a, LETTER)
    _decline(db, made.owner_b, brief_id, made.provider_b)
    with db.read() as session:
        assert everybody_answered(session, brief_id)
    with db.write() as session:
        factories.amended(session, made, brief_id, Kind.MATERIAL, sessions=30)
    with db.read() as session:
        assert not everybody_answered(session, brief_id)


@pytest.mark.row("5.12")
def test_closing_early_takes_two_people_and_can_be_dropped(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        both = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Bo Both")
        factories.submitted_bid(session, brief_id, made.provider_a, made.owner_a, LETTER)
        ask_early_close(session, both, brief_id)
    assert _agree(db, both, brief_id) == "second_person"
    with pytest.raises(Refused), db.write() as session:
        ask_early_close(session, made.commissioner, brief_id)
    approver, page = client_for(made.approver), f"/briefs/{brief_id}/early-close"
    assert "Agree: close on" in approver.get(page).text
    answer = approver.post(f"{page}/agree")
    assert (answer.status_code, "Not every invited member has answered yet" in answer.text) == (409, True)
    for _ in range(2):
        with db.write() as session:
            drop_early_close(session, made.commissioner, brief_id)
    commissioner = client_for(made.commissioner)
    assert "Ask an approver to close it early" in commissioner.get(page).text
    assert commissioner.post(page).status_code == 303
    assert client_for(made.owner_a).get(page).status_code == 404


def _agree(db: Database, actor: Actor, brief_id: UUID) -> str | None:
    try:
        with db.write() as session:
            refusal = agree_early_close(session, actor, brief_id)
    except Refused as refused:
        refusal = refused.refusal
    return refusal.code if refusal else None
