"""A crowd at one brief's deadline: real processes, real sessions over HTTP, the keyholder, and the opening afterwards.

Every member sends its bid twice at once in the last seconds, some too late; whatever is to be killed is killed meanwhile, and two
people open the bids. `judging` holds what the clients saw against what the database holds.
"""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.awards.models import BriefAssessor
from app.bids.models import Bid, BidSnapshot
from app.bids.sealed import BidLetter
from app.briefs.models import Brief
from app.core import clock
from app.core.crypto import canonical, digest
from app.core.database import Database
from app.core.london import london_day
from app.evidence.queries.shared import shared
from app.keyholder.keys import key_of, make_key
from app.organisations.rules import Role
from app.sealing.rules import Holder
from app.settings import DEVELOPMENT_KEYHOLDER_TOKEN, Settings
from tests import factories
from tests.bench.letters import letter
from tests.bench.load import get, post
from tests.bench.measures import submission
from tests.bench.servers import KEYHOLDER, OURS, Server, serving
from tests.bench.world import Filler, Member, Size
from tests.faults.sending import Due, History, ask, send
from tests.sealing import MASTER

DRAIN: Final = 2
Draft = tuple[UUID, Member]


@dataclass(frozen=True)
class Crowd:
    """One open brief, each member's whole draft of it, and the two who will open it."""

    brief_id: UUID
    drafts: list[Draft]
    openers: list[str]


class _Gathering(Filler):
    def gather(self) -> Crowd:
        members = self.members()
        memberships, (brief,) = self.memberships(members), self.briefs()
        self.invitations([brief], members, memberships)
        brief_id = brief["id"]
        voucher = self.config.keyholder_token
        make_key(self.session, MASTER, Holder.BRIEF, brief_id, voucher=voucher, not_before=self.now)  # closes later
        key = key_of(self.session, Holder.BRIEF, brief_id)
        assert key
        bids = self.put(Bid, (self.bid(brief, member, submitted=False) for member in members))
        about = {"submitted": False, "opened": False, "secret": self.config.secret_key, "brief_key": key.public_key}
        self.put(
            BidLetter, (letter(bid["id"], token=one.token, **about) for bid, one in zip(bids, members, strict=True))
        )
        self.snapshots(members)
        chair = factories.seated(self.session, self.raa_id, Role.CHAIR).known
        assessor = {"person_id": factories.seated(self.session, self.raa_id, Role.ASSESSOR).known}
        asked = {"brief_id": brief_id, "assigned_at": self.now, "assigned_by": chair, "declared_at": self.now}
        self.put(BriefAssessor, [assessor | asked])
        openers = [self.sign_in(person) for person in (chair, self.buyer)]
        return Crowd(brief_id, [(bid["id"], one) for bid, one in zip(bids, members, strict=True)], openers)

    def snapshots(self, members: list[Member]) -> None:
        """As each saved draft takes one; all members are alike but for their names, so that the first's will do for all."""
        first, on = members[0].provider_id, london_day(self.now)
        content = shared(self.session, first, on)
        taken = {"shared_on": on, "position": 0, "content": content, "sha256": digest(canonical(content))}
        self.put(BidSnapshot, ({"provider_id": one.provider_id, **taken} for one in members))


def gather(database: Database, config: Settings, members: int) -> Crowd:
    """So many members, all invited to one brief, all with a whole draft."""
    size = Size(providers=members, briefs=1, open=1, invited=members, step=0, drafts=0)
    with database.write() as session:
        return _Gathering(session, config, size).gather()


def settings_for(config: Settings, *, drain: int = DRAIN) -> Settings:
    """As in production, but for the tests' own keyholder, mail into a folder, and where asked a shorter drain."""
    own = {"environment": "test", "opening_drain_seconds": drain, "keyholder_token": DEVELOPMENT_KEYHOLDER_TOKEN}
    return config.model_copy(update={**own, "mail_url": config.blob_url.replace("file:", "folder:") + "-mail"})


Meanwhile = Callable[[History], None]
"""What is done while the crowd sends, until the history is over."""


def close_in(database: Database, crowd: Crowd, seconds: float) -> datetime:
    """Set the deadline by the database's clock, as a published brief is changed: under the lock that excludes every submit."""
    with database.write() as session:
        brief = session.get_one(Brief, crowd.brief_id, with_for_update=True)
        brief.closes_at = clock.now(session) + timedelta(seconds=seconds)
        return brief.closes_at


def rush(
    port: int,
    crowd: Crowd,
    closes_at: datetime,
    *,
    seconds: float,
    late: float = 1.0,
    history: History | None = None,
    meanwhile: Meanwhile | None = None,
) -> History:
    """Send every bid twice at once, each pair at a moment of its own, from `seconds` before the close to `late` after it."""
    chance = random.Random(1)
    due = [
        Due(at, bid_id, submission(bid_id, member))
        for bid_id, member in crowd.drafts
        for at in [closes_at + timedelta(seconds=chance.uniform(-seconds, late))] * 2
    ]
    return send_while(port, due, history or History(), meanwhile)


def send_while(port: int, due: list[Due], history: History, meanwhile: Meanwhile | None = None) -> History:
    with ThreadPoolExecutor(1) as beside:
        history.over.clear()
        other = beside.submit(meanwhile, history) if meanwhile else None
        try:
            send(port, due, history)
        finally:
            history.over.set()
        if other:
            other.result()
    return history


def open_by_two(database: Database, port: int, crowd: Crowd, history: History, *, drain: int = DRAIN) -> float:
    """Wait for the close and the drain, by the database's clock; each opener asks until answered. Returns the seconds of both."""
    with database.read() as session:
        due = session.get_one(Brief, crowd.brief_id).closes_at + timedelta(seconds=drain)
        left = (due - clock.now(session)).total_seconds()
    time.sleep(max(0.0, left + 0.01))
    began = time.monotonic()
    for cookie in crowd.openers:
        status = ask(port, post(f"/briefs/{crowd.brief_id}/opening", "", cookie), history)[-1].status
        assert status == 303, f"the opening was answered {status}"
    return time.monotonic() - began


@contextmanager
def portal(config: Settings, what: tuple[str, ...] = OURS) -> Iterator[tuple[Server, Server]]:
    """Two web processes, and the keyholder beside them."""
    with (
        serving(KEYHOLDER, config, get("/healthz"), processes=1) as keyholder,
        serving(what, beside(config, keyholder), get("/healthz")) as server,
    ):
        yield server, keyholder


def beside(config: Settings, keyholder: Server) -> Settings:
    """For those who are to ask this keyholder."""
    return config.model_copy(update={"keyholder_url": f"http://127.0.0.1:{keyholder.port}"})
