"""Bar R6: what is answered is on the disk, in the portal and with the keyholder; a database that may lose it is not started on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, col, select, update

from app.accounts.commands import start_session
from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.models import Award, BriefAssessor
from app.bids.models import Bid
from app.bids.rules import BidState
from app.briefs.models import Brief
from app.core import clock
from app.core.database import Database
from app.organisations.queries import actor_signed_in
from app.providers.models import Provider
from app.settings import Settings
from tests.awards.stage import marks
from tests.bench.load import Connection, get, post
from tests.bench.servers import KEYHOLDER, OURS, production, serving
from tests.faults.crowd import Crowd, gather, settings_for
from tests.faults.watching import told, traced

MEMBERS = 8
HASTY = ("tests.faults.hasty:create_app",)
pytestmark = [pytest.mark.walk, pytest.mark.bar("R6")]


class Asking:
    """One thing at a time, over one connection; each is answered with 303."""

    def __init__(self, port: int) -> None:
        self.connection, self.done = Connection(port), 0

    def __call__(self, path: str, cookie: str, body: str = "") -> None:
        head, page = self.connection.send(post(path, body, cookie))
        assert b" 303 " in head.split(b"\r\n")[0], BeautifulSoup(page, "html.parser").get_text(" ", strip=True)
        self.done += 1


def _submit_all(ask: Asking, crowd: Crowd, most: int = MEMBERS) -> None:
    for bid_id, member in crowd.drafts[:most]:
        ask(f"/bids/{bid_id}/submit", member.cookie, "declared=true")


def test_every_answer_comes_after_the_disk_has_it(db: Database, tmp_path: Path) -> None:
    """Bids sent, confirmed and taken back, opened by two, awarded by two; the portal and the keyholder are watched."""
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL syncs for itself, and is asked at each start whether it does: below
    config, traces = settings_for(production(db.url, tmp_path)), (tmp_path / "portal", tmp_path / "keyholder")
    crowd = gather(db, config, MEMBERS)
    with db.write() as session:
        known = {
            "share_code": "Zz99Test",
            "record_confirmed_on": clock.now(session).date(),
        }  # without which nobody wins
        session.exec(update(Provider).values(**known))
    with _watched(config, traces) as port:
        ask = Asking(port)
        _submit_all(ask, crowd)
        with db.write() as session:
            changed = update(Brief).where(col(Brief.id) == crowd.brief_id)
            session.exec(changed.values(version=2, material_version=2))
        _submit_all(ask, crowd, MEMBERS - 2)
        ask(f"/bids/{crowd.drafts[0][0]}/withdraw", crowd.drafts[0][1].cookie)
        with db.write() as session:
            session.get_one(Brief, crowd.brief_id).closes_at = clock.now(session) - timedelta(seconds=5)
        for opener in crowd.openers:
            ask(f"/briefs/{crowd.brief_id}/opening", opener)
        best = _score(db, crowd, config.secret_key)
        ask(f"/briefs/{crowd.brief_id}/award", crowd.openers[0], f"bid_id={best}")
        with db.read() as session:
            award_id = session.exec(select(Award.id)).one()
        ask(f"/briefs/{crowd.brief_id}/award/approve", crowd.openers[1], f"award_id={award_id}")
        ask.connection.close()
    answers, granted = ([one for one in told(trace) if one.status in (303, 200)] for trace in traces)
    acknowledged = [one for one in answers if one.status == 303]
    assert len(acknowledged) == ask.done == 2 * MEMBERS + 3
    assert [one for one in acknowledged if not one.kept] == []
    assert sum(one.kept for one in granted) == 2, "the two approvals, in the keyholder's own store"
    assert not any(one.left for one in (*answers, *granted))


def test_a_portal_that_answers_before_the_disk_has_it_is_caught(db: Database, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    config, trace = settings_for(production(db.url, tmp_path)), tmp_path / "portal"
    crowd = gather(db, config, MEMBERS)
    with serving(HASTY, config, get("/healthz"), processes=1, under=traced(trace)) as server:
        ask = Asking(server.port)
        _submit_all(ask, crowd)
        ask.connection.close()
    acknowledged = [one for one in told(trace) if one.status == 303]
    assert len(acknowledged) == MEMBERS
    assert sum(one.kept for one in acknowledged) <= 1


@contextmanager
def _watched(config: Settings, traces: tuple[Path, Path]) -> Iterator[int]:
    portal, keyholder = (traced(trace) for trace in traces)
    with serving(KEYHOLDER, config, get("/healthz"), processes=1, under=keyholder) as asked:
        own = config.model_copy(update={"keyholder_url": f"http://127.0.0.1:{asked.port}"})
        with serving(OURS, own, get("/healthz"), processes=1, under=portal) as server:
            yield server.port


def _score(db: Database, crowd: Crowd, secret: str) -> UUID:
    """The assessor gives one bid that stands more than the others; which."""
    with db.write() as session:
        assessor_id = session.exec(
            select(BriefAssessor.person_id).where(BriefAssessor.brief_id == crowd.brief_id)
        ).one()
        token = start_session(session, assessor_id, device="Test", life=timedelta(days=1))
        assessor = actor_signed_in(session, token)
        assert assessor
        open_bids(session, assessor, crowd.brief_id, secret=secret)
        best, *others = _standing(session, crowd.brief_id)
        for bid_id in (best, *others):
            given = marks(session, crowd.brief_id, 5 if bid_id == best else 3)
            save_scores(session, assessor, crowd.brief_id, bid_id, given, secret=secret)
        submit_scores(session, assessor, crowd.brief_id, secret=secret)
    return best


def _standing(session: Session, brief_id: UUID) -> list[UUID]:
    stands = select(Bid.id).where(Bid.brief_id == brief_id, Bid.state == BidState.SUBMITTED, Bid.excluded_reason == "")
    return list(session.exec(stands))


def test_no_process_starts_on_a_database_that_may_lose_what_it_acknowledged(
    db: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Not the portal, nor the worker, nor the keyholder. SQLite is told by each connection to be safe, so there is no such file."""
    if db.engine.dialect.name == "sqlite":
        return
    server = request.getfixturevalue("postgres").server
    server.set("fsync", "off")
    try:
        config = production(db.url, tmp_path).model_copy(update={"environment": "test", "port": 0})
        environment = config.environment_for_children() | {"KEYHOLDER_PORT": "0"}
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "app", name], cwd=config.root, env=environment, stderr=subprocess.PIPE, text=True
            )
            for name in ("serve", "work", "keyholder")
        ]
        said = [process.communicate(timeout=60)[1] for process in started]
    finally:
        server.set("fsync", "on")
    assert ["PostgreSQL runs with fsync=off" in words for words in said] == [True] * 3, said
    assert all(process.returncode for process in started)
