"""A practitioner's record: what is kept, who sees which part, and what lets somebody deliver a therapy."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.rules import Role
from app.providers import commands, queries
from app.providers.models import DbsRecord, Practitioner, Supervision
from app.providers.rules import DbsLevel, Frequency, Ground, Workforce, dbs_warning, why_not_deliver
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture, migrate, statements
from tests.providers.test_pages import Set, _errors, _heading, _set

ON = date(2026, 11, 23)


@pytest.fixture
def furniture() -> Furniture:
    return _set


def _person(session: Session, provider_id: UUID) -> UUID:
    return session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider_id)).one()


@pytest.fixture
def person(db: Database, made: Set) -> UUID:
    with db.read() as session:
        return _person(session, made.provider_id)


@pytest.mark.row("1.6")
@pytest.mark.parametrize(
    ("left", "grounds", "code"),
    [
        (False, [Ground("HCPC PYL1")], None),
        (False, [Ground("HCPC PYL1", ON)], None),
        (False, [Ground("HCPC PYL1", date(2026, 11, 22)), Ground("DDP level 2")], None),
        (False, [Ground("HCPC PYL1", date(2026, 11, 22))], "ground_lapsed"),
        (False, [], "no_ground"),
        (True, [Ground("HCPC PYL1")], "left"),
    ],
)
def test_what_lets_somebody_deliver(left: bool, grounds: list[Ground], code: str | None) -> None:
    found = why_not_deliver(practitioner_id=uuid4(), name="Pia", left=left, therapy="EMDR", grounds=grounds, on=ON)
    assert (found.code if found else None) == code
    assert found is None or found.fix


@pytest.mark.parametrize(
    ("number", "odd"), [("001234567890", False), ("0012 3456 7890", False), ("12345", True), ("", False)]
)
def test_an_odd_dbs_number_is_pointed_out(number: str, odd: bool) -> None:
    assert bool(dbs_warning(number)) is odd


def _record_everything(session: Session, owner: Actor, person: UUID) -> UUID:
    commands.change_practitioner(session, owner, person, full_name="Pia Practitioner", profession="Psychologist")
    entry = commands.keep_registration(
        session, owner, person, body_slug="HCPC", number="PYL90001", expires_on=date(2027, 3, 31)
    )
    held = commands.keep_qualification(
        session, owner, person, name="DDP level 2", awarding_body="DDP Institute", year=2019
    )
    commands.allow_therapy(session, owner, person, therapy="ddp", ground=held, note="Certified since 2021")
    commands.allow_therapy(session, owner, person, therapy="psychological_assessment", ground=entry)
    commands.keep_supervision(session, owner, person, supervisor="Sue Supervisor", frequency=Frequency.MONTHLY)
    commands.keep_insurance(session, owner, person, insurer="Example Insurance", expires_on=date(2027, 1, 31))
    commands.record_dbs(
        session,
        owner,
        person,
        certificate_number="001234567890",
        issued_on=date(2026, 1, 5),
        level=DbsLevel.ENHANCED,
        workforce=Workforce.CHILD,
        children_barred=True,
        update_service=True,
        consented_on=date(2026, 1, 6),
    )
    return entry


@pytest.mark.row("1.6")
def test_each_part_is_kept_once_and_told(db: Database, made: Set, person: UUID) -> None:
    for _ in range(2):
        with db.write() as session:
            _record_everything(session, made.owner, person)
    with db.read() as session:
        told = queries.practitioner_page(session, made.owner, person)
        names = list(session.exec(select(AuditEvent.name).where(AuditEvent.subject_id == person)))
    assert names == ["practitioner.updated"] * 8, "the same again says nothing new"
    assert [entry.words for entry in told.registrations] == ["HCPC PYL90001"]
    assert [(t.slug, t.ground, t.note) for t in told.therapies] == [
        ("ddp", "DDP level 2, DDP Institute", "Certified since 2021"),
        ("psychological_assessment", "HCPC PYL90001", ""),
    ]
    assert told.supervision is not None
    assert told.insurance is not None
    assert told.dbs is not None
    assert not any("001234567890" in words for _, words in told.timeline), "the number is not in the history"


def test_a_lapsed_registration_takes_its_therapies_with_it(db: Database, made: Set, person: UUID) -> None:
    with db.write() as session:
        entry = _record_everything(session, made.owner, person)
        commands.keep_registration(
            session,
            made.owner,
            person,
            body_slug="HCPC",
            number="PYL90001",
            expires_on=date(2026, 1, 31),
            entry_id=entry,
        )
    with db.read() as session:
        told = queries.practitioner_page(session, made.owner, person)
    assert {t.slug: t.why_not.code if t.why_not else None for t in told.therapies} == {
        "ddp": None,
        "psychological_assessment": "ground_lapsed",
    }


def test_what_allows_a_therapy_stays_until_the_therapy_goes(db: Database, made: Set, person: UUID) -> None:
    with db.write() as session:
        entry = _record_everything(session, made.owner, person)
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.remove_entry(session, made.owner, person, "registration", entry)
    assert "Psychological or psychiatric assessment" in refused.value.refusal.words
    with db.read() as session:
        told = queries.practitioner_page(session, made.owner, person)
    [therapy] = [t.id for t in told.therapies if t.slug == "psychological_assessment"]
    for part, key in (("therapy", therapy), ("registration", entry), ("registration", entry)):
        with db.write() as session:
            commands.remove_entry(session, made.owner, person, part, key)
    with db.read() as session:
        assert queries.practitioner_page(session, made.owner, person).registrations == ()


def test_a_therapy_needs_something_of_ones_own_that_allows_it(db: Database, made: Set, person: UUID) -> None:
    with db.write() as session:
        other = _person(session, made.other_id)
        foreign = commands.keep_qualification(session, made.other_owner, other, name="DDP level 2")
    for ground in (None, foreign, uuid4()):
        with pytest.raises(Refused), db.write() as session:
            commands.allow_therapy(session, made.owner, person, therapy="ddp", ground=ground)


def test_only_those_who_keep_records_change_them(db: Database, made: Set, person: UUID) -> None:
    for actor, error in ((made.reader, NotAllowed), (made.other_owner, NotFound), (made.commissioner, NotFound)):
        with pytest.raises(error), db.write() as session:
            commands.keep_qualification(session, actor, person, name="Anything")


def test_somebody_leaves_and_comes_back(db: Database, made: Set, person: UUID, client_for: ClientFor) -> None:
    owner, buyer = client_for(made.owner), client_for(made.commissioner)
    assert owner.post(f"/practitioners/{person}/left").status_code == 303
    assert "Has left" in owner.get(f"/practitioners/{person}").text
    assert buyer.get(f"/practitioners/{person}").status_code == 404
    assert "People who have left" in owner.get(f"/providers/{made.provider_id}/practitioners").text
    for _ in range(2):
        with db.write() as session:
            commands.return_practitioner(session, made.owner, person)
    assert buyer.get(f"/practitioners/{person}").status_code == 200
    with db.read() as session:
        names = list(session.exec(select(AuditEvent.name).where(AuditEvent.subject_id == person)))
    assert names == ["practitioner.left", "practitioner.returned"]


@pytest.mark.row("1.6")
@pytest.mark.bar("S2")
def test_who_sees_which_part(db: Database, made: Set, person: UUID, client_for: ClientFor) -> None:
    with db.write() as session:
        _record_everything(session, made.owner, person)
        documents = factories.seated(session, made.provider_id, Role.DOCUMENTS, name="Dot Documents")
    shown = {
        name: client_for(actor).get(f"/practitioners/{person}").text
        for name, actor in {
            "owner": made.owner,
            "documents": documents,
            "reader": made.reader,
            "buyer": made.commissioner,
        }.items()
    }
    assert [name for name, page in shown.items() if "001234567890" in page] == ["owner", "documents"]
    assert [name for name, page in shown.items() if "Example Insurance" in page] == ["owner", "documents"]
    assert all("DDP level 2" in page and "PYL90001" in page for page in shown.values())
    assert "What happened" not in shown["buyer"]
    assert client_for(made.other_owner).get(f"/practitioners/{person}").status_code == 404


@pytest.mark.row("1.6")
def test_the_pages_of_the_parts(db: Database, made: Set, person: UUID, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/practitioners/{person}"
    for part in ("name", "registration", "qualification", "therapy", "supervision", "insurance", "dbs"):
        assert client.get(f"{here}/{part}").status_code == 200, part
    assert client.get(f"{here}/anything").status_code == 404
    empty = client.post(f"{here}/supervision", data={"supervisor": "", "last_on-day": "31", "last_on-month": "2"})
    assert empty.status_code == 422
    assert _errors(empty)[0] == "Enter the supervisor’s name"
    wrong = client.post(f"{here}/dbs", data={"certificate_number": "12", "consented_on-day": "3"})
    assert wrong.status_code == 422
    assert BeautifulSoup(wrong.text, "html.parser").find(id="certificate_number")["value"] == "12"
    sent = client.post(f"{here}/qualification", data={"name": "Play therapy diploma", "year": "2015"})
    assert sent.headers["location"] == f"{here}#qualification"
    soup = BeautifulSoup(client.get(f"{here}/therapy").text, "html.parser")
    [choice] = [o["value"] for o in soup.select("#ground option") if o["value"]]
    nothing = client.post(f"{here}/therapy", data={"therapy": "play_therapy", "ground": str(uuid4())})
    assert (nothing.status_code, _errors(nothing)) == (422, ["Select the registration or qualification that allows it"])
    assert client.post(f"{here}/therapy", data={"therapy": "play_therapy", "ground": choice}).status_code == 303
    record = client.get(here)
    assert _heading(record).endswith("Therapist of Alder Therapy")
    assert "Play therapy diploma" in record.text
    assert client.post(f"{here}/qualification/{choice}/remove").status_code == 409
    prefilled = BeautifulSoup(client.get(f"{here}/qualification?entry={choice}").text, "html.parser")
    assert prefilled.find(id="year")["value"] == "2015"
    assert client.get(f"{here}/qualification?entry={uuid4()}").status_code == 404


def test_the_list_and_the_record_ask_a_constant_number_of_times(db: Database, made: Set, client_for: ClientFor) -> None:
    client, counts = client_for(made.owner), []
    for size in (1, 30):
        with db.write() as session:
            for number in range(size):
                key = commands.add_practitioner(
                    session, made.owner, made.provider_id, full_name=f"P{size}-{number}", profession="T"
                )
                commands.keep_registration(session, made.owner, key, body_slug="HCPC", number=f"AS{number:05d}")
                commands.keep_registration(session, made.owner, key, body_slug="UKCP", number=f"{number}")
        with statements(db) as sent:
            assert client.get(f"/providers/{made.provider_id}/practitioners").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12


@pytest.mark.walk
def test_the_one_registration_of_before_is_the_first_of_now(db: Database, made: Set, database_url: str) -> None:
    """The migration keeps what stood in a practitioner's own row, and takes it back down again."""
    with db.write() as session:
        key = commands.add_practitioner(
            session,
            made.owner,
            made.provider_id,
            full_name="Pia",
            profession="T",
            body_slug="HCPC",
            registration_number="AS12345",
        )
    migrate(database_url, "0002")
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT full_name, body_slug, registration_number FROM practitioner")).all()
    assert ("Pia", "HCPC", "AS12345") in [tuple(row) for row in rows]
    migrate(database_url)
    with db.read() as session:
        [pia] = [p for p in queries.practitioners(session, made.provider_id) if p.id == key]
    assert [entry.words for entry in pia.registrations] == ["HCPC AS12345"]


def test_rows_have_their_floor(db: Database, made: Set, person: UUID) -> None:
    for row in (
        Supervision(practitioner_id=person, supervisor="S", frequency="sometimes"),
        DbsRecord(
            practitioner_id=person,
            certificate_number="1",
            issued_on=ON,
            level="enhanced",
            workforce="child",
            consented_on=ON,
            recorded_at=NOON,
            recorded_by=made.owner.known,
        ),
    ):
        with pytest.raises(IntegrityError), db.write() as session:
            session.add(row)
