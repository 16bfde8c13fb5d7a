"""Capacity and waiting time: stated everywhere at once, renewed by one click, old after 28 days, and never rewritten."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.models import Lot, Region
from app.memberships.capacity import rules
from app.memberships.capacity.commands import renew_capacity, state_capacity, state_lot
from app.memberships.capacity.queries import Group, Line, LotStatement, Said, newest
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
@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ([], None),
        ([(1, 2)], (1, 2)),
        ([(1, 2), (3, 0), (3, 0)], (3, 0)),
        ([(3, 0), (1, 2)], (3, 0)),
    ],
)
def test_the_rule_of_a_lot_is_what_most_regions_say(said: list[tuple[int, int]], rule: tuple[int, int] | None) -> None:
    assert rules.usual(Figures(*one) for one in said) == (Figures(*rule) if rule else None)


@pytest.mark.row("1.11")
def test_still_right_in_one_click_for_all_or_for_a_lot(
    db: Database, made: World, clock: Clock, client_for: ClientFor
) -> None:
    here, there = (_memberships(db, made.provider_a, lot) for lot in made.lots)
    with db.write() as session:
        state_capacity(session, made.owner_a, {(key, PLAY): Figures(1, 2) for key in here})
        state_capacity(session, made.owner_a, {(key, MEDIATION): Figures(3, 0) for key in there})
    clock.forward(days=29)
    client = client_for(made.owner_a)
    assert "4 of 4 figures are out of date" in client.get("/capacity").text
    of_lot = BeautifulSoup(client.get("/capacity").text, "html.parser").select("section form")[0].select("input")
    one_lot = {box["name"]: box["value"] for box in of_lot}
    for sent, expected in ((one_lot, 2), ({}, 2), ({}, 0)):
        answer = client.post("/capacity/renew", data=sent)
        assert answer.headers["location"] == f"/capacity?saved={expected}"
    page = client.get("/capacity?saved=2")
    assert "out of date" not in page.text.partition("<h2")[2]
    assert "2 figures stated as of now" in page.text
    with db.read() as session:
        rows = newest(session, [*here, *there])
        assert {(row.places, row.waiting_weeks, row.as_of) for row in rows.values()} == {
            (1, 2, clock.moment),
            (3, 0, clock.moment),
        }
        assert len(session.exec(select(Capacity)).all()) == 8


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
    for actor, provider, error in (
        (made.owner_b, made.provider_a, NotFound),
        (made.commissioner, None, NotFound),
        (reader, made.provider_a, NotAllowed),
        (reader, None, NotFound),
    ):
        with pytest.raises(error), db.write() as session:
            renew_capacity(session, actor, provider_id=provider)
    for actor, error in ((made.owner_b, NotFound), (reader, NotAllowed)):
        with pytest.raises(error), db.write() as session:
            state_lot(session, actor, made.provider_a, made.lots[0], {PLAY: Figures(1, 1)})


@pytest.mark.row("1.11")
def test_a_lot_is_stated_once_with_its_exceptions(db: Database, made: World, client_for: ClientFor) -> None:
    [one, two] = _memberships(db, made.provider_a, made.lots[0])
    client, here = client_for(made.owner_a), f"/capacity/{made.provider_a}/{made.lots[0]}"
    names = [box["name"] for box in BeautifulSoup(client.get(here).text, "html.parser").select("[inputmode=numeric]")]
    assert names == [f"places_{PLAY}", f"weeks_{PLAY}"], "one therapy of this lot, in however many regions"
    both = dict(zip(names, ("3", "4"), strict=True))
    assert client.post(here, data=both).headers["location"] == "/capacity?saved=2"
    region = f"/memberships/{two}/capacity"
    assert client.post(region, data=dict(zip(names, ("0", "9"), strict=True))).headers["location"] == here
    page = BeautifulSoup(client.get(here).text, "html.parser")
    assert [box["value"] for box in page.select("input[name=apart][checked]")] == [str(two)]
    assert "Play: no places now, 9 weeks to wait" in page.get_text(" ", strip=True)
    assert client.post(here, data=both | {names[0]: "5", "apart": str(two)}).headers["location"] == "/capacity?saved=1"
    with db.read() as session:
        rows = newest(session, [one, two])
    assert [(rows[key, PLAY].places, rows[key, PLAY].waiting_weeks) for key in (one, two)] == [(5, 4), (0, 9)]
    nowhere = client.post(here, data=both | {"apart": [str(one), str(two)]})
    assert (nowhere.status_code, "Leave at least one region unticked" in nowhere.text) == (409, True)


def test_of_a_lot_where_every_region_has_figures_of_its_own_one_is_left_to_save(made: World) -> None:
    def group(region: str, *figures: Figures) -> Group:
        lines = tuple(Line(f"{n}", f"T{n}", one, Said(f"T{n}", one, NOON, False)) for n, one in enumerate(figures))
        return Group(uuid4(), made.provider_a, "Alder", "F", made.lots[0], "Lot 1", region, True, lines)

    rule, other = Figures(1, 1), Figures(2, 2)
    groups = (group("N", other, rule, rule), group("S", rule, other, rule), group("E", rule, rule, other))
    for said, apart, alone in ((groups, {"N", "S", "E"}, 2), (groups[:1], set(), 0)):
        told = LotStatement(said)
        assert {region.name for region in told.apart} == apart
        assert len(told.left_alone) == alone


@pytest.mark.row("1.11")
@pytest.mark.parametrize("where", ["lot", "region"])
def test_what_is_wrong_is_said_beside_its_box(db: Database, made: World, client_for: ClientFor, where: str) -> None:
    [one, _] = _memberships(db, made.provider_a, made.lots[0])
    here = f"/capacity/{made.provider_a}/{made.lots[0]}" if where == "lot" else f"/memberships/{one}/capacity"
    client = client_for(made.owner_a)
    wrong = client.post(here, data={f"places_{PLAY}": "-1", f"weeks_{PLAY}": "1"})
    assert wrong.status_code == 422
    errors = [a.get_text() for a in BeautifulSoup(wrong.text, "html.parser").select(".govuk-error-summary__list a")]
    assert errors == ["Places for Play must be 0 or more"]
    half = client.post(here, data={f"places_{PLAY}": "7", f"weeks_{PLAY}": ""})
    assert half.status_code == 422
    assert "Enter both the places and the weeks, or neither" in half.text
    assert BeautifulSoup(half.text, "html.parser").find(id=f"places_{PLAY}")["value"] == "7", "what was typed is kept"


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
    [one, _] = _memberships(db, made.provider_a, made.lots[0])
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    client = client_for(reader)
    for path in ("/capacity", f"/capacity/{made.provider_a}/{made.lots[0]}", f"/memberships/{one}/capacity"):
        page = BeautifulSoup(client.get(path).text, "html.parser")
        assert page.select("main input, main button") == [], path
    assert "Not stated" in page.text
    with db.write() as session:
        newcomer = factories.seated(session, factories.provider(session, "Cedar"), Role.OWNER)
    assert "You are not a member of any lot yet" in client_for(newcomer).get("/capacity").text


@pytest.mark.row("1.11")
@pytest.mark.bar("P6")
def test_five_lots_of_fifteen_regions_and_twelve_therapies(db: Database, made: World, client_for: ClientFor) -> None:
    """A voluntary agency everywhere: each page is of one lot, no form is too large, and size asks for no more statements."""
    client, here = client_for(made.owner_a), f"/capacity/{made.provider_a}/{made.lots[0]}"
    few = [_asked(db, client, path, None) for path in ("/capacity", here)]
    said = {f"places_{PLAY}": "1", f"weeks_{PLAY}": "2"}
    few += [_asked(db, client, here, said), _asked(db, client, "/capacity/renew", {})]
    with db.write() as session:
        _enlarge(session, made)
    boxes = BeautifulSoup(client.get(here).text, "html.parser").select("main input")
    assert len(boxes) == 12 * 2 + 15
    said = {box["name"]: "3" for box in boxes if box["name"] != "apart"}
    many = [_asked(db, client, path, None) for path in ("/capacity", here)]
    many += [_asked(db, client, here, said), _asked(db, client, "/capacity/renew", {})]
    assert "180 figures" in client.get("/capacity").text
    assert all(after <= before for before, after in zip(few, many, strict=True)), (few, many)
    assert max(many[:2]) <= 12


def _asked(db: Database, client: TestClient, path: str, said: dict[str, str] | None) -> int:
    with statements(db) as sent:
        answer = client.get(path) if said is None else client.post(path, data=said)
    assert answer.status_code in (200, 303), path
    return len(sent)


def _enlarge(session: Session, made: World) -> None:
    """A member of every one of five lots in fifteen regions, with twelve therapies that belong to each."""
    for number in range(11):
        slug = f"therapy_{number:02d}"
        services = "therapeutic_intervention,mediation"
        row = Therapy(slug=slug, name=slug, family="t", services=services, source="t", confidence="verified")
        session.add(row)
        session.flush()
        session.add(ProviderTherapy(provider_id=made.provider_a, therapy_slug=slug))
    old_lots, old_regions = list(made.lots), list(made.regions)
    lots, regions = list(old_lots), list(old_regions)
    for number in range(3, 6):
        lot = Lot(
            framework_id=made.framework_id,
            number=number,
            name=f"Lot {number}",
            service="mediation",
            description="t",
            price_unit="hour",
            ceiling_pence=100,
        )
        session.add(lot)
        lots.append(lot.id)
    for number in range(3, 16):
        region = Region(framework_id=made.framework_id, name=f"Region {number:02d}")
        session.add(region)
        regions.append(region.id)
    session.flush()
    for lot_id in lots:
        for region_id in regions:
            if lot_id not in old_lots or region_id not in old_regions:
                factories.membership(session, made.provider_a, made.framework_id, lot_id, region_id, made.lead.known)
