"""The outage rule: a silence of the service near a deadline extends it for everybody alike, once, and says so."""

import gc
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.awards.models import BriefAssessor
from app.briefs import duties
from app.briefs.amending.queries import published
from app.briefs.amending.rules import Kind
from app.briefs.models import Brief
from app.briefs.outages.commands import beat, make_good
from app.briefs.outages.rules import extended
from app.briefs.rules import closing
from app.core import beats
from app.core.audit import sentence, timeline, verify
from app.core.beats import Outage, ServiceBeat
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.main import create_app
from app.settings import Settings
from app.web.pages import plain
from tests import NOON, factories
from tests.conftest import BROWSER, ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World

CLOSES = closing(date(2026, 11, 25), 12)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.mark.row("7.8")
@pytest.mark.parametrize(
    ("silent_from", "silent_until", "expected"),
    [
        (-3 * HOUR, -2 * HOUR, None),  # over two hours before the close
        (-3 * HOUR, -2 * HOUR + MINUTE, 2 * HOUR),  # an hour back, to the next humane hour
        (-6 * MINUTE, timedelta(0), 2 * HOUR),  # never less than an hour
        (-6 * MINUTE, HOUR, 2 * HOUR),  # spans the close: an hour is left after it
        (-1 * MINUTE, 3 * HOUR, 4 * HOUR),
        (-1 * MINUTE, 3 * HOUR + MINUTE, 22 * HOUR),  # the next morning
        (-48 * HOUR, 48 * HOUR, 118 * HOUR),  # two days each way, over a weekend to Monday morning
        (timedelta(0), HOUR, None),  # it began when the brief had closed
        (MINUTE, HOUR, None),
    ],
)
def test_how_far_a_silence_moves_a_deadline(
    silent_from: timedelta, silent_until: timedelta, expected: timedelta | None
) -> None:
    found = extended(CLOSES, CLOSES + silent_from, CLOSES + silent_until)
    assert found == (None if expected is None else CLOSES + expected)
    if found:
        assert found >= CLOSES + HOUR
        assert found >= CLOSES + silent_until + HOUR


def test_a_beat_finds_the_silence_before_it_once(db: Database, clock: Clock) -> None:
    assert not beats.beat(db)
    clock.set(NOON + 5 * MINUTE)
    assert not beats.beat(db), "five minutes are no outage"
    clock.forward(seconds=301)
    assert beats.beat(db)
    assert not beats.beat(db)
    clock.set(NOON)
    assert not beats.beat(db), "a clock set back finds nothing"
    with db.read() as session:
        (outage,) = session.exec(select(Outage)).all()
        assert (outage.from_at, outage.until_at) == (NOON + 5 * MINUTE, NOON + timedelta(seconds=601))
        assert session.exec(select(ServiceBeat)).one().at == NOON + timedelta(seconds=601)


def _silence(db: Database, clock: Clock, silent_from: datetime, until: datetime) -> None:
    """The service beats, falls silent, and beats again."""
    clock.set(silent_from)
    beat(db)
    clock.set(until)
    beat(db)


def _closes(db: Database, brief_id: UUID) -> datetime:
    with db.read() as session:
        return session.get_one(Brief, brief_id).closes_at


@pytest.mark.row("7.8")
@pytest.mark.invariant(12)
def test_every_brief_near_the_outage_is_extended_alike_and_no_other(db: Database, made: World, clock: Clock) -> None:
    moments = {
        "open": CLOSES + HOUR,
        "just closed": CLOSES,
        "opened": CLOSES,
        "cancelled": CLOSES,
        "far": CLOSES + 5 * HOUR,
        "past": CLOSES - 2 * HOUR,
    }
    with db.write() as session:
        ids = {name: factories.brief(session, made, closes_at=at) for name, at in moments.items()}
        factories.opened(session, ids["opened"], CLOSES + MINUTE)
        session.get_one(Brief, ids["cancelled"]).cancelled_at = NOON
        draft = factories.brief(session, made, closes_at=CLOSES, published_at=None)
    _silence(db, clock, CLOSES - 10 * MINUTE, CLOSES + 20 * MINUTE)
    moved = {name: _closes(db, brief_id) - moments[name] for name, brief_id in ids.items()}
    assert moved == dict.fromkeys(moments, timedelta(0)) | {"open": HOUR, "just closed": 2 * HOUR}
    assert _closes(db, draft) == CLOSES
    with db.read() as session:
        letters = session.exec(select(OutboxMessage)).all()
        told = [made.owner_a, made.owner_b, made.commissioner, made.approver, made.chair]
        assert sorted(letter.to_address for letter in letters) == sorted(2 * [one.email for one in told])
        (event,) = timeline(session, ids["just closed"])
        assert sentence(event).startswith("The service published version 2")
        (version,) = published(session, ids["just closed"])
        assert version.kind is Kind.OUTAGE
        assert "11:50 on 25 November 2026 to 12:20" in version.reason
        assert session.get_one(Brief, ids["just closed"]).material_version == 1, "no bid has to be confirmed"
        assert list(verify(session)) == []


