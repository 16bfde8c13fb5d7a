"""What the tests of a bid's pages begin with: a world, a brief, whom a bid may name, and how its form is read and sent."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from app.core import clock as app_clock
from app.core.database import Database
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import World

CLOSES = NOON + timedelta(days=10)
YES = {"declared": "true"}


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def made(made: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> World:
    """Requests arrive at the very moment at which the clock stands still."""
    monkeypatch.setattr(app_clock, "received", lambda session, arrived: clock.moment)
    return made


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        return factories.brief(session, made, closes_at=CLOSES)


@pytest.fixture
def practitioner(db: Database, made: World) -> UUID:
    with db.read() as session:
        return session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()


def save(client: TestClient, bid: str, data: dict[str, str]) -> Response:
    """Send the form as its page does: with the digest of the letter that it was begun from."""
    seen = soup(client.get(bid).text).select_one("input[name=seen]")["value"]
    return client.post(bid, data={"seen": seen} | data)


def typed(practitioner: UUID, **changed: str) -> dict[str, str]:
    return {
        "approach": "We listen first.",
        "experience": "Ten years of it.",
        "person_1": str(practitioner),
        "kind_1": "session",
        "quantity_1": "20",
        "rate_1": "125",
        "vat": "none",
        **changed,
    }


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def begun(client: TestClient, made: World, brief_id: UUID) -> str:
    answer = client.post(f"/opportunities/{brief_id}/bid", data={"provider": str(made.provider_a)})
    assert answer.status_code == 303
    return answer.headers["location"]
