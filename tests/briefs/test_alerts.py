"""Alerts tell each brief once, and only of what one is invited to; the calendar shows deadlines to whoever has its address."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.briefs import duties
from app.briefs.alerts.commands import end_alert, save_alert, tell
from app.briefs.alerts.models import BriefAlert
from app.briefs.alerts.rules import MOST, Often, due_on
from app.briefs.amending.rules import Kind
from app.briefs.calendar.commands import end_calendar, make_calendar
from app.briefs.calendar.models import CalendarFeed
from app.briefs.calendar.rules import Deadline, calendar
from app.briefs.models import Brief
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.frameworks.models import Lot, LotTherapy
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.providers.models import Therapy
from tests import NOON, factories
from tests.applications.racing import overtaken
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World

ANY: dict[str, Any] = {"framework_id": None, "region_id": None, "service": "", "often": Often.INSTANT}
SOON = timedelta(minutes=1)


def _world_and_therapies(session: Session) -> World:
    for slug, name in (("emdr", "EMDR"), ("theraplay", "Theraplay")):
        session.add(Therapy(slug=slug, name=name, family="t", services="t", source="t", confidence="memory"))
    return factories.world(session)


@pytest.fixture
def furniture() -> Furniture:
    return _world_and_therapies


@pytest.fixture
def reader(db: Database, made: World) -> Actor:
    with db.write() as session:
        return factories.seated(session, made.provider_a, Role.READ_ONLY, name="Rita Reader")


def _save(db: Database, actor: Actor, **different: Any) -> UUID:
    with db.write() as session:
        return save_alert(session, actor, **(ANY | different))


def _published(db: Database, made: World, clock: Clock, **given: Any) -> UUID:
    clock.forward(minutes=1)
    with db.write() as session:
        return factories.brief(session, made, published_at=clock.moment, **given)


def _told(db: Database) -> list[tuple[str, int]]:
    with db.read() as session:
        alerts = select(OutboxMessage).where(OutboxMessage.template == "briefs/alert.txt")
        return sorted((one.to_address, one.context["count"]) for one in session.exec(alerts))


@pytest.mark.row("5.11")
def test_an_alert_tells_a_brief_once_and_only_to_those_invited(
    db: Database, made: World, reader: Actor, clock: Clock
) -> None:
    before = _published(db, made, clock)
    with db.write() as session:
        outsider = factories.seated(session, factories.provider(session, "Cedar Therapy"), Role.OWNER, name="Cyd")
    for actor in (reader, outsider, made.owner_a):
        _save(db, actor)
    _published(db, made, clock)
    _published(db, made, clock, invite=(made.provider_b,))
    assert [tell(db, Often.INSTANT), tell(db, Often.INSTANT)] == [1, 0]
    assert _told(db) == [(reader.email, 1)], "the owner has the invitation itself, and nobody else is invited"
    with db.read() as session:
        (letter,) = session.exec(select(OutboxMessage)).all()
        assert "siblings" not in str(letter.context)
        assert session.get_one(Brief, before).reference not in str(letter.context), "only what is new"


@pytest.mark.row("5.11")
@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"service": "its own"}, True),
        ({"service": "respite"}, False),
        ({"framework_id": "framework"}, True),
        ({"region_id": "first region"}, True),
        ({"region_id": "second region"}, False),
    ],
)
def test_an_alert_tells_what_fits_it(
    db: Database, made: World, reader: Actor, clock: Clock, wanted: dict[str, str], fits: bool
) -> None:
    ids = {"framework": made.framework_id, "first region": made.regions[0], "second region": made.regions[1]}
    with db.write() as session:
        service = session.get_one(Lot, made.lots[0]).service
    chosen = {name: ids.get(value, value) for name, value in wanted.items()}
    if chosen.get("service") == "its own":
        chosen["service"] = service
    _save(db, reader, **chosen)
    _published(db, made, clock)
    assert tell(db, Often.INSTANT) == int(fits)


@pytest.mark.row("5.11")
@pytest.mark.parametrize(
    ("named", "offered", "fits"),
    [
        (("emdr", "theraplay"), (), True),
        (("theraplay",), ("emdr",), False),
        ((), ("emdr",), True),
        ((), ("theraplay",), False),
        ((), (), False),
    ],
)
def test_an_alert_and_the_list_find_briefs_that_a_therapy_could_meet(
    db: Database,
    made: World,
    reader: Actor,
    clock: Clock,
    client_for: ClientFor,
    named: tuple[str, ...],
    offered: tuple[str, ...],
    fits: bool,
) -> None:
    """One that names it, and one that names none, of a lot that offers it."""
    with db.write() as session:
        session.add(LotTherapy(lot_id=made.lots[1], therapy_slug="emdr"))
        lot = LotTherapy.lot_id == made.lots[0]
        for row in session.exec(select(LotTherapy).where(lot)).all():
            session.delete(row)
        session.flush()
        session.add_all(LotTherapy(lot_id=made.lots[0], therapy_slug=slug) for slug in offered)
        session.add(BriefAlert(person_id=reader.known, therapy_slug="emdr", often=Often.INSTANT, made_at=clock.moment))
    brief_id = _published(db, made, clock)
    with db.write() as session:
        session.get_one(Brief, brief_id).therapies = {slug: slug.upper() for slug in named}
    assert tell(db, Often.INSTANT) == int(fits)
    assert (str(brief_id) in client_for(reader).get("/opportunities?therapy=emdr").text) is fits


@pytest.mark.row("5.11")
def test_what_is_told_daily_and_weekly_comes_in_one_message(
    db: Database, made: World, reader: Actor, clock: Clock, client_for: ClientFor
) -> None:
    _save(db, reader, often=Often.DAILY)
    _save(db, made.owner_b, often=Often.WEEKLY)
    assert duties.daily(db) == 0
    for _ in range(2):
        _published(db, made, clock)
    closed = _published(db, made, clock)
    with db.write() as session:
        session.get_one(Brief, closed).closes_at = clock.moment + SOON
    clock.forward(days=1)
    assert [duties.daily(db), duties.daily(db)] == [1, 0]
    assert _told(db) == [(reader.email, 2)]
    _save(db, reader, often=Often.WEEKLY)
    new = _published(db, made, clock)
    with db.write() as session:
        session.get_one(Brief, new).closes_at = clock.moment + timedelta(days=20)
    clock.forward(days=6)
    assert duties.daily(db) == 2, "Monday: one message to each, and nothing to anybody twice"
    assert _told(db) == sorted([(reader.email, 2), (reader.email, 1), (made.owner_b.email, 3)])
    page = client_for(reader).get("/alerts").text
    names = [one.get_text() for one in BeautifulSoup(page, "html.parser").select("td button")]
    said = "End the alert for any framework, any kind of lot, any therapy, any region"
    assert names == [f"{said}, once a day", f"{said}, once a week, on Monday"]


def test_on_which_days_what_is_told() -> None:
    assert due_on(NOON.date()) == (Often.DAILY, Often.WEEKLY), "a Monday"
    assert all(due_on((NOON + timedelta(days=n)).date()) == (Often.DAILY,) for n in range(1, 7))


@pytest.mark.row("5.11")
def test_an_alert_ended_tells_no_more_and_is_its_own_persons(
    db: Database, made: World, reader: Actor, clock: Clock
) -> None:
    alert_id = _save(db, reader)
    with pytest.raises(Refused) as no:
        _save(db, reader)
    assert no.value.refusal.code == "same"
    with pytest.raises(NotFound), db.write() as session:
        end_alert(session, made.owner_a, alert_id)
    for _ in range(2):
        with db.write() as session:
            end_alert(session, reader, alert_id)
    _published(db, made, clock)
    assert tell(db, Often.INSTANT) == 0
    for actor, different in ((made.commissioner, {}), (reader, {"region_id": uuid4()})):
        with pytest.raises(NotFound):
            _save(db, actor, **different)


def test_two_clicks_at_once_save_one_alert_and_make_one_calendar(db: Database, made: World, reader: Actor) -> None:
    with pytest.raises(Refused):
        overtaken(db, *[lambda session: save_alert(session, reader, **ANY)] * 2)
    overtaken(db, *[lambda session: make_calendar(session, reader)] * 2)
    with db.read() as session:
        assert len(session.exec(select(BriefAlert)).all()) == 1
        assert sorted(one.ended_at is None for one in session.exec(select(CalendarFeed))) == [False, True]


def test_who_has_left_is_told_nothing(db: Database, made: World, reader: Actor, clock: Clock) -> None:
    _save(db, reader)
    _published(db, made, clock)
    with db.write() as session:
        seats = select(OrganisationSeat).where(OrganisationSeat.person_id == reader.known)
        session.exec(seats).one().ended_at = clock.moment
    assert tell(db, Often.INSTANT) == 0


@pytest.mark.row("5.11")
def test_a_search_is_saved_from_the_list_and_ended(
    db: Database, made: World, reader: Actor, client_for: ClientFor
) -> None:
    client = client_for(reader)
    page = client.get(f"/alerts?framework={made.framework_id}&region={made.regions[0]}").text
    assert page.count("selected") >= 2
    unsaid = client.post("/alerts", data={})
    assert (unsaid.status_code, "Select how often" in unsaid.text) == (422, True)
    assert client.post("/alerts", data={"often": "daily", "region": str(uuid4())}).status_code == 422
    saved = {"often": "daily", "region": str(made.regions[0]), "service": ""}
    assert client.post("/alerts", data=saved).status_code == 303
    assert client.post("/alerts", data=saved).status_code == 409
    therapy = {**saved, "therapy": "emdr"}
    assert client.post("/alerts", data=therapy).status_code == 422, "no lot of theirs offers it"
    with db.write() as session:
        session.add(LotTherapy(lot_id=made.lots[0], therapy_slug="emdr"))
    assert client.post("/alerts", data=therapy).status_code == 303
    assert client.post("/alerts", data=therapy).status_code == 409
    page = client.get("/alerts").text
    assert page.count("Once a day") == 3 and "any kind of lot, EMDR," in page, "two alerts and a choice"
    ends = [part.split('"')[0] for part in page.split('action="') if part.startswith("/alerts/")]
    assert [client.post(end).status_code for end in ends] == [303, 303]
    assert "You have no alerts" in client.get("/alerts").text
    assert MOST == 20


@pytest.mark.row("5.11")
def test_the_calendar_shows_own_deadlines_to_whoever_has_its_address_until_it_ends(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
        factories.brief(session, made, published_at=None)
        elsewhere = factories.brief(session, made, invite=(made.provider_b,))
        reference = session.get_one(Brief, brief_id).reference
    stranger = client_for(NOBODY)
    page = client_for(made.owner_a).post("/calendar").text
    (address,) = [part.split(".ics")[0] for part in page.split("/calendar/") if ".ics" in part]
    answer = stranger.get(f"/calendar/{address}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.text.count("BEGIN:VEVENT") == 1
    assert f"SUMMARY:Brief {reference} closes\r\n" in answer.text
    assert "siblings" not in answer.text
    assert str(elsewhere) not in answer.text
    clock.set(NOON + timedelta(hours=1))
    with db.write() as session:
        factories.amended(session, made, brief_id, Kind.MINOR, closes_at=NOON + timedelta(days=11))
    moved = stranger.get(f"/calendar/{address}.ics").text
    assert "SEQUENCE:2\r\n" in moved
    assert f"DTSTAMP:{clock.moment:%Y%m%dT%H%M%SZ}\r\n" in moved, "it says when it was written anew"
    assert f"DTSTART:{NOON + timedelta(days=11):%Y%m%dT%H%M%SZ}\r\n" in moved
    with db.write() as session:
        session.get_one(Brief, brief_id).cancelled_at = clock.moment
    ended = stranger.get(f"/calendar/{address}.ics").text
    assert "SEQUENCE:3\r\nSTATUS:CANCELLED\r\n" in ended, "it has changed once more"
    with db.write() as session:
        token = make_calendar(session, made.owner_a)
        agency = make_calendar(session, made.chair)
    assert stranger.get(f"/calendar/{address}.ics").status_code == 404, "a new address ends the old one"
    assert stranger.get(f"/calendar/{token}.ics").status_code == 200
    assert stranger.get(f"/calendar/{agency}.ics").text.count("BEGIN:VEVENT") == 2
    for _ in range(2):
        with db.write() as session:
            end_calendar(session, made.owner_a)
    assert stranger.get(f"/calendar/{token}.ics").status_code == 404
    assert client_for(made.owner_a).post("/calendar/end").status_code == 303


def test_a_calendar_is_escaped_and_folded_as_rfc_5545_asks() -> None:
    told = Deadline(
        uid="1@portal.invalid",
        at=datetime(2026, 7, 1, 11, tzinfo=UTC),
        summary="One, two; three\\four\nfive",
        description="é" * 80,
        url="https://portal.example/briefs/1",
        revision=3,
        written_at=NOON,
        cancelled=True,
    )
    text = calendar("Deadlines", [told])
    lines = text.split("\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in lines) <= 75
    whole = text.replace("\r\n ", "").split("\r\n")
    assert "SUMMARY:One\\, two\\; three\\\\four\\nfive" in whole
    assert "DESCRIPTION:" + "é" * 80 in whole
    assert {"DTSTART:20260701T110000Z", "SEQUENCE:3", "STATUS:CANCELLED"} <= set(whole)