@pytest.mark.row("7.8")
@pytest.mark.parametrize(("start_by", "overtaken"), [(date(2026, 11, 25), True), (date(2026, 11, 26), False)])
def test_where_the_extension_overtakes_the_start_everybody_is_told(
    db: Database, made: World, clock: Clock, client_for: ClientFor, start_by: date, overtaken: bool
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
        session.get_one(Brief, brief_id).start_by = start_by
    _silence(db, clock, CLOSES - 10 * MINUTE, CLOSES + 20 * MINUTE)
    for actor, page in ((made.owner_a, f"/opportunities/{brief_id}"), (made.commissioner, f"/briefs/{brief_id}")):
        assert ("its start must be agreed" in client_for(actor).get(page).text) is overtaken
    with db.read() as session:
        told = {
            letter.to_address
            for letter in session.exec(select(OutboxMessage))
            if "start must be agreed"
            in str(plain(letter.template, {"public_url": "https://x.example", **letter.context}))
        }
    everybody = {one.email for one in (made.owner_a, made.owner_b, made.commissioner, made.approver, made.chair)}
    assert told == (everybody if overtaken else set())


@pytest.mark.row("7.8")
def test_the_agencys_own_people_are_told_and_of_its_assessors_those_of_this_brief(
    db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
        other_id = factories.brief(session, made, closes_at=CLOSES + 9 * HOUR)
        for which, person in ((brief_id, made.assessor), (brief_id, made.chair), (other_id, made.assessor_two)):
            row = {"brief_id": which, "person_id": person.known, "assigned_at": NOON, "assigned_by": made.chair.known}
            session.add(BriefAssessor(**row))
    _silence(db, clock, CLOSES - 10 * MINUTE, CLOSES + 20 * MINUTE)
    with db.read() as session:
        letters = session.exec(select(OutboxMessage).where(OutboxMessage.template == "briefs/extended.txt")).all()
    people = (made.commissioner, made.approver, made.chair, made.assessor)
    assert sorted(letter.to_address for letter in letters) == sorted(one.email for one in people)
    subject, body = plain("briefs/extended.txt", {"public_url": "https://x.example", **letters[0].context})
    assert subject.endswith("its deadline is extended")
    assert "could not be reached from 11:50" in body and "closes on Wednesday 25 November 2026 at 14:00" in body


@pytest.mark.row("7.8")
def test_the_worker_makes_good_what_a_web_process_did_not_get_to_and_once(
    db: Database, made: World, clock: Clock, client_for: ClientFor
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
    clock.set(CLOSES - HOUR)
    beats.beat(db)
    clock.set(CLOSES + 10 * MINUTE)
    assert beats.beat(db), "and then that process was killed"
    assert _closes(db, brief_id) == CLOSES
    assert [duties.every_round(db), duties.every_round(db), make_good(db)] == [1, 0, 0]
    assert _closes(db, brief_id) == CLOSES + 2 * HOUR
    page = client_for(made.owner_a).get(f"/opportunities/{brief_id}").text
    assert "could not be reached from 11:00" in page
    clock.forward(minutes=6)
    beat(db)
    assert _closes(db, brief_id) == CLOSES + 4 * HOUR, "another outage, another hour, to the next humane one"


def test_a_silence_far_from_every_deadline_changes_nothing(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
    _silence(db, clock, NOON, NOON + HOUR)
    assert _closes(db, brief_id) == CLOSES
    with db.read() as session:
        assert session.exec(select(OutboxMessage)).all() == []
        assert session.exec(select(Outage)).one().applied_at is not None


@pytest.mark.row("7.8")
def test_a_web_process_makes_good_an_outage_before_it_answers(
    db: Database, made: World, clock: Clock, config: Settings, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "set_threshold", lambda *sizes: None)
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
    clock.set(CLOSES - 30 * MINUTE)
    beat(db)
    clock.set(CLOSES + 30 * MINUTE)
    app = create_app(db, config=config, blobs=blobs)
    app.state.load_actor = lambda request: made.owner_a
    with TestClient(app, headers=BROWSER) as client:
        assert "could not be reached" in client.get(f"/opportunities/{brief_id}").text
    assert _closes(db, brief_id) == CLOSES + 2 * HOUR
