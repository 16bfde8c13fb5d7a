"""A rating below the floor opens a decision for the framework's lead, and ends nothing by itself."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup

from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.evidence.models import EvidenceItem
from app.memberships.commands import decide_rating
from app.memberships.floors import Rating, low_ratings
from app.memberships.rules import FloorChoice, why_not_watch
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World

TODAY = date(2026, 11, 23)
RULE = {"all_of": [{"kind": "ofsted_asa", "floor": "good", "where_held": True}]}
WORDS = "Requires improvement to be good, below the floor of Good"


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def item_id(db: Database, made: World) -> UUID:
    """Provider A is registered, and rated below the floor of the first lot."""
    with db.write() as session:
        factories.requirement(session, made.lots[0], RULE)
        item_id = factories.verified_evidence(session, made.provider_a, made.checker, kind="ofsted_asa")
        row = session.get_one(EvidenceItem, item_id)
        row.answer, row.rating = "registered", "requires_improvement"
        return item_id


def ratings(db: Database, actor: Actor) -> list[Rating]:
    with db.read() as session:
        return low_ratings(session, actor)


def decide(
    db: Database, actor: Actor, made: World, item: UUID, choice: FloorChoice, review_on: date | None = None
) -> None:
    with db.write() as session:
        decide_rating(session, actor, made.framework_id, item, choice, "The action plan is good.", review_on)


@pytest.mark.row("3.11")
def test_it_waits_for_its_lead_alone_until_it_is_decided(db: Database, made: World, item_id: UUID) -> None:
    (rating,) = ratings(db, made.lead)
    assert (rating.provider_name, rating.words, rating.open) == ("Alder Therapy", WORDS, True)
    assert [ratings(db, who) for who in (made.checker, made.commissioner, made.owner_a)] == [[], [], []]
    for actor, item in ((made.checker, item_id), (made.owner_a, item_id), (made.lead, uuid4())):
        with pytest.raises(NotFound):
            decide(db, actor, made, item, FloorChoice.KEEP)
    for _ in range(2):
        decide(db, made.lead, made, item_id, FloorChoice.KEEP)
    (rating,) = ratings(db, made.lead_two)
    assert (rating.open, rating.decided and rating.decided.by) == (False, "Leo Lead")
    with db.read() as session:
        told = [audit.sentence(event) for event in audit.timeline(session, made.framework_id)]
    assert told == [f"Leo Lead decided about Alder Therapy, {WORDS}: keep as a member. The action plan is good."]


@pytest.mark.row("3.11")
def test_under_watch_it_waits_again_on_the_day_of_its_review(
    db: Database, made: World, item_id: UUID, clock: Clock
) -> None:
    for day in (None, TODAY):
        with pytest.raises(Refused, match="review_on"):
            decide(db, made.lead, made, item_id, FloorChoice.WATCH, day)
    decide(db, made.lead, made, item_id, FloorChoice.WATCH, TODAY + timedelta(days=30))
    for days, waits in ((29, False), (30, True)):
        clock.set(NOON + timedelta(days=days))
        assert [rating.open for rating in ratings(db, made.lead)] == [waits]


def test_only_a_watch_needs_a_day() -> None:
    assert why_not_watch(FloorChoice.KEEP, review_on=None, on=TODAY) is None
    assert why_not_watch(FloorChoice.WATCH, review_on=TODAY + timedelta(days=1), on=TODAY) is None


@pytest.mark.row("3.11")
def test_the_lead_finds_it_at_home_and_decides_on_its_page(
    db: Database, made: World, item_id: UUID, client_for: ClientFor
) -> None:
    client, here = client_for(made.lead), f"/frameworks/{made.framework_id}/ratings"
    assert "Decide about Alder Therapy" in client.get("/").text
    assert here in client.get(f"/frameworks/{made.framework_id}/members").text
    wrong = client.post(here, data={"item_id": str(item_id), "choice": "watch", "reason": "An action plan"})
    assert wrong.status_code == 422
    assert "Enter the day, after today" in wrong.text
    assert "An action plan" in wrong.text
    assert client.post(here, data={}).status_code == 422
    good = {"item_id": str(item_id), "choice": "keep", "reason": "An action plan"}
    assert client.post(here, data=good).status_code == 303
    shown = BeautifulSoup(client.get(here).text, "html.parser").select_one("main table").get_text(" ", strip=True)
    assert "Keep as a member: An action plan" in shown
    assert "Decide about Alder Therapy" not in client.get("/").text
    assert client_for(made.commissioner).get(here).status_code == 404


def test_ratings_are_asked_for_in_a_constant_number_of_queries(db: Database, made: World, item_id: UUID) -> None:
    with db.read() as session, statements(db) as sent:
        low_ratings(session, made.lead)
    assert len(sent) == 4
