"""One demonstration for all that is looked at in it, since filling takes seconds."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

import app.briefs.reference
import app.evidence.reference
import app.frameworks.reference
import app.organisations.reference
import app.providers.reference
from app.core import clock
from app.core.blobs import Blobs
from app.core.database import Database
from app.demo import fill
from app.settings import Settings
from tests.conftest import NOON
from tests.postgres import PostgresServer

REFERENCE = (
    app.organisations.reference,
    app.providers.reference,
    app.evidence.reference,
    app.frameworks.reference,
    app.briefs.reference,
)


@dataclass(frozen=True)
class Demonstration:
    database: Database
    blobs: Blobs
    config: Settings


def load_reference(database: Database) -> None:
    for room in REFERENCE:
        with database.write() as session:
            room.load(session)


def settings_in(folder: Path) -> Settings:
    return Settings(
        environment="test",
        database_url="sqlite://",
        blob_url=f"file:{folder}/blobs",
        mail_url=f"folder:{folder}/mail",
        scanner="development",
    )


@pytest.fixture(scope="package")
def demonstration(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demonstration]:
    """Filled on Monday 23 November 2026 at noon. To be looked at, and not changed."""
    folder = tmp_path_factory.mktemp("demonstration")
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), folder / "portal.db")
        url = f"sqlite:///{folder}/portal.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        name = f"demonstration_{uuid4().hex}"
        server.create(name, template="template_portal")
        url = server.url(name)
    database, config = Database(url), settings_in(folder)
    blobs = Blobs(config.blob_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda session: NOON)
        load_reference(database)
        assert fill(database, blobs, config)
    yield Demonstration(database, blobs, config)
    database.close()
    if backend == "postgresql":
        server.drop(name)
