"""The pages of memberships, as each kind of person sees them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup

from app.core.actor import NOBODY
from app.core.database import Database
from app.memberships.models import Membership
from app.memberships.queries import LOOKED_AT, framework_members, held
from app.memberships.rules import Why
from app.organisations.rules import Role
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World, membership, provider, seated, verified_evidence, world


@pytest.fixture
def furniture() -> Furniture:
    return world


@pytest.fixture
def first(db: Database, made: World) -> UUID:
    """Alder Therapy's membership of the first lot in the first region."""
    with db.read() as session:
        return held(session, made.provider_a, made.framework_id, NOON.date())[made.lots[0], made.regions[0]]


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def _rows(soup: BeautifulSoup) -> list[list[str]]:
    return [[td.get_text(" ", strip=True) for td in tr.find_all("td")] for tr in soup.select("tbody tr")]


def test_a_stranger_signs_in_and_an_outsider_finds_nothing(client_for: ClientFor, made: World, first: UUID) -> None:
    for path in ("/memberships", f"/memberships/{first}", f"/frameworks/{made.framework_id}/members"):
        assert client_for(NOBODY).get(path).headers["location"].startswith("/sign-in")
    for outsider in (made.owner_b, made.commissioner, made.lead):
        assert client_for(outsider).get(f"/memberships/{first}").status_code == 404
    assert client_for(made.owner_a).get(f"/memberships/{uuid4()}").status_code == 404
    for outsider in (made.owner_a, made.other_commissioner):
        assert client_for(outsider).get(f"/frameworks/{made.framework_id}/members").status_code == 404


def test_the_list_is_mine_and_says_what_to_do(client_for: ClientFor, made: World, clock: Clock) -> None:
    soup = _soup(client_for(made.owner_a).get("/memberships").text)
    assert len(_rows(soup)) == 4
    assert _rows(soup)[0] == [
        "Lot 1: Therapeutic intervention North",
        "Alder Therapy",
        "Active",
        "Nothing stands in the way",
    ]
    clock.set(NOON + timedelta(days=300))
    row = _soup(client_for(made.owner_a).get("/memberships").text).select_one("tbody tr")
    assert "Suspended" in row.get_text()
    assert row.select_one(f'a[href="/providers/{made.provider_a}/evidence"]').get_text() == "Add the new one"


def test_nobody_s_list_says_what_to_do_next(client_for: ClientFor, db: Database, made: World) -> None:
    with db.write() as session:
        newcomer = seated(session, provider(session, "Cedar Therapy"), Role.OWNER)
    soup = _soup(client_for(newcomer).get("/memberships").text)
    assert soup.select_one('.portal-empty a[href="/frameworks"]')


def test_leaving_needs_a_reason_and_shows_it(client_for: ClientFor, made: World, first: UUID) -> None:
    path = f"/memberships/{first}"
    missed = client_for(made.owner_a).post(f"{path}/leave", data={"reason": ""})
    assert missed.status_code == 422
    assert _soup(missed.text).select_one(".govuk-error-summary a").get_text() == "Enter why you are leaving"
    for _ in range(2):
        assert client_for(made.owner_a).post(f"{path}/leave", data={"reason": "We moved away"}).status_code == 303
    soup = _soup(client_for(made.owner_a).get(path).text)
    assert "We moved away" in soup.get_text()
    assert soup.select("form[action$=leave]") == []


