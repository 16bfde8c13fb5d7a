"""Somebody to walk the house with."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal

from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests.house.walk import Walker


@pytest.fixture
def walker(db: Database, config: Settings, blobs: Blobs, portal: BlockingPortal) -> Iterator[Walker]:
    walker = Walker(db, config, blobs, portal)
    yield walker
    walker.close()
