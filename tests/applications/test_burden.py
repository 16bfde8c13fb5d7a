"""What an application asks is counted; a second framework asks a fully evidenced provider for nothing it already holds."""

from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.applications.burden import Burden, count, profile_facts, total
from app.applications.commands import start_application
from app.applications.models import Application, ApplicationBurden
from app.applications.queries.burden import asked_by_framework, asked_of_me, last_statement
from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence import commands as evidence
from app.evidence import reference
from app.evidence.models import Document, EvidenceItem
from app.evidence.rules import ItemFacts, ScanState
from app.frameworks.models import LotRequirement, Round
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands as providers
from app.providers.models import Practitioner
from app.providers.rules import Numbers
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.evidence import files

KINDS = ("insurance_public_liability", "insurance_indemnity", "safeguarding", "registration")


def test_counting() -> None:
    found = count(
        profile=7,
        practitioners_since=1,
        kinds={"a": True, "b": False},
        statement_kept=False,
        answers=4,
        answers_carried=3,
        prices=2,
        uploads_before=3,
        uploads_since=1,
        started_at=NOON,
        submitted_at=NOON + timedelta(minutes=9, seconds=59),
    )
    assert found == Burden(asked=17, reused=10, uploads=1, uploads_avoided=3, minutes=9)
    assert found.new == 7
    assert total([found, found]) == Burden(34, 20, 2, 6, 18)
    assert total([]) == Burden(0, 0, 0, 0, 0)
    assert profile_facts({"name": "A", "website": "", "therapies": ["x"], "practitioners": [1, 2]}) == 4


def _evidenced(db: Database, blobs: Blobs, made: factories.World) -> None:
    """Provider A holds everything both frameworks require, uploaded, scanned, sent and verified."""
    for kind in KINDS:
        with db.write() as session:
            facts = ItemFacts(
                kind=kind,
                issuer="Example Insurance",
                reference="PL-1",
                cover_pence=100,
                starts_on=date(2026, 1, 1),
                expires_on=date(2027, 6, 30),
            )
            item = evidence.add_item(session, made.owner_a, made.provider_a, facts)
            blob = blobs.put(BytesIO(files.pdf()), room="evidence")
            document = evidence.attach_document(
                session, made.owner_a, item, blob, media_type="application/pdf", file_name=f"{kind}.pdf"
            )
            evidence.record_scan(session, document, ScanState.CLEAN, scanner="test")
            evidence.submit_item(session, made.owner_a, item)
            evidence.verify_item(session, made.checker, item, ticks=factories.ticked(session, item), how="Read it")


def _requiring(session: Session, made: factories.World) -> tuple[UUID, tuple[UUID, UUID], tuple[UUID, UUID], UUID]:
    """A second framework of the same lead, whose lots require every kind."""
    for kind in KINDS:
        factories.evidence_kind(session, kind)
    second = factories.framework(session, made.lead_id, (made.raa_id,))
    for lot in (*made.lots, *second[1]):
        for kind in KINDS[1:]:
            session.add(LotRequirement(lot_id=lot, kind_slug=kind))
    session.flush()
    return second


def _fields(page: str) -> tuple[set[str], int]:
    """The boxes of a page's forms that are empty and want an answer, and how many files it asks for."""
    main = BeautifulSoup(page, "html.parser").find("main")
    assert main
    boxes = set[str]()
    for box in main.select("form input, form textarea, form select"):
        kind = str(box.get("type", "text"))
        if kind not in ("hidden", "submit", "checkbox", "radio", "file"):
            filled = box.get("value") or box.get_text(strip=True)
            boxes |= set() if filled else {str(box.get("name"))}
    return boxes, len(main.select("input[type=file]"))


def _apply(client: TestClient, made: factories.World, round_id: UUID, part: str) -> tuple[set[str], int]:
    """Apply over HTTP as a person would; the empty boxes met on the way, and the files asked for."""
    started = client.post(f"/rounds/{round_id}/applications", data={"provider_id": str(made.provider_a)})
    here = started.headers["location"]
    boxes, uploads = set[str](), 0
    for path in (here, f"{here}/lots", f"{here}/statement", f"{here}/check"):
        found, asked = _fields(client.get(path).text)
        boxes, uploads = boxes | found, uploads + asked
    assert client.post(f"{here}/lots", data={"parts": part}).status_code == 303
    if "statement" in boxes:
        words = {"statement": "We work with families after adoption."}
        assert client.post(f"{here}/statement", data=words).status_code == 303
    needs = client.get(here).text
    assert "promised" not in needs.lower() or boxes
    assert client.post(f"{here}/submit", data={"declaration": "true"}).status_code == 303
    return boxes, uploads


