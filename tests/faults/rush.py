"""A rush to a deadline: real threads, the database's own clock, an opener, and the history from which an oracle judges.

Each round has briefs that close one after another while their bids arrive in no order, every one twice at once. A round's
deadlines are spread over the time that its posts will take, so that posts fall long before, just before and after each.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.commands import submit_bid
from app.bids.models import Bid, BidReceipt
from app.bids.rules import Letter
from app.bids.sealed import LetterKind
from app.briefs.models import Brief
from app.briefs.queries import lock_brief
from app.core import clock
from app.core.actor import Actor, Seat
from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.refusals import Refused
from app.frameworks.models import Framework
from app.providers.models import Practitioner
from tests import factories
from tests.sealing import SEAL, sealed_letter

THREADS = 8
DRAIN = timedelta(seconds=0.3)
PRACTITIONER = "Tess Therapist"
PROVIDERS, BRIEFS = 25, 10
A_ROUND = PROVIDERS * BRIEFS * 2
GRACE = timedelta(seconds=1)


@dataclass(frozen=True)
class Post:
    """What one client saw: when its request had arrived, and the receipt it was given, or None where it was refused."""

    bid_id: UUID
    brief_id: UUID
    received_at: datetime
    receipt_id: UUID | None


@dataclass
class History:
    """Everything that was seen. `at_opening` are the receipts that stood under the opener's lock."""

    closes_at: dict[UUID, datetime] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    at_opening: dict[UUID, set[UUID]] = field(default_factory=dict)
    opened: dict[UUID, threading.Event] = field(default_factory=dict)


Submit = Callable[[Database, Actor, UUID, datetime, threading.Event], UUID]
"""Database, actor, bid, time of receipt, and the event that its brief is opened; returns the receipt's id or refuses."""


def properly(db: Database, actor: Actor, bid_id: UUID, received_at: datetime, opened: threading.Event) -> UUID:
    with db.write() as session:
        return submit_bid(session, actor, bid_id, received_at=received_at, seal=SEAL)


def rush(db: Database, posts: int, submit: Submit = properly, *, seed: int = 1) -> History:
    """As many rounds as it takes to send so many posts."""
    history, chance = History(), random.Random(seed)
    with db.write() as session:
        scene = _Scene(session)
    each = scene.time_one_post(db)
    while len(history.posts) < posts:
        jobs = scene.new_round(db, history, lasting=timedelta(seconds=each * A_ROUND))
        chance.shuffle(jobs)
        jobs = [job for job in jobs for _ in range(2)]
        began = monotonic()
        with ThreadPoolExecutor(THREADS + 1) as pool:
            opening = pool.submit(_open_each_in_turn, db, history, sorted({brief_id for _, _, brief_id in jobs}))
            history.posts += pool.map(lambda job: _post(db, history, submit, *job), jobs)
            each = (monotonic() - began) / A_ROUND
            opening.result()
    return history


def violations(db: Database, history: History) -> Counter[str]:
    """What the clients saw against what the database holds. An honest run has none."""
    found: Counter[str] = Counter()
    with db.read() as session:
        receipts = {
            receipt.id: (receipt, brief_id)
            for receipt, brief_id in session.exec(select(BidReceipt, Bid.brief_id).join(Bid))
            if brief_id in history.closes_at
        }
        witnessed = Counter(session.exec(select(AuditEvent.subject_id).where(AuditEvent.name == "bid.submitted")))
    of_bid = Counter(receipt.bid_id for receipt, _ in receipts.values())
    found["late"] = sum(receipt.received_at >= history.closes_at[brief_id] for receipt, brief_id in receipts.values())
    found["after the opening"] = sum(
        receipt_id not in history.at_opening[brief_id] for receipt_id, (_, brief_id) in receipts.items()
    )
    found["refused though early"] = sum(
        post.receipt_id is None and post.received_at < history.closes_at[post.brief_id] - GRACE
        for post in history.posts
    )
    found["doubled"] = sum(count - 1 for count in of_bid.values())
    found["lost"] = sum(post.receipt_id is not None and post.receipt_id not in receipts for post in history.posts)
    found["not witnessed once"] = sum(witnessed[bid_id] != count for bid_id, count in of_bid.items())
    return +found


Job = tuple[Actor, UUID, UUID]
"""Who sends which bid for which brief."""


