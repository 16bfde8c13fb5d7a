"""Bar R8: the database restarted and the disk full in the middle of an upload, with a real server of each."""

import hashlib
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlmodel import select

from app.core.blobs import Blobs
from app.core.database import Database
from app.core.sweeping import sweep
from app.evidence.models import Document
from app.evidence.scanning import scan_waiting, scanner_named
from app.settings import Settings
from tests.bench.documents import Stub, multipart, new_item
from tests.bench.load import Connection, get
from tests.bench.servers import OURS, Server, production, serving
from tests.bench.world import Size, fill
from tests.databases import migrate
from tests.evidence import files
from tests.postgres import PostgresServer

SIZE = Size(providers=1, briefs=2, open=2, invited=1, step=0, drafts=0)
LARGE = 3 << 20
TWO_DAYS = 172_800


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes


@dataclass
class Scene:
    """A web process with a PostgreSQL server, a folder of documents and a stub of a scanner, all its own; and an item."""

    postgres: PostgresServer
    config: Settings
    server: Server
    item_id: UUID
    cookie: str

    def request(self, content: bytes) -> bytes:
        return multipart(f"/evidence/{self.item_id}/documents", self.cookie, content)

    def ask(self, request: bytes, *, before: bytes = b"", meanwhile: Callable[[], None] = lambda: None) -> Answer:
        """The answer to a request, of which `before` is sent, then something done, and then the rest sent."""
        with closing(Connection(self.server.port)) as connection:
            connection.socket.sendall(before)
            meanwhile()
            head, body = connection.send(request.removeprefix(before))
        return Answer(int(head.split(b" ", 2)[1]), head.lower(), body)

    def upload(self, content: bytes) -> int:
        return self.ask(self.request(content)).status


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("uploads")
    with PostgresServer() as postgres, Stub() as stub:
        postgres.create("uploads")
        config = production(postgres.url("uploads"), folder).model_copy(update={"scanner": stub.address})
        migrate(config.database_url)
        database = Database(config.database_url)
        member = fill(database, config, SIZE).members[0]
        database.close()
        item_id = new_item(config, member)
        with serving(OURS, config, get("/healthz"), processes=1) as server:
            yield Scene(postgres, config, server, item_id, member.cookie)


@pytest.mark.bar("R8")
@pytest.mark.bar("R5")
@pytest.mark.parametrize("sent", [0.1, 0.5, 1.0])
def test_the_database_restarted_in_the_middle_of_an_upload_loses_nothing_acknowledged(
    scene: Scene, sent: float
) -> None:
    """`sent` is how much of the request has been sent when the restart begins; the last one is not waited for."""
    content = files.pdf(os.urandom(LARGE))
    request, restarting = scene.request(content), threading.Thread(target=scene.postgres.restart)

    def restart() -> None:
        restarting.start()
        if sent < 1:
            restarting.join()

    answer = scene.ask(request, before=request[: int((len(request) - 1) * sent)], meanwhile=restart)
    restarting.join()
    assert answer.status in (303, 503)
    if answer.status == 503:
        assert b"retry-after: " in answer.head
        assert b"Nothing was lost" in answer.body
        while (again := scene.upload(content)) == 503:  # each attempt uses up connections that died
            pass
        assert again == 303
    file = get(f"/documents/{_document(scene.config, content).id}/file", scene.cookie)
    while (found := scene.ask(file)).status in (
        404,
        503,
    ):  # it is being scanned; where the restart cut that short, by the worker
        _scan(scene.config)
    assert (found.status, found.body) == (200, content)
    shown = scene.ask(get(f"/evidence/{scene.item_id}", scene.cookie))
    assert b"PL-1" in shown.body, "what was typed before stands"
    _assert_nothing_is_orphaned(scene.config)


def _scan(config: Settings) -> None:
    with closing(Database(config.database_url)) as database:
        scan_waiting(database, Blobs(config.blob_url, config.document_keys), scanner_named(config.scanner))


@pytest.mark.bar("R8")
def test_a_full_disk_refuses_an_upload_in_words_and_takes_it_once_there_is_room(scene: Scene) -> None:
    """Full for this process: no file of it may grow past a megabyte."""
    content = files.pdf(os.urandom(LARGE))
    [worker] = scene.server.workers()
    before = resource.prlimit(worker, resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
    try:
        refused = scene.ask(scene.request(content))
        assert (refused.status, b"Nothing was saved. Try again in a minute." in refused.body) == (503, True)
        assert scene.upload(files.pdf(b"small")) == 303
    finally:
        resource.prlimit(worker, resource.RLIMIT_FSIZE, before)
    assert scene.upload(content) == 303
    _assert_nothing_is_orphaned(scene.config)


def _document(config: Settings, content: bytes) -> Document:
    database = Database(config.database_url)
    with database.read() as session:
        document = session.exec(select(Document).where(Document.sha256 == hashlib.sha256(content).hexdigest())).one()
    database.close()
    return document


def _assert_nothing_is_orphaned(config: Settings) -> None:
    """After a sweep of everything older than a day, which all of it is made to be."""
    database, blobs = Database(config.database_url), Blobs(config.blob_url, config.document_keys)
    folder = Path(config.blob_url.removeprefix("file:"))
    for path in folder.rglob("*"):
        moment = path.stat().st_mtime - TWO_DAYS
        os.utime(path, (moment, moment))
    swept = sweep(database, blobs)
    with database.read() as session:
        named = sorted(session.exec(select(Document.blob_key)))
    assert (blobs.keys(), swept.missing) == (named, [])
    database.close()
