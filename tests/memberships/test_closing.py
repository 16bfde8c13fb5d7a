"""A provider closes for good: what must end first, and who learns what by trying."""

from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from app.applications.commands import (
    choose_lots,
    start_application,
    submit_application,
    withdraw_application,
    write_statement,
)
from app.bids import commands as bids
from app.briefs.models import Brief
from app.core.actor import Actor
from app.core.database import Database
from app.organisations.rules import Role
from app.providers.models import Provider
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.house.scenario import letter
from tests.memberships.restriction import everybody


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def _closing(client_for: ClientFor, actor: Actor, provider_id: UUID) -> tuple[int, list[str], list[str]]:
    """The answer to the form, and what the page names with its links."""
    path = f"/providers/{provider_id}/close"
    answer = client_for(actor).post(path, data={"sure": "true"})
    page = BeautifulSoup(answer.text, "html.parser")
    items = page.select(".portal-refusal li")
    return (
        answer.status_code,
        [item.text for item in items],
        [str(a["href"]) for item in items for a in item.select("a")],
    )


def test_closing_names_what_must_end_first_with_its_links(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        brief = factories.brief(session, made)
        bid = factories.submitted_bid(session, brief, made.provider_a, made.owner_a, letter(session, made.provider_a))
        newcomer = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, newcomer, Role.OWNER)
        application = start_application(session, owner, made.round_id, newcomer)
        choose_lots(session, owner, application, [(made.lots[0], made.regions[0])])
        write_statement(session, owner, application, "We would be glad to join this lot.")
        submit_application(session, owner, application)
    status, [words], links = _closing(client_for, made.owner_a, made.provider_a)
    assert (status, links) == (409, [f"/bids/{bid}"]) and "not decided yet" in words
    status, [words], links = _closing(client_for, owner, newcomer)
    assert (status, links) == (409, [f"/applications/{application}"]) and "Test framework" in words
    with db.write() as session:
        bids.withdraw_bid(session, made.owner_a, bid, received_at=NOON)
        withdraw_application(session, owner, application)
    for actor, provider_id in ((made.owner_a, made.provider_a), (owner, newcomer)):
        assert _closing(client_for, actor, provider_id) == (303, [], [])
        with db.read() as session:
            assert session.get_one(Provider, provider_id).archived_at == NOON


@pytest.mark.bar("S1")
def test_an_administrator_does_not_learn_by_closing_whether_a_provider_has_bid(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        administrator = everybody(session, made)["administrator"]
        brief = factories.brief(session, made)
    without = _closing(client_for, administrator, made.provider_a)
    with db.write() as session:
        factories.submitted_bid(session, brief, made.provider_a, made.owner_a, letter(session, made.provider_a))
    assert _closing(client_for, administrator, made.provider_a) == without
    assert without[0] == 409 and "invited to 1 brief" in without[1][0]
    with db.write() as session:
        session.get_one(Brief, brief).cancelled_at = NOON
    assert _closing(client_for, administrator, made.provider_a)[0] == 303