class _Scene:
    """One framework and many members, as of the database's clock."""

    def __init__(self, session: Session) -> None:
        self.now = clock.now(session)
        self.made = factories.world(session)
        today: date = self.now.date()
        framework = session.get_one(Framework, self.made.framework_id)
        framework.starts_on, framework.ends_on = today - timedelta(days=30), today + timedelta(days=365)
        self.writer = factories.person(session, "Wyn Writer")
        self.providers = [self._member(session, number) for number in range(PROVIDERS)]

    def _member(self, session: Session, number: int) -> UUID:
        made = self.made
        provider_id = factories.provider(session, f"Provider {number}")
        session.add(
            Practitioner(provider_id=provider_id, full_name=PRACTITIONER, profession="Therapist", added_at=self.now)
        )
        factories.verified_evidence(session, provider_id, made.checker, expires_on=None)
        lot_id, region_id = made.lots[0], made.regions[0]
        factories.membership(session, provider_id, made.framework_id, lot_id, region_id, made.lead.known)
        return provider_id

    def time_one_post(self, db: Database) -> float:
        """Seconds, with every thread at work, on bids that nobody judges."""
        apart = History()
        jobs = self.new_round(db, apart, lasting=timedelta(days=1))[: THREADS * 4]
        began = monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda job: _post(db, apart, properly, *job), jobs))
        return (monotonic() - began) / len(jobs)

    def new_round(self, db: Database, history: History, *, lasting: timedelta) -> list[Job]:
        """Write its briefs and drafts, then set the deadlines by the database's clock."""
        with db.write() as session:
            briefs = [self._brief(session) for _ in range(BRIEFS)]
            jobs = [self._draft(session, brief, provider_id) for brief in briefs for provider_id in self.providers]
        with db.write() as session:
            now = clock.now(session)
            for number, brief in enumerate(briefs, start=1):
                closes_at = now + lasting * number / (BRIEFS + 1)
                session.get_one(Brief, brief.id).closes_at = history.closes_at[brief.id] = closes_at
                history.opened[brief.id] = threading.Event()
        return jobs

    def _brief(self, session: Session) -> Brief:
        published_at, closes_at = self.now - timedelta(days=9), self.now + timedelta(days=9)
        brief_id = factories.brief(session, self.made, published_at=published_at, closes_at=closes_at, invite=())
        return session.get_one(Brief, brief_id)

    def _draft(self, session: Session, brief: Brief, provider_id: UUID) -> Job:
        actor = Actor(self.writer.id, self.writer.name, self.writer.email, (_owner_of(provider_id),))
        bid = Bid(brief_id=brief.id, provider_id=provider_id, started_at=self.now, started_by=self.writer.id)
        session.add(bid)
        letter = Letter("We listen.", "Ten years.", PRACTITIONER, 250_000)
        session.add(sealed_letter(session, bid, letter, LetterKind.DRAFT))
        return actor, bid.id, brief.id


def _owner_of(provider_id: UUID) -> Seat:
    return Seat(provider_id, "Provider", "provider", "owner")


def _post(db: Database, history: History, submit: Submit, actor: Actor, bid_id: UUID, brief_id: UUID) -> Post:
    """What the route does: the time of receipt first, then the one transaction that decides."""
    arrived = clock.arrival()
    with db.read() as session:
        received_at = clock.received(session, arrived)
    try:
        return Post(bid_id, brief_id, received_at, submit(db, actor, bid_id, received_at, history.opened[brief_id]))
    except Refused:
        return Post(bid_id, brief_id, received_at, None)


def _open_each_in_turn(db: Database, history: History, brief_ids: list[UUID]) -> None:
    """Open each brief once its deadline and the drain have passed, under the lock that excludes every submit."""
    for brief_id in sorted(brief_ids, key=history.closes_at.__getitem__):
        while not _is_due(db, history.closes_at[brief_id] + DRAIN):
            history.opened[brief_id].wait(0.01)
        with db.write() as session:
            brief = lock_brief(session, brief_id, exclusive=True)
            factories.mark_opened(session, brief, clock.now(session))
            standing = select(BidReceipt.id).join(Bid).where(col(Bid.brief_id) == brief_id)
            history.at_opening[brief_id] = set(session.exec(standing))
        history.opened[brief_id].set()


def _is_due(db: Database, at: datetime) -> bool:
    with db.read() as session:
        return clock.now(session) >= at
