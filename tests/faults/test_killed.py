"""What is killed in the midst of the rush, and what of it may be seen afterwards: nothing but a wait."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.database import Database
from tests.bench.load import Connection, get
from tests.bench.measures import submission
from tests.bench.servers import Server, production
from tests.conftest import Begun
from tests.faults.crowd import Crowd, Draft, close_in, gather, open_by_two, portal, rush, send_while, settings_for
from tests.faults.judging import receipts, unverified, violations
from tests.faults.sending import Due, History

KILLS = 8
WAVE = 6
CUT_OFF = 4
LAST = 12
BACK_WITHIN = timedelta(seconds=3)
pytestmark = [pytest.mark.walk, pytest.mark.timeout(900)]


@pytest.mark.bar("R2")
@pytest.mark.bar("R4")
def test_web_processes_killed_in_the_rush_lose_nothing_that_was_acknowledged(db: Database, tmp_path: Path) -> None:
    """`kill -9` of the busiest, eight times; the other goes on, and another is started in the place of the dead one."""
    config = settings_for(production(db.url, tmp_path))
    crowd = gather(db, config, CUT_OFF + KILLS * WAVE + LAST)
    hung_up, waves, last = _dealt(crowd.drafts, CUT_OFF, KILLS * WAVE)
    history, killed = History(), list[int]()
    with portal(config) as (server, _):
        _hang_up_unanswered(db, server.port, crowd, hung_up)
        for first in range(0, len(waves), WAVE):
            _wave(server.port, waves[first : first + WAVE], history, partial(_kill_the_busiest, server, killed))
        rush(server.port, replace(crowd, drafts=last), close_in(db, crowd, 1), seconds=1, history=history)
        open_by_two(db, server.port, crowd, history)
        assert unverified(db, crowd, server.port) == []
        assert _shown(db, server.port, crowd, hung_up) == len(hung_up)
    assert len(set(killed)) == KILLS
    assert history.seen[0] > 0, "nobody was cut off: nothing was killed in the midst"
    assert violations(db, crowd, history) == {}


@pytest.mark.bar("R2")
@pytest.mark.bar("R5")
def test_a_database_killed_in_the_rush_loses_nothing_that_was_acknowledged(
    begun: Begun, backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Its processes are ended, one is killed, the whole server falls; clients are told 503 and when to come again, and then served.

    How soon somebody is served again is timed after the first fall, in which pages are drawn for the first time. The server falls
    once more in the midst of the opening, which succeeds when it is asked for again.
    """
    if backend == "sqlite":
        pytest.skip("SQLite has no process of its own: what kills it is what kills a web process")
    db, postgres = begun.database, request.getfixturevalue("postgres")
    config = settings_for(production(db.url, tmp_path))
    falls = [partial(_end_backends, db), partial(_kill_a_backend, db), postgres.server.restart]
    crowd = gather(db, config, WAVE + len(falls) * 2 * WAVE + LAST)
    first_of_all, waves, last = _dealt(crowd.drafts, WAVE, len(falls) * 2 * WAVE)
    history, back = History(), list[datetime]()
    with portal(config) as (server, _):
        _wave(server.port, first_of_all, history, lambda history: None)
        usual = timedelta(milliseconds=max(one.milliseconds for one in history.posts))
        for first, fall in zip(range(0, len(waves), 2 * WAVE), falls, strict=True):
            _wave(server.port, waves[first : first + 2 * WAVE], history, partial(_fall, db, fall, back))
        rush(server.port, replace(crowd, drafts=last), close_in(db, crowd, 1), seconds=1, history=history)
        before = history.seen[303]
        with ThreadPoolExecutor(1) as opening, db.engine.connect() as holding:
            holding.execute(text("SELECT 1 FROM brief FOR UPDATE"))
            opened = opening.submit(open_by_two, db, server.port, crowd, history)
            _wait_for(lambda: _somebody_waits(db))
            postgres.server.restart()
            holding.invalidate()
            opened.result()
        db.engine.dispose()  # the connections of whoever looks have fallen, too
        assert history.seen[303] == before + 2
        assert unverified(db, crowd, server.port) == []
    served = sorted(one.answered_at for one in history.tries if one.status == 303)
    waited = [next(at for at in served if at > up) - up for up in back[1:]]
    assert max(waited) <= BACK_WITHIN + usual, waited
    assert history.seen[503] > 0, "nobody was told to come again: nothing fell in the midst"
    assert violations(db, crowd, history) == {}


