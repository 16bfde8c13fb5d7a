"""P8: two thousand members send their bids in the last thirty seconds, every one twice at once, then two people open them.

Before them as many others do as fast as they are answered, which tells how many a second it takes. In the rush itself two hundred
more come early: on a new connection PostgreSQL plans each question a dozen times, as it never does to a service that has been
up for a minute. On both databases, through real
HTTP and real sessions, by two web processes, the keyholder and the worker, with the drain of production. A table says what was
received and how long it took, what of the machine each part used, and what may not happen at all.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from app.core.database import Database
from app.settings import Settings
from tests.bench.load import p50, p99
from tests.bench.measures import Row, submission
from tests.bench.servers import WORKER, Server, children, cpu_seconds, production, running
from tests.bench.world import Member
from tests.databases import migrate
from tests.faults.crowd import Crowd, beside, close_in, gather, open_by_two, portal, rush, settings_for
from tests.faults.judging import stamping, unverified, violations
from tests.faults.sending import History, send_in_turn
from tests.postgres import PostgresServer

MEMBERS: Final = 2000
EARLY: Final = 200
SECONDS: Final = 30.0
AT_ONCE: Final = 8
STARTING: Final = 5.0
"""Seconds in which the worker starts."""
DRAIN: Final = 60
PARTS: Final = ("one web process", "the other", "database", "the sender itself")
WRONG: Final = ("late", "doubled", "lost", "refused though early")


def measure(folder: Path, postgres: PostgresServer, *, members: int = MEMBERS) -> list[Row]:
    rows: list[Row] = []
    for how in (_pressed, _rushed):
        postgres.create(how.__name__)
        url, of_database = postgres.url(how.__name__), lambda: sum(map(cpu_seconds, children(postgres.pid())))
        rows += how("PostgreSQL", url, folder, members, of_database)
        rows += how("SQLite", f"sqlite:///{folder}/{how.__name__}.db", folder, members, lambda: 0.0)
    return rows


def _gathered(name: str, url: str, folder: Path, members: int) -> tuple[Database, Settings, Crowd]:
    began = time.monotonic()
    migrate(url)
    database, config = Database(url), settings_for(production(url, folder), drain=DRAIN)
    crowd = gather(database, config, members)
    _say(name, f"{members:,} members with whole drafts, made in {time.monotonic() - began:.0f} s")
    return database, config, crowd


def _pressed(name: str, url: str, folder: Path, members: int, of_database: Callable[[], float]) -> list[Row]:
    """How many posts a second are received, with `AT_ONCE` pairs under way at any time."""
    database, config, crowd = _gathered(name, url, folder, members)
    with ExitStack() as stack:
        server, keyholder = stack.enter_context(portal(config))
        close_in(database, crowd, 600)
        stack.enter_context(running(WORKER, beside(config, keyholder)))
        time.sleep(STARTING)
        before, began, history = _used(server, of_database), time.monotonic(), History()
        _send(server, crowd.drafts, history)
        seconds = time.monotonic() - began
        _spent(name, server, before, of_database, history)
    database.close()
    took, received = [one.milliseconds for one in history.posts], len(history.accepted)
    what = f"{len(took):,} posts, every one twice at once, {AT_ONCE} pairs under way, {name}"
    return [
        Row("P8", what, "", f"{received / seconds:.0f} a second", seconds / received * 1000, "ms", 4),
        Row("P8", "the same, p99", "", f"p50 {p50(took):.0f} ms", p99(took), "ms", 150, received == len(took)),
    ]


def _send(server: Server, drafts: Sequence[tuple[UUID, Member]], history: History) -> None:
    pairs = [(bid_id, submission(bid_id, one)) for bid_id, one in drafts]
    send_in_turn(server.port, pairs, history, at_once=AT_ONCE)


def _rushed(name: str, url: str, folder: Path, members: int, of_database: Callable[[], float]) -> list[Row]:
    database, config, crowd = _gathered(name, url, folder, members + EARLY)
    with ExitStack() as stack:
        server, keyholder = stack.enter_context(portal(config))
        closes_at = close_in(database, crowd, STARTING + SECONDS)
        stack.enter_context(running(WORKER, beside(config, keyholder)))  # it binds the key to the close that it finds
        early = History()
        _send(server, crowd.drafts[:EARLY], early)
        before = _used(server, of_database)
        history = rush(server.port, replace(crowd, drafts=crowd.drafts[EARLY:]), closes_at, seconds=SECONDS)
        rows = _pace(name, database, crowd, history, closes_at)
        _spent(name, server, before, of_database, history)
        history.posts += early.posts
        took = open_by_two(database, server.port, crowd, history, drain=DRAIN)
        _say(name, f"opened by two in {took:.1f} s")
        broken = violations(database, crowd, history)
        began = time.monotonic()
        wrong = len(unverified(database, crowd, server.port))
        _say(name, f"receipts fetched and verified in {time.monotonic() - began:.0f} s, {wrong} of them not")
    database.close()
    return [*rows, *_verdict(name, broken, wrong, took)]


def _spent(name: str, server: Server, before: list[float], of_database: Callable[[], float], history: History) -> None:
    used = [after - first for after, first in zip(_used(server, of_database), before, strict=True)]
    each = ", ".join(
        f"{part} {seconds / len(history.posts) * 1000:.1f} ms" for part, seconds in zip(PARTS, used, strict=True)
    )
    _say(name, f"processor time a post: {each}; a web process weighs {max(server.megabytes()):.0f} MB")


def _used(server: Server, of_database: Callable[[], float]) -> list[float]:
    """Seconds of the processors, by part."""
    return [*map(cpu_seconds, server.workers()), of_database(), time.process_time()]


def _pace(name: str, database: Database, crowd: Crowd, history: History, closes_at: datetime) -> list[Row]:
    posts, took = history.posts, [one.milliseconds for one in history.posts]
    received = history.accepted
    first, last = min(one.due_at for one in posts), max(one.tries[-1].answered_at for one in posts)
    behind = max(0.0, (last - closes_at).total_seconds())
    busiest = max(Counter(int((one.tries[-1].answered_at - first).total_seconds()) for one in received).values())
    pace = len(received) / (max(one.tries[-1].answered_at for one in received) - first).total_seconds()
    stamps = stamping(database, crowd, history)
    _say(name, f"{len(posts):,} posts: {len(received):,} received, {len(posts) - len(received):,} refused as too late")
    _say(
        name, f"{pace:.0f} received a second, {busiest} in the best one; p50 {p50(took):.0f} ms, p99 {p99(took):.0f} ms"
    )
    _say(
        name, f"dated after their last byte had gone: p50 {p50(stamps) * 1000:.0f} ms, p99 {p99(stamps) * 1000:.0f} ms"
    )
    _say(
        name,
        f"the last answer came {behind:.1f} s after the close; the sender lagged {history.lag * 1000:.0f} ms at most",
    )
    what = f"rush of {len(posts) // 2:,} members, {name}"
    return [
        Row("P8", f"{what}: p99", "", f"p50 {p50(took):.0f} ms", p99(took), "ms", 150),
        Row("P8", f"{what}: last answer after the close", "", f"drain {DRAIN} s", behind, "s", DRAIN),
    ]


def _verdict(name: str, broken: Counter[str], unverified: int, took: float) -> list[Row]:
    what = "the same,"
    others = Counter({fault: count for fault, count in broken.items() if fault not in WRONG})
    return [
        *(Row("P8", f"{what} {fault}, {name}", "", "", broken[fault], "", 0) for fault in WRONG),
        Row(
            "P8",
            f"{what} half, unsealed, unwitnessed, unmailed, {name}",
            "",
            str(dict(others) or ""),
            others.total(),
            "",
            0,
        ),
        Row("P8", f"{what} receipts that do not verify, {name}", "", "", unverified, "", 0),
        Row("P8", f"{what} opening by two, {name}", "", "", took, "s", 10),
    ]


def _say(name: str, words: str) -> None:
    print(f"{name}: {words} (load {os.getloadavg()[0]:.1f})", flush=True)
