"""A crowd at one brief's deadline: real processes, real sessions over HTTP, the keyholder, and the opening afterwards.

Every member sends its bid twice at once, the deadline falls among them, whatever is to be killed is killed meanwhile, and two
people open the bids. An oracle then judges what the clients saw against what the database holds.
"""

import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from app.awards.models import BriefAssessor
from app.bids.models import Bid, BidReceipt
from app.bids.rules import RECEIPT_FIELDS, BidState
from app.bids.sealed import BidLetter, LetterKind
from app.briefs.models import Brief
from app.core import clock
from app.core.audit import AuditEvent
from app.core.audit import verify as chain_faults
from app.core.database import Database
from app.core.signing import as_published, check
from app.keyholder.keys import key_of, make_key
from app.organisations.rules import Role
from app.sealing.rules import Holder
from app.settings import DEVELOPMENT_KEYHOLDER_TOKEN, Settings
from tests import factories
from tests.bench.letters import letter
from tests.bench.load import Connection, get, post
from tests.bench.servers import KEYHOLDER, OURS, Server, serving
from tests.bench.world import Filler, Member, Size
from tests.sealing import MASTER

CONNECTIONS: Final = 16
DRAIN: Final = 2
SOON: Final = timedelta(seconds=0.3)
PATIENCE: Final = 120.0
HONEST: Final = {303, 409, 503}
"""What a client may be told: received, too late, or to come again."""


@dataclass(frozen=True)
class Crowd:
    """One open brief, each member's whole draft of it, and the two who will open it."""

    brief_id: UUID
    drafts: list[tuple[UUID, Member]]
    openers: list[str]


class _Gathering(Filler):
    def gather(self) -> Crowd:
        members = self.members()
        memberships, (brief,) = self.memberships(members), self.briefs()
        self.invitations([brief], members, memberships)
        brief_id = brief["id"]
        make_key(self.session, MASTER, Holder.BRIEF, brief_id, not_before=self.now)  # its deadline is set later
        key = key_of(self.session, Holder.BRIEF, brief_id)
        assert key
        bids = self.put(Bid, (self.bid(brief, member, submitted=False) for member in members))
        about = {"submitted": False, "opened": False, "secret": self.config.secret_key, "brief_key": key.public_key}
        self.put(
            BidLetter, (letter(bid["id"], token=one.token, **about) for bid, one in zip(bids, members, strict=True))
        )
        chair = factories.seated(self.session, self.raa_id, Role.CHAIR).known
        assessor = {"person_id": factories.seated(self.session, self.raa_id, Role.ASSESSOR).known}
        asked = {"brief_id": brief_id, "assigned_at": self.now, "assigned_by": chair, "declared_at": self.now}
        self.put(BriefAssessor, [assessor | asked])
        openers = [self.sign_in(person) for person in (chair, self.buyer)]
        return Crowd(brief_id, [(bid["id"], one) for bid, one in zip(bids, members, strict=True)], openers)


def gather(database: Database, config: Settings, members: int) -> Crowd:
    """So many members, all invited to one brief, all with a whole draft."""
    size = Size(providers=members, briefs=1, open=1, invited=members, step=0, drafts=0)
    with database.write() as session:
        return _Gathering(session, config, size).gather()


def settings_for(config: Settings) -> Settings:
    """As in production, but for a drain of two seconds and the tests' own keyholder."""
    own = {"environment": "test", "opening_drain_seconds": DRAIN, "keyholder_token": DEVELOPMENT_KEYHOLDER_TOKEN}
    return config.model_copy(update=own)


@dataclass(frozen=True)
class Post:
    """What one client saw. `answered_at` by this machine's clock, which is the database's, too; `asked` as often as it took."""

    bid_id: UUID
    status: int
    answered_at: datetime
    milliseconds: float
    asked: int


@dataclass
class History:
    """`seen` are all statuses ever answered, of posts asked again, too; `cut` how often a connection broke."""

    posts: list[Post] = field(default_factory=list)
    seen: Counter[int] = field(default_factory=Counter)
    cut: int = 0
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    going: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def accepted(self) -> list[Post]:
        return [one for one in self.posts if one.status == 303]


class Client:
    """One of the crowd: it sends, and asks again where its connection broke or it was told to come again."""

    def __init__(self, port: int, history: History) -> None:
        self.port, self.history = port, history
        self.connection: Connection | None = None

    def send(self, bid_id: UUID, member: Member) -> Post:
        status, milliseconds, asked = self.ask(post(f"/bids/{bid_id}/submit", "declared=true", member.cookie))
        return Post(bid_id, status, datetime.now(UTC), milliseconds, asked)

    def ask(self, request: bytes) -> tuple[int, float, int]:
        until, asked, status, took = time.monotonic() + PATIENCE, 0, 503, 0.0
        while status in (0, 503) and time.monotonic() < until:
            asked += 1
            began = time.perf_counter()
            status = self._once(request)
            took = (time.perf_counter() - began) * 1000
            with self.history.lock:
                self.history.seen[status] += 1
            if status in (0, 503):
                time.sleep(0.05)
        return status, took, asked

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def _once(self, request: bytes) -> int:
        """The status, or nought where the connection broke."""
        try:
            self.connection = self.connection or Connection(self.port)
            head, _ = self.connection.send(request)
            return int(head.split(b" ", 2)[1])
        except (OSError, ValueError, IndexError):
            self.close()
            with self.history.lock:
                self.history.cut += 1
            return 0


Meanwhile = Callable[[Server, History], None]
"""What is done to the server while the crowd sends, until the history is over."""


