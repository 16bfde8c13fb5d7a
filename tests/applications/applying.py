"""What the tests of applications write and look up: a draft that lacks nothing, a part, the code of a refusal."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from app.applications import queries
from app.applications.commands import choose_lots, start_application, write_statement
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refused
from tests import NOON
from tests.factories import World

CLOSES = NOON + timedelta(days=20)
WHY = "The team has no mediator accredited by the Family Mediation Council."


def everything(made: World) -> list[tuple[UUID, UUID]]:
    return [(lot, region) for lot in made.lots for region in made.regions]


def draft(session: Session, made: World, owner: Actor, provider_id: UUID) -> UUID:
    """An application that lacks nothing but its submission."""
    application_id = start_application(session, owner, made.round_id, provider_id)
    choose_lots(session, owner, application_id, everything(made))
    write_statement(session, owner, application_id, "We work with families after adoption.")
    return application_id


def part_of(db: Database, application_id: UUID, index: int = 0) -> UUID:
    with db.read() as session:
        return queries.parts_of(session, application_id)[index].id


def code_of(db: Database, act: Callable[[Session], object]) -> str:
    with pytest.raises(Refused) as refused, db.write() as session:
        act(session)
    return refused.value.refusal.code
