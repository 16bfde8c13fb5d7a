"""The world of the questions, and each of the two things that they may be about."""

import pytest

from app.core.database import Database
from tests import factories
from tests.clarifications.asking import Case
from tests.databases import Furniture
from tests.factories import World


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture(params=["round", "brief"])
def case(request: pytest.FixtureRequest, db: Database, made: World) -> Case:
    with db.write() as session:
        return Case(session, made, request.param)
