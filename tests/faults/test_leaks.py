"""Bar R11: after hundreds of rounds a process holds no more open files than before, no connection in hand, no temporary file."""

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from app.briefs.models import Brief
from app.core import clock, mail
from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from app.work import work_once
from tests.bench.load import Connection, get, post
from tests.bench.servers import KEYHOLDER, OURS, production, serving
from tests.faults.crowd import Crowd, gather, settings_for

WARMING, ROUNDS = 10, 200
PATIENCE = 10.0
pytestmark = [pytest.mark.walk, pytest.mark.bar("R11")]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where these processes put what is temporary."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("open files are counted in /proc")
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def _open_files(pid: int) -> Counter[str]:
    """What a process has open, sockets and pipes without their numbers."""
    found: Counter[str] = Counter()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[os.readlink(one).partition(":[")[0]] += 1
        except OSError:  # closed meanwhile
            continue
    return found


def _grown(pids: dict[str, int], before: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    """What each has open beside what it had; a connection that was hung up a moment ago is waited for."""
    until = time.monotonic() + PATIENCE
    while True:
        grown = {name: more for name, pid in pids.items() if (more := _open_files(pid) - before[name])}
        if not grown or time.monotonic() > until:
            return grown
        time.sleep(0.05)


def _rounds(port: int, keyholder: int, crowd: Crowd, number: int) -> Counter[int]:
    """Read, send again, ask for what is refused, by the portal and by the keyholder; each round as another of the crowd."""
    told: Counter[int] = Counter()
    portal, asked, opening = Connection(port), Connection(keyholder), f"/briefs/{crowd.brief_id}/opening"
    for place in range(number):
        bid_id, one = crowd.drafts[place % len(crowd.drafts)]
        stranger = crowd.drafts[(place + 1) % len(crowd.drafts)][1].cookie
        for request in (
            get(f"/bids/{bid_id}", one.cookie),
            post(f"/bids/{bid_id}/submit", "declared=true", one.cookie),
            post(f"/bids/{bid_id}/submit", "declared=true", stranger),
            post(opening, "", crowd.openers[place % 2]),
            get("/readyz"),
        ):
            told[_status(portal, request)] += 1
        told[_status(asked, post("/open-bids", "{"))] += 1
    portal.close()
    asked.close()
    return told


def _status(connection: Connection, request: bytes) -> int:
    head, _ = connection.send(request)
    return int(head.split(b" ", 2)[1])


def test_the_portal_and_the_keyholder_leave_nothing_behind(db: Database, tmp_path: Path, temporary: Path) -> None:
    config = settings_for(production(db.url, tmp_path)).model_copy(
        update={"threads": 1}
    )  # its one connection is there soon
    crowd = gather(db, config, 8)
    with serving(KEYHOLDER, config, get("/healthz"), processes=1) as keyholder:
        own = config.model_copy(update={"keyholder_url": f"http://127.0.0.1:{keyholder.port}"})
        with serving(OURS, own, get("/healthz"), processes=1) as portal:
            ports, pids = (
                (portal.port, keyholder.port),
                {"portal": portal.workers()[0], "keyholder": keyholder.process.pid},
            )
            _rounds(*ports, crowd, WARMING)
            before = {name: _open_files(pid) for name, pid in pids.items()}
            told = _rounds(*ports, crowd, ROUNDS)
            with db.write() as session:
                session.get_one(Brief, crowd.brief_id).closes_at = clock.now(session) - timedelta(seconds=5)
            told += _rounds(*ports, crowd, 2)
            with db.read() as session:
                assert session.get_one(Brief, crowd.brief_id).opened_at, "opened by two in the last two rounds"
            assert _grown(pids, before) == {}
            assert _in_hand(db) == 0
    assert set(told) == {200, 303, 401, 404, 409}, told
    assert list(temporary.iterdir()) == []


def test_the_worker_leaves_nothing_behind(
    db: Database, tmp_path: Path, temporary: Path, blobs: Blobs, config: Settings
) -> None:
    """Each round has a message to deliver; the keyholder, which is away, is asked at every one for a later close."""
    crowd = gather(db, config, 2)
    config = config.model_copy(update={"keyholder_url": "http://127.0.0.1:9"})

    def letter(session: Session) -> None:
        mail.queue(
            session, "accounts/already-registered.txt", to="ann@example.org", dedupe=f"leaks:{time.monotonic_ns()}"
        )

    assert crowd.drafts
    worked, pids = _worker(db, blobs, config, letter), {"worker": os.getpid()}
    worked(WARMING)
    before = {"worker": _open_files(os.getpid())}
    assert worked(ROUNDS // 4) >= ROUNDS // 4
    assert _grown(pids, before) == {}
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert list(temporary.iterdir()) == []


def _worker(db: Database, blobs: Blobs, config: Settings, letter: Callable[[Session], None]) -> Callable[[int], int]:
    def work(number: int) -> int:
        done = 0
        for _ in range(number):
            with db.write() as session:
                letter(session)
            done += work_once(db, blobs, config)
        return done

    return work


def _in_hand(db: Database) -> int:
    """Transactions that somebody left open on PostgreSQL; a file tells nobody."""
    if db.engine.dialect.name == "sqlite":
        return 0
    left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND starts_with(state, 'idle in transaction')"
    with db.engine.connect() as connection:
        return int(connection.exec_driver_sql(left).scalar_one())
