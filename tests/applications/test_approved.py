"""What was shared is fixed with its digest, and those who approved it see what has changed since."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update
from sqlmodel import Session, select

from app.applications import commands
from app.applications.models import Application, ApplicationLot
from app.core.crypto import canonical, digest
from app.core.database import Database
from app.evidence.rules import since as evidence
from app.frameworks.models import Round
from app.providers import commands as providers
from app.providers.models import Practitioner
from app.providers.rules import About, Numbers
from app.providers.rules.since import Changed, changes
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import statements
from tests.factories import World

PROFILE = {
    "name": "Alder",
    "ico_number": None,
    "therapies": ["DDP"],
    "practitioners": [{"name": "Pia", "profession": "T", "body": "HCPC", "number": "AS1"}],
    "sites": [],
}


@pytest.mark.row("1.3")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, []),
        ({"name": "Elder"}, [("Name", "Alder", "Elder")]),
        ({"ico_number": "ZA1"}, [("ICO registration number", "none", "ZA1")]),
        ({"therapies": ["EMDR"]}, [("Therapies", "DDP", "no longer"), ("Therapies", "not yet", "EMDR")]),
        ({"practitioners": []}, [("Practitioner Pia", "T, HCPC, AS1", "no longer there")]),
        (
            {"sites": [{"name": "The Barn", "postcode": "LS1 1AA", "step_free": "yes"}]},
            [("Site The Barn", "not there", "LS1 1AA, yes")],
        ),
    ],
)
def test_what_differs_in_a_profile(now: dict[str, object], expected: list[tuple[str, str, str]]) -> None:
    assert changes(PROFILE, PROFILE | now) == tuple(Changed(*one) for one in expected)


def _item(**facts: object) -> dict[str, object]:
    return {
        "kind": "dbs",
        "practitioner": "Pia",
        "issuer": "",
        "reference": "1",
        "cover_pence": None,
        "starts_on": None,
        "expires_on": "2027-06-30",
        "standing": "verified",
    } | facts


@pytest.mark.row("1.3")
@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([_item()], [_item(item_id="another", documents=["x"])], []),
        ([_item()], [_item(expires_on="2028-06-30")], [("until 30 June 2027", "until 30 June 2028")]),
        ([_item()], [_item(standing="expired")], [("Verified", "Expired")]),
        ([_item()], [_item(reference="2")], [("another number", "another number")]),
        ([_item()], [], [("Verified; another number; until 30 June 2027", "no longer held")]),
        ([_item()], [_item(), _item(reference="2")], [("not held", "Verified; another number; until 30 June 2027")]),
    ],
)
def test_what_differs_in_evidence(
    before: list[dict[str, object]], now: list[dict[str, object]], expected: list[tuple[str, str]]
) -> None:
    found = evidence.changes(before, now, names={"dbs": "DBS certificate"}, narrow={"dbs"})
    assert found == tuple(Changed("DBS certificate, Pia", *one) for one in expected)


def _approved(db: Database, made: World) -> None:
    with db.write() as session:
        factories.verified_evidence(session, made.provider_a, made.checker)
        owner = made.owner_a
        application = commands.start_application(session, owner, made.round_id, made.provider_a)
        commands.choose_lots(session, owner, application, [(made.lots[0], made.regions[0])])
        commands.write_statement(session, owner, application, "We would be glad to join.")
        commands.submit_application(session, owner, application)
        part = session.exec(select(ApplicationLot.id)).one()
        commands.accept_part(session, made.lead, application, part)


@pytest.mark.row("1.3")
def test_who_approved_a_provider_sees_what_has_changed_since(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    _approved(db, made)
    here = f"/providers/{made.provider_a}/approved"
    for actor in (made.lead, made.commissioner):
        page = BeautifulSoup(client_for(actor).get(here).text, "html.parser").main
        assert page and "Nothing has changed since." in page.get_text()
        assert [tag.get_text() for tag in page.select(".govuk-tag")] == ["Unaltered"]
    with db.read() as session:
        row = session.exec(select(Application)).one()
        assert page.select_one(".portal-digest").get_text() == row.snapshot_sha256 == digest(canonical(row.snapshot))  # type: ignore[union-attr]
    clock.set(NOON.replace(year=2027, month=7, day=2))
    with db.write() as session:
        owner = made.owner_a
        providers.update_profile(session, owner, made.provider_a, About(name="Elder Therapy", summary="Therapy"))
        providers.tell_numbers(
            session,
            owner,
            made.provider_a,
            Numbers(company_number="09506232", ico_number="ZA123456", share_code="Zz99Test"),
        )
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        providers.mark_practitioner_left(session, owner, made.provider_a, person)
    page = BeautifulSoup(client_for(made.commissioner).get(here).text, "html.parser").main
    assert page
    told = [[cell.get_text(strip=True) for cell in line.select("th, td")] for line in page.select("tbody tr")]
    assert told == [
        ["Name", "Alder Therapy", "Elder Therapy"],
        ["Company number", "none", "09506232"],
        ["ICO registration number", "none", "ZA123456"],
        ["Practitioner Therapist of Alder Therapy", "Therapist", "no longer there"],
        ["Insurance public liability", "Verified", "Expired"],
    ]
    assert "5 things have changed since." in page.get_text()
    assert client_for(made.lead).get(f"/providers/{made.provider_a}").text.count(here) == 1
    with db.write() as session:
        session.exec(update(Application).values(snapshot=row.snapshot | {"statement": "Another"}))
    assert "Altered after it was shared" in client_for(made.lead).get(here).text


@pytest.mark.row("1.3")
def test_only_those_who_may_rely_on_it_see_it(db: Database, made: World, client_for: ClientFor) -> None:
    _approved(db, made)
    here = f"/providers/{made.provider_a}/approved"
    other = client_for(made.other_commissioner).get(here).text
    assert "has been approved for a framework of yours" in other and "SHA-256" not in other and "/pack" not in other
    assert client_for(made.owner_b).get(here).status_code == 404
    assert "Nothing has changed since." in client_for(made.owner_a).get(here).text, (
        "its own people see what agencies see"
    )
    assert client_for(made.lead).get(f"/providers/{made.lead_id}/approved").status_code == 404
    assert f"/providers/{made.provider_a}/pack" in client_for(made.commissioner).get(here).text, (
        "from there to the pack"
    )
    with db.write() as session:
        session.exec(update(ApplicationLot).values(decision=None, decided_at=None, decided_by=None))
    assert "SHA-256" not in client_for(made.lead).get(here).text, "what is not approved yet"


@pytest.mark.bar("P6")
def test_it_asks_as_often_for_much_as_for_little(db: Database, made: World, client_for: ClientFor) -> None:
    """Of one approved application and of six, of few practitioners and of many."""
    _approved(db, made)
    path, counts = f"/providers/{made.provider_a}/approved", []
    for applications in (1, 6):
        with db.write() as session:
            [first] = session.exec(select(Application).limit(1)).all()
            for number in range(1, applications):
                _copy(session, first, number)
        with statements(db) as sent:
            page = client_for(made.lead).get(path)
        assert page.text.count("SHA-256") >= applications
        counts.append(len(sent))
        with db.write() as session:
            for number in range(10):
                providers.add_practitioner(
                    session, made.owner_a, made.provider_a, full_name=f"P {number}", profession="T"
                )
    assert counts[0] == counts[1] <= 15


def _copy(session: Session, first: Application, number: int) -> None:
    """The same application to an earlier round of the same framework, approved as well."""
    window = session.get_one(Round, first.round_id).model_dump(exclude={"id"}) | {"name": f"Round {number}"}
    earlier = Round(**window)
    session.add(earlier)
    session.flush()
    again = Application(**first.model_dump(exclude={"id"}) | {"round_id": earlier.id})
    session.add(again)
    session.flush()
    part = session.exec(select(ApplicationLot).where(ApplicationLot.application_id == first.id)).one()
    session.add(ApplicationLot(**part.model_dump(exclude={"id"}) | {"application_id": again.id}))
    session.flush()