def rush(
    database: Database, server: Server, crowd: Crowd, *, meanwhile: Meanwhile | None = None, share: float = 0.5
) -> History:
    """Send every bid twice at once. When `share` of the posts are in, the crowd waits, and its deadline is set `SOON` from then."""
    history, drafts = History(), list(crowd.drafts)
    random.Random(1).shuffle(drafts)
    with ThreadPoolExecutor(2) as beside:
        closing = beside.submit(_close, database, crowd, history, int(len(drafts) * 2 * share))
        killing = beside.submit(meanwhile, server, history) if meanwhile else None
        history.seconds = _send(server.port, drafts, history)
        history.over.set()
        closing.result()
        if killing:
            killing.result()
    return history


def _close(database: Database, crowd: Crowd, history: History, after: int) -> None:
    """As a published brief is changed: under the lock that excludes every submit. A database that is away is waited for."""
    history.going.set()
    while history.seen[303] < after:
        time.sleep(0.005)
    history.going.clear()
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with database.write() as session:
                brief = session.get_one(Brief, crowd.brief_id, with_for_update=True)
                brief.closes_at = clock.now(session) + SOON
            break
        except DBAPIError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    history.going.set()


def _send(port: int, drafts: list[tuple[UUID, Member]], history: History) -> float:
    """Each twice, by two clients that take them from one line; returns the seconds."""
    line: queue.SimpleQueue[tuple[UUID, Member]] = queue.SimpleQueue()
    for draft in drafts:
        line.put(draft)
        line.put(draft)

    def work() -> None:
        client, done = Client(port, history), list[Post]()
        while history.going.wait():
            try:
                done.append(client.send(*line.get_nowait()))
            except queue.Empty:
                break
        client.close()
        with history.lock:
            history.posts += done

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return time.perf_counter() - began


def open_by_two(database: Database, port: int, crowd: Crowd, history: History) -> None:
    """Wait for the close and the drain, by the database's clock; each opener asks until the service has answered."""
    while True:
        with database.read() as session:
            due = session.get_one(Brief, crowd.brief_id).closes_at + timedelta(seconds=DRAIN)
            left = (due - clock.now(session)).total_seconds()
        if left < 0:
            break
        time.sleep(min(left + 0.01, 1))
    client = Client(port, history)
    for cookie in crowd.openers:
        status, _, _ = client.ask(post(f"/briefs/{crowd.brief_id}/opening", "", cookie))
        assert status == 303, f"the opening was answered {status}"
    client.close()


def violations(database: Database, crowd: Crowd, history: History) -> Counter[str]:
    """What the clients saw against what the database holds. An honest run has none."""
    found: Counter[str] = Counter()
    with database.read() as session:
        receipts, closes_at = _receipts(session, crowd), session.get_one(Brief, crowd.brief_id).closes_at
        witnessed = Counter(session.exec(select(AuditEvent.subject_id).where(AuditEvent.name == "bid.submitted")))
        letters = {
            bid_id: (kind, key)
            for bid_id, kind, key in session.exec(select(BidLetter.bid_id, BidLetter.kind, BidLetter.wrapped_key))
        }
        states = dict(session.exec(select(Bid.id, Bid.state).where(Bid.brief_id == crowd.brief_id)).all())
        opened = session.get_one(Brief, crowd.brief_id).opened_at is not None
        found["broken chain"] = len(list(chain_faults(session)))
    of_bid = Counter(receipt.bid_id for receipt in receipts)
    found["late"] = sum(receipt.received_at >= closes_at for receipt in receipts)
    found["doubled"] = sum(count - 1 for count in of_bid.values())
    found["lost"] = len({one.bid_id for one in history.accepted} - set(of_bid))
    found["refused though early"] = sum(one.status == 409 and one.answered_at < closes_at for one in history.posts)
    found["not witnessed once"] = sum(witnessed[bid_id] != 1 for bid_id in of_bid)
    for bid_id, state in states.items():
        sent = bid_id in of_bid
        kind, key = letters[bid_id]
        whole = (state == BidState.SUBMITTED, kind == LetterKind.SUBMITTED) == (sent, sent)
        found["half a bid"] += not whole
        found["after the opening"] += opened and sent and key is None
        found["opened though not sent"] += not sent and key is not None
    found["another status"] = sum(count for status, count in history.seen.items() if status not in HONEST | {0})
    return +found


def unverified(database: Database, crowd: Crowd, port: int) -> list[UUID]:
    """The bids whose receipt, fetched by its bidder, does not verify by the keys that the service publishes."""
    connection = Connection(port)
    _, keys = connection.send(get("/receipts/keys"))
    public = as_published(keys.decode())
    with database.read() as session:
        received = {receipt.bid_id for receipt in _receipts(session, crowd)}
    wrong = []
    for bid_id, member in crowd.drafts:
        if bid_id in received:
            head, body = connection.send(get(f"/bids/{bid_id}/receipt.json", member.cookie))
            if b" 200 " not in head.split(b"\r\n")[0] or not check(body.decode(), public, RECEIPT_FIELDS).said:
                wrong.append(bid_id)
    connection.close()
    return wrong


def _receipts(session: Session, crowd: Crowd) -> list[BidReceipt]:
    return list(session.exec(select(BidReceipt).join(Bid).where(col(Bid.brief_id) == crowd.brief_id)))


@contextmanager
def portal(config: Settings, what: tuple[str, ...] = OURS) -> Iterator[tuple[Server, Server]]:
    """Two web processes, and the keyholder beside them."""
    with serving(KEYHOLDER, config, get("/healthz"), processes=1) as keyholder:
        own = config.model_copy(update={"keyholder_url": f"http://127.0.0.1:{keyholder.port}"})
        with serving(what, own, get("/healthz")) as server:
            yield server, keyholder
