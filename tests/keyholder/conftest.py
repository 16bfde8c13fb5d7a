"""A brief with two sealed bids, written by real sessions, and the real keyholder over the same database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from app.accounts.commands import start_session
from app.bids.rules import Letter
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.keyholder.holder import RealKeyholder
from tests.awards.stage import Begun, Stage, stage, with_bids
from tests.conftest import Clock
from tests.databases import Furniture
from tests.sealing import keyholder

SENT = Letter("We listen first.", "Ten years of it.", "Therapist of Alder Therapy", 250_000)


@pytest.fixture
def furniture() -> Furniture:
    return with_bids


@dataclass
class Held(Stage):
    """`own` is the keyholder's own clock, which a test may move alone."""

    own: list[datetime]
    holder: RealKeyholder

    def token(self, who: Actor) -> str:
        """Of a new session of that person."""
        with self.db.write() as session:
            return start_session(session, who.known, device="Test", life=timedelta(days=400))

    def move(self, moment: datetime) -> None:
        """Both clocks."""
        self.clock.set(moment)
        self.own[0] = moment

    def told(self) -> list[str]:
        """What the audit trail says of the keyholder, oldest first."""
        with self.db.read() as session:
            rows = session.exec(select(audit.AuditEvent).order_by(audit.AuditEvent.position))
            return [audit.sentence(row) for row in rows if row.name.startswith("keyholder.")]


@pytest.fixture
def on(db: Database, clock: Clock, made: Begun) -> Held:
    at = stage(db, clock, made)
    own = [clock.moment]
    held = Held(at.db, at.clock, at.made, at.brief_id, at.bids, own, keyholder(db, own_now=lambda: own[0]))
    held.declared()
    return held