def test_the_lead_and_the_agency_see_who_is_not_eligible_and_why(
    client_for: ClientFor, db: Database, made: World
) -> None:
    with db.write() as session:
        newcomer = provider(session, "Cedar Therapy")
        verified_evidence(session, newcomer, made.checker)
        for region in made.regions:
            one = membership(session, newcomer, made.framework_id, made.lots[0], region, made.lead.known)
            session.get_one(Membership, one).signed_at = None
    for actor in (made.lead, made.commissioner):
        soup = _soup(client_for(actor).get(f"/frameworks/{made.framework_id}/members").text)
        assert [h.get_text() for h in soup.find_all("h2")] == ["North", "South"]
        assert [row[:3] for row in _rows(soup)[:3]] == [
            ["Alder Therapy", "Active", "Nothing stands in the way"],
            ["Birch Therapy", "Active", "Nothing stands in the way"],
            ["Cedar Therapy", "Conditional", "The agreement is not signed."],
        ]
        assert "2 of 3 members can be invited today" in soup.get_text()


def test_the_members_of_another_lot_are_one_link_away(client_for: ClientFor, made: World) -> None:
    path = f"/frameworks/{made.framework_id}/members"
    soup = _soup(client_for(made.lead).get(path).text)
    (link,) = soup.select('nav[aria-label="Lots"] a')
    assert _soup(client_for(made.lead).get(link["href"]).text).h1.get_text() == "Members of lot 2"
    assert client_for(made.lead).get(f"{path}?lot={uuid4()}").status_code == 404
    assert client_for(made.lead).get(f"{path}?lot=rubbish").status_code == 404


@pytest.mark.row("4.9")
def test_a_member_reads_why_it_cannot_bid_and_only_where(db: Database, client_for: ClientFor, made: World) -> None:
    owner = client_for(made.owner_a)
    assert "Nothing stands in your way" in owner.get("/memberships?show=blocked").text
    with db.write() as session:
        factories.suspension(session, made)
    assert "Why can’t I bid in one of them?" in owner.get("/memberships").text
    rows = _rows(_soup(owner.get("/memberships?show=blocked").text))
    assert len(rows) == 1
    assert "The framework’s lead has suspended this membership until the end of 23 December 2026." in rows[0][3]


@pytest.mark.row("4.9")
def test_who_is_eligible_and_why_not_is_narrowed_by_region_and_reason(
    db: Database, client_for: ClientFor, made: World
) -> None:
    with db.write() as session:
        factories.suspension(session, made)
    path, (north, south) = f"/frameworks/{made.framework_id}/members", made.regions
    for narrowed, names in (
        (f"region={south}", ["Alder Therapy", "Birch Therapy"]),
        (f"region={north}&why=held", ["Alder Therapy"]),
        ("why=held", ["Alder Therapy"]),
        (f"region={north}&why=nothing", ["Birch Therapy"]),
        (f"region={south}&why=held", []),
    ):
        for actor in (made.lead, made.commissioner):
            soup = _soup(client_for(actor).get(f"{path}?{narrowed}").text)
            assert [row[0] for row in (_rows(soup) if names else [])] == names
    assert "No member of this lot is like that" in soup.get_text()
    assert client_for(made.lead).get(f"{path}?region={uuid4()}").status_code == 404


@pytest.mark.bar("P7")
def test_what_stands_in_the_way_is_worked_out_for_a_hundred_at_a_time(
    db: Database, client_for: ClientFor, made: World
) -> None:
    """A page is of those looked at, by name: the first two can be invited, and none of the hundred after them."""
    with db.write() as session:
        for number in range(LOOKED_AT - 1):
            provider_id = factories.provider(session, f"Cedar {number:03}")
            where = (made.framework_id, made.lots[0], made.regions[0])
            factories.membership(session, provider_id, *where, made.lead.known)
    with db.read() as session:
        first = framework_members(session, made.lead, made.framework_id, None, why=Why.NOTHING)
        second = framework_members(session, made.lead, made.framework_id, None, after=first.last, why=Why.NOTHING)
    assert [one.provider_name for one in first.members] == ["Alder Therapy", "Birch Therapy"]
    assert first.last and (second.members, second.last) == ([], None)
    second = client_for(made.lead).get(f"/frameworks/{made.framework_id}/members?why=nothing&after={first.last}")
    assert "None of the members on this page is like that" in second.text
    assert "First page" in second.text
