"""Bar S7: whatever a file does to who looks through it, it is refused in words, and the next one is looked through."""

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.core.blobs import Blobs
from app.core.database import Database
from app.core.segments import Draft
from app.evidence.inspection import INSPECTOR, Inspector
from tests import ROOT
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.hostile import hostile
from tests.evidence.meeting import Set, alder, errors_of, new_item, upload

CONFINED = "from app.evidence.inspector import confine, hurry; confine(); hurry(); "


@pytest.mark.bar("S7")
@pytest.mark.parametrize(
    ("does", "ends"),
    [
        ("print(len(bytes(16 << 20)))", {0}),
        ("bytes(80 << 20)", {1}),  # a MemoryError, which is answered in words
        ("\nwhile True: pass", {-signal.SIGPROF, -signal.SIGALRM}),  # the latter on a machine that is very busy
        ("open('/dev/shm/written', 'wb', buffering=0).write(b'x')", {1}),
    ],
)
def test_who_looks_has_little_memory_and_time_and_writes_nothing(does: str, ends: set[int]) -> None:
    ended = subprocess.run([sys.executable, "-c", CONFINED + does], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode in ends, ended.stderr


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.mark.bar("S7")
def test_where_another_question_has_closed_the_door_nobody_answers_and_the_next_question_is_answered() -> None:
    inspector = Inspector()
    with Draft() as draft:
        draft.write(files.pdf())
        assert inspector.ask(draft) == b"fit application/pdf"
        door, closed = inspector._door, socket.socket()
        closed.close()
        inspector._door = closed
        assert inspector.ask(draft) == b""
        inspector._door = door
        assert inspector.ask(draft) == b"fit application/pdf"
    inspector.close()


@pytest.mark.bar("S7")
def test_a_file_that_kills_who_looks_at_it_is_refused_and_the_next_is_taken(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item, slow = new_item(client, made), next(one for one in hostile() if one.name == "a PDF of endless words")
    assert upload(client, item, files.pdf()).status_code == 303
    inspector = INSPECTOR.process_id
    while len(ready := _alive(inspector)) != 1:  # who looked at the first is still ending
        pass
    with ThreadPoolExecutor(1) as elsewhere:
        uploading = elsewhere.submit(upload, client, item, slow.content)
        while _alive(inspector) <= ready:  # nobody else stands ready yet: it has taken nothing
            assert not uploading.done()
        os.kill(ready.pop(), signal.SIGKILL)
        refused = uploading.result()
    assert refused.status_code == 422
    assert "The selected file is too complicated" in str(errors_of(refused))
    assert upload(client, item, files.docx()).status_code == 303
    assert INSPECTOR.process_id == inspector
    os.kill(inspector or 0, signal.SIGKILL)
    # Who stands ready may answer until the process itself has ended.
    os.waitid(os.P_PID, inspector or 0, os.WEXITED | os.WNOWAIT)
    assert upload(client, item, files.odt()).status_code == 303
    assert INSPECTOR.process_id != inspector
    assert len(blobs.keys()) == 3


def _alive(inspector: int | None) -> set[int]:
    """Its children, without those that have ended, and wait for their end to be noticed or are gone by now."""
    children = Path(f"/proc/{inspector}/task/{inspector}/children").read_text().split()
    return {int(child) for child in children if _state(child) not in ("Z", "")}


def _state(process: str) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return ""
