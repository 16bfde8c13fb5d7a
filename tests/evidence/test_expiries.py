"""Every expiry on one page: in bands, by person and kind, each as it stands, and nobody else's."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.core.actor import NOBODY
from app.core.database import Database
from app.evidence import reference
from app.evidence.commands import add_item
from app.evidence.queries.expiries import expiries
from app.evidence.rules import ItemFacts
from app.evidence.rules.expiries import Band, band, within
from app.providers import commands
from app.providers.models import DbsRecord, Practitioner
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture, statements
from tests.factories import World

ON = NOON.date()


@pytest.fixture
def furniture() -> Furniture:
    return factories.world_without_members


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-400, "overdue"),
        (-1, "overdue"),
        (0, "fortnight"),
        (14, "fortnight"),
        (15, "soon"),
        (60, "soon"),
        (61, "later"),
    ],
)
def test_the_bands(days: int, expected: str) -> None:
    assert band(ON + timedelta(days=days), ON) is Band(expected)
    assert within(ON + timedelta(days=days), ON, None)
    assert within(ON + timedelta(days=days), ON, 14) is (days <= 14)


def _staffed(session: Session, made: World, count: int = 12) -> list[UUID]:
    """An agency of many: each with a DBS item and a registration, one of these lapsed; the first with cover of their own."""
    people = []
    for number in range(count):
        key = commands.add_practitioner(
            session, made.owner_a, made.provider_a, full_name=f"Practitioner {number:02d}", profession="T"
        )
        commands.keep_registration(
            session,
            made.owner_a,
            key,
            body_slug=None,
            number=f"N{number}",
            expires_on=ON + timedelta(days=-3 if number == 1 else 10 * number),
        )
        factories.evidence_kind(session, "dbs_enhanced", holder="person")
        factories.verified_evidence(
            session,
            made.provider_a,
            made.checker,
            kind="dbs_enhanced",
            practitioner_id=key,
            expires_on=date(2028, 1, 1),
        )
        people.append(key)
    commands.keep_insurance(
        session, made.owner_a, people[0], insurer="Own Cover", policy_number="=1+1", expires_on=ON + timedelta(days=5)
    )
    factories.verified_evidence(session, made.provider_a, made.checker)
    factories.verified_evidence(session, made.provider_b, made.checker, expires_on=ON)
    return people


@pytest.mark.row("1.6")
def test_an_agency_of_twelve_sees_every_expiry_on_one_page(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        people = _staffed(session, made)
    soup = BeautifulSoup(client_for(made.owner_a).get(f"/providers/{made.provider_a}/expiries").text, "html.parser")
    tables = {table.caption.get_text(): len(table.select("tbody tr")) for table in soup.find_all("table")}
    assert tables == {
        "Already expired": 1,
        "Within 14 days": 2,
        "Within 60 days": 5,
        "Later": 18,
        "How each practitioner stands with each kind of evidence": 13,
    }
    row = next(
        r
        for r in soup.select("table tr")
        if r.find("a", href=f"/practitioners/{people[1]}") and len(r.find_all("td")) == 3
    )
    assert "Expired" in row.get_text()
    assert "Verified" in row.get_text()


@pytest.mark.row("1.6")
def test_filters_by_person_kind_and_days(db: Database, made: World) -> None:
    with db.write() as session:
        people = _staffed(session, made)
    with db.read() as session:
        every = expiries(session, made.provider_a, ON)
        of_one = expiries(session, made.provider_a, ON, person=people[0])
        dbs = expiries(session, made.provider_a, ON, kind="dbs_enhanced")
        near = expiries(session, made.provider_a, ON, days=14)
    assert (every.count, every.overdue) == (26, 1)
    assert [one.kind for one in of_one.listed] == ["professional_registration", "own_insurance", "dbs_enhanced"]
    assert {one.kind for one in dbs.listed} == {"dbs_enhanced"}
    assert [one.whose for one in near.listed] == ["Practitioner 01", "Practitioner 00", "Practitioner 00"]
    dates = [one.expires_on for one in every.listed]
    assert dates == sorted(dates)


@pytest.mark.row("1.2")
@pytest.mark.parametrize("moved", [0, 30])
def test_one_fact_is_one_line(db: Database, made: World, client_for: ClientFor, moved: int) -> None:
    """A registration, and cover of one's own, each recorded and checked; where the two days differ the line says both."""
    recorded = ON + timedelta(days=90)
    checked = recorded + timedelta(days=moved)
    with db.write() as session:
        reference.load(session)
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        owner = made.owner_a
        entry = commands.keep_registration(session, owner, person, body_slug=None, number="AS 123", expires_on=recorded)
        commands.keep_insurance(session, owner, person, insurer="Own", policy_number="OC-1", expires_on=recorded)
        for facts in (
            ItemFacts(
                kind="professional_registration", practitioner_id=person, registration_id=entry, expires_on=checked
            ),
            ItemFacts(kind="ins_professional_indemnity", reference="oc-1", expires_on=checked),
        ):
            add_item(session, owner, made.provider_a, facts)
    with db.read() as session:
        found = expiries(session, made.provider_a, ON)
        of_person = expiries(session, made.provider_a, ON, person=person)
    assert sorted(one.kind for one in found.listed) == ["ins_professional_indemnity", "professional_registration"]
    assert of_person.count == 2
    assert {one.record_says for one in found.listed} == {recorded if moved else None}
    assert found.columns == ("Professional registration",)
    page = client_for(made.owner_a).get(f"/providers/{made.provider_a}/expiries").text
    assert page.count("Their record</a> says") == (2 if moved else 0)


