"""One demonstration for all that is looked at in it, since filling takes seconds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
from tests import NOON
from tests.databases import Databases

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
    databases: Databases = request.getfixturevalue("sqlite" if backend == "sqlite" else "postgres")
    databases.copy(databases.kept()[0], "demonstration")
    url = databases.url("demonstration")
    database, config = Database(url), settings_in(folder)
    blobs = Blobs(config.blob_url, config.document_keys)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda session: NOON)
        load_reference(database)
        assert fill(database, blobs, config)
    yield Demonstration(database, blobs, config)
    database.close()
