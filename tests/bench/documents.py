"""P5: a document of 10 MB uploaded, looked at, encrypted, stored and scanned by a stub, against the bare framework storing one."""

import random
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from app.core.database import Database
from app.evidence.models import EvidenceItem
from app.settings import Settings
from tests import factories
from tests.bench.load import HOST, at_once, get, one_by_one, p99, side_by_side
from tests.bench.measures import Row, ratio
from tests.bench.servers import FLOOR, OURS, Server, serving
from tests.bench.world import Member, World
from tests.evidence import files

SIZE = 10 << 20


def uploading(config: Settings, world: World) -> list[Row]:
    """One after another for the time, eight at once for the weight, with another page asked for meanwhile."""
    member = world.members[0]
    path = f"/evidence/{_item(config, member)}/documents"
    with _stub() as address:
        config = config.model_copy(update={"scanner": address})
        with (
            serving(FLOOR, config, get("/page"), processes=1) as floor,
            serving(OURS, config, get("/healthz"), processes=1) as ours,
        ):
            bare = [_upload("/upload", "", number) for number in range(4)]
            numbers = iter(range(1_000))

            def own(count: int) -> list[bytes]:
                return [_upload(path, member.cookie, next(numbers)) for _ in range(count)]

            one_by_one(floor.port, bare[:1], 303)
            one_by_one(ours.port, own(1), 303)
            timings = side_by_side(
                lambda: one_by_one(floor.port, bare, 303), lambda: one_by_one(ours.port, own(4), 303), rounds=4
            )
            grew, meanwhile = _eight(ours, own(16), get("/healthz"))
    what = "healthz' p99 while eight are uploaded at once"
    return [
        ratio("P5", "upload 10 MB: look, encrypt, store, scan", *timings, 2),
        Row("P5", "memory over idle, eight uploads at once", "", "", grew, "MB", 32),
        Row("P5", what, "", "", meanwhile, "ms", 50),
    ]


def _eight(server: Server, uploads: list[bytes], other: bytes) -> tuple[float, float]:
    [worker] = server.workers()
    Path(f"/proc/{worker}/clear_refs").write_text("5")
    idle, done, took = _peak(worker), threading.Event(), list[float]()

    def ask() -> None:
        while not done.is_set():
            took.extend(one_by_one(server.port, [other]))

    asking = threading.Thread(target=ask)
    asking.start()
    at_once([server.port] * 8, uploads, 303)
    done.set()
    asking.join()
    return _peak(worker) - idle, p99(took)


def _peak(worker: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
    assert found
    return int(found[1]) / 1024


def _item(config: Settings, member: Member) -> UUID:
    database = Database(config.database_url)
    with database.write() as session:
        moment = factories.NOON
        item = EvidenceItem(
            provider_id=member.provider_id, kind_slug=factories.INSURANCE, added_at=moment, added_by=member.person_id
        )
        session.add(item)
    database.close()
    return item.id


def _upload(path: str, cookie: str, number: int) -> bytes:
    """Each a little different, for the same content again would be no new document."""
    data = random.Random(number).randbytes(SIZE).replace(b"\xff", b"\xfe")
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
    body = head + files.jpeg(data=data) + b"\r\n--edge--\r\n"
    lines = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\nOrigin: https://{HOST}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return lines.encode() + body


class _Ok(socketserver.StreamRequestHandler):
    """Speaks enough of clamd's protocol to take a stream and find nothing."""

    def handle(self) -> None:
        self.rfile.read(len(b"zINSTREAM\0"))
        while length := int.from_bytes(self.rfile.read(4)):
            self.rfile.read(length)
        self.wfile.write(b"stream: OK\0")


@contextmanager
def _stub() -> Iterator[str]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), _Ok) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address: Any = server.server_address
        yield f"clamd://127.0.0.1:{address[1]}"
        server.shutdown()
