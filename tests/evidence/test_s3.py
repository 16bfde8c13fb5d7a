"""Bar R8: documents in a real S3 store, and what happens while it refuses, hangs or fails."""

import io
import random
from collections.abc import Iterator
from itertools import count

import pytest
from sqlmodel import select

from app.core.blobs import PART, Blob, Blobs, StoreAway
from app.core.database import Database
from app.core.sweeping import sweep
from app.evidence import scanning
from app.evidence.models import Document
from app.settings import Settings
from tests import s3
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.meeting import INSURANCE, Set, alder, document_of, errors_of, heading_of, new_item, upload
from tests.s3 import S3Server, broken

NUMBERS = count()


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def bucket(server: S3Server) -> str:
    return server.bucket(f"portal-{next(NUMBERS)}")


def _at(port: int, url: str, config: Settings, monkeypatch: pytest.MonkeyPatch, *, patience: float = 10.0) -> Blobs:
    for name, value in s3.environment(port).items():
        monkeypatch.setenv(name, value)
    return Blobs(url, config.document_keys, patience=patience)


@pytest.fixture
def blobs(server: S3Server, bucket: str, config: Settings, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    return _at(server.port, bucket, config, monkeypatch)


def _whole(blobs: Blobs, blob: Blob, *part: int) -> bytes:
    return b"".join(blobs.read(blob, *part))


@pytest.mark.row("3.2")
@pytest.mark.parametrize("size", [0, 1, 65_536, PART + 1, 2 * PART + 70_000])
def test_what_goes_in_comes_out_whole_and_in_parts(blobs: Blobs, size: int) -> None:
    content = random.Random(size).randbytes(size)
    blob = blobs.put(io.BytesIO(content), room="evidence")
    assert _whole(blobs, blob) == content
    assert blobs.keys() == [blob.key]
    if size > 100_000:
        for part in ((0, 1), (65_535, 65_537), (size - 9, size)):
            assert _whole(blobs, blob, *part) == content[part[0] : part[1]]
    for _ in range(2):
        blobs.delete(blob.key)
    with pytest.raises(FileNotFoundError):
        _whole(blobs, blob)


@pytest.mark.bar("R8")
def test_the_pages_work_on_it(db: Database, blobs: Blobs, made: Set, client_for: ClientFor, clock: Clock) -> None:
    client = client_for(made.owner)
    item = new_item(client, made)
    assert upload(client, item, files.pdf()).status_code == 303
    assert upload(client, item, files.infected_pdf(), "bad.pdf").status_code == 303
    with db.read() as session:
        clean = session.exec(select(Document).where(Document.scan_state == "clean")).one()
    answer = client.get(f"/documents/{clean.id}/file", headers={"Range": "bytes=0-4"})
    assert (answer.status_code, answer.content) == (206, b"%PDF-")
    assert blobs.keys() == [clean.blob_key]
    swept = sweep(db, blobs)
    assert (swept.stored, swept.deleted, swept.missing) == (1, [], [])


@pytest.mark.bar("R8")
@pytest.mark.row("3.2")
@pytest.mark.parametrize("how", ["refuses", "hangs", "500"])
def test_while_it_is_away_nothing_is_lost_and_the_rest_goes_on(
    how: str,
    db: Database,
    blobs: Blobs,
    bucket: str,
    made: Set,
    client_for: ClientFor,
    config: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_for(made.owner)
    _, document_id = document_of(db, blobs, made)
    _, narrow_id = document_of(db, blobs, made, kind="dbs_enhanced")
    _, waiting_id = document_of(db, blobs, made, kind="ins_motor", state=scanning.ScanState.QUARANTINED)
    item = new_item(client, made)
    with broken(how) as port:
        away = _at(port, bucket, config, monkeypatch, patience=0.3)
        client.app.state.blobs = away  # type: ignore[attr-defined]
        refused = upload(client, item, files.pdf())
        assert (refused.status_code, len(errors_of(refused))) == (503, 1)
        for answer in (
            client.get(f"/documents/{document_id}/file"),
            client.get(f"/documents/{document_id}/file?view"),
            client.post(f"/documents/{narrow_id}/open"),
        ):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
            assert heading_of(answer) == "Try again shortly"
            assert "The document store cannot be reached" in answer.text
        assert "opened the file" not in client.get(f"/evidence/{made.provider_id}").text
        assert client.get(item).status_code == 200
        assert client.post(f"{item}/edit", data=INSURANCE | {"reference": "PL-2"}).status_code == 303
        assert scanning.scan(db, away, scanning.DevelopmentScanner(), waiting_id) is scanning.ScanState.QUARANTINED
        with pytest.raises(StoreAway):
            sweep(db, away)
    client.app.state.blobs = blobs  # type: ignore[attr-defined]
    assert client.get(f"/documents/{document_id}/file").content == files.pdf()
    assert client.post(f"/documents/{narrow_id}/open").status_code == 200
    assert upload(client, item, files.pdf()).status_code == 303
    assert scanning.scan(db, blobs, scanning.DevelopmentScanner(), waiting_id) is scanning.ScanState.CLEAN
    with db.read() as session:
        keys = session.exec(select(Document.blob_key)).all()
    assert sorted(keys) == blobs.keys(), "no row without its bytes, no bytes without their row"
