"""A real ClamAV gives the verdicts; without it a document waits in quarantine, its uploader knows, and it is tried again."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from app.core.blobs import Blobs
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.evidence import commands, scanning
from app.evidence.clamd import Clamd
from app.evidence.models import Document
from app.evidence.rules import ATTEMPTS, ScanState
from app.evidence.scanning import EICAR
from app.organisations.rules import OrganisationKind, Role
from app.settings import Settings
from tests import factories
from tests.clamav import ClamavServer, or_skip
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.meeting import Set, alder, new_item, upload

VIRUS = b"portal-test-virus"
NOBODY_THERE = "clamd://127.0.0.1:1"


@pytest.fixture(scope="module")
def clamav() -> Iterator[ClamavServer]:
    or_skip()
    with ClamavServer() as server:
        yield server


@pytest.fixture
def furniture() -> Furniture:
    return alder


def _with(client: TestClient, config: Settings, scanner: str) -> TestClient:
    client.app.state.settings = config.model_copy(update={"scanner": scanner})  # type: ignore[attr-defined]
    return client


@pytest.mark.row("3.2")
@pytest.mark.parametrize("way", ["tcp", "unix"])
@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"hello", ScanState.CLEAN),
        (EICAR, ScanState.INFECTED),
        (files.parcel(inside=EICAR), ScanState.INFECTED),
        (files.infected_pdf(), ScanState.INFECTED),
        (files.pdf(VIRUS), ScanState.INFECTED),
        (random.Random(1).randbytes(20 << 20), ScanState.CLEAN),
    ],
    ids=["clean", "eicar", "eicar in an archive", "eicar in a PDF", "another", "20 MB"],
)
def test_verdicts_over_both_ways(clamav: ClamavServer, way: str, content: bytes, verdict: ScanState) -> None:
    pieces = (content[begin : begin + 65_536] for begin in range(0, len(content), 65_536))
    assert Clamd(getattr(clamav, way)).verdict(pieces) is verdict


@pytest.mark.row("3.2")
def test_more_than_it_takes_is_no_verdict(clamav: ClamavServer) -> None:
    with pytest.raises(OSError, match=r"size limit|no verdict"):
        Clamd(clamav.tcp).verdict(bytes(1 << 20) for _ in range(40))


@contextmanager
def _answering(answer: bytes | None) -> Iterator[str]:
    """Something that listens, and answers so, or says nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                if answer is not None:
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"clamd://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


@pytest.mark.row("3.2")
@pytest.mark.parametrize(
    "answer", [b"", b"stream: OK but", b"OK\0", b"stream: ERROR\0", b"\xff" * 9_000, b"HTTP/1.1 200 OK\r\n\0"]
)
def test_nothing_but_its_own_word_is_clean(answer: bytes) -> None:
    with _answering(answer) as address, pytest.raises(OSError, match="no verdict"):
        Clamd(address).verdict(iter([b"x"]))


@pytest.mark.row("3.2")
def test_one_that_never_answers_is_given_up() -> None:
    with _answering(None) as address, pytest.raises(TimeoutError):
        Clamd(address, patience=0.05).verdict(iter([b"x"]))


@pytest.mark.row("3.2")
@pytest.mark.invariant(6)
def test_from_upload_to_verdict_through_the_pages(
    clamav: ClamavServer, db: Database, blobs: Blobs, made: Set, client_for: ClientFor, config: Settings
) -> None:
    client = _with(client_for(made.owner), config, clamav.tcp)
    item = new_item(client, made)
    assert "by the virus scanner ClamAV" in client.get(item).text
    assert upload(client, item, files.pdf()).status_code == 303
    assert upload(client, item, files.pdf(VIRUS), "other.pdf").status_code == 303
    page = client.get(item).text
    assert "No virus found" in page
    assert "We found a virus in other.pdf and deleted it" in page
    assert len(blobs.keys()) == 1


@pytest.mark.row("3.2")
@pytest.mark.invariant(6)
def test_while_the_scanner_is_down_it_waits_its_uploader_is_told_and_it_is_tried_again(
    clamav: ClamavServer, db: Database, blobs: Blobs, made: Set, client_for: ClientFor, config: Settings, clock: Clock
) -> None:
    with db.write() as session:
        platform = factories.organisation(session, OrganisationKind.PLATFORM, "The platform")
        administrator = factories.seated(session, platform, Role.ADMINISTRATOR, name="Ada Administrator")
    client = _with(client_for(made.owner), config, NOBODY_THERE)
    item = new_item(client, made)
    assert upload(client, item, files.pdf()).status_code == 303
    page = client.get(item).text
    assert "In quarantine" in page
    assert "The virus scanner does not answer" in page
    with db.read() as session:
        document = session.exec(select(Document)).one()
    assert client.get(f"/documents/{document.id}/file").status_code == 404
    assert client.post(f"{item}/submit").status_code == 409
    down = scanning.scanner_named(NOBODY_THERE)
    assert scanning.scan_waiting(db, blobs, down) == 0  # not due yet
    for _ in range(ATTEMPTS + 1):
        clock.forward(minutes=1)
        assert scanning.scan_waiting(db, blobs, down) == 0
    with db.read() as session:
        assert session.get_one(Document, document.id).scan_state == "scan_failed"
        letters = session.exec(select(OutboxMessage.template, OutboxMessage.to_address)).all()
    assert sorted(letters) == [
        ("evidence/not-scanned.txt", made.owner.email),
        ("evidence/scanner-silent.txt", administrator.email),
    ]
    assert client.get(f"/documents/{document.id}/file").status_code == 404
    clock.forward(minutes=1)
    assert scanning.scan_waiting(db, blobs, scanning.scanner_named(clamav.unix)) == 1
    assert client.get(f"/documents/{document.id}/file").status_code == 200


def test_an_answer_that_does_not_come_changes_no_verdict(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item = new_item(client, made)
    upload(client, item, files.pdf())
    with db.write() as session:
        document = session.exec(select(Document)).one()
        commands.note_no_answer(session, document.id, scanner="test")
    with db.read() as session:
        row = session.get_one(Document, document.id)
    assert (row.scan_attempts, row.scan_state) == (0, "clean")
