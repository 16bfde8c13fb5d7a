"""Invariant 6: every download route × every state × every role; only what the machine allows is served."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs, condemn
from app.core.database import Database
from app.evidence.models import Document, Verification
from app.evidence.rules import ScanState
from app.organisations.rules import OrganisationKind, Role
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.meeting import Set, alder, document_of

PDF = files.pdf()
WAYS = {
    "saved": ("GET", "/file", {}),
    "shown": ("GET", "/file?view", {}),
    "in part": ("GET", "/file", {"Range": "bytes=0-3"}),
    "opened": ("POST", "/open", {}),
}
KINDS = {"ins_public_liability": False, "dbs_enhanced": True}
SITUATIONS = ("not sent", "sent", "decided by Cara")


def _world(session: Session) -> tuple[Set, dict[str, Actor]]:
    made = alder(session)
    hub = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
    agency = factories.raa(session, "Another agency")
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
        "administrator": factories.seated(session, platform, Role.ADMINISTRATOR, name="Ada"),
        "auditor": factories.seated(session, platform, Role.AUDITOR, name="Audrey"),
    }
    return made, {**people, "stranger": NOBODY}


@pytest.fixture
def furniture() -> Furniture:
    return _world


def may(who: str, way: str, state: ScanState, situation: str, *, narrow: bool) -> bool:
    """The product's word. Source: state machine 5, and capability 3.8 for DBS files."""
    if state is not ScanState.CLEAN or (way == "opened") is not narrow:
        return False
    if who in ("owner", "documents") or (who in ("bids", "contracts", "read only") and not narrow):
        return True
    if who == "checker":
        return situation != "not sent"
    return who == "another checker" and (situation == "sent" or (situation == "decided by Cara" and not narrow))


def _made(db: Database, blobs: Blobs, made: Set, kind: str, state: ScanState, situation: str) -> UUID:
    item_id, document_id = document_of(
        db, blobs, made, kind=kind, state=state, submitted=situation != "not sent", content=PDF
    )
    if situation == "decided by Cara":
        with db.write() as session:
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
    answer = client.request(method, f"/documents/{document_id}{path}", headers=headers)
    return answer.status_code, answer.content


@pytest.mark.walk
@pytest.mark.invariant(6)
@pytest.mark.row("3.2")
@pytest.mark.row("3.8")
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
            allowed = may(who, way, state, situation, narrow=KINDS[kind])
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
