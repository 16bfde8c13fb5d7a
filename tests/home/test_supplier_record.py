"""A member learns in time that an award to it would wait for its national supplier record: on its list and beside its bid."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from app.bids.commands import start_bid
from app.core.database import Database
from app.providers.models import Provider
from app.providers.rules import RECORD_FRESH, why_not_confirmed
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import World

NOW, SOON = "Confirm your national supplier record: an award", "Confirm your national supplier record again soon"
WAITS, COUNTS = "An award to you would wait for this", "an award to you after it would wait until you confirm it again"


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.mark.row("1.14")
@pytest.mark.parametrize(
    ("days", "code", "told"),
    [
        (None, "Zz99Test", (NOW, WAITS)),
        (0, None, (NOW, WAITS)),
        (RECORD_FRESH.days + 1, "Zz99Test", (NOW, WAITS)),
        (RECORD_FRESH.days, "Zz99Test", (SOON, COUNTS)),
        (RECORD_FRESH.days - 59, "Zz99Test", (SOON, COUNTS)),
        (RECORD_FRESH.days - 60, "Zz99Test", ("", "")),
    ],
)
def test_it_is_told_on_its_list_and_on_the_check_page_of_its_bid(
    db: Database, made: World, client_for: ClientFor, days: int | None, code: str | None, told: tuple[str, str]
) -> None:
    with db.write() as session:
        provider = session.get_one(Provider, made.provider_a)
        provider.record_confirmed_on = None if days is None else NOON.date() - timedelta(days=days)
        provider.share_code = code
        bid_id = start_bid(session, made.owner_a, factories.brief(session, made), made.provider_a)
        against = why_not_confirmed(provider.share_code, provider.record_confirmed_on, NOON.date())
    assert bool(against) is (told[0] == NOW), "as the rule of the award has it"
    client, fix = client_for(made.owner_a), f'href="/providers/{made.provider_a}/numbers"'
    for path, words, others in (
        ("/", told[0], {NOW, SOON} - {told[0]}),
        (f"/bids/{bid_id}/check", told[1], {WAITS, COUNTS} - {told[1]}),
    ):
        page = client.get(path).text
        said = BeautifulSoup(page, "html.parser").get_text(" ")
        assert words in said and not [one for one in others if one in said], path
        assert (fix in page) is bool(words)
    assert "supplier record" not in client_for(made.owner_b).get("/").text
