"""The pages of frameworks, as each kind of person sees them."""

from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.frameworks.models import Framework, FrameworkExtension, Round
from app.memberships.importing.models import MemberImport
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World, framework, world


@pytest.fixture
def furniture() -> Furniture:
    return world


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def test_a_stranger_is_sent_to_sign_in(client_for: ClientFor, made: World) -> None:
    for path in ("/frameworks", f"/frameworks/{made.framework_id}"):
        answer = client_for(NOBODY).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")


def test_the_list_says_which_frameworks_can_be_joined(client_for: ClientFor, made: World) -> None:
    soup = _soup(client_for(made.owner_a).get("/frameworks").text)
    assert soup.h1.get_text() == "Frameworks"
    cells = [cell.get_text(" ", strip=True) for cell in soup.select("tbody tr td")]
    assert cells == [
        "Test framework Test hub",
        "1 January 2026 to 1 January 2030",
        "Live",
        "Open until 13 Dec 2026, 12:00 (20 days left)",
    ]


def test_the_page_says_what_each_lot_needs_where_and_for_whom(client_for: ClientFor, made: World) -> None:
    soup = _soup(client_for(made.commissioner).get(f"/frameworks/{made.framework_id}").text)
    assert len(soup.find_all("h1")) == 1
    assert [h.get_text() for h in soup.select("h3[id^=lot]")] == [
        "Lot 1: Therapeutic intervention",
        "Lot 2: Mediation",
    ]
    assert "£150.00" in soup.select_one("section.portal-lot").get_text()
    assert "Test agency, from 1 January 2026" in soup.get_text()
    assert "test (verified)" in soup.get_text()


def test_a_provider_may_apply_and_a_buyer_may_not(client_for: ClientFor, made: World) -> None:
    path, action = f"/frameworks/{made.framework_id}", f"/rounds/{made.round_id}/applications"
    for actor, forms in ((made.owner_a, 1), (made.commissioner, 0), (made.lead, 0)):
        assert len(_soup(client_for(actor).get(path).text).select(f'form[action="{action}"]')) == forms


def test_the_members_are_linked_for_those_who_may_see_them(client_for: ClientFor, made: World) -> None:
    path = f"/frameworks/{made.framework_id}"
    for actor, links in ((made.lead, 1), (made.commissioner, 1), (made.owner_a, 0), (made.other_commissioner, 0)):
        assert len(_soup(client_for(actor).get(path).text).select(f'a[href="{path}/members"]')) == links


def test_a_lead_goes_from_the_framework_to_its_agreement_s_versions_and_to_concerns(
    client_for: ClientFor, made: World
) -> None:
    path = f"/frameworks/{made.framework_id}"
    for actor, links in ((made.lead, 1), (made.commissioner, 0), (made.owner_a, 0)):
        page, client = _soup(client_for(actor).get(path).text), client_for(actor)
        for to in ("variations", "agreements", "concerns"):
            assert len(page.select(f'a[href="{path}/{to}"]')) == links, to
            assert not links or client.get(f"{path}/{to}").status_code == 200


def test_a_person_of_two_providers_chooses_for_whom(client_for: ClientFor, made: World) -> None:
    both = Actor(made.owner_a.person_id, "Olive Owner", "o@example.org", made.owner_a.seats + made.owner_b.seats)
    soup = _soup(client_for(both).get(f"/frameworks/{made.framework_id}").text)
    buttons = [b.get_text(strip=True) for b in soup.select('form[action$="/applications"] button')]
    assert sorted(buttons) == ["Apply as Alder Therapy", "Apply as Birch Therapy"]


def test_a_closed_round_offers_nothing(client_for: ClientFor, made: World, clock: Clock) -> None:
    clock.forward(days=20)
    soup = _soup(client_for(made.owner_a).get(f"/frameworks/{made.framework_id}").text)
    assert soup.select('form[action$="/applications"]') == []
    assert "nobody can apply now" in soup.get_text()


def test_a_draft_is_approved_by_a_second_lead_and_hidden_from_others(
    client_for: ClientFor, made: World, db: Database
) -> None:
    with db.write() as session:
        row = session.get_one(Framework, made.framework_id)
        row.approved_at, row.created_by = None, made.lead.person_id
    path = f"/frameworks/{made.framework_id}"
    assert client_for(made.owner_a).get(path).status_code == 404
    refused = client_for(made.lead).post(f"{path}/approve")
    assert refused.status_code == 409
    assert "wrote a framework cannot approve it" in _soup(refused.text).select_one(".portal-refusal").get_text()
    for _ in range(2):
        assert client_for(made.lead_two).post(f"{path}/approve").status_code == 303
    assert client_for(made.owner_a).get(path).status_code == 200


