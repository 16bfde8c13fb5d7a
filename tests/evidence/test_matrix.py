"""Invariant 6: every download route × every state × every role; only what the machine allows is served."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from starlette.testclient import TestClient

from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs, condemn
from app.core.database import Database
from app.core.refusals import NotFound
from app.evidence.models import Document, EvidenceItem, EvidenceKind, Verification
from app.evidence.rules import ScanState
from app.frameworks.models import CallOffBody, LotRequirement
from app.memberships.commands import open_relied_document
from app.organisations.rules import OrganisationKind, Role
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.meeting import Set, alder, document_of

PDF = files.pdf()
WAYS = {
    "saved": ("GET", "/documents/{}/file", {}),
    "shown": ("GET", "/documents/{}/file?view", {}),
    "in part": ("GET", "/documents/{}/file", {"Range": "bytes=0-3"}),
    "opened": ("POST", "/documents/{}/open", {}),
    "relied on": ("POST", "/relied-on/documents/{}/open", {}),
}
RELYING, PRIVATE, NARROW = "ins_public_liability", "accounts", "dbs_enhanced"
KINDS = (RELYING, PRIVATE, NARROW)
SITUATIONS = ("not sent", "sent", "decided by Cara", "decided, confidential")
DECIDED = SITUATIONS[2:]


def _world(session: Session) -> tuple[Set, dict[str, Actor]]:
    made = alder(session)
    hub = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
    agency = factories.raa(session, "Another agency")
    relying, no_longer = factories.raa(session, "Relying agency"), factories.raa(session, "Agency that left")
    _relied_on(session, made, hub, relying, no_longer)
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "The platform")
    people = {
        "owner": made.owner,
        "documents": made.keeper,
        "bids": made.reader,
        "contracts": factories.seated(session, made.provider_id, Role.CONTRACTS, name="Connie"),
        "read only": factories.seated(session, made.provider_id, Role.READ_ONLY, name="Rob"),
        "another's owner": made.other_owner,
        "checker": made.checker,
        "another checker": factories.seated(session, hub, Role.CHECKER, name="Chris"),
        "framework lead": factories.seated(session, hub, Role.FRAMEWORK_LEAD, name="Fay"),
        "commissioner": made.commissioner,
        "approver": factories.seated(session, agency, Role.APPROVER, name="Avery"),
        "relying commissioner": factories.seated(session, relying, Role.COMMISSIONER, name="Rhea"),
        "relying approver": factories.seated(session, relying, Role.APPROVER, name="Ravi"),
        "relying checker": factories.seated(session, relying, Role.CHECKER, name="Rolf"),
        "relying chair": factories.seated(session, relying, Role.CHAIR, name="Ruth"),
        "relying assessor": factories.seated(session, relying, Role.ASSESSOR, name="Rani"),
        "commissioner who left": factories.seated(session, no_longer, Role.COMMISSIONER, name="Lou"),
        "administrator": factories.seated(session, platform, Role.ADMINISTRATOR, name="Ada"),
        "auditor": factories.seated(session, platform, Role.AUDITOR, name="Audrey"),
    }
    return made, {**people, "stranger": NOBODY}


def _relied_on(session: Session, made: Set, hub: UUID, relying: UUID, no_longer: UUID) -> None:
    """A framework whose first lot requires every kind; one agency calls off from it, another did until yesterday."""
    framework_id, lots, regions, _ = factories.framework(session, hub, (relying,))
    session.add(
        CallOffBody(
            framework_id=framework_id,
            organisation_id=no_longer,
            entitled_from=NOON.date() - timedelta(days=90),
            entitled_to=NOON.date() - timedelta(days=1),
        )
    )
    session.add_all(LotRequirement(lot_id=lots[0], kind_slug=kind) for kind in KINDS)
    factories.membership(session, made.provider_id, framework_id, lots[0], regions[0], made.checker.known)


@pytest.fixture
def furniture() -> Furniture:
    return _world


def may(who: str, way: str, kind: str, state: ScanState, situation: str) -> bool:
    """The product's word. Source: state machine 5, and capabilities 3.8 for DBS files and 3.10 for agencies."""
    narrow, decided = kind == NARROW, situation in DECIDED
    if state is not ScanState.CLEAN:
        return False
    if way == "relied on":
        relies = who in ("relying commissioner", "relying approver", "relying checker")
        return relies and kind == RELYING and situation == "decided by Cara"
    if (way == "opened") is not narrow:
        return False
    if who in ("owner", "documents"):
        return True
    if who in ("bids", "contracts", "read only"):
        return not narrow and situation != "decided, confidential"
    if who == "checker":
        return situation != "not sent"
    return who in ("another checker", "relying checker") and (situation == "sent" or (decided and not narrow))