@pytest.mark.row("1.13")
@pytest.mark.row("1.2")
@pytest.mark.row("3.6")
def test_a_second_framework_asks_for_nothing_again(
    db: Database, blobs: Blobs, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    with db.write() as session:
        _, lots, regions, second_round = _requiring(session, made)
    _evidenced(db, blobs, made)
    client = client_for(made.owner_a)
    clock.forward(hours=1)
    first, _ = _apply(client, made, made.round_id, f"{made.lots[0]}:{made.regions[0]}")
    assert first == {"statement"}, "the measure sees a question where one is asked"
    clock.forward(days=1)
    with db.read() as session:
        documents = session.exec(select(Document.id)).all()
        items = session.exec(select(EvidenceItem.id)).all()
    again, uploads = _apply(client, made, second_round, f"{lots[0]}:{regions[0]}")
    with db.read() as session:
        assert session.exec(select(Document.id)).all() == documents
        assert session.exec(select(EvidenceItem.id)).all() == items
        latest = session.exec(select(Application).where(Application.round_id == second_round)).one()
        counted = session.get_one(ApplicationBurden, latest.id)
        assert {line["standing"] for line in latest.snapshot["evidence_needed"]} == {"verified"}
        assert len(latest.snapshot["evidence_needed"]) == len(KINDS)
    print(f"{len(again)} repeated questions, {uploads + counted.uploads} repeated uploads")
    assert (len(again), uploads, counted.uploads) == (0, 0, 0)
    assert counted.uploads_avoided == len(KINDS)
    assert counted.asked - counted.reused == 1, "which lots, and nothing else"


@pytest.mark.row("1.13")
@pytest.mark.row("1.2")
def test_what_the_profile_told_before_is_no_question_when_it_becomes_evidence(
    db: Database, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    """Three kinds are needed: one number is on the profile, one practitioner's registration is, and a policy nowhere."""
    kinds = ("ico_registration", "professional_registration", "safeguarding_policy")
    client = client_for(made.owner_a)
    with db.write() as session:
        reference.load(session)
        factories.requirement(session, made.lots[0], {"all_of": list(kinds)})
        owner, provider = made.owner_a, made.provider_a
        numbers = Numbers(company_number="09506232", ico_number="ZA123456")
        providers.tell_numbers(session, owner, provider, numbers)
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider)).one()
        providers.keep_registration(session, owner, person, body_slug=None, number="AS1", expires_on=date(2027, 9, 30))
    clock.forward(hours=1)
    with db.write() as session:
        application = start_application(session, made.owner_a, made.round_id, made.provider_a)
    clock.forward(minutes=5)
    repeated = set[str]()
    for kind in kinds[:2]:
        add = f"/providers/{made.provider_a}/evidence/add?kind={kind}"
        page = client.get(add).text
        empty, _ = _fields(page)
        repeated |= {f"{kind}: {name}" for name in empty & {"reference", "practitioner_id"}}
        form = BeautifulSoup(page, "html.parser").select_one("main form[method=post]")
        assert form
        boxes = {str(box["name"]): str(box.get("value", "")) for box in form.select("input[name]")}
        chosen = {str(one.find_parent("select")["name"]): str(one["value"]) for one in form.select("option[selected]")}
        assert client.post(add, data=boxes | chosen).status_code == 303
    assert client.post(add.replace(kind, kinds[2]), data={"issuer": "Alder Therapy"}).status_code == 303
    client.post(f"/applications/{application}/lots", data={"parts": f"{made.lots[0]}:{made.regions[0]}"})
    client.post(f"/applications/{application}/statement", data={"statement": "We would be glad to join."})
    assert client.post(f"/applications/{application}/submit", data={"declaration": "true"}).status_code == 303
    with db.read() as session:
        counted = session.get_one(ApplicationBurden, application)
    print(f"{len(repeated)} repeated questions, {counted.reused} of {counted.asked} answers re-used")
    assert repeated == set()
    assert counted.asked - counted.reused == 3, "the policy, which lots, and the statement"


@pytest.mark.row("1.13")
def test_the_meter_is_shown_to_the_provider_and_per_framework_to_those_who_run_it(
    db: Database, blobs: Blobs, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    assert "You have not submitted" in client_for(made.owner_a).get("/burden").text
    assert "No application" in client_for(made.lead).get("/burden").text
    client = client_for(made.owner_a)
    _apply(client, made, made.round_id, f"{made.lots[0]}:{made.regions[0]}")
    with db.read() as session:
        assert last_statement(session, made.provider_a) == "We work with families after adoption."
        assert last_statement(session, made.provider_b) == ""
        [mine] = asked_of_me(session, made.owner_a)
        assert asked_of_me(session, made.owner_b) == []
        for actor in (made.lead, made.commissioner):
            [framework] = asked_by_framework(session, actor)
            assert (framework.applications, framework.burden) == (1, mine.burden)
        assert asked_by_framework(session, made.other_commissioner) == []
        assert session.exec(select(Round.id)).one() == made.round_id
    with db.write() as session:
        platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
        staff = [factories.seated(session, platform, role) for role in (Role.ADMINISTRATOR, Role.AUDITOR)]
    for actor in staff:
        page = client_for(actor).get("/burden").text
        assert "1 application" in page and "Alder Therapy" not in page, "figures of every framework, and nobody's own"
    assert "Test framework" in client.get("/burden").text
    assert "1 application" in client_for(made.commissioner).get("/burden").text
