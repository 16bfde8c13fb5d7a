"""A stage of the awards' own for each test: an open brief with two sealed bids."""

import pytest

from app.core.database import Database
from tests.awards.stage import Begun, Stage, stage, with_bids
from tests.conftest import Clock
from tests.databases import Furniture


@pytest.fixture
def furniture() -> Furniture:
    return with_bids


@pytest.fixture
def on(db: Database, clock: Clock, made: Begun) -> Stage:
    return stage(db, clock, made)
