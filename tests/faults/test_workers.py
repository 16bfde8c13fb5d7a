"""Bar P9: the workers of one `serve` begin as copies of it, and share what it imported."""

import os
import signal
from pathlib import Path

import pytest

from app.core.database import Database
from tests.bench.load import get, one_by_one
from tests.bench.servers import OURS, production, serving

pytestmark = pytest.mark.bar("P9")


def _kilobytes(pid: int) -> dict[str, int]:
    """What the kernel counts of a process's memory, all mappings together."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(size.split()[0]) for name, _, size in (line.partition(":") for line in lines)}


def test_workers_share_what_was_imported_before_them(db: Database, tmp_path: Path) -> None:
    """A copy gets no thread of the process that it was copied from, so that one may have none but its first."""
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("memory is counted in /proc")
    with serving(OURS, production(db.url, tmp_path), get("/healthz")) as server:
        one_by_one(server.port, [get("/sign-in")] * 20)
        workers = server.workers()
        assert len(workers) == 2
        assert len(list(Path(f"/proc/{server.process.pid}/task").iterdir())) == 1
        for worker in workers:
            memory = _kilobytes(worker)
            assert memory["Shared_Clean"] + memory["Shared_Dirty"] > memory["Rss"] / 2


def test_a_worker_ends_when_it_is_told_to_before_it_serves(db: Database, tmp_path: Path) -> None:
    """One more worker, and at once one less: the new one is told to end as it begins, and the others serve on."""
    with serving(OURS, production(db.url, tmp_path), get("/healthz")) as server:
        began = server.workers()
        for worker in began:
            os.kill(worker, signal.SIGHUP)
        os.kill(server.process.pid, signal.SIGTTIN)
        os.kill(server.process.pid, signal.SIGTTOU)
        one_by_one(server.port, [get("/sign-in")] * 4)
        assert set(began) <= set(server.workers()), "a hang-up is for the process that looks after them"
        server.process.terminate()
        server.process.wait(30)
