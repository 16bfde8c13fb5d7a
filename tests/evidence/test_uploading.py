"""Uploads through a real server: slow, cut off, lying about their length, many at once. Nothing is left of what failed."""

import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from sqlmodel import select

from app.core.blobs import Blobs
from app.core.database import Database
from app.core.sweeping import GRACE, sweep
from app.evidence.models import Document
from app.main import create_app
from app.settings import Settings
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.hostile import hostile
from tests.evidence.meeting import Set, alder, errors_of, new_item, upload

HEAD = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
TAIL = b"\r\n--edge--\r\n"


@pytest.fixture
def furniture() -> Furniture:
    return alder


@contextmanager
def _serving(db: Database, blobs: Blobs, config: Settings, made: Set) -> Iterator[int]:
    app = create_app(db, config=config, blobs=blobs)
    app.state.load_actor = lambda request: made.owner
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


def _sent(port: int, item: str, *pieces: bytes, length: int | None = None, cut: bool = False) -> bytes:
    """What comes back for a body sent in these pieces; `cut` hangs up after the last of them."""
    length = sum(map(len, pieces)) if length is None else length
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(
            f"POST {item}/documents HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
            f"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {length}\r\n\r\n".encode()
        )
        for piece in pieces:
            connection.sendall(piece)
        if cut:
            return b""
        connection.settimeout(30)
        return connection.recv(4096)


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _open_files() -> int:
    """Temporary ones: they have no name any more."""
    return sum("(deleted)" in path for path in map(_target, os.listdir("/proc/self/fd")))


def _target(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return ""


def _weight() -> int:
    """The most this process has weighed since it was last asked to begin anew, in megabytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) // 1024


@pytest.mark.bar("S7")
@pytest.mark.row("3.3")
def test_a_body_that_drips_is_cut_off_or_lies_leaves_nothing(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor, config: Settings
) -> None:
    item = new_item(client_for(made.owner), made)
    whole, before = HEAD + files.pdf(bytes(300_000)) + TAIL, _open_files()
    impatient = config.model_copy(update={"upload_seconds": 1})
    with _serving(db, blobs, impatient, made) as port:
        assert _status(_sent(port, item, whole[:200_000], length=len(whole))) == 408  # the rest never comes
        for cut in (10, len(HEAD), len(HEAD) + 5, 70_000, 200_000, len(whole) - 1):
            _sent(port, item, whole[:cut], length=len(whole), cut=True)
        assert _status(_sent(port, item, HEAD + b"%PDF-", length=40 << 20)) == 413  # by its word alone
        assert _status(_sent(port, item, whole, length=len(whole) - 20)) in (303, 400, 422)
        assert _status(_sent(port, item, HEAD[:20] + TAIL)) == 422
    with db.read() as session:
        documents = session.exec(select(Document.blob_key)).all()
    assert sorted(documents) == blobs.keys()
    assert _open_files() <= before


@pytest.mark.bar("P5")
@pytest.mark.bar("S7")
def test_eight_large_uploads_at_once_weigh_little(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor, config: Settings
) -> None:
    item = new_item(client_for(made.owner), made)
    whole = HEAD + files.jpeg(data=bytes(10 << 20)) + TAIL
    statuses: list[int] = []
    with _serving(db, blobs, config, made) as port:
        _sent(port, item, HEAD + files.pdf() + TAIL)
        Path("/proc/self/clear_refs").write_text("5")
        before, open_before = _weight(), _open_files()
        threads = [
            threading.Thread(target=lambda: statuses.append(_status(_sent(port, item, whole)))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        grew = _weight() - before
    assert _open_files() <= open_before
    assert statuses == [303] * 8
    print(f"grew by {grew} MB")
    assert grew <= 32


@pytest.mark.walk
@pytest.mark.bar("S7")
@pytest.mark.invariant(6)
@pytest.mark.row("3.3")
def test_every_hostile_file_at_the_door(db: Database, blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    """Refused beside the field and not stored, or stored without its harm; never anything else."""
    client = client_for(made.owner)
    item, before, wrong, taken = new_item(client, made), _open_files(), [], set()
    for one in hostile():
        answer = upload(client, item, one.content, one.file_name or "a")
        if one.words and (
            answer.status_code not in (413, 422)
            or (answer.status_code == 422 and one.words not in str(errors_of(answer)))
        ):
            wrong.append(f"{one.name}: {answer.status_code}")
        if not one.words:
            taken.add(one.name)
            if answer.status_code != 303:
                wrong.append(f"{one.name}: {answer.status_code}")
    assert wrong == []
    with db.read() as session:
        rows = session.exec(select(Document)).all()
        assert sorted(row.blob_key for row in rows) == blobs.keys()
    assert 0 < len(rows) <= len(taken)
    assert _open_files() <= before
    for row in rows:
        served = client.get(f"/documents/{row.id}/file")
        assert b"steal()" not in served.content
        assert served.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w%.()~-]+", served.headers["content-disposition"])


@pytest.mark.bar("R8")
@pytest.mark.invariant(6)
def test_a_database_that_goes_away_after_the_bytes_are_stored_loses_nothing_acknowledged(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    client = client_for(made.owner)
    item = new_item(client, made)
    assert upload(client, item, files.pdf()).status_code == 303
    acknowledged = blobs.keys()
    keep = blobs.keep

    def then_down(*given: object, **more: object) -> object:
        blob = keep(*given, **more)  # type: ignore[arg-type]

        def down(*_: object, **__: object) -> None:
            raise OperationalError("begin", {}, Exception("server closed the connection"))

        patch.setattr(db, "write", down)
        return blob

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "keep", then_down)
        answer = upload(client, item, files.pdf(b"another"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert len(blobs.keys()) == 2
    assert upload(client, item, files.pdf(b"another")).status_code == 303
    clock.set(max(at for _, at in blobs.listing()) + GRACE + GRACE)
    assert len(sweep(db, blobs).deleted) == 1
    with db.read() as session:
        rows = session.exec(select(Document.blob_key)).all()
    assert sorted(rows) == blobs.keys()
    assert set(acknowledged) < set(rows)