def _dealt(drafts: Sequence[Draft], *sizes: int) -> list[list[Draft]]:
    """So many to each, and to the last who is left."""
    dealt, left = [], list(drafts)
    for size in sizes:
        dealt.append(left[:size])
        left = left[size:]
    return [*dealt, left]


def _wave(port: int, drafts: list[Draft], history: History, meanwhile: Callable[[History], None]) -> None:
    """Each twice at once, all in a quarter of a second, and until all are answered."""
    now = datetime.now(UTC)
    moments = [now + timedelta(seconds=0.25 * number / len(drafts)) for number in range(len(drafts))]
    due = [
        Due(at, bid_id, submission(bid_id, member))
        for at, (bid_id, member) in zip(moments, drafts, strict=True)
        for _ in range(2)
    ]
    send_while(port, due, history, meanwhile)


def _in_the_midst(history: History) -> None:
    """Once somebody was answered."""
    begun = history.seen.total()
    _wait_for(lambda: history.seen.total() > begun or history.over.is_set())


def _kill_the_busiest(server: Server, killed: list[int], history: History) -> None:
    _in_the_midst(history)
    worker = max(server.workers(), key=_open_files)
    assert worker != server.process.pid
    os.kill(worker, signal.SIGKILL)
    killed.append(worker)


def _open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def _fall(db: Database, fall: Callable[[], None], back: list[datetime], history: History) -> None:
    """And note when it can be asked again."""
    _in_the_midst(history)
    fall()
    db.close()
    _wait_for(lambda: _answers(db))
    back.append(datetime.now(UTC))


def _end_backends(db: Database) -> None:
    _of_backends(db, "count(pg_terminate_backend(pid))")


def _kill_a_backend(db: Database) -> None:
    """The server then ends all others, and recovers as after a crash."""
    os.kill(_of_backends(db, "min(pid)"), signal.SIGKILL)


def _of_backends(db: Database, what: str) -> int:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with db.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT {what} {others}")).scalar_one())


def _answers(db: Database) -> bool:
    try:
        with db.engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one())
    except Exception:
        return False


def _somebody_waits(db: Database) -> bool:
    with db.engine.connect() as connection:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(connection.execute(text(waiting)).scalar_one())


def _wait_for(what: Callable[[], bool], *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.002)


def _hang_up_unanswered(db: Database, port: int, crowd: Crowd, drafts: list[Draft]) -> None:
    """Send, and be cut off before the answer is read, but after the bid was stored."""
    connections = [Connection(port) for _ in drafts]
    for connection, draft in zip(connections, drafts, strict=True):
        connection.socket.sendall(submission(*draft))

    def stored() -> bool:
        with db.read() as session:
            return {bid_id for bid_id, _ in drafts} <= {one.bid_id for one in receipts(session, crowd)}

    _wait_for(stored)
    for connection in connections:
        connection.close()


def _shown(db: Database, port: int, crowd: Crowd, drafts: list[Draft]) -> int:
    """How many of these are shown their receipt, by its reference, on the page of their bid."""
    with db.read() as session:
        of_bid: dict[UUID, str] = {one.bid_id: one.reference for one in receipts(session, crowd)}
    connection = Connection(port)
    pages = [connection.send(get(f"/bids/{bid_id}/receipt", member.cookie))[1] for bid_id, member in drafts]
    connection.close()
    return sum(of_bid[bid_id].encode() in page for (bid_id, _), page in zip(drafts, pages, strict=True))