def test_a_dbs_check_that_a_record_alone_tells_is_not_called_none(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).first()
        assert person
        row = DbsRecord(
            practitioner_id=person,
            certificate_number="001234567890",
            issued_on=date(2026, 3, 2),
            level="enhanced",
            workforce="child",
            recorded_at=NOON,
            recorded_by=made.owner_a.known,
        )
        session.add(row)
    page = BeautifulSoup(client_for(made.owner_a).get(f"/providers/{made.provider_a}/expiries").text, "html.parser")
    grid = page.select_one('[aria-label="Person by person"]')
    assert grid
    assert "Recorded Issued 2 March 2026" in grid.get_text(" ", strip=True)


def test_somebody_who_left_is_not_on_the_page(db: Database, made: World) -> None:
    with db.write() as session:
        people = _staffed(session, made)
        commands.mark_practitioner_left(session, made.owner_a, made.provider_a, people[0])
    with db.read() as session:
        found = expiries(session, made.provider_a, ON)
    assert found.count == 23
    assert people[0] not in {row.practitioner_id for row in found.rows}


@pytest.mark.bar("S6")
def test_the_file_and_odd_filters(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        _staffed(session, made, 2)
    client, here = client_for(made.owner_a), f"/providers/{made.provider_a}/expiries"
    answer = client.get(f"{here}?form=csv&within=60")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Expires,What,Reference,Whose,Where it stands"
    assert len(lines) == 4
    assert any(",'=1+1," in line for line in lines)
    for odd in ("person=nobody", "within=soon", "within=-5"):
        assert len(BeautifulSoup(client.get(f"{here}?{odd}").text, "html.parser").select("tbody tr")) == 9
    assert "Nothing that you asked for expires" in client.get(f"{here}?kind=strange").text


@pytest.mark.bar("S2")
def test_it_is_for_the_providers_own_people(made: World, client_for: ClientFor) -> None:
    here = f"/providers/{made.provider_a}/expiries"
    assert "Nothing with an expiry date yet" in client_for(made.owner_a).get(here).text
    assert client_for(NOBODY).get(here).status_code == 303
    for actor in (made.owner_b, made.commissioner, made.checker):
        assert client_for(actor).get(here).status_code == 404


@pytest.mark.bar("P6")
def test_it_asks_as_often_for_many_as_for_few(db: Database, made: World, client_for: ClientFor) -> None:
    counts = []
    for size in (1, 30):
        with db.write() as session:
            _staffed(session, made, size)
        with statements(db) as sent:
            assert client_for(made.owner_a).get(f"/providers/{made.provider_a}/expiries").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12
