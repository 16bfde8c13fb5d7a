"""Bar S1 and invariant 1: until the opening, nothing anybody else can see depends on a bid."""

from dataclasses import replace

import pytest
from sqlalchemy import MetaData, select

from app.bids import commands as bids
from app.core import clock as app_clock
from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests.conftest import Clock
from tests.house.scenario import Scenario, letter, scenario
from tests.house.walk import READING, Walker, normal, paths

CANARY = "zanzibar-quokka-marmalade"
PRICE = 123_457


def _everything(walker: Walker, made: Scenario) -> dict[tuple[str, str], tuple[int, str, str]]:
    """Every answer to everybody but provider A's own people, at each door that lets them in at all."""
    others = {name: actor for name, actor in made.actors.items() if not name.endswith("of A")}
    return {
        (name, path): normal(walker.knock(actor, door, path))
        for door in READING
        for name, actor in others.items()
        if door.policy(actor)
        for path in paths(door, made.objects)
    }


@pytest.mark.bar("S1")
@pytest.mark.invariant(1)
@pytest.mark.row("7.1", "7.2")
def test_nothing_anybody_else_sees_depends_on_a_sealed_bid(
    db: Database, blobs: Blobs, config: Settings, clock: Clock
) -> None:
    made = scenario(db, blobs, config, clock)
    walker = Walker(db, config, blobs)
    secret, owner = config.secret_key, made.world.owner_a
    before = _everything(walker, made)
    assert sum(status == 200 for status, _, _ in before.values()) > 100
    print(len(before), "answers in each world")
    assert len(before) > 500
    with db.read() as session:
        plain = letter(session, made.world.provider_a)
    for content in (plain, replace(plain, approach=f"{CANARY} we begin gently", price_pence=PRICE)):
        with db.write() as session:
            bids.save_draft(session, owner, made.bid_a, content, secret=secret)
            now = app_clock.now(session)
            bids.submit_bid(session, owner, made.bid_a, received_at=now, secret=secret)
        differing = [key for key, answer in _everything(walker, made).items() if answer != before[key]]
        assert differing == []
    with db.write() as session:
        bids.withdraw_bid(session, owner, made.bid_a, received_at=app_clock.now(session))
    assert _everything(walker, made) == before


@pytest.mark.bar("S1")
def test_no_bid_can_be_read_in_a_copy_of_the_database_or_the_store(
    db: Database, blobs: Blobs, config: Settings, clock: Clock
) -> None:
    made = scenario(db, blobs, config, clock)
    with db.write() as session:
        content = replace(letter(session, made.world.provider_a, price_pence=PRICE), approach=CANARY, experience=CANARY)
        bids.save_draft(session, made.world.owner_a, made.bid_a, content, secret=config.secret_key)
        now = app_clock.now(session)
        bids.submit_bid(session, made.world.owner_a, made.bid_a, received_at=now, secret=config.secret_key)
    tables = MetaData()
    tables.reflect(db.engine)
    with db.engine.connect() as connection:
        dump = repr([connection.execute(select(table)).all() for table in tables.sorted_tables]).encode()
    store = b"".join(blobs.get(key) for key in blobs.keys())  # noqa: SIM118 - not a dict
    assert b"Alder Therapy" in dump, "the dump holds what is not secret"
    for secret in (CANARY, str(PRICE)):
        assert secret.encode() not in dump + store
