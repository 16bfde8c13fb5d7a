"""A crowd at the deadline over HTTP, by two web processes and the keyholder: nothing late, lost or doubled."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.bids.sealed import BidLetter
from app.briefs.models import Brief
from app.core.database import Database
from tests.bench.load import Connection, get, post
from tests.bench.servers import KEYHOLDER, production, serving
from tests.conftest import Begun
from tests.faults.crowd import Crowd, close_in, gather, open_by_two, portal, rush, settings_for
from tests.faults.judging import unverified, violations
from tests.faults.sending import History

MEMBERS = 60
NAIVE = ("tests.faults.naive:create_app",)
pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]


@pytest.mark.bar("P8")
@pytest.mark.bar("R1")
@pytest.mark.bar("R2")
@pytest.mark.row("7.5")
def test_a_crowd_at_the_deadline_is_received_or_refused_and_every_receipt_verifies(
    db: Database, tmp_path: Path
) -> None:
    config = settings_for(production(db.url, tmp_path))
    crowd = gather(db, config, MEMBERS)
    with portal(config) as (server, _):
        history = rush(server.port, crowd, close_in(db, crowd, 6), seconds=6)
        open_by_two(db, server.port, crowd, history)
        assert unverified(db, crowd, server.port) == []
    assert len(history.posts) == 2 * MEMBERS
    assert history.accepted and len(history.accepted) < len(history.posts), "the deadline fell outside the rush"
    assert violations(db, crowd, history) == {}


@pytest.mark.bar("R1")
@pytest.mark.bar("R2")
def test_the_oracle_catches_a_portal_that_checks_and_then_commits(begun: Begun, backend: str, tmp_path: Path) -> None:
    """The mutation proof. On SQLite its one writer at a time hides it here: `test_deadline` shows it there."""
    if backend == "sqlite":
        pytest.skip("SQLite has no lock of a row that could be forgotten")
    db = begun.database
    config = settings_for(production(db.url, tmp_path))
    crowd = gather(db, config, 5)  # so few that the opening finds a thread
    with db.write() as session:
        session.connection().execute(text("DROP INDEX uq_bid_receipt_current"))
    with portal(config, NAIVE) as (server, _):

        def open_meanwhile(history: History) -> None:
            open_by_two(db, server.port, crowd, History())

        history = rush(server.port, crowd, close_in(db, crowd, 1.5), seconds=1.5, late=0, meanwhile=open_meanwhile)
    found = violations(db, crowd, history)
    assert found["doubled"] > 0
    assert found["after the opening"] > 0


@pytest.mark.bar("R5")
def test_a_keyholder_killed_in_an_opening_delays_it_and_no_more(db: Database, tmp_path: Path) -> None:
    """It dies while it unwraps; the opening is answered 503, nothing is half open, and it is done when it is there again."""
    config = settings_for(production(db.url, tmp_path))
    crowd = gather(db, config, MEMBERS // 3)
    with portal(config) as (server, keyholder):
        history = rush(server.port, crowd, close_in(db, crowd, 1), seconds=1, late=0)
        open_by_two(db, server.port, replace(crowd, openers=crowd.openers[:1]), history)
        keyholder.process.send_signal(signal.SIGSTOP)
        with ThreadPoolExecutor(1) as asking:
            answer = asking.submit(_asked, server.port, post(_opening_of(crowd), "", crowd.openers[1]))
            time.sleep(0.5)
            assert not answer.done(), "the portal waits for the keyholder"
            keyholder.process.kill()
            head = answer.result().lower()
        assert b" 503 " in head.split(b"\r\n")[0] and b"retry-after" in head
        with db.read() as session:
            assert set(session.exec(select(BidLetter.wrapped_key))) == {None}
            assert session.get_one(Brief, crowd.brief_id).opened_at is None
        with serving(KEYHOLDER, config, get("/healthz"), processes=1, port=keyholder.port):
            open_by_two(db, server.port, crowd, history)
    assert violations(db, crowd, history) == {}


def _opening_of(crowd: Crowd) -> str:
    return f"/briefs/{crowd.brief_id}/opening"


def _asked(port: int, request: bytes) -> bytes:
    connection = Connection(port)
    head, _ = connection.send(request)
    connection.close()
    return head
