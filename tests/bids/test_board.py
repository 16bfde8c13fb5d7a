"""The board of open briefs: all that a provider is invited to and nothing else, with how it fits and who works on it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.bids.boards.commands import assign_bid
from app.bids.boards.rules import fit
from app.bids.commands import start_bid
from app.briefs.models import Brief
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.evidence.models import EvidenceItem
from app.memberships.models import Capacity, Membership
from app.organisations.rules import Role
from app.providers.models import Therapy
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World
from tests.house.scenario import letter


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.mark.parametrize(
    ("places", "areas", "said"),
    [
        (
            [("DDP", 2, 3, False), ("Play", 1, 0, False)],
            (1, 3),
            "3 places free, no wait; You serve 1 of its 3 authorities",
        ),
        ([("DDP", 1, 1, False), ("Play", 4, 0, True)], (0, 0), "1 place free, 1 week to wait"),
        ([("DDP", 0, 1, False)], (0, 0), "No places free"),
        ([], (1, 1), "No capacity stated; You serve its one authority"),
        ([], (0, 1), "No capacity stated; You do not serve its one authority"),
        ([("DDP", 2, 1, True)], (0, 0), "What you said of your capacity is out of date"),
        ([], (0, 0), "No capacity stated"),
    ],
)
def test_how_a_brief_fits(places: list[tuple[str, int, int, bool]], areas: tuple[int, int], said: str) -> None:
    against = Refusal("x", "Your insurance has lapsed.")
    found = fit(reasons=[against], places=places, areas=areas, therapies=0)
    assert (found.against, "; ".join(found.said)) == (against, said)
    assert fit(reasons=(), places=(), areas=(0, 0), therapies=2).said[-1] == "You offer 2 of the lot’s therapies"


def _elsewhere(session: Session, made: World, closes_in: int) -> UUID:
    """A brief in the second lot and region."""
    brief_id = factories.brief(session, made, closes_at=NOON + timedelta(days=closes_in))
    brief = session.get_one(Brief, brief_id)
    brief.lot_id, brief.region_id, brief.title = made.lots[1], made.regions[1], "Mediation about contact"
    return brief_id


def _rows(text: str) -> list[str]:
    page = BeautifulSoup(text, "html.parser")
    return [" ".join(row.text.split()) for row in page.select("main tbody tr")]


def test_every_open_brief_in_all_regions_soonest_first_with_its_fit_and_filters(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        late = factories.brief(session, made, closes_at=NOON + timedelta(days=9))
        soon = _elsewhere(session, made, closes_in=2)
        factories.brief(session, made, closes_at=NOON - timedelta(days=1))
        factories.brief(session, made, published_at=None)
        factories.brief(session, made, invite=(made.provider_b,))
        member = session.exec(
            select(Membership.id).where(
                Membership.provider_id == made.provider_a,
                Membership.lot_id == made.lots[0],
                Membership.region_id == made.regions[0],
            )
        ).one()
        therapy = session.exec(select(Therapy.slug)).first() or ""
        session.add(
            Capacity(
                membership_id=member,
                therapy_slug=therapy,
                places=2,
                waiting_weeks=3,
                as_of=NOON - timedelta(days=1),
                said_by=made.owner_a.known,
            )
        )
    client = client_for(made.owner_a)
    first, second = _rows(client.get("/board").text)
    assert "Mediation about contact" in first and "2 days left" in first and "No capacity stated" in first
    assert "Can bid" in second and "2 places free, 3 weeks to wait" in second and "9 days left" in second
    assert [str(late) in client.get(f"/board?lot={made.lots[n]}").text for n in (0, 1)] == [True, False]
    assert [str(soon) in client.get(f"/board?region={made.regions[n]}").text for n in (0, 1)] == [False, True]
    assert "No open brief fits" in client.get(f"/board?colleague={uuid4()}").text
    with db.write() as session:
        for item in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_a)):
            item.expires_on = NOON.date() - timedelta(days=1)
    assert all("Cannot bid yet" in row for row in _rows(client.get("/board").text))


def test_a_bid_is_given_to_a_colleague_and_to_nobody_elses(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        colleague = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bids")
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY, name="Rae Reader")
        brief_id = factories.brief(session, made)
        bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
    client, door = client_for(made.owner_a), f"/bids/{bid_id}/colleague"
    assert client.post(door, data={"person": str(colleague.known)}).status_code == 303
    page = BeautifulSoup(client.get(f"/board?colleague={colleague.known}").text, "html.parser")
    assert page.select_one("td option[selected]").text == "Bea Bids"
    assert client.post(door, data={"person": str(made.owner_b.known)}).status_code == 409
    assert "gave the work on the bid to Bea Bids" in client.get(f"/bids/{bid_id}").text
    with pytest.raises(Refused), db.write() as session:
        assign_bid(session, made.owner_a, bid_id, reader.known)
    assert client.post(door, data={}).status_code == 303
    assert "Bea Bids" not in "".join(_rows(client.get("/board?colleague=" + str(colleague.known)).text))
    for person in (reader, made.owner_b, made.commissioner):
        assert client_for(person).post(door, data={}).status_code == 404


@pytest.mark.invariant(1)
def test_who_bids_for_one_provider_learns_nothing_of_anothers_bid(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
        bid_id = factories.submitted_bid(
            session, brief_id, made.provider_a, made.owner_a, letter(session, made.provider_a)
        )
        assign_bid(session, made.owner_a, bid_id, made.owner_a.known)
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY, name="Rita Reader")
        seat = factories.seated(session, made.provider_b, Role.BIDS).seats[0]
        reader = replace(reader, seats=(*reader.seats, seat))
        closes_at = session.get_one(Brief, brief_id).closes_at
    client = client_for(reader)
    board = client.get("/board").text
    assert not [word for word in (str(bid_id), "Submitted", made.owner_a.name) if word in board]
    assert sorted(row.split("Alder Therapy")[-1].split("Birch Therapy")[-1].strip() for row in _rows(board)) == [
        "Its owners and bid writers see whether it bids",
        "Not begun",
    ]
    clock.set(closes_at)
    page = client.get(f"/opportunities/{brief_id}").text
    assert page.count("No bid was started") == 1 and "sees whether it bid" in page


@pytest.mark.bar("P6")
def test_the_board_asks_no_more_for_many_briefs(db: Database, made: World, client_for: ClientFor) -> None:
    client, counts = client_for(made.owner_a), []
    for _ in range(2):
        with db.write() as session:
            for _ in range(4):
                start_bid(session, made.owner_a, factories.brief(session, made), made.provider_a)
        with statements(db) as sent:
            client.get("/board")
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12, "\n".join(sent)


@pytest.mark.parametrize(
    ("path", "under"), [("/board", "/bids"), ("/partnerships", "/bids"), ("/alerts", "/opportunities")]
)
def test_the_navigation_says_where_one_is_as_the_breadcrumbs_do(
    made: World, client_for: ClientFor, path: str, under: str
) -> None:
    page = BeautifulSoup(client_for(made.owner_a).get(path).text, "html.parser")
    assert [link["href"] for link in page.select("nav[aria-label=Main] [aria-current=page]")] == [under]
    assert page.select(f'.govuk-breadcrumbs a[href="{under}"]')
