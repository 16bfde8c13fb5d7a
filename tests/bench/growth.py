"""P7: what a hundredfold market costs beside a small one, in statements and in milliseconds, on PostgreSQL or on SQLite.

Two databases of one server, with one of ours serving each: 200 providers, and 20,000 with 200,000 memberships and a million
items of evidence. Each figure is taken from both in turn, so that only their ratio counts. The list of who may be invited to a
brief is as long as its lot and region has members: what it costs is given for each member. For SQLite, what PostgreSQL wrote
is copied; its planner is told nothing of it, as nobody tells it in a deployment.
"""

import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi.testclient import TestClient
from sqlalchemy import Connection, create_engine, event
from sqlmodel import Session, SQLModel

from app.core.database import Database
from app.main import create_app
from app.memberships.queries import eligibility, members
from app.settings import Settings
from tests.bench import market
from tests.bench.load import HOST, get, one_by_one, p50, side_by_side
from tests.bench.market import Market, Size
from tests.bench.measures import Row
from tests.bench.servers import OURS, production, serving
from tests.databases import migrate
from tests.postgres import PostgresServer

SMALL: Final = Size("small", providers=200, frameworks=1)
LARGE: Final = Size("large", providers=20_000, frameworks=10)
MANY: Final = 10_000
SLOW: Final = 1_000  # milliseconds of a page that is then asked for less often
PAGES: Final = (
    ("owner", "/"),
    ("owner", "/memberships"),
    ("owner", "/memberships/{membership}"),
    ("lead", "/"),
    ("lead", "/frameworks/{framework}/members"),
    ("lead", "/frameworks/{framework}/members?region={region}&why=evidence"),
    ("lead", "/frameworks/{framework}/gaps"),
    ("checker", "/"),
    ("checker", "/checks"),
    ("buyer", "/"),
    ("buyer", "/frameworks/{framework}/members"),
    ("buyer", "/reliance"),
    ("buyer", "/approved-providers"),
)

Sent = list[tuple[str, Any]]


@dataclass(frozen=True)
class Stage:
    """One market, its database in hand."""

    market: Market
    config: Settings
    database: Database

    def path(self, path: str) -> str:
        found = self.market
        return path.format(
            framework=found.framework_id, region=found.region_id, membership=found.membership_id, raa=found.raa_id
        )

    def request(self, who: str, path: str) -> bytes:
        return get(self.path(path), self.market.cookies[who])


def measure(folder: Path, postgres: PostgresServer, *, on_sqlite: bool = False) -> list[Row]:
    small, large = (_staged(postgres, folder, size) for size in (SMALL, LARGE))
    if on_sqlite:
        small, large = (_copied(stage, folder) for stage in (small, large))
    for stage in (small, large):
        print(f"{stage.market.size.frameworks} frameworks: {stage.market.counts}", flush=True)
    rows = [_function(small, large, *one) for one in _FUNCTIONS] + _pages(small, large)
    small.database.close()
    large.database.close()
    return rows


def _staged(postgres: PostgresServer, folder: Path, size: Size) -> Stage:
    postgres.create(size.name)
    config = production(postgres.url(size.name), folder)
    migrate(config.database_url)
    began = time.perf_counter()
    database = Database(config.database_url)
    filled = market.fill(database, config, size)
    print(f"{size.providers:,} providers written in {time.perf_counter() - began:.0f} s", flush=True)
    return Stage(filled, config, database)


def _copied(stage: Stage, folder: Path) -> Stage:
    """The same market in a file of SQLite's."""
    began, url = time.perf_counter(), f"sqlite:///{folder}/{stage.market.size.name}.db"
    migrate(url)
    into = create_engine(url)
    with stage.database.engine.connect() as source, into.connect() as target:
        target.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for table in SQLModel.metadata.sorted_tables:
            rows = source.execution_options(yield_per=10_000).execute(table.select())
            for some in rows.mappings().partitions():
                target.execute(table.insert().prefix_with("OR IGNORE"), [dict(row) for row in some])
        target.commit()
    stage.database.close()
    print(f"copied to SQLite in {time.perf_counter() - began:.0f} s", flush=True)
    config = stage.config.model_copy(update={"database_url": url})
    return Stage(stage.market, config, Database(url))


def _eligibility(session: Session, of: Market, number: int) -> int:
    provider_id = of.sample[number % len(of.sample)]
    now = datetime.now(UTC)
    eligibility(session, provider_id=provider_id, lot_id=of.lot_id, region_id=of.region_id, at=now, agency_id=of.raa_id)
    return 1


def _eligible(session: Session, of: Market, number: int) -> int:
    now = datetime.now(UTC)
    return len(members(session, lot_id=of.lot_id, region_id=of.region_id, at=now, agency_id=of.raa_id))


