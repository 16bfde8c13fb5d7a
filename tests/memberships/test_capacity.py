"""Capacity and waiting time: stated everywhere at once, renewed by one click, old after 28 days, and never rewritten."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.memberships.capacity import rules
from app.memberships.capacity.commands import renew_capacity, state_capacity
from app.memberships.capacity.queries import newest, statement
from app.memberships.capacity.rules import Figures
from app.memberships.models import Capacity, Membership
from app.organisations.rules import Role
from app.providers.models import ProviderTherapy, Therapy
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World

PLAY, MEDIATION = "play", "mediation_family"


def _furnish(session: Session) -> World:
    made = factories.world(session)
    for slug, services in ((PLAY, "therapeutic_intervention"), (MEDIATION, "mediation")):
        session.add(
            Therapy(slug=slug, name=slug.capitalize(), family="t", services=services, source="t", confidence="verified")
        )
    session.flush()
    for slug in (PLAY, MEDIATION):
        session.add(ProviderTherapy(provider_id=made.provider_a, therapy_slug=slug))
    return made


@pytest.fixture
def furniture() -> Furniture:
    return _furnish


def _memberships(db: Database, provider_id: UUID, lot_id: UUID) -> list[UUID]:
    with db.read() as session:
        rows = session.exec(
            select(Membership.id).where(Membership.provider_id == provider_id, Membership.lot_id == lot_id)
        )
        return sorted(rows)


@pytest.mark.row("1.11")
@pytest.mark.parametrize(("days", "old"), [(0, False), (27, False), (28, True), (400, True)])
def test_a_figure_is_old_after_28_days(days: int, old: bool) -> None:
    assert rules.stale(NOON - timedelta(days=days), NOON) is old
    assert rules.stale(NOON - timedelta(days=28) + timedelta(seconds=1), NOON) is False


@pytest.mark.row("1.11")
def test_what_was_said_stays_and_the_newest_counts(db: Database, made: World, clock: Clock) -> None:
    [one, two] = _memberships(db, made.provider_a, made.lots[0])
    for figures in (Figures(2, 4), Figures(2, 4), Figures(0, 12)):
        with db.write() as session:
            state_capacity(session, made.owner_a, {(one, PLAY): figures})
        clock.forward(minutes=1)
    with db.read() as session:
        assert len(session.exec(select(Capacity)).all()) == 2, "a second click is no news"
        [row] = newest(session, [one, two]).values()
        assert (row.places, row.waiting_weeks) == (0, 12)
        assert (
            list(session.exec(select(AuditEvent.name).where(AuditEvent.subject_id == one)))
            == ["membership.capacity_stated"] * 2
        )


@pytest.mark.row("1.11")
def test_still_right_in_one_click(db: Database, made: World, clock: Clock, client_for: ClientFor) -> None:
    [one, two] = _memberships(db, made.provider_a, made.lots[0])
    with db.write() as session:
        state_capacity(session, made.owner_a, {(one, PLAY): Figures(1, 2), (two, PLAY): Figures(3, 0)})
    clock.forward(days=29)
    client = client_for(made.owner_a)
    page = client.get("/capacity")
    assert "2 of 2 figures are out of date" in page.text
    boxes = BeautifulSoup(page.text, "html.parser").select("form[action='/capacity/renew'] input[name=membership]")
    for expected in (2, 0):
        answer = client.post("/capacity/renew", data={"membership": [box["value"] for box in boxes]})
        assert answer.headers["location"] == f"/capacity?saved={expected}"
    page = client.get("/capacity?saved=2")
    assert "Out of date" not in page.text
    assert "2 lines stated as of now" in page.text
    with db.read() as session:
        rows = newest(session, [one, two])
        assert {(row.places, row.waiting_weeks, row.as_of) for row in rows.values()} == {
            (1, 2, clock.moment),
            (3, 0, clock.moment),
        }
        assert len(session.exec(select(Capacity)).all()) == 4


def test_only_ones_own_live_memberships_and_offered_therapies(db: Database, made: World) -> None:
    [mine, _] = _memberships(db, made.provider_a, made.lots[0])
    [other, _] = _memberships(db, made.provider_b, made.lots[0])
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    for actor, key, error in (
        (made.owner_a, (other, PLAY), NotFound),
        (made.owner_a, (uuid4(), PLAY), NotFound),
        (made.commissioner, (mine, PLAY), NotFound),
        (reader, (mine, PLAY), NotAllowed),
        (made.owner_a, (mine, MEDIATION), Refused),
    ):
        with pytest.raises(error), db.write() as session:
            state_capacity(session, actor, {key: Figures(1, 1)})
    for actor, error in ((made.owner_b, NotFound), (reader, NotAllowed)):
        with pytest.raises(error), db.write() as session:
            renew_capacity(session, actor, frozenset({mine}))


@pytest.mark.row("1.11")
def test_stated_for_all_memberships_on_one_page(db: Database, made: World, client_for: ClientFor) -> None:
    client = client_for(made.owner_a)
    soup = BeautifulSoup(client.get("/capacity").text, "html.parser")
    names = [box["name"] for box in soup.select("input[inputmode=numeric]")]
    assert len(names) == 8, "two lots, two regions, one therapy in each, two boxes"
    assert client.post("/capacity", data=dict.fromkeys(names, "3")).headers["location"] == "/capacity?saved=4"
    wrong = client.post("/capacity", data={names[0]: "3", names[1]: "", names[2]: "-1", names[3]: "1"})
    assert wrong.status_code == 422
    errors = [a.get_text() for a in BeautifulSoup(wrong.text, "html.parser").select(".govuk-error-summary__list a")]
    assert errors == [f"Places for {'Play'} must be 0 or more"]
    half = client.post("/capacity", data={names[0]: "7", names[1]: ""})
    assert half.status_code == 422
    assert "Enter both the places and the weeks, or neither" in half.text
    assert BeautifulSoup(half.text, "html.parser").find(id=names[0])["value"] == "7", "what was typed is still there"


@pytest.mark.row("1.11")
def test_buyers_see_it_with_its_date(db: Database, made: World, clock: Clock, client_for: ClientFor) -> None:
    [one, _] = _memberships(db, made.provider_a, made.lots[0])
    with db.write() as session:
        state_capacity(session, made.owner_a, {(one, PLAY): Figures(1, 0)})
    buyer, here = client_for(made.commissioner), f"/frameworks/{made.framework_id}/members"
    page = BeautifulSoup(buyer.get(here).text, "html.parser").get_text(" ", strip=True)
    assert "Play: 1 place, no wait As of" in page
    assert "Not stated" in page
    assert "Out of date" not in page
    clock.forward(days=28)
    assert "Out of date" in buyer.get(here).text


def test_a_reader_sees_and_cannot_state(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    page = client_for(reader).get("/capacity")
    assert "Not stated" in page.text
    assert BeautifulSoup(page.text, "html.parser").select("main input, main button") == []
    with db.write() as session:
        newcomer = factories.seated(session, factories.provider(session, "Cedar"), Role.OWNER)
    assert "You are not a member of any lot yet" in client_for(newcomer).get("/capacity").text


def test_too_many_lines_are_shown_a_lot_at_a_time(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        for number in range(110):
            slug = f"therapy_{number:03d}"
            session.add(
                Therapy(
                    slug=slug,
                    name=slug,
                    family="t",
                    services="therapeutic_intervention",
                    source="t",
                    confidence="verified",
                )
            )
            session.flush()
            session.add(ProviderTherapy(provider_id=made.provider_a, therapy_slug=slug))
    with db.read() as session:
        told = statement(session, made.owner_a)
    assert told.lot_id == made.lots[0]
    assert len(told.lots) == 2
    page = client_for(made.owner_a).get(f"/capacity?lot={made.lots[1]}")
    assert len(BeautifulSoup(page.text, "html.parser").select("input[inputmode=numeric]")) == 4


@pytest.mark.bar("P6")
def test_it_asks_and_writes_as_often_for_many_as_for_few(db: Database, made: World, client_for: ClientFor) -> None:
    [one, two] = _memberships(db, made.provider_a, made.lots[0])
    counts = []
    for keys in ([one], [one, two]):
        with statements(db) as sent, db.write() as session:
            state_capacity(session, made.owner_a, {(key, PLAY): Figures(len(keys), 1) for key in keys})
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 13
    with statements(db) as sent:
        assert client_for(made.owner_a).get("/capacity").status_code == 200
    assert len(sent) <= 12
