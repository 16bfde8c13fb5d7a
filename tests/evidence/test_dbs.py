"""A DBS certificate as a record: who may write and read it, what stays once it is sent, and that no log holds a fact of it."""

from dataclasses import replace
from datetime import date
from itertools import product
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select
from structlog.testing import capture_logs

from app.core import audit
from app.core.audit import AuditEvent
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.evidence import commands, reference
from app.evidence.models import DbsRecord, Document, EvidenceItem, EvidenceKind
from app.evidence.queries.dbs import dbs_record, dbs_records
from app.evidence.rules import ItemFacts
from app.evidence.rules.dbs import (
    CHANGED,
    DbsFacts,
    Level,
    StatusResult,
    Workforce,
    why_not_correct,
    why_not_record,
    why_not_retell,
    why_not_upload,
)
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands as providers
from app.providers.models import Practitioner
from app.providers.rules import DbsLevel
from app.providers.rules import Workforce as ToldWorkforce
from app.settings import Settings
from app.work import work_once
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence import files

TODAY = NOON.date()
FACTS = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD, children_barred=True)
NUMBER = "001234567890"
TYPED = {"level": "enhanced", "workforce": "child", "children_barred": "true"}


def _world(session: Session) -> factories.World:
    reference.load(session)
    return factories.world(session)


@pytest.fixture
def furniture() -> Furniture:
    return _world


def _item(db: Database, made: factories.World, *, sent: bool = False) -> UUID:
    with db.write() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        facts = ItemFacts(kind="dbs_enhanced", practitioner_id=person, reference=NUMBER, starts_on=date(2026, 3, 2))
        item_id = commands.add_item(session, made.owner_a, made.provider_a, facts)
        if sent:
            commands.record_dbs(session, made.owner_a, item_id, FACTS)
            commands.submit_item(session, made.owner_a, item_id)
    return item_id


@pytest.mark.row("3.8")
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (FACTS, None),
        (replace(FACTS, level=Level.BASIC), "barred_list_needs_enhanced"),
        (replace(FACTS, level=Level.STANDARD, children_barred=False, adults_barred=True), "barred_list_needs_enhanced"),
        (replace(FACTS, level=Level.BASIC, children_barred=False), None),
        (replace(FACTS, update_service=True, status_checked_on=TODAY), "status_half_told"),
        (replace(FACTS, update_service=True, status_result=StatusResult.CLEAR), "status_half_told"),
        (replace(FACTS, status_checked_on=TODAY, status_result=StatusResult.CLEAR), "no_consent"),
        (replace(FACTS, update_service=True, status_checked_on=TODAY, status_result=StatusResult.CLEAR), None),
        (replace(FACTS, seen_by="Cara Checker"), "seen_half_told"),
        (replace(FACTS, seen_on=TODAY), "seen_half_told"),
        (replace(FACTS, seen_by="Cara Checker", seen_on=date(2026, 11, 24)), "in_the_future"),
        (replace(FACTS, seen_by="Cara Checker", seen_on=TODAY), None),
    ],
)
def test_what_makes_a_record_impossible(facts: DbsFacts, code: str | None) -> None:
    refusal = why_not_record(facts, on=TODAY)
    assert (refusal.code if refusal else None) == code


@pytest.mark.row("3.8")
def test_once_sent_its_keepers_add_a_status_check_and_nothing_else() -> None:
    checked = replace(FACTS, update_service=True, status_checked_on=TODAY, status_result=StatusResult.CURRENT)
    other = replace(FACTS, workforce=Workforce.BOTH)
    for submitted, checker, facts, allowed in (
        (False, False, other, True),
        (True, False, other, False),
        (True, False, checked, True),
        (True, True, other, True),
    ):
        assert (why_not_retell(FACTS, facts, submitted=submitted, checker=checker) is None) is allowed
    assert why_not_retell(None, other, submitted=True, checker=False) is None
    bad = replace(checked, status_result=StatusResult.CHANGED)
    later = replace(checked, status_checked_on=date(2026, 11, 24))
    current = replace(bad, status_result=StatusResult.CURRENT)
    for facts, allowed in ((FACTS, False), (bad, False), (current, True), (later, True)):
        assert (why_not_retell(checked, facts, submitted=True, checker=False) is None) is allowed
    for checker, (facts, allowed) in product(
        (False, True), ((bad, True), (FACTS, False), (current, False), (later, False))
    ):
        assert (why_not_retell(bad, facts, submitted=True, checker=checker) is None) is allowed, "it stays"
        assert why_not_retell(bad, facts, submitted=False, checker=checker) is None
    assert [why_not_correct(known, CHANGED) is None for known in (bad, current)] == [False, False]
    assert [why_not_correct(known, StatusResult.CLEAR) is None for known in (bad, current)] == [True, False]
    assert why_not_upload(file_off=False) is None
    assert why_not_upload(file_off=True) is not None


