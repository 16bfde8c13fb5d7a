"""An application of the first provider, written and submitted, in a world in which nobody is a member yet."""

from uuid import UUID

import pytest

from app.applications.commands import submit_application
from app.core.database import Database
from tests.applications.applying import draft
from tests.applications.asking import asks, rate_card
from tests.databases import Furniture
from tests.factories import World, world_without_members


@pytest.fixture
def furniture() -> Furniture:
    return world_without_members


@pytest.fixture
def written(db: Database, made: World) -> UUID:
    with db.write() as session:
        return draft(session, made, made.owner_a, made.provider_a)


@pytest.fixture
def submitted(db: Database, made: World, written: UUID) -> UUID:
    with db.write() as session:
        submit_application(session, made.owner_a, written)
    return written


@pytest.fixture
def asked(db: Database, made: World) -> list[UUID]:
    """The ids of the questions of the world's round, whose first lot has a rate card."""
    with db.write() as session:
        rate_card(session, made.lots[0])
        return asks(session, made)


@pytest.fixture
def drafted(db: Database, made: World, asked: list[UUID]) -> UUID:
    """An application that lacks its answers and prices."""
    with db.write() as session:
        return draft(session, made, made.owner_a, made.provider_a)
