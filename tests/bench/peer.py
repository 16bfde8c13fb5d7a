"""P1 to P3 beside pretalx: its list of open calls, one call, and its whole way to submit, with ours in turn in the same run.

Ours always answers a member, with what is its own. pretalx shows its list, and one call, to anybody; to see how one's own
submission stands takes a second page. Its way to submit is a newcomer's, from the call over the account to the page that shows
the submission, as many requests as that takes; ours is the one POST that a member sends when documents and draft are there.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Final
from uuid import UUID

from tests.bench import pretalx
from tests.bench.load import at_once, get, one_by_one, p50, side_by_side
from tests.bench.measures import Row, submission
from tests.bench.servers import OURS, Server, production, serving
from tests.bench.world import MAIN, Member, prepared
from tests.postgres import PostgresServer

ROUNDS: Final = 12
CROWD: Final = 8


@dataclass
class Side:
    """One of the two, what it does so many times (the milliseconds of each), and what its workers have used in doing it."""

    server: Server
    work: Callable[[int], list[float]]
    cpu_seconds: float = 0.0

    def __call__(self, times: int) -> list[float]:
        before = self.server.cpu_seconds()
        took = self.work(times)
        self.cpu_seconds += self.server.cpu_seconds() - before
        return took

    def words(self, took: list[float]) -> str:
        used = self.cpu_seconds / len(took) * 1000
        return f"p50 {p50(took):.1f} ms, {1000 / statistics.mean(took):.0f}/s (processor {used:.1f} ms)"


def measure(folder: Path, postgres: PostgresServer) -> list[Row]:
    for name in ("peer", "main"):
        postgres.create(name)
    config = production(postgres.url("main"), folder)
    world = prepared(config.database_url, config, MAIN)
    cookie = world.members[0].cookie
    with pretalx.serving_calls(postgres.url("peer"), folder) as peer, serving(OURS, config, get("/healthz")) as ours:
        _, newcomer = pretalx.submit(peer.port, 0)
        lists = reading(peer, get(pretalx.LIST)), reading(ours, get("/opportunities", cookie))
        brief = get(f"/opportunities/{world.bid_on}", cookie)
        calls = reading(peer, get(pretalx.CALL)), reading(ours, brief)
        with_own = [get(page, newcomer) for page in (pretalx.CALL, pretalx.OWN)]
        calls_with_own = reading(peer, *with_own), reading(ours, brief)
        ways = submitting(peer, ours, iter(world.drafts))
        return [
            one_connection("P1", f"list of {pretalx.CALLS} open calls", *lists, (20, 20), 1.3),
            crowd("P1", f"list of {pretalx.CALLS} open calls", *lists, 1.3),
            one_connection("P2", "a call and one's own state (pretalx: 2 pages)", *calls_with_own, (10, 10), 5),
            one_connection("P2", "a call alone, as anybody sees pretalx's", *calls, (20, 20), 5),
            one_connection("P3", "a submission", *ways, (2, 10), 20),
        ]


def reading(server: Server, *requests: bytes) -> Side:
    """All the requests together are one piece of work; every worker has done it before."""
    for request in requests:
        at_once([server.port] * CROWD, [request] * 40)

    def ask(times: int) -> list[float]:
        took = one_by_one(server.port, requests * times)
        return [sum(took[start : start + len(requests)]) for start in range(0, len(took), len(requests))]

    return Side(server, ask)


def submitting(peer: Server, ours: Server, drafts: Iterator[tuple[UUID, Member]]) -> tuple[Side, Side]:
    visitors = count(1)

    def wizards(times: int) -> list[float]:
        return [pretalx.submit(peer.port, visitor)[0] for visitor in islice(visitors, times)]

    def submissions(times: int) -> list[float]:
        return one_by_one(ours.port, [submission(*draft) for draft in islice(drafts, times)], 303)

    wizards(4)
    submissions(40)
    return Side(peer, wizards), Side(ours, submissions)


def one_connection(bar: str, what: str, peer: Side, ours: Side, times: tuple[int, int], limit: float) -> Row:
    theirs, own = side_by_side(partial(peer, times[0]), partial(ours, times[1]), rounds=ROUNDS)
    faster = p50(theirs) / p50(own)
    what = f"{what}, 1 connection"
    return Row(bar, what, peer.words(theirs), ours.words(own), faster, "× pretalx", limit, at_least=True)


def crowd(bar: str, what: str, peer: Side, ours: Side, limit: float) -> Row:
    """Requests a second with every worker busy: the median of the rounds."""

    def rate(side: Side) -> list[float]:
        began, each = time.perf_counter(), 12
        with ThreadPoolExecutor(CROWD) as threads:
            list(threads.map(side.work, [each] * CROWD))
        return [CROWD * each / (time.perf_counter() - began)]

    theirs, own = side_by_side(partial(rate, peer), partial(rate, ours), rounds=ROUNDS)
    rates, what = (f"{p50(theirs):.0f}/s", f"{p50(own):.0f}/s"), f"{what}, {CROWD} connections"
    return Row(bar, what, *rates, p50(own) / p50(theirs), "× pretalx", limit, at_least=True)
