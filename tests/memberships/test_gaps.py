"""The gap map: how many could be invited in each lot and region, what follows, and who reads it."""

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.core.database import Database
from app.memberships.gaps.queries import gap_map
from app.memberships.gaps.rules import CONSEQUENCES, LOOKED_AT, Coverage, coverage, is_told
from app.memberships.models import Membership
from app.providers.models import Provider
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World, membership, provider, verified_evidence, world


@pytest.fixture
def furniture() -> Furniture:
    return world


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


@pytest.mark.row("4.7")
@pytest.mark.parametrize(
    ("eligible", "expected"), [(0, "none"), (1, "one"), (2, "few"), (3, "few"), (4, "enough"), (40, "enough")]
)
def test_how_many_are_enough(eligible: int, expected: str) -> None:
    assert coverage(eligible) is Coverage(expected)


@pytest.mark.row("4.7")
@pytest.mark.parametrize(
    ("eligible", "looked_at", "members", "told"),
    [(0, 0, 0, True), (3, 8, 8, True), (3, 8, 9, False), (4, 8, 9, True), (8, 8, 900, True)],
)
def test_when_those_looked_at_answer_for_all(eligible: int, looked_at: int, members: int, told: bool) -> None:
    assert is_told(eligible=eligible, looked_at=looked_at, members=members) is told


def _vary(db: Database, made: World) -> None:
    """Lot 1: two in the north, one in the south. Lot 2: nobody in the north, where two have not signed; five in the south."""
    lot_one, lot_two = made.lots
    north, south = made.regions
    with db.write() as session:
        rows = {(row.provider_id, row.lot_id, row.region_id): row for row in session.exec(select(Membership))}
        rows[made.provider_b, lot_one, south].signed_at = None
        rows[made.provider_b, lot_one, south].signed_by = None
        for provider_id in (made.provider_a, made.provider_b):
            rows[provider_id, lot_two, north].signed_at = None
            rows[provider_id, lot_two, north].signed_by = None
        for number in range(3):
            newcomer = provider(session, f"Newcomer {number}")
            verified_evidence(session, newcomer, made.checker)
            membership(session, newcomer, made.framework_id, lot_two, south, made.lead.known)
        paused = provider(session, "Paused")
        verified_evidence(session, paused, made.checker)
        membership(session, paused, made.framework_id, lot_two, south, made.lead.known)
        session.get_one(Provider, paused).paused_at = NOON


@pytest.mark.row("4.7")
def test_the_map_counts_who_could_be_invited_and_names_one_provider_alone(db: Database, made: World) -> None:
    _vary(db, made)
    with db.read() as session:
        found = gap_map(session, made.lead, made.framework_id)
    counts = {region: [(len(cell.eligible), cell.members) for cell in cells] for region, cells in found.rows}
    assert counts == {"North": [(2, 2), (0, 2)], "South": [(1, 2), (5, 6)]}
    assert [(kind, [(gap.region, gap.lot.number, gap.eligible) for gap in gaps]) for kind, gaps in found.gaps] == [
        (Coverage.NONE, [("North", 2, ())]),
        (Coverage.ONE, [("South", 1, ("Alder Therapy",))]),
        (Coverage.FEW, [("North", 1, ("Alder Therapy", "Birch Therapy"))]),
    ]


@pytest.mark.row("4.7")
def test_the_page_says_in_words_what_follows(db: Database, client_for: ClientFor, made: World) -> None:
    _vary(db, made)
    path = f"/frameworks/{made.framework_id}/gaps"
    soup = BeautifulSoup(client_for(made.commissioner).get(path).text, "html.parser")
    cells = [cell.get_text(" ", strip=True) for cell in soup.select(".portal-gaps td")]
    assert cells == ["2 Few", "0 Nobody", "1 One provider only", "5 Enough"]
    assert "Alder Therapy" in soup.get_text() and CONSEQUENCES[Coverage.ONE] in soup.get_text()
    assert "Set up a round" not in soup.get_text()
    assert "Set up a round" in client_for(made.lead).get(path).text
    assert client_for(made.other_commissioner).get(path).status_code == 404


@pytest.mark.bar("P6")
def test_the_map_asks_as_often_for_many_members_as_for_few(db: Database, client_for: ClientFor, made: World) -> None:
    def asked() -> int:
        with statements(db) as sent:
            assert client_for(made.lead).get(f"/frameworks/{made.framework_id}/gaps").status_code == 200
        return len(sent)

    asked()
    few = asked()
    _vary(db, made)
    assert asked() == few <= 15


@pytest.mark.bar("P7")
@pytest.mark.parametrize(("unsigned", "shown"), [(0, (LOOKED_AT, False)), (LOOKED_AT - 3, (12, True))])
def test_where_there_are_many_the_first_answer_for_all_only_if_they_are_enough(
    db: Database, made: World, unsigned: int, shown: tuple[int, bool]
) -> None:
    """Two members and fifteen more: enough among those who joined first, or so few of them that all are looked at."""
    lot, north = made.lots[0], made.regions[0]
    with db.write() as session:
        for number in range(15):
            newcomer = provider(session, f"Newcomer {number:02}")
            verified_evidence(session, newcomer, made.checker)
            membership_id = membership(session, newcomer, made.framework_id, lot, north, made.lead.known)
            if number < unsigned:
                row = session.get_one(Membership, membership_id)
                row.signed_at = row.signed_by = None
    with db.read() as session:
        found = gap_map(session, made.lead, made.framework_id)
    cell = dict(found.rows)["North"][0]
    assert (len(cell.eligible), cell.all, cell.members, cell.coverage) == (*shown, 17, Coverage.ENOUGH)