_FUNCTIONS: Final = (
    ("eligibility of one provider", _eligibility, 30),
    ("who may be invited to a brief, each member", _eligible, 6),
)


def _function(small: Stage, large: Stage, what: str, ask: Callable[[Session, Market, int], int], times: int) -> Row:
    took: dict[str, list[float]] = {"small": [], "large": []}
    answers: dict[str, int] = {}
    counts = {}
    for stage in (small, large):
        with _sending(stage.database) as sent, stage.database.read() as session:
            ask(session, stage.market, 0)
        counts[stage.market.size.name] = sent
    for number in range(times):
        for stage in (small, large):
            with stage.database.read() as session:
                session.connection()
                began = time.perf_counter()
                many = ask(session, stage.market, number)
                took[stage.market.size.name].append((time.perf_counter() - began) * 1000 / many)
                answers[stage.market.size.name] = many
    words = what if answers["large"] == 1 else f"{what} of {answers['small']} and {answers['large']}"
    return _row(words, counts["small"], counts["large"], took["small"], took["large"], large.database)


def _pages(small: Stage, large: Stage) -> list[Row]:
    sent = {stage.market.size.name: _statements(stage) for stage in (small, large)}
    found = []
    with (
        serving(OURS, small.config, get("/healthz"), processes=1) as few,
        serving(OURS, large.config, get("/healthz"), processes=1) as many,
    ):
        for who, path in PAGES:
            one, other = small.request(who, path), large.request(who, path)
            warm = one_by_one(few.port, [one] * 2) + one_by_one(many.port, [other] * 2)
            each = 5 if max(warm) < SLOW else 1
            took = side_by_side(
                lambda: one_by_one(few.port, [one] * each),  # noqa: B023 - called within this turn of the loop
                lambda: one_by_one(many.port, [other] * each),  # noqa: B023
                rounds=5,
            )
            found.append(
                _row(f"{who}: {path}", sent["small"][who, path], sent["large"][who, path], *took, large.database)
            )
    return found


def _statements(stage: Stage) -> dict[tuple[str, str], Sent]:
    """What each page sends. Raises `AssertionError` where the answer is not the page."""
    client = TestClient(create_app(stage.database, config=stage.config), f"https://{HOST}", follow_redirects=False)
    found = {}
    with redirect_stdout(io.StringIO()):  # the request log
        for who, path in PAGES:
            with _sending(stage.database) as sent:
                answer = client.get(stage.path(path), headers={"Cookie": stage.market.cookies[who]})
            assert answer.status_code == 200, (path, answer.status_code)
            found[who, path] = sent
    return found


@contextmanager
def _sending(database: Database) -> Iterator[Sent]:
    """The statements sent meanwhile, with their parameters."""
    sent: Sent = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _row(what: str, few: Sent, many: Sent, small: list[float], large: list[float], database: Database) -> Row:
    """One line, missed when it sends more statements or its plan reads a whole table of many rows."""
    offenders = sorted(set(_whole_tables(database, many)))
    if offenders:
        what = f"{what} (reads all of {', '.join(offenders)})"
    also = len(few) == len(many) and not offenders
    return Row("P7", what, _words(few, small), _words(many, large), p50(large) / p50(small), "× small", 1.5, also=also)


def _words(sent: Sent, took: list[float]) -> str:
    worst = sorted(took)[int(len(took) * 0.95)]
    return f"{len(sent)} SQL, {p50(took):.2f} ms (p95 {worst:.2f})"


def _whole_tables(database: Database, sent: Sent) -> Iterator[str]:
    """Tables of many rows of which a statement's plan reads every row."""
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "sqlite":
            yield from _whole_tables_of_sqlite(connection, sent)
            return
        rows = connection.exec_driver_sql(f"SELECT relname FROM pg_class WHERE reltuples > {MANY} AND relkind = 'r'")
        large = {name for (name,) in rows}
        for statement, parameters in sent:
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            yield from (name for name in _scanned(plan[0]["Plan"]) if name in large)


def _whole_tables_of_sqlite(connection: Connection, sent: Sent) -> Iterator[str]:
    names = SQLModel.metadata.tables
    large = {
        name for name in names if (connection.exec_driver_sql(f"SELECT max(rowid) FROM {name}").scalar() or 0) > MANY
    }
    for statement, parameters in sent:
        if statement.startswith("BEGIN"):
            continue
        for *_, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
            name = re.sub(r"^SCAN (\w+?)(_\d+)?( USING COVERING INDEX .*)?$", r"\1", step)
            if name in large:
                yield name


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _scanned(child)
