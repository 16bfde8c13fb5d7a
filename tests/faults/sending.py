"""The crowd's own part: every post at its moment, on a connection of its own, whatever became of those before it.

Nobody waits for another's answer, as members do not, so that a service that falls behind is seen to. One that is cut off or told
to come again does so. One thread, and bare sockets: what this costs of the machine is measured beside what it measures.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

PATIENCE: Final = 180.0
PAUSE: Final = 0.1
AGAIN: Final = {0, 503}
"""Cut off, or told to come again."""


@dataclass(frozen=True, slots=True)
class Try:
    """One request and its answer, by this machine's clock, which is the database's, too.

    `sent_at` is when its last byte had gone; `status` is nought where the connection broke.
    """

    began_at: datetime
    sent_at: datetime
    answered_at: datetime
    status: int
    retry_after: bool


@dataclass(frozen=True, slots=True)
class Post:
    """What one client saw of one post, however often it asked."""

    bid_id: UUID
    due_at: datetime
    tries: tuple[Try, ...]

    @property
    def status(self) -> int:
        return self.tries[-1].status

    @property
    def milliseconds(self) -> float:
        """From the moment at which it was to be sent: a sender that lags is not taken for a service that is quick."""
        return (self.tries[-1].answered_at - self.due_at).total_seconds() * 1000


@dataclass
class History:
    """`seen` are the statuses of all tries so far, nought for each that was cut off."""

    posts: list[Post] = field(default_factory=list)
    seen: Counter[int] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def accepted(self) -> list[Post]:
        return [one for one in self.posts if one.status == 303]

    @property
    def tries(self) -> list[Try]:
        return [one for post in self.posts for one in post.tries]

    @property
    def lag(self) -> float:
        """Seconds by which the last of the first tries began after it was due."""
        return max((one.tries[0].began_at - one.due_at).total_seconds() for one in self.posts)


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    bid_id: UUID
    request: bytes


def send(port: int, due: Iterable[Due], history: History) -> None:
    """Send each at its moment; returns when all are answered, or have asked for three minutes."""

    async def one(what: Due) -> None:
        await asyncio.sleep((what.at - datetime.now(UTC)).total_seconds())
        history.posts.append(Post(what.bid_id, what.at, await _ask(port, what.request, history)))

    async def every() -> None:
        await asyncio.gather(*map(one, due))

    asyncio.run(every())


def send_in_turn(port: int, pairs: Iterable[tuple[UUID, bytes]], history: History, *, at_once: int) -> None:
    """Send each twice at once, the next pair as soon as one of the `at_once` pairs under way is answered: as many as it takes."""
    left = iter(pairs)

    async def one(bid_id: UUID, request: bytes) -> None:
        due_at = datetime.now(UTC)
        history.posts.append(Post(bid_id, due_at, await _ask(port, request, history)))

    async def line() -> None:
        for bid_id, request in left:
            await asyncio.gather(one(bid_id, request), one(bid_id, request))

    async def every() -> None:
        await asyncio.gather(*(line() for _ in range(at_once)))

    asyncio.run(every())


def ask(port: int, request: bytes, history: History) -> Sequence[Try]:
    """One request, until it is answered."""
    return asyncio.run(_ask(port, request, history))


async def _ask(port: int, request: bytes, history: History) -> tuple[Try, ...]:
    tries, until = list[Try](), asyncio.get_running_loop().time() + PATIENCE
    while True:
        tries.append(await _once(port, request))
        history.seen[tries[-1].status] += 1
        if tries[-1].status not in AGAIN or asyncio.get_running_loop().time() > until:
            return tuple(tries)
        await asyncio.sleep(PAUSE)


async def _once(port: int, request: bytes) -> Try:
    began_at = sent_at = datetime.now(UTC)
    status, head, writer = 0, b"", None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            await writer.drain()
            sent_at = datetime.now(UTC)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0))
            status = int(head.split(b" ", 2)[1])
    except (OSError, EOFError):  # a time-out, too
        pass
    if writer:
        writer.close()
    return Try(began_at, sent_at, datetime.now(UTC), status, b"\r\nretry-after:" in head)
