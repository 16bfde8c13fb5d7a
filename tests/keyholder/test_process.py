"""The keyholder as a process of its own, met over HTTP by the client that the portal uses."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
from sqlmodel import Session, select

from app.accounts.commands import start_session
from app.bids.models import Bid
from app.bids.queries import bid_page
from app.bids.sealed import LetterKind
from app.briefs.models import Brief
from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.core.sealing import KeyholderAway
from app.sealing.asking import LettersShut, Seal, with_keys
from app.sealing.client import KeyholderClient
from app.sealing.queries import hour_bound
from app.sealing.rules import Holder
from app.settings import DEVELOPMENT_KEYHOLDER_TOKEN, Settings
from app.work import keys_follow
from tests import ROOT, factories
from tests.awards.stage import LETTERS
from tests.keyholder.conftest import SENT
from tests.sealing import SEAL, sealed_letter

pytestmark = pytest.mark.walk


@pytest.fixture
def process(db: Database) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = Settings(environment="test", database_url=db.url).environment_for_children()
    started = subprocess.Popen(
        [sys.executable, "-m", "app", "keyholder"], cwd=ROOT, env=environment | {"KEYHOLDER_PORT": str(port)}
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx2.get(f"{url}/healthz", trust_env=False).status_code == 200:
                break
        except httpx2.HTTPError:
            assert started.poll() is None
            time.sleep(0.05)
    yield url
    started.terminate()
    started.wait(20)


def _token(session: Session, who: Actor) -> str:
    return start_session(session, who.known, device="Test", life=timedelta(days=1))


@pytest.mark.row("7.3")
@pytest.mark.invariant(1)
@pytest.mark.bar("S1")
def test_over_http_it_gives_what_is_due_and_refuses_the_rest_the_portals_own_token_too(
    db: Database, process: str
) -> None:
    """On real clocks: of two briefs one is open, and one closed long ago."""
    with db.write() as session:
        made, now = factories.world(session), clock.now(session)
        brief_id = factories.brief(
            session, made, published_at=now - timedelta(days=1), closes_at=now + timedelta(days=1)
        )
        bid = Bid(brief_id=brief_id, provider_id=made.provider_a, started_at=now, started_by=made.owner_a.known)
        session.add(bid)
        session.flush()
        session.add(sealed_letter(session, bid, SENT, LetterKind.DRAFT))
        tokens = {name: _token(session, getattr(made, name)) for name in ("owner_a", "owner_b", "chair", "approver")}
        draft = factories.brief(session, made, published_at=None)
    portal = KeyholderClient(process, DEVELOPMENT_KEYHOLDER_TOKEN)

    def read(seal: Seal) -> object:
        with db.read() as session:
            return bid_page(session, made.owner_a, bid.id, now, seal=seal).draft

    seal = replace(SEAL, token=tokens["owner_a"])
    with pytest.raises(LettersShut):
        read(seal)
    assert with_keys(portal, seal, read) == SENT and LETTERS
    of_prices = (portal.finish_quality, portal.approve_prices, portal.open_prices)
    for token in tokens.values():
        for ask in (portal.approve_opening, portal.open_bids, *of_prices):
            with pytest.raises((Refused, NotFound)):
                ask(token, brief_id)
    with pytest.raises(Refused) as no:
        portal.approve_opening("nobody's", brief_id)
    assert no.value.refusal.fix == ("/sign-in", "Sign in")
    with pytest.raises(NotFound):
        portal.read_own(tokens["owner_b"], bid.id)
    portal.make_key(tokens["approver"], Holder.BRIEF, draft)
    with db.write() as session:
        later = session.get_one(Brief, brief_id).closes_at = now + timedelta(days=2)
    for url in ("http://127.0.0.1:9", process):  # away at first, and asked again
        keys_follow(db, Settings(environment="test", database_url=db.url, keyholder_url=url))
    with db.read() as session:
        assert hour_bound(session, brief_id) == later
    stranger = KeyholderClient(process, "a guess")
    with pytest.raises(KeyholderAway):
        stranger.read_own(tokens["owner_a"], bid.id)
    http = httpx2.Client(
        base_url=process, headers={"Authorization": f"Bearer {DEVELOPMENT_KEYHOLDER_TOKEN}"}, trust_env=False
    )
    assert http.post("/read-own", json={"token": "x", "id": "no id"}).status_code == 422
    assert http.post("/read-own", content=b"{").status_code == 422
    assert http.post("/read-own", content=b"x" * 5000).status_code == 413
    assert http.post("/elsewhere", json={}).status_code == 404
    with db.read() as session:
        told = [audit.sentence(e) for e in session.exec(select(audit.AuditEvent)) if e.name == "keyholder.refused"]
        assert not list(audit.verify(session))
    asked = "The service asked the keyholder to read own, and was refused: "
    assert [words.removeprefix(asked) for words in told if words.startswith(asked)] == [
        "it did not show the keyholder’s token.",
        "it could not be read.",
        "it could not be read.",
        "it was too long.",
    ]
    assert len([words for words in told if "sealed until the brief has closed" in words]) >= 4
    nowhere = KeyholderClient("http://127.0.0.1:9", DEVELOPMENT_KEYHOLDER_TOKEN)
    with pytest.raises(KeyholderAway):
        nowhere.read_own(tokens["owner_a"], uuid4())
    for client in (portal, stranger, nowhere, http):
        client.close()