def _made(db: Database, blobs: Blobs, made: Set, kind: str, state: ScanState, situation: str) -> UUID:
    item_id, document_id = document_of(
        db, blobs, made, kind=kind, state=state, submitted=situation != "not sent", content=PDF
    )
    if situation in DECIDED:
        with db.write() as session:
            if situation == "decided, confidential":
                session.get_one(EvidenceItem, item_id).confidential_reason = "It names a family"
            session.add(
                Verification(
                    item_id=item_id,
                    checker_id=made.checker.known,
                    checker_organisation_id=made.checker.seats[0].organisation_id,
                    outcome="verified",
                    at=NOON,
                )
            )
    return document_id


def _knock(client: TestClient, document_id: UUID, way: str) -> tuple[int, bytes]:
    method, path, headers = WAYS[way]
    answer = client.request(method, path.format(document_id), headers=headers)
    return answer.status_code, answer.content


@pytest.mark.walk
@pytest.mark.invariant(6)
@pytest.mark.row("3.2")
@pytest.mark.row("3.8")
@pytest.mark.row("3.10")
def test_only_what_the_machine_allows_is_served(
    db: Database, blobs: Blobs, made: tuple[Set, dict[str, Actor]], client_for: ClientFor
) -> None:
    setting, people = made
    clients = {who: client_for(actor) for who, actor in people.items()}
    wrong, cells, served = [], 0, 0
    for kind, state, situation in product(KINDS, ScanState, SITUATIONS):
        document_id = _made(db, blobs, setting, kind, state, situation)
        for who, way in product(people, WAYS):
            cells += 1
            status, content = _knock(clients[who], document_id, way)
            allowed = may(who, way, kind, state, situation)
            served += allowed
            expected = (206 if way == "in part" else 200) if allowed else 303 if who == "stranger" else 404
            if status != expected or (content[:4] == b"%PDF") is not allowed:
                wrong.append(f"{who} {way} {kind} {state} {situation}: {status}")
    assert wrong == []
    print(f"{cells} cells, {served} served")
    assert cells == len(people) * len(WAYS) * len(KINDS) * len(ScanState) * len(SITUATIONS)
    assert 0 < served < cells / 4


@pytest.mark.invariant(6)
def test_nothing_is_served_of_what_lost_its_key_whatever_its_row_says(
    db: Database, blobs: Blobs, made: tuple[Set, dict[str, Actor]], client_for: ClientFor
) -> None:
    setting, people = made
    document_id = _made(db, blobs, setting, "ins_public_liability", ScanState.CLEAN, "sent")
    client = client_for(people["owner"])
    assert _knock(client, document_id, "saved")[0] == 200
    with db.write() as session:
        condemn(session, session.get_one(Document, document_id).blob_key)
    assert {_knock(client, document_id, way)[0] for way in WAYS} == {404}


@pytest.mark.row("3.9")
@pytest.mark.row("3.10")
def test_an_agency_opens_what_it_relies_on_and_the_provider_sees_who_did_even_of_an_older_version(
    db: Database, blobs: Blobs, made: tuple[Set, dict[str, Actor]], client_for: ClientFor
) -> None:
    setting, people = made
    older = _made(db, blobs, setting, RELYING, ScanState.CLEAN, "decided by Cara")
    newer = _made(db, blobs, setting, RELYING, ScanState.CLEAN, "decided by Cara")
    with db.write() as session:
        item_id, newer_id = (session.get_one(Document, one).item_id for one in (older, newer))
        session.get_one(EvidenceItem, item_id).replaced_by_id = newer_id
    client = client_for(people["relying commissioner"])
    agency_id = people["relying commissioner"].seats[0].organisation_id
    assert f"/relied-on/documents/{older}/open" in client.get(f"/agencies/{agency_id}/facts/{item_id}").text
    assert _knock(client, older, "relied on") == (200, PDF)
    told = "Rhea opened certificate.pdf for Relying agency"
    for page in (f"/evidence/{item_id}", f"/evidence/{item_id}/relied-on"):
        assert told in client_for(people["owner"]).get(page).text
    with pytest.raises(NotFound), db.write() as session:
        open_relied_document(session, people["relying chair"], older)
    with db.read() as session:
        assert [audit.sentence(event) for event in audit.timeline(session, older)].count(told) == 1
        assert told not in [audit.sentence(event) for event in audit.timeline(session, newer)]