@pytest.mark.row("2.2")
def test_what_a_colleague_began_stands_on_the_first_page_of_the_other_leads(
    client_for: ClientFor, made: World, db: Database
) -> None:
    term = "Approve the longer term of the framework, as the second person"
    members = "Check the list of members them.csv and approve it, as the second person"
    draft = "Read the draft of a framework and approve it, as the second person"
    author = made.lead.known

    def told(*people: Actor) -> list[set[str]]:
        pages = [client_for(one).get("/").text for one in people]
        return [{words for words in (term, members, draft) if words in page} for page in pages]

    with db.write() as session:
        row = session.get_one(Framework, made.framework_id)
        of = {"framework_id": row.id}
        longer = {"ended_on": row.ends_on, "ends_on": row.ends_on.replace(year=2031), "reason": "Still wanted"}
        session.add(FrameworkExtension(**of, **longer, proposed_at=NOON, proposed_by=author))
        session.add(MemberImport(**of, file_name="them.csv", sha256="0" * 64, read_at=NOON, read_by=author))
    assert told(made.lead_two, made.lead, made.commissioner) == [{term, members}, set(), set()]
    with db.write() as session:
        row = session.get_one(Framework, made.framework_id)
        row.approved_at, row.created_by = None, author
        for waiting in (FrameworkExtension, MemberImport):
            session.delete(session.exec(select(waiting)).one())
    assert told(made.lead_two, made.lead) == [{draft}, set()]
    page = _soup(client_for(made.lead_two).get("/").text)
    for link in page.select('.portal-todos a[href^="/frameworks/"]'):
        assert client_for(made.lead_two).get(str(link["href"])).status_code == 200
    with db.write() as session:
        session.get_one(Framework, made.framework_id).selection_process = ""
    assert told(made.lead_two) == [set()]


def _round(made: World, **other: object) -> dict[str, object]:
    return {
        "name": "Spring round",
        "opens_on-day": "1",
        "opens_on-month": "3",
        "opens_on-year": "2027",
        "closes_on-day": "31",
        "closes_on-month": "3",
        "closes_on-year": "2027",
        "lots": [str(lot) for lot in made.lots],
        "regions": [str(made.regions[0])],
        **other,
    }


def test_a_lead_sets_up_a_round(client_for: ClientFor, made: World, db: Database) -> None:
    path = f"/frameworks/{made.framework_id}/rounds"
    assert client_for(made.lead).get(f"{path}/new").status_code == 200
    assert client_for(made.lead).post(path, data=_round(made)).status_code == 303
    with db.read() as session:
        row = session.exec(select(Round).where(Round.name == "Spring round")).one()
        assert (row.opens_at.isoformat(), row.closes_at.isoformat()) == (
            "2027-03-01T09:00:00+00:00",
            "2027-03-31T11:00:00+00:00",
        )


def test_a_round_with_mistakes_keeps_what_was_typed(client_for: ClientFor, made: World) -> None:
    path = f"/frameworks/{made.framework_id}/rounds"
    answer = client_for(made.lead).post(path, data=_round(made, regions=[], name=""))
    assert answer.status_code == 422
    soup = _soup(answer.text)
    errors = [a.get_text() for a in soup.select(".govuk-error-summary a")]
    assert errors == ["Enter the name of the round", "Select at least one region"]
    assert soup.select_one("#opens_on-year")["value"] == "2027"


def test_an_overlapping_round_is_refused_in_words(client_for: ClientFor, made: World) -> None:
    path = f"/frameworks/{made.framework_id}/rounds"
    clash = {"opens_on-day": "24", "opens_on-month": "11", "opens_on-year": "2026"}
    answer = client_for(made.lead).post(path, data=_round(made, **clash))
    assert answer.status_code == 409
    assert "“Round 1” is open at the same time" in _soup(answer.text).select_one(".portal-refusal").get_text()


def test_nobody_else_reaches_the_rounds(client_for: ClientFor, made: World) -> None:
    for actor in (made.owner_a, made.commissioner, made.checker):
        assert client_for(actor).get(f"/frameworks/{made.framework_id}/rounds/new").status_code == 404
    assert client_for(made.lead).get(f"/frameworks/{uuid4()}/rounds/new").status_code == 404


def test_the_list_asks_as_many_questions_for_thirty_frameworks_as_for_one(
    client_for: ClientFor, made: World, db: Database
) -> None:
    with statements(db) as few:
        client_for(made.owner_a).get("/frameworks")
    with db.write() as session:
        for _ in range(29):
            framework(session, made.lead_id, (made.raa_id,))
    with statements(db) as many:
        client_for(made.owner_a).get("/frameworks")
    assert len(many) == len(few)
