"""A demonstration that tells a story: invented people, real files, briefs at every stage, one about to close.

It is filled through the rooms' own commands, so that every event, message and deadline in it is a real one; whole or not at
all, in one transaction; and never where somebody has begun to use the service. What it says is in data/, the same at every
filling but for the dates, which are told from the day of filling.
"""

from collections.abc import Iterator

from sqlmodel import col, select

from app.accounts.models import Person
from app.accounts.rules import persona
from app.core import clock
from app.core.blobs import Blobs
from app.core.crypto import Keyring
from app.core.database import Database
from app.demo import (
    applications,
    asking,
    briefs,
    calling_off,
    cards,
    frameworks,
    practice,
    providers,
    restricting,
    scoring,
    together,
    varying,
)
from app.demo.data import table
from app.demo.people import PASSWORD, arrive
from app.demo.reliance import rely
from app.demo.stage import SEED, Stage
from app.demo.telling import Calendar, Story, weave
from app.frameworks.models import Framework
from app.main import connect
from app.settings import KeyholderSettings, Settings

__all__ = ["PASSWORD", "SEED", "fill", "personas"]


def fill(database: Database, blobs: Blobs, config: Settings) -> bool:
    """Fill the demonstration; whether it did. It needs the reference data, and leaves a database in use as it is."""
    connect()
    master = Keyring.parse(KeyholderSettings().master_keys, "master")
    with database.write() as session:
        if session.exec(select(Person.id)).first() or session.exec(select(Framework.id)).first():
            return False
        stage = Stage(session, blobs, config, Calendar(clock.now(session)), master)
        arrive(stage)
        weave(_stories(stage), session)
        rely(stage)
    return True


def personas(database: Database) -> list[tuple[str, str, str]]:
    """Who there is to step into: name, e-mail address and one line about them."""
    query = select(Person.name, Person.email, Person.demonstration_note).where(Person.demonstration_note != "")
    with database.read() as session:
        rows = session.exec(query.order_by(col(Person.created_at)))
        return [(name, email, persona(note)[1]) for name, email, note in rows]


def _stories(stage: Stage) -> Iterator[Story]:
    yield from (frameworks.story(stage, key) for key in table("frameworks"))
    yield calling_off.story(stage)
    for number, provider in enumerate(table("providers")["provider"]):
        yield providers.story(stage, number, provider)
        yield from (applications.joining(stage, number, provider, key) for key in provider.get("joins", ()))
    by_key = {one["key"]: one for one in table("providers")["provider"]}
    yield applications.waiting(stage, by_key["cobblecroft"])
    yield applications.writing(stage, by_key["dovewell"])
    yield scoring.story(stage)
    yield practice.story(stage)
    yield together.story(stage)
    yield restricting.story(stage)
    yield varying.story(stage)
    yield cards.story(stage)
    yield asking.story(stage)
    yield from (briefs.story(stage, brief) for brief in table("briefs")["brief"])
