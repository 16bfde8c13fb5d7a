"""After a material change a bid is confirmed by one tap or by another letter; what is not confirmed is put aside at the opening."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.awards.commands.opening import add_assessor, declare_interests
from app.bids import queries
from app.bids.commands import save_draft, submit_bid, withdraw_bid
from app.bids.confirming.commands import remind
from app.bids.confirming.rules import mark_due
from app.bids.models import Bid
from app.bids.rules import Letter
from app.briefs.amending.rules import Kind
from app.briefs.models import Brief
from app.core import clock as app_clock
from app.core.audit import timeline
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import Refused
from app.settings import DEVELOPMENT_SECRET as SECRET
from tests import NOON, factories
from tests.conftest import ClientFor, Clock, Live
from tests.databases import Furniture, statements
from tests.factories import World
from tests.sealing import SEAL, approve_opening

CLOSES = NOON + timedelta(days=10)
DRAIN = timedelta(seconds=60)
LETTER = Letter("We listen first.", "Ten years of it.", "Therapist of Alder Therapy", 250_000)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        return factories.brief(session, made, closes_at=CLOSES)


@pytest.fixture
def bid_id(db: Database, made: World, brief_id: UUID) -> UUID:
    with db.write() as session:
        return factories.submitted_bid(session, brief_id, made.provider_a, made.owner_a, LETTER)


def _amended(db: Database, made: World, brief_id: UUID, kind: Kind = Kind.MATERIAL) -> None:
    with db.write() as session:
        factories.amended(
            session, made, brief_id, kind, **({"sessions": 30} if kind is Kind.MATERIAL else {"need": "New."})
        )


def _look(db: Database, made: World, bid_id: UUID) -> queries.OwnBid:
    with db.read() as session:
        return queries.bid_page(session, made.owner_a, bid_id, app_clock.now(session), seal=SEAL)


def _submit(db: Database, made: World, bid_id: UUID, version: int | None = None) -> UUID:
    with db.write() as session:
        now = app_clock.now(session)
        return submit_bid(session, made.owner_a, bid_id, received_at=now, seal=SEAL, version=version)


@pytest.mark.row("5.7")
def test_a_minor_change_asks_nothing_and_a_material_one_asks_each_bidder_to_confirm(
    db: Database, made: World, brief_id: UUID, bid_id: UUID
) -> None:
    _amended(db, made, brief_id, Kind.MINOR)
    assert not _look(db, made, bid_id).unconfirmed
    first = _submit(db, made, bid_id)
    _amended(db, made, brief_id)
    assert _look(db, made, bid_id).unconfirmed
    second = _submit(db, made, bid_id)
    assert second != first
    assert _submit(db, made, bid_id) == second, "a second tap changes nothing"
    bid = _look(db, made, bid_id)
    assert not bid.unconfirmed
    assert [(one.brief_version, one.content_sha256) for one in bid.receipts] == [
        (3, bid.receipts[0].content_sha256),
        (1, bid.receipts[0].content_sha256),
    ]
    assert bid.submitted == LETTER
    with db.read() as session:
        assert [event.name for event in timeline(session, bid_id)][-1] == "bid.confirmed"


@pytest.mark.row("5.7")
@pytest.mark.parametrize(("read", "received_for"), [(None, 3), (2, 2), (3, 3), (9, 3)])
def test_a_bid_is_confirmed_for_the_version_that_its_page_showed(
    db: Database, made: World, brief_id: UUID, bid_id: UUID, read: int | None, received_for: int
) -> None:
    _amended(db, made, brief_id)
    _amended(db, made, brief_id, Kind.MINOR)
    _submit(db, made, bid_id, version=read)
    bid = _look(db, made, bid_id)
    assert (bid.receipts[0].brief_version, bid.unconfirmed) == (received_for, False)
    assert f'"brief_version": {received_for}' in bid.receipts[0].signed.replace('":', '": ').replace("  ", " ")
    with db.read() as session:
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/receipt.txt")).all()
    assert [mail.context["version"] for mail in mails] == [1, received_for]


@pytest.mark.row("5.7")
def test_every_page_that_lists_a_bid_says_that_it_is_to_be_confirmed(
    db: Database, made: World, brief_id: UUID, bid_id: UUID, client_for: ClientFor
) -> None:
    tag, task = "Confirm again", "Confirm your sealed bid again"
    said = {"/": task, "/board": tag, "/bids": tag, f"/opportunities/{brief_id}": tag, f"/bids/{bid_id}": f"{tag}</"}
    client = client_for(made.owner_a)
    assert not [path for path, words in said.items() if words in client.get(path).text]
    _amended(db, made, brief_id)
    assert [path for path, words in said.items() if words in client.get(path).text] == list(said)
    _submit(db, made, bid_id)
    assert not [path for path, words in said.items() if words in client.get(path).text]


@pytest.mark.row("5.7")
def test_another_letter_confirms_too_and_nobody_answers_what_they_did_not_read(
    db: Database, made: World, brief_id: UUID, bid_id: UUID
) -> None:
    _amended(db, made, brief_id)
    with db.write() as session:
        other = Letter("We listen.", "Ten years.", "Therapist of Alder Therapy", 240_000)
        save_draft(session, made.owner_a, bid_id, other, seal=SEAL)
    with pytest.raises(Refused) as no:
        _submit(db, made, bid_id, version=1)
    assert no.value.refusal.code == "amended"
    _submit(db, made, bid_id, version=2)
    assert not _look(db, made, bid_id).unconfirmed


def test_a_bid_taken_back_needs_no_confirming(db: Database, made: World, brief_id: UUID, bid_id: UUID) -> None:
    _amended(db, made, brief_id)
    with db.write() as session:
        withdraw_bid(session, made.owner_a, bid_id, received_at=NOON)
    assert not _look(db, made, bid_id).unconfirmed


@pytest.mark.row("5.7")
def test_what_is_not_confirmed_by_the_close_is_put_aside_in_words_of_its_own(
    db: Database, made: World, brief_id: UUID, bid_id: UUID, clock: Clock
) -> None:
    with db.write() as session:
        letter = Letter("We play.", "Three years.", "Therapist of Birch Therapy", 260_000)
        confirmed = factories.submitted_bid(session, brief_id, made.provider_b, made.owner_b, letter)
    _amended(db, made, brief_id)
    with db.write() as session:
        submit_bid(session, made.owner_b, confirmed, received_at=NOON, seal=SEAL)
        add_assessor(session, made.chair, brief_id, made.assessor.known)
        declare_interests(session, made.assessor, brief_id, {})
    clock.set(CLOSES + DRAIN)
    with pytest.raises(Refused) as no:
        _submit(db, made, bid_id)
    assert no.value.refusal.code == "closed"
    for person in (made.chair, made.commissioner):
        with db.write() as session:
            approve_opening(session, person, brief_id, drain=DRAIN)
    with db.read() as session:
        assert "neither" in session.get_one(Bid, bid_id).excluded_reason
        assert session.get_one(Bid, confirmed).excluded_reason == ""
        assert timeline(session, bid_id)[-1].name == "bid.expired_unconfirmed"
        brief = session.get_one(Brief, brief_id)
        assert [one.bid_id for one in queries.opened_bids(session, brief, secret=SECRET)] == [confirmed]


@pytest.mark.row("5.7")
def test_the_bidder_confirms_with_one_tap(
    db: Database,
    made: World,
    brief_id: UUID,
    bid_id: UUID,
    client_for: ClientFor,
    live: Live,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
) -> None:
    monkeypatch.setattr(app_clock, "received", lambda session, arrived: clock.moment)
    client = client_for(made.owner_a)
    live(client, made.owner_a)
    assert "Confirm: my bid stands" not in client.get(f"/bids/{bid_id}").text
    _amended(db, made, brief_id)
    for page in ("", "/check", "/receipt"):
        assert BeautifulSoup(client.get(f"/bids/{bid_id}{page}").text, "html.parser").select_one("#unconfirmed")
    form = (
        BeautifulSoup(client.get(f"/bids/{bid_id}").text, "html.parser")
        .find("button", value="true")
        .find_parent("form")
    )
    typed = {field["name"]: field["value"] for field in form.select("input, button")}
    with statements(db) as sent:
        assert client.post(form["action"], data=typed).headers["location"] == f"/bids/{bid_id}/receipt"
    assert len(sent) <= 15, "\n".join(sent)
    assert "version 2" in client.get(f"/bids/{bid_id}/receipt").text
    assert "not confirmed" not in client.get(f"/bids/{bid_id}").text


@pytest.mark.parametrize(
    ("left", "mark"),
    [
        (timedelta(days=2, seconds=1), None),
        (timedelta(days=2), "2d"),
        (timedelta(hours=4, seconds=1), "2d"),
        (timedelta(hours=4), "4h"),
        (timedelta(seconds=1), "4h"),
        (timedelta(0), None),
    ],
)
def test_a_reminder_is_due_two_days_and_four_hours_before(left: timedelta, mark: str | None) -> None:
    assert mark_due(NOON + left, NOON) == mark


def test_bidders_alone_are_reminded_and_each_once(
    db: Database, made: World, brief_id: UUID, bid_id: UUID, clock: Clock
) -> None:
    _amended(db, made, brief_id)
    sent = []
    for moment in (CLOSES - timedelta(days=3), CLOSES - timedelta(days=2), CLOSES - timedelta(hours=3), CLOSES):
        clock.set(moment)
        sent.append((remind(db), remind(db)))
    assert sent == [(0, 0), (1, 0), (1, 0), (0, 0)]
    with db.read() as session:
        reminders = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/confirm.txt")).all()
        assert {one.to_address for one in reminders} == {made.owner_a.email}


def test_who_has_confirmed_is_not_reminded(
    db: Database, made: World, brief_id: UUID, bid_id: UUID, clock: Clock
) -> None:
    _amended(db, made, brief_id)
    _submit(db, made, bid_id)
    clock.set(CLOSES - timedelta(hours=1))
    assert remind(db) == 0