@pytest.mark.row("3.8")
def test_the_record_is_for_its_keepers_and_its_checker_alone(db: Database, made: factories.World) -> None:
    item_id = _item(db, made, sent=True)
    with db.write() as session:
        bidder = factories.seated(session, made.provider_a, Role.BIDS, name="Ben Bidder")
        hub = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
        other_checker = factories.seated(session, hub, Role.CHECKER, name="Chester Checker")
        commands.verify_item(
            session, made.checker, item_id, ticks=factories.ticked(session, item_id), how="Saw it", saw_original=True
        )
    for actor in (bidder, made.owner_b, made.lead, made.commissioner, other_checker):
        with pytest.raises(NotFound), db.write() as session:
            commands.record_dbs(session, actor, item_id, FACTS)
    with pytest.raises(NotFound), db.write() as session:
        commands.record_dbs(session, made.owner_a, uuid4(), FACTS)
    with db.write() as session:
        insurance = session.exec(select(EvidenceItem.id).where(EvidenceItem.kind_slug == factories.INSURANCE)).first()
        assert insurance
    with pytest.raises(NotFound), db.write() as session:
        commands.record_dbs(session, made.owner_a, insurance, FACTS)


@pytest.mark.row("3.8")
def test_verifying_writes_down_who_saw_the_original_and_when(db: Database, made: factories.World, clock: Clock) -> None:
    item_id = _item(db, made, sent=True)
    with db.write() as session:
        commands.verify_item(
            session, made.checker, item_id, ticks=factories.ticked(session, item_id), how="Saw it", saw_original=True
        )
    with db.read() as session:
        assert dbs_record(session, item_id) == replace(FACTS, seen_by="Cara Checker", seen_on=TODAY)
        assert dbs_records(session, item_id).keys() == {item_id}
    with pytest.raises(Refused), db.write() as session:
        commands.record_dbs(session, made.owner_a, item_id, replace(FACTS, workforce=Workforce.ADULT))
    with db.write() as session:
        item = session.get_one(EvidenceItem, item_id)
        commands.note_original_seen(session, made.checker, item, date(2026, 11, 20))
    with db.read() as session:
        found = dbs_record(session, item_id)
    assert found and found.seen_on == date(2026, 11, 20)


