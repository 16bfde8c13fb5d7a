"""Bar P6: no POST of a bid asks the database more than fifteen times, in life: the session's look-up and the clock count.

Only on SQLite, where each row is a statement of its own and none is a round trip, is one over: what is replaced is three
statements more, and a snapshot that is too old two reads and a row.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from app.core.database import Database
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import ClientFor, Clock, Live
from tests.databases import Furniture, statements
from tests.factories import World

MOST = 15
CLOSES = NOON + timedelta(days=10)
HTMX = {"HX-Request": "true", "HX-Target": "div#saved"}


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


class Bidder:
    """A browser in which somebody bids; `counts` has how often each request asked."""

    def __init__(self, db: Database, client: TestClient, person: UUID) -> None:
        self.db, self.client, self.person = db, client, person
        self.counts = dict[str, int]()

    def post(self, name: str, status: int, path: str, data: dict[str, str], **more: dict[str, str]) -> Response:
        with statements(self.db) as sent:
            answer = self.client.post(path, data=data, **more)  # type: ignore[arg-type]
        assert answer.status_code == status, (name, answer.status_code)
        self.counts[name] = len(sent)
        return answer

    def start(self, name: str, brief_id: UUID, provider_id: UUID, status: int = 303) -> str:
        answer = self.post(name, status, f"/opportunities/{brief_id}/bid", {"provider": str(provider_id)})
        return str(answer.headers.get("location"))

    def save(
        self, name: str, bid: str, status: int = 303, headers: dict[str, str] | None = None, **changed: str
    ) -> Response:
        page = BeautifulSoup(self.client.get(bid).text, "html.parser")
        letter = {
            "seen": str(box["value"]) if (box := page.select_one("input[name=seen]")) else "",
            "approach": "We listen.",
            "experience": "Ten years of it.",
            "person_1": str(self.person),
            "kind_1": "session",
            "quantity_1": "20",
            "rate_1": "125",
            "vat": "none",
        }
        return self.post(name, status, bid, letter | changed, headers=headers or {})

    def submit(self, name: str, bid: str, status: int = 303, **data: str) -> None:
        self.post(name, status, f"{bid}/submit", {"declared": "true", **data})


@pytest.mark.bar("P6")
def test_no_post_of_a_bid_asks_more_than_fifteen_times(
    db: Database, made: World, client_for: ClientFor, live: Live, clock: Clock
) -> None:
    with db.write() as session:
        briefs = [factories.brief(session, made, closes_at=CLOSES) for _ in range(2)]
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
    client = client_for(made.owner_a)
    bidder = Bidder(db, client, person)
    live(client, made.owner_a)
    bid = bidder.start("start", briefs[0], made.provider_a)
    bidder.save("the first save of a day", bid)
    bidder.save("a save", bid, approach="We listen first.")
    bidder.save("a save by itself", bid, 200, HTMX, then="stay", approach="We listen first, and then we speak.")
    bidder.save("a save that keeps an answer", bid, then="keep-1")
    bidder.save("a save that keeps none", bid, then="keep-2", experience="")
    bidder.save("a save of what cannot be read", bid, 422, rate_1="much")
    bidder.save("a save over another's", bid, 409, seen="0" * 64, approach="We speak first.")
    bidder.save("the same by itself", bid, 409, HTMX, then="stay", seen="0" * 64, approach="We speak first.")
    bidder.submit("a submit of less than all", bid, 409)
    bidder.submit("a submit not declared", bid, 422, declared="")
    bidder.save("the rest", bid)
    bidder.submit("a submit unread", bid, 409, seen="0" * 64)
    bidder.submit("a submit", bid)
    clock.forward(days=1)
    bidder.save("the first save of another day, by itself", bid, 200, HTMX, then="stay", approach="We listen longer.")
    bidder.submit("a replacement", bid)
    bidder.save("a save of what stands", bid, approach="We listen longer.")
    bidder.post("a withdrawal", 303, f"{bid}/withdraw", {})
    bidder.submit("a submit of what was withdrawn", bid)
    bidder.post("a withdrawal", 303, f"{bid}/withdraw", {})
    second = bidder.start("another start", briefs[1], made.provider_a)
    bidder.save("its save, which keeps an answer", second, then="keep-2")
    clock.forward(days=1)
    bidder.submit("a submit on another day than its last save", second)
    bidder.save("its next save", second, approach="We listen longest.")
    clock.forward(days=1)
    bidder.submit("a replacement on another day than its last save", second)
    clock.set(CLOSES + timedelta(minutes=1))
    bidder.save("a save too late", bid, 409, seen="0" * 64)
    bidder.submit("a submit too late", bid, 409)
    bidder.post("a withdrawal too late", 409, f"{second}/withdraw", {})
    said = {"provider": str(made.provider_a), "reason": "full"}
    bidder.post("a refusal too late", 409, f"/opportunities/{briefs[0]}/decline", said)
    print(*sorted(bidder.counts.items(), key=lambda one: -one[1]), sep="\n")
    if db.engine.dialect.name == "sqlite":
        assert bidder.counts.pop("a replacement on another day than its last save") <= MOST + 3, (
            "it takes a snapshot, too"
        )
    assert {name: count for name, count in bidder.counts.items() if count > MOST} == {}
