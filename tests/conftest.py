"""Fixtures for every test: a migrated database of its own on each kind asked for, a client for any person, a clock."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlmodel import Session

from app.core import clock as app_clock
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.main import create_app
from app.settings import Settings
from tests.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[1]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday; London is on UTC
BROWSER = {"Origin": "http://testserver"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.addoption("--posts", type=int, default=1000, help="how many bids the deadline rush sends")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--database")
        metafunc.parametrize("backend", ["sqlite", "postgresql"] if wanted == "both" else [wanted], scope="session")


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """A test is called the same in every process, though its ids are random."""
    return _UUID.sub("id", val) if isinstance(val, str) and _UUID.search(val) else None


def migrate(url: str, revision: str = "head") -> None:
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["database_url"] = url
    (command.upgrade if revision == "head" else command.downgrade)(config, revision)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file, copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    migrate(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(truncate)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server of this test process, with a migrated, empty template database."""
    with PostgresServer() as server:
        server.create("template_portal")
        migrate(server.url("template_portal"))
        yield server


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "portal.db")
        yield f"sqlite:///{tmp_path}/portal.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"t_{uuid4().hex}"
    server.create(name, template="template_portal")
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


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
    return Blobs(config.blob_url)


ClientFor = Callable[[Actor], TestClient]


@pytest.fixture
def client_for(db: Database, config: Settings, blobs: Blobs) -> Iterator[ClientFor]:
    """`client_for(actor)` is a browser in which that person is signed in; it does not follow redirects."""
    made: list[TestClient] = []

    def make(actor: Actor = NOBODY) -> TestClient:
        app = create_app(db, config=config, blobs=blobs)
        app.state.load_actor = lambda request: actor
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=True, headers=BROWSER)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The ten largest modules, so that a room that wants dividing is seen."""
    sizes = sorted(((len(path.read_text().splitlines()), path) for path in (ROOT / "app").rglob("*.py")), reverse=True)
    terminalreporter.section("largest modules")
    for lines, path in sizes[:10]:
        terminalreporter.line(f"{lines:5} {path.relative_to(ROOT)}")