@pytest.mark.row("3.8")
def test_no_log_and_no_event_holds_a_fact_of_a_certificate(
    db: Database,
    blobs: Blobs,
    config: Settings,
    made: factories.World,
    client_for: ClientFor,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = client_for(made.owner_a)
    with capture_logs() as logs:
        item_id = _item(db, made)
        client.post(f"/evidence/{item_id}/documents", files={"file": ("dbs.pdf", files.pdf(), "application/pdf")})
        client.post(f"/evidence/{item_id}/dbs", data=TYPED | {"seen_by": "Zebedee Unmistakable"} | _day("seen_on"))
        client.post(f"/evidence/{item_id}/submit")
        with db.write() as session:
            commands.verify_item(
                session,
                made.checker,
                item_id,
                ticks=factories.ticked(session, item_id),
                how="Saw it",
                saw_original=True,
            )
        clock.forward(days=200)
        work_once(db, blobs, config)
    with db.read() as session:
        events = session.exec(select(AuditEvent)).all()
        kind = session.get_one(EvidenceKind, "dbs_enhanced").name
        told = " ".join(f"{event.detail} {audit.sentence(event)}" for event in events).replace(kind, "")
        assert all(row.children_barred for row in session.exec(select(DbsRecord)))
        assert session.exec(select(Document.purged_at)).one() is not None
    said = str(logs) + capsys.readouterr().out
    assert "document.found_clean" not in said and "round" in said
    for secret in (NUMBER, "Zebedee", "nhanced", "barred", "orkforce"):
        assert secret not in said
        assert secret not in told


def _day(name: str, day: date = TODAY) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


@pytest.mark.row("3.8")
def test_the_form_keeps_what_was_typed_and_says_beside_the_field_what_is_wrong(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    item_id = _item(db, made)
    client = client_for(made.owner_a)
    page = f"/evidence/{item_id}/dbs"
    assert "Write the record" in client.get(f"/evidence/{item_id}").text
    empty = client.post(page, data={})
    assert empty.status_code == 422
    assert "Select the level of the certificate" in empty.text
    assert "Select the workforce" in empty.text
    wrong = client.post(page, data=TYPED | {"level": "basic"})
    assert wrong.status_code == 422
    assert "Only an enhanced certificate shows a check of the barred lists" in wrong.text
    assert client.post(page, data=TYPED | _day("status_checked_on")).status_code == 422
    done = client.post(page, data=TYPED)
    assert done.status_code == 303
    shown = client.get(f"/evidence/{item_id}").text
    assert "Child workforce" in shown
    assert 'value="enhanced" checked' in client.get(page).text
    with db.write() as session:
        commands.submit_item(session, made.owner_a, item_id)
    refused = client.post(page, data=TYPED | {"workforce": "both"})
    assert refused.status_code == 409
    assert "only the consent and the last status check" in refused.text
    drawn = BeautifulSoup(client.get(page).text, "html.parser")
    asked = {box["name"] for box in drawn.select("main form input:not([type=hidden]), main form select")}
    days = {f"status_checked_on-{part}" for part in ("day", "month", "year")}
    assert asked == {"update_service", "status_result", *days}, "what cannot be changed is text"
    untouched = {box["name"]: box.get("value", "") for box in drawn.select("main form input[type=hidden]")}
    assert client.post(page, data=untouched | {"update_service": "true"}).status_code == 303
    checker = client_for(made.checker)
    assert "Child workforce" in checker.get(f"/checks/{item_id}").text
    assert checker.post(page, data=TYPED | {"workforce": "both"}).headers["location"] == f"/checks/{item_id}#record"
    assert client_for(made.owner_b).get(page).status_code == 404


@pytest.mark.row("1.2")
def test_what_the_practitioner_s_page_was_told_is_not_typed_again(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        providers.record_dbs(
            session,
            made.owner_a,
            person,
            certificate_number=NUMBER,
            issued_on=date(2026, 3, 2),
            level=DbsLevel.ENHANCED,
            workforce=ToldWorkforce.BOTH,
            children_barred=True,
            adults_barred=False,
            update_service=False,
            consented_on=None,
        )
    client = client_for(made.owner_a)
    add = f"/providers/{made.provider_a}/evidence/add?kind=dbs_enhanced"
    form = BeautifulSoup(client.get(f"{add}&of={person}").text, "html.parser")
    typed = {box["name"]: box.get("value", "") for box in form.select("main form input")}
    assert (typed["reference"], typed["starts_on-day"], typed["starts_on-year"]) == (NUMBER, "2", "2026")
    foreign = BeautifulSoup(client.get(f"{add}&of={uuid4()}").text, "html.parser")
    assert foreign.select_one("input[name=reference]").get("value", "") == NUMBER, "there is one practitioner"  # type: ignore[union-attr]
    item = client.post(add, data=typed | {"practitioner_id": str(person)}).headers["location"]
    record = BeautifulSoup(client.get(f"{item}/dbs").text, "html.parser")
    ticked = {(box["name"], box["value"]) for box in record.select("input[checked]")}
    assert ticked == {("level", "enhanced"), ("workforce", "both"), ("children_barred", "true")}


def test_of_one_practitioner_nobody_is_asked_whose_it_is_and_who_issues_it_is_known(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    page = f"/providers/{made.provider_a}/evidence/add?kind=dbs_enhanced"
    form = BeautifulSoup(client_for(made.owner_a).get(page).text, "html.parser").select_one("main form")
    assert form
    assert not form.select("select[name=practitioner_id]")
    given = {box["name"]: box.get("value", "") for box in form.select("input[name]")}
    assert given["issuer"] == "Disclosure and Barring Service"
    made_now = client_for(made.owner_a).post(page, data=given | {"reference": "001234567890"} | _day("starts_on"))
    assert made_now.status_code == 303
    assert "Therapist of Alder Therapy" in form.text
