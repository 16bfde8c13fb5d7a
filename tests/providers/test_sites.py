"""Where a provider works: sites added, changed, closed, and shown with how one gets there."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.rules import Role
from app.providers import commands, queries
from app.providers.models import Site
from app.providers.rules.sites import STEP_FREE_WORDS, USE_WORDS, SiteFacts, StepFree, Use, tidy_postcode
from tests import factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements

CLINIC = SiteFacts(
    name="Leeds clinic",
    address="1 Test Street\nLeeds",
    postcode="LS6 1AA",
    uses=(Use.SESSIONS, Use.GROUPS),
    step_free=StepFree.PARTLY,
    access="A lift to the first floor",
    parking="Two places",
    transport="Bus 1 stops outside",
)


class Set:
    def __init__(self, session: Session) -> None:
        self.provider_id = factories.provider(session, "Alder Therapy")
        self.owner = factories.seated(session, self.provider_id, Role.OWNER, name="Olive Owner")
        self.reader = factories.seated(session, self.provider_id, Role.READ_ONLY, name="Rita Reader")
        self.other_id = factories.provider(session, "Birch Therapy")
        self.other: Actor = factories.seated(session, self.other_id, Role.OWNER, name="Omar Owner")
        raa = factories.raa(session, "Test agency")
        self.commissioner = factories.seated(session, raa, Role.COMMISSIONER, name="Colin")


@pytest.fixture
def furniture() -> Furniture:
    return Set


def _add(db: Database, made: Set, facts: SiteFacts = CLINIC) -> UUID:
    with db.write() as session:
        return commands.add_site(session, made.owner, made.provider_id, facts)


@pytest.mark.parametrize(("typed", "tidy"), [("ls61aa", "LS6 1AA"), ("LS6  1AA", "LS6 1AA"), ("e1", "E1")])
def test_a_postcode_is_tidied(typed: str, tidy: str) -> None:
    assert tidy_postcode(typed) == tidy


def test_every_use_and_access_has_words() -> None:
    assert set(USE_WORDS) == set(Use)
    assert set(STEP_FREE_WORDS) == set(StepFree)


@pytest.mark.row("1.8")
def test_a_site_is_added_changed_and_closed_each_once(db: Database, made: Set, clock: Clock) -> None:
    site_id = _add(db, made)
    assert _add(db, made) == site_id
    changed = replace(CLINIC, step_free=StepFree.YES, parking="None")
    for _ in range(2):
        with db.write() as session:
            commands.update_site(session, made.owner, made.provider_id, site_id, changed)
    with db.read() as session:
        [shown] = queries.sites(session, made.provider_id)
        assert (shown.facts, shown.step_free) == (changed, "Step-free throughout")
        assert shown.uses == ("Sessions with children and families", "Groups")
        assert queries.snapshot(session, made.provider_id)["sites"] == [
            {"name": "Leeds clinic", "postcode": "LS6 1AA", "step_free": "yes"}
        ]
    for _ in range(2):
        with db.write() as session:
            commands.close_site(session, made.owner, made.provider_id, site_id)
    with db.read() as session:
        assert queries.sites(session, made.provider_id) == ()
        assert queries.site(session, made.provider_id, site_id).closed
        assert [audit.sentence(event) for event in audit.timeline(session, made.provider_id)] == [
            "Olive Owner added the site Leeds clinic",
            "Olive Owner changed the site Leeds clinic: step-free, parking",
            "Olive Owner closed the site Leeds clinic",
        ]
    assert _add(db, made) != site_id, "a closed site's name is free"


@pytest.mark.row("1.8")
def test_two_open_sites_have_two_names(db: Database, made: Set) -> None:
    _add(db, made)
    york = _add(db, made, replace(CLINIC, name="York clinic"))
    with pytest.raises(Refused, match="name_taken"):
        _add(db, made, replace(CLINIC, parking="None"))
    with pytest.raises(Refused, match="name_taken"), db.write() as session:
        commands.update_site(session, made.owner, made.provider_id, york, CLINIC)


def test_a_site_is_its_providers_alone(db: Database, made: Set) -> None:
    site_id = _add(db, made)
    for who, provider_id, which, error in (
        (made.other, made.provider_id, site_id, NotFound),
        (made.other, made.other_id, site_id, NotFound),
        (made.owner, made.provider_id, uuid4(), NotFound),
        (made.reader, made.provider_id, site_id, NotAllowed),
    ):
        with pytest.raises(error), db.write() as session:
            commands.update_site(session, who, provider_id, which, CLINIC)
        with pytest.raises(error), db.write() as session:
            commands.close_site(session, who, provider_id, which)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.add_site(session, made.reader, made.provider_id, CLINIC)


FORM = {
    "name": "Leeds clinic",
    "address": "1 Test Street",
    "postcode": "ls61aa",
    "uses": ["groups", "sessions"],
    "step_free": "partly",
    "transport": "Bus 1 stops outside",
}


@pytest.mark.row("1.8")
def test_sites_by_page(db: Database, made: Set, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    assert client.get(f"{here}/sites/add").status_code == 200
    nothing = BeautifulSoup(client.post(f"{here}/sites/add").text, "html.parser")
    assert [link.get_text(strip=True) for link in nothing.select(".govuk-error-summary__list a")] == [
        "Enter a name for the site",
        "Enter the address",
        "Enter the postcode",
        "Tick what happens there",
        "Select whether it is step-free",
    ]
    for _ in range(2):
        assert client.post(f"{here}/sites/add", data=FORM).headers["location"] == f"{here}#sites"
    with db.read() as session:
        site_id = session.exec(select(Site.id)).one()
    taken = client.post(f"{here}/sites/add", data=FORM | {"parking": "None"})
    assert (taken.status_code, "Give each site a name of its own" in taken.text) == (422, True)
    form = BeautifulSoup(client.get(f"{here}/sites/{site_id}").text, "html.parser")
    assert [box["value"] for box in form.select("input[name=uses][checked]")] == ["sessions", "groups"]
    assert client.post(f"{here}/sites/{site_id}", data={"name": "X"}).status_code == 422
    assert client.post(f"{here}/sites/{site_id}", data=FORM | {"step_free": "no"}).status_code == 303
    seen = BeautifulSoup(client_for(made.commissioner).get(here).text, "html.parser").get_text(" ", strip=True)
    assert "LS6 1AA" in seen
    assert "Not step-free. Public transport: Bus 1 stops outside" in seen
    assert client.post(f"{here}/sites/{site_id}/close").status_code == 303
    assert "LS6 1AA" not in client.get(here).text


def test_the_profile_asks_as_often_for_many_sites_as_for_one(db: Database, made: Set, client_for: ClientFor) -> None:
    _add(db, made)
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    with statements(db) as few:
        client.get(here)
    for number in range(12):
        _add(db, made, replace(CLINIC, name=f"Site {number}"))
    with statements(db) as many:
        client.get(here)
    assert len(many) == len(few)
