"""P8: members send their bids in the last seconds, every one twice at once, then two people open them; on both databases.

Through real HTTP and real sessions, by two web processes and the keyholder. What may not happen at all is counted beside.
"""

from pathlib import Path
from typing import Final

from app.core.database import Database
from tests.bench.load import p50, p99
from tests.bench.measures import Row
from tests.bench.servers import production
from tests.databases import migrate
from tests.faults.crowd import gather, open_by_two, portal, rush, settings_for, unverified, violations
from tests.postgres import PostgresServer

MEMBERS: Final = 2000


def measure(folder: Path, postgres: PostgresServer, *, members: int = MEMBERS) -> list[Row]:
    postgres.create("rush")
    rows = _rushed("PostgreSQL", postgres.url("rush"), folder, members)
    return rows + _rushed("SQLite", f"sqlite:///{folder}/rush.db", folder, members)


def _rushed(name: str, url: str, folder: Path, members: int) -> list[Row]:
    migrate(url)
    database, config = Database(url), settings_for(production(url, folder))
    crowd = gather(database, config, members)
    with portal(config) as (server, _):
        history = rush(database, server, crowd)
        took = [one.milliseconds for one in history.posts]
        received, posts = len(history.accepted), len(history.posts)
        pace = history.seconds * 1000 / posts
        told = f"{1000 / pace:.0f} posts/s, {received:,} received, {posts - received:,} too late"
        print(f"{name}: {told}, p50 {p50(took):.0f} ms, p99 {p99(took):.0f} ms", flush=True)
        open_by_two(database, server.port, crowd, history)
        broken = violations(database, crowd, history)
        print(f"{name}: opened by two; against the oracle: {dict(broken) or 'nothing'}", flush=True)
        wrong = len(unverified(database, crowd, server.port))
        print(f"{name}: receipts that do not verify: {wrong}", flush=True)
    database.close()
    what = f"rush of {members:,} members, {posts:,} posts, {name}"
    return [
        Row("P8", f"{what}: time a post", "", told, pace, "ms", 4),
        Row("P8", f"{what}: p99", "", f"p50 {p50(took):.0f} ms", p99(took), "ms", 150),
        Row("P8", f"{what}: late, lost, doubled, half, unverified", "", "", wrong + broken.total(), "", 0),
    ]
