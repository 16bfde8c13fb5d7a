"""P5: a document of 10 MB uploaded, looked at, encrypted and stored, against the bare framework keeping one; S7: hostile files.

The floor keeps the bytes in a temporary file: it neither hashes nor encrypts them, waits for no disk and writes no row. The
scan begins when the upload has been answered, so it is measured as what it adds until the document can be opened.
"""

import json
import random
import re
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from app.core.database import Database
from app.evidence.models import EvidenceItem
from app.settings import Settings
from tests import NOON, ROOT, factories
from tests.bench.load import HOST, at_once, get, one_by_one, p99, side_by_side
from tests.bench.measures import Row, ratio
from tests.bench.servers import FLOOR, OURS, Server, serving
from tests.bench.world import Member, World
from tests.evidence import files

SIZE = 10 << 20
KINDS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "JPG": lambda content: files.jpeg(data=content.replace(b"\xff", b"\xfe")),
    "PDF": files.pdf,
}


def uploading(config: Settings, world: World) -> list[Row]:
    """One after another for the time, eight at once for the weight, with another page asked for meanwhile."""
    member = world.members[0]
    path = f"/evidence/{new_item(config, member)}/documents"
    with Stub() as stub:
        config = config.model_copy(update={"scanner": stub.address})
        with (
            serving(FLOOR, config, get("/page"), processes=1) as floor,
            serving(OURS, config, get("/healthz"), processes=1) as ours,
        ):
            numbers, until_scanned = iter(range(1_000)), dict[str, list[float]]()

            def own(kind: str, count: int) -> list[float]:
                took = []
                for _ in range(count):
                    request = _upload(path, member.cookie, kind, next(numbers))
                    began = time.perf_counter()
                    took += one_by_one(ours.port, [request], 303)
                    stub.wait()
                    until_scanned.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
                return took

            rows = []
            for kind in KINDS:
                bare = [_upload("/upload", "", kind, number) for number in range(4)]
                one_by_one(floor.port, bare[:1], 303)
                own(kind, 1)
                timings = side_by_side(
                    lambda: one_by_one(floor.port, bare, 303),  # noqa: B023 - called within this turn of the loop
                    lambda: own(kind, 4),  # noqa: B023
                    rounds=4,
                )
                rows.append(ratio("P5", f"upload of 10 MB answered, {kind}", *timings, 2))
                rows.append(
                    ratio("P5", f"the same until a stub has scanned it, {kind}", timings[0], until_scanned[kind], 4)
                )
            uploads = [_upload(path, member.cookie, "JPG", next(numbers)) for _ in range(16)]
            grew, meanwhile = _eight(ours, uploads, get("/healthz"))
    what = "healthz' p99 while eight are uploaded at once"
    return [
        *rows,
        Row("P5", "memory over idle, eight uploads at once", "", "", grew, "MB", 32),
        Row("P5", what, "", "", meanwhile, "ms", 50),
    ]


def refusing() -> list[Row]:
    """S7: every hostile file of the tests, looked at in a process of its own."""
    command = [sys.executable, "-m", "tests.evidence.looking"]
    told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    return [
        Row("S7", f"slowest of {told['files']} hostile files: {told['slowest']}", "", "", told["seconds"], "s", 2),
        Row("S7", "most memory that one of them took", "", "", max(told["grew"], told["child_grew"]), "MB", 64),
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


def new_item(config: Settings, member: Member) -> UUID:
    database = Database(config.database_url)
    with database.write() as session:
        moment = NOON
        item = EvidenceItem(
            provider_id=member.provider_id,
            kind_slug=factories.INSURANCE,
            reference="PL-1",
            added_at=moment,
            added_by=member.person_id,
        )
        session.add(item)
    database.close()
    return item.id


def _upload(path: str, cookie: str, kind: str, number: int) -> bytes:
    """Each a little different, for the same content again would be no new document."""
    return multipart(path, cookie, KINDS[kind](random.Random(number).randbytes(SIZE)))


def multipart(path: str, cookie: str, content: bytes) -> bytes:
    """The bytes of a request that uploads this as a form's `file`."""
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="certificate"\r\n\r\n'
    body = head + content + b"\r\n--edge--\r\n"
    lines = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\nOrigin: https://{HOST}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return lines.encode() + body


class Stub:
    """Speaks enough of clamd's protocol to take a stream and find nothing."""

    def __enter__(self) -> Self:
        answered = self._answered = threading.Semaphore(0)

        class Ok(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.rfile.read(len(b"zINSTREAM\0"))
                while length := int.from_bytes(self.rfile.read(4)):
                    self.rfile.read(length)
                self.wfile.write(b"stream: OK\0")
                answered.release()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Ok)
        self._server.daemon_threads = True
        address: Any = self._server.server_address
        self.address = f"clamd://127.0.0.1:{address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Until one more document has its verdict."""
        self._answered.acquire()
