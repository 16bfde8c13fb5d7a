"""The deadline under a rush: nothing late, nothing lost, nothing doubled; and a naive portal is caught by the same oracle."""

import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select, update

from app.bids import events
from app.bids.commands import save_draft, start_bid
from app.bids.models import Bid, BidReceipt
from app.bids.rules import BidState, Letter
from app.briefs.models import Brief
from app.briefs.queries import phase_of
from app.briefs.rules import Phase
from app.core import audit
from app.core import clock as app_clock
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.core.rows import reference
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.faults.rush import A_ROUND, Post, rush, violations
from tests.sealing import SEAL

CLOSES = NOON + timedelta(days=10)
MOMENT = timedelta(milliseconds=1)


@pytest.mark.bar("R1")
@pytest.mark.bar("R2")
@pytest.mark.invariant(2)
@pytest.mark.invariant(4)
@pytest.mark.timeout(1200)
def test_in_a_rush_nothing_is_late_lost_or_doubled(db: Database, pytestconfig: pytest.Config) -> None:
    """No worker runs. `--posts=20000` sends as many as the bar asks; the default keeps the suite quick."""
    posts = int(pytestconfig.getoption("--posts", default=1000))
    history = rush(db, posts)
    assert len(history.posts) >= posts
    accepted = [post for post in history.posts if post.receipt_id]
    refused = [post for post in history.posts if not post.receipt_id]
    assert len(accepted) > posts / 10 and len(refused) > posts / 10, "the deadlines fell outside the rush"
    assert _answered_twice_alike(accepted)
    assert violations(db, history) == {}


def _answered_twice_alike(accepted: list[Post]) -> bool:
    """Both posts of a bid that were accepted hold the same receipt."""
    return len({(post.bid_id, post.receipt_id) for post in accepted}) == len({post.bid_id for post in accepted})


@pytest.mark.bar("R1")
def test_the_oracle_catches_a_portal_that_checks_and_then_commits(db: Database) -> None:
    """The mutation proof: an `if` in place of the lock and of the constraint, and time between the check and the commit."""
    with db.write() as session:
        session.connection().execute(text("DROP INDEX uq_bid_receipt_current"))
    found = violations(db, rush(db, A_ROUND, _CheckThenCommit()))
    assert found["after the opening"] > 0
    assert found["doubled"] > 0


class _CheckThenCommit:
    """Look, decide, and only then write. A few posts are unlucky: their brief is opened between the two."""

    def __init__(self, unlucky: int = 3) -> None:
        self.left = unlucky

    def __call__(
        self, db: Database, actor: Actor, bid_id: UUID, received_at: datetime, opened: threading.Event
    ) -> UUID:
        with db.read() as session:
            bid = session.get_one(Bid, bid_id)
            if phase_of(session.get_one(Brief, bid.brief_id), received_at) is not Phase.OPEN:
                raise Refused(Refusal("closed", "Too late."))
            if bid.state == BidState.SUBMITTED:
                return session.exec(select(BidReceipt.id).where(BidReceipt.bid_id == bid_id)).all()[-1]
        self.left -= 1
        opened.wait(60 if self.left >= 0 else 0.01)
        with db.write() as session:
            session.exec(update(BidReceipt).where(col(BidReceipt.bid_id) == bid_id).values(replaced_at=received_at))
            return _write_naively(session, actor, bid_id, received_at)


def _write_naively(session: Session, actor: Actor, bid_id: UUID, received_at: datetime) -> UUID:
    bid = session.get_one(Bid, bid_id)
    bid.state, bid.submitted_at = BidState.SUBMITTED, received_at
    receipt = BidReceipt(
        bid_id=bid_id,
        reference=reference("R", groups=3),
        received_at=received_at,
        brief_version=1,
        content_sha256="",
        submitted_by=actor.known,
    )
    session.add(receipt)
    audit.record(session, events.SUBMITTED, actor=actor, subject=bid_id, at=received_at)
    return receipt.id


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def bid_id(db: Database, made: factories.World) -> UUID:
    """A complete draft of provider A for a brief that closes in ten days."""
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
        started = start_bid(session, made.owner_a, brief_id, made.provider_a)
        letter = Letter("We listen.", "Ten years.", "Therapist of Alder Therapy", 250_000)
        save_draft(session, made.owner_a, started, letter, seal=SEAL)
        return started


@pytest.mark.invariant(3)
@pytest.mark.bar("R1")
@pytest.mark.parametrize(("early", "status"), [(MOMENT, 303), (timedelta(), 409), (-MOMENT, 409)])
def test_a_millisecond_decides_through_the_whole_application(
    db: Database,
    client_for: ClientFor,
    made: factories.World,
    bid_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    early: timedelta,
    status: int,
) -> None:
    clock.set(CLOSES - early)
    monkeypatch.setattr(app_clock, "received", lambda session, arrived: clock.moment)  # it arrives at that very moment
    answer = client_for(made.owner_a).post(f"/bids/{bid_id}/submit", data={"declared": "true"})
    assert answer.status_code == status
    with db.read() as session:
        received = [receipt.received_at for receipt in session.exec(select(BidReceipt))]
        witnessed = session.exec(select(AuditEvent).where(AuditEvent.name == "bid.submitted")).all()
    assert received == ([CLOSES - early] if status == 303 else [])
    assert len(witnessed) == len(received)