@pytest.mark.row("3.10")
def test_of_what_is_confidential_an_agency_sees_the_facts_alone_with_the_reason(
    db: Database, blobs: Blobs, made: tuple[Set, dict[str, Actor]], client_for: ClientFor
) -> None:
    setting, people = made
    document_id = _made(db, blobs, setting, RELYING, ScanState.CLEAN, "decided, confidential")
    with db.read() as session:
        item_id = session.get_one(Document, document_id).item_id
    agency_id = people["relying commissioner"].seats[0].organisation_id
    page = client_for(people["relying commissioner"]).get(f"/agencies/{agency_id}/facts/{item_id}").text
    assert "It names a family" in page
    assert "R-1" in page
    assert "/relied-on/documents/" not in page


@pytest.mark.row("3.10")
def test_no_kind_of_a_dbs_file_is_ever_open_to_agencies(db: Database, made: tuple[Set, dict[str, Actor]]) -> None:
    with pytest.raises(IntegrityError, match="narrow_is_private"), db.write() as session:
        session.get_one(EvidenceKind, NARROW).audience = "relying"


@pytest.mark.row("3.2")
@pytest.mark.parametrize(
    ("asked", "status", "told", "content"),
    [
        ("bytes=0-4", 206, "bytes 0-4/{size}", PDF[:5]),
        ("bytes=5-", 206, "bytes 5-{last}/{size}", PDF[5:]),
        ("bytes=-7", 206, "bytes {tail}-{last}/{size}", PDF[-7:]),
        ("bytes=3-999999", 206, "bytes 3-{last}/{size}", PDF[3:]),
        ("bytes=0-999999", 200, None, PDF),
        ("bytes=999999-", 416, "bytes */{size}", b""),
        ("bytes=5-3", 200, None, PDF),
        ("bytes=-0", 416, "bytes */{size}", b""),
        ("bytes=-", 200, None, PDF),
        ("bytes=0-1,3-4", 200, None, PDF),
        ("lines=0-1", 200, None, PDF),
        ("bytes=" + "9" * 30 + "-", 200, None, PDF),
    ],
)
def test_ranges(
    asked: str,
    status: int,
    told: str | None,
    content: bytes,
    db: Database,
    blobs: Blobs,
    made: tuple[Set, dict[str, Actor]],
    client_for: ClientFor,
) -> None:
    document_id = _made(db, blobs, made[0], "ins_public_liability", ScanState.CLEAN, "sent")
    answer = client_for(made[1]["owner"]).get(f"/documents/{document_id}/file", headers={"Range": asked})
    size = len(PDF)
    expected = told.format(size=size, last=size - 1, tail=size - 7) if told else None
    assert (answer.status_code, answer.headers.get("content-range"), answer.content) == (status, expected, content)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_range_of_what_has_changed_meanwhile_is_the_whole(
    db: Database, blobs: Blobs, made: tuple[Set, dict[str, Actor]], client_for: ClientFor
) -> None:
    document_id = _made(db, blobs, made[0], "ins_public_liability", ScanState.CLEAN, "sent")
    client, path = client_for(made[1]["owner"]), f"/documents/{document_id}/file"
    etag = client.get(path).headers["etag"]
    for condition, status in ((etag, 206), ('"another"', 200)):
        answer = client.get(path, headers={"Range": "bytes=0-4", "If-Range": condition})
        assert answer.status_code == status
    assert replace(made[1]["owner"])
