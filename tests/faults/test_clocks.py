"""Bar R10: whose clock is wrong decides nothing, opens nothing early, and is seen; what the database's says is what counts."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlmodel import col, select

from app.bids.models import Bid, BidReceipt
from app.briefs.models import Brief
from app.core import clock
from app.core.database import Database
from app.settings import Settings
from tests.bench.load import Connection, get, post
from tests.bench.servers import KEYHOLDER, OURS, production, serving
from tests.faults.crowd import Crowd, gather, settings_for
from tests.faults.watching import shifted

HOUR = 3600.0
pytestmark = [pytest.mark.walk, pytest.mark.bar("R10")]


def _asked(port: int, request: bytes) -> tuple[int, str]:
    connection = Connection(port)
    head, body = connection.send(request)
    connection.close()
    return int(head.split(b" ", 2)[1]), BeautifulSoup(body, "html.parser").get_text(" ", strip=True)


@dataclass(frozen=True)
class Astray:
    """Starts processes whose clocks are so many seconds from the machine's; gives their ports."""

    config: Settings
    stack: ExitStack

    def keyholder(self, by: float) -> int:
        return self._start(KEYHOLDER, self.config, by)

    def portal(self, by: float, keyholder: int) -> int:
        return self._start(OURS, self.config.model_copy(update={"keyholder_url": f"http://127.0.0.1:{keyholder}"}), by)

    def _start(self, what: tuple[str, ...], config: Settings, by: float) -> int:
        under = shifted(by) if by else ()
        return self.stack.enter_context(serving(what, config, get("/healthz"), processes=1, under=under)).port


@contextmanager
def _astray(db: Database, folder: Path) -> Iterator[Astray]:
    """Sessions that outlast an hour, for a wrong clock would end them."""
    config = settings_for(production(db.url, folder)).model_copy(update={"session_idle_minutes": 180})
    with ExitStack() as stack:
        yield Astray(config, stack)


def _closes(db: Database, crowd: Crowd, after: timedelta) -> None:
    with db.write() as session:
        session.get_one(Brief, crowd.brief_id).closes_at = clock.now(session) + after


def test_a_wrong_clock_of_the_portal_or_of_the_keyholder_changes_no_decision(db: Database, tmp_path: Path) -> None:
    """On PostgreSQL, whose clock is its own; each of these processes is an hour or five seconds out. What they say agrees."""
    if db.engine.dialect.name == "sqlite":
        return  # a file has no clock but its reader's: below
    with _astray(db, tmp_path) as run:
        crowd = gather(db, run.config, 8)
        ahead, behind = run.keyholder(HOUR), run.keyholder(-HOUR)
        portals = [run.portal(by, ahead if by > 0 else behind) for by in (HOUR, -HOUR, 5, -5)]
        for port in (*portals, ahead, behind):
            status, words = _asked(port, get("/readyz"))
            assert status == 503 and "clocks of this process and of the database" in words, words
        drafts, opening = iter(crowd.drafts), post(f"/briefs/{crowd.brief_id}/opening", "", crowd.openers[0])

        def submits() -> list[int]:
            sent = (next(drafts) for _ in portals)
            requests = [post(f"/bids/{bid_id}/submit", "declared=true", one.cookie) for bid_id, one in sent]
            return [_asked(port, request)[0] for port, request in zip(portals, requests, strict=True)]

        _closes(db, crowd, timedelta(minutes=30))
        assert submits() == [303] * 4
        for port in portals:
            status, words = _asked(port, opening)
            assert status == 409 and "sealed until the brief has closed" in words
        _closes(db, crowd, -timedelta(minutes=30))
        assert submits() == [409] * 4
        status, words = _asked(portals[1], opening)
        assert status == 409 and "By the keyholder’s own clock this brief is not yet to be opened" in words
        assert _asked(portals[0], opening)[0] == 303, "the hour is past by both"
        with db.read() as session:
            received = session.exec(select(BidReceipt.received_at).join(Bid).where(col(Bid.brief_id) == crowd.brief_id))
            moments, now = received.all(), clock.now(session)
        assert len(moments) == 4 and all(now - timedelta(minutes=10) < one <= now for one in moments)


def test_a_portal_ahead_opens_nothing_while_the_keyholder_is_right(db: Database, tmp_path: Path) -> None:
    """On SQLite, where the database's clock is that of whoever reads it: to the portal alone the hour is past."""
    if db.engine.dialect.name != "sqlite":
        return
    with _astray(db, tmp_path) as run:
        crowd = gather(db, run.config, 2)
        right = run.keyholder(0)
        portal = run.portal(HOUR, right)
        assert _asked(right, get("/readyz"))[0] == 200
        _closes(db, crowd, timedelta(minutes=30))
        for opener in crowd.openers:
            status, words = _asked(portal, post(f"/briefs/{crowd.brief_id}/opening", "", opener))
            assert status == 409 and "sealed until the brief has closed" in words
