"""Fixtures for every test: a migrated database of its own on each kind asked for, a client for any person, a clock."""

import gc

gc.disable()  # what is made until the first test begins, which turns it on, is there to stay

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import bindparam, select
from sqlmodel import Session, UTCDateTime

from app.accounts import passwords
from app.core import clock as app_clock
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.main import connect, create_app, load_actor
from app.settings import Settings
from app.web.pages import environment
from tests import NOON, ROOT
from tests.compiled import Compiled
from tests.databases import Databases, Furniture, PostgresDatabases, SqliteDatabases
from tests.postgres import PostgresServer
from tests.sealing import TOKEN, begin_session, keyholder, signed_in
from tests.spreading import ByFile, longest_first

BROWSER = {"Origin": "http://testserver"}
connect()
passwords._HASHER = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)  # its weight slows who guesses


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.addoption("--posts", type=int, default=1000, help="how many bids the deadline rush sends")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames and "javascript" not in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--database")
        metafunc.parametrize("backend", ["sqlite", "postgresql"] if wanted == "both" else [wanted], scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Thousands of tests and the whole house stay: as when the service starts, the collector need not look at them again."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 50, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """A test is called the same in every process, though its ids are random."""
    return _UUID.sub("id", val) if isinstance(val, str) and _UUID.search(val) else None


@pytest.fixture(scope="session", autouse=True)
def _templates(pytestconfig: pytest.Config) -> None:
    environment().bytecode_cache = Compiled(str(pytestconfig.cache.mkdir("templates")))


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"), pytestconfig.cache.mkdir("databases"))


@pytest.fixture(scope="session")
def empty_sqlite(sqlite: SqliteDatabases) -> Path:
    """A migrated, empty file, to be copied."""
    return sqlite.path(sqlite.kept()[0])


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresDatabases]:
    """A real server of this test process."""
    with PostgresServer() as server:
        yield PostgresDatabases(server)


@pytest.fixture
def furniture() -> Furniture | None:
    """What the database of each test holds at its beginning: nothing, unless a module has a fixture of this name."""
    return None


@dataclass(frozen=True)
class Begun:
    database: Database
    made: Any


@pytest.fixture
def begun(backend: str, furniture: Furniture | None, request: pytest.FixtureRequest) -> Iterator[Begun]:
    databases: Databases = request.getfixturevalue("sqlite" if backend == "sqlite" else "postgres")
    yield Begun(databases.database, databases.begin(furniture))
    in_hand = databases.database.engine.pool.checkedout()
    databases.database.close()
    assert in_hand == 0, "a connection was not given back"


@pytest.fixture
def db(begun: Begun) -> Database:
    """A migrated database of the test's own."""
    return begun.database


@pytest.fixture
def database_url(db: Database) -> str:
    return db.url


@pytest.fixture
def made(begun: Begun, clock: "Clock") -> Any:
    """What the furniture returned."""
    return begun.made


class Clock:
    """The database's clock, replaced: it stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self, session: Session | None = None) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment

    def forward(self, **by: float) -> datetime:
        self.moment += timedelta(**by)
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    frozen = Clock()
    monkeypatch.setattr(app_clock, "now", frozen)
    monkeypatch.setattr(app_clock, "here", frozen)
    monkeypatch.setattr(app_clock, "MOMENT", bindparam("this_moment", callable_=frozen, type_=UTCDateTime()))
    return frozen


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return Settings(
        environment="test",
        database_url="sqlite://",
        blob_url=f"file:{tmp_path}/blobs",
        mail_url=f"folder:{tmp_path}/mail",
        scanner="development",
    )


@pytest.fixture
def blobs(config: Settings) -> Blobs:
    return Blobs(config.blob_url, config.document_keys)


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The one event loop, in a thread of its own, of every browser of this process: each request would begin both anew."""
    with start_blocking_portal() as portal:
        yield portal


def hidden(html: str) -> dict[str, str]:
    """What the forms of a page send beside what is typed in them."""
    boxes = BeautifulSoup(html, "html.parser").select("main form input[type=hidden]")
    return {str(box["name"]): str(box["value"]) for box in boxes}


ClientFor = Callable[..., TestClient]
Live = Callable[..., None]


@pytest.fixture
def client_for(db: Database, config: Settings, blobs: Blobs, portal: BlockingPortal) -> Iterator[ClientFor]:
    """`client_for(actor)` is a browser in which that person is signed in, by a session's token; it follows no redirect."""
    made: list[TestClient] = []

    def make(actor: Actor = NOBODY, token: str = TOKEN) -> TestClient:
        app = create_app(
            db, config=config, blobs=blobs, keyholder=keyholder(db, signed_in=lambda session, token: actor)
        )
        app.state.load_actor = lambda request: actor
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=True, headers=BROWSER)
        client.portal = portal
        client.cookies.update(signed_in(config, token))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def live(db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Live:
    """From now on this browser has a session as in life, which each request looks up; and asking the time is a question."""

    def begin(client: TestClient, actor: Actor, token: str = TOKEN) -> None:
        with db.write() as session:
            begin_session(session, actor, token, clock.moment)
        cast(FastAPI, client.app).state.load_actor = load_actor
        monkeypatch.setattr(app_clock, "now", lambda session: session.execute(select(app_clock.MOMENT)).scalar_one())

    return begin


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The ten largest modules, so that a room that wants dividing is seen."""
    sizes = sorted(((len(path.read_text().splitlines()), path) for path in (ROOT / "app").rglob("*.py")), reverse=True)
    terminalreporter.section("largest modules")
    for lines, path in sizes[:10]:
        terminalreporter.line(f"{lines:5} {path.relative_to(ROOT)}")
