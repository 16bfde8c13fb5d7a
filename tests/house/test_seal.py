"""Bar S1 and invariant 1: until the opening, nothing anybody else can see depends on a bid."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, select

from app.bids import commands as bids
from app.core import clock as app_clock
from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests import NOON
from tests.conftest import Clock
from tests.house.scenario import Scenario, letter, scenario
from tests.house.walk import READING, Walker, normal, paths
from tests.sealing import SEAL

CANARY = "zanzibar-quokka-marmalade"
PRICE = 123_457
CLOSES = NOON + timedelta(days=10)


Answers = dict[tuple[str, str], tuple[int, str, str]]


def _everything(walker: Walker, made: Scenario) -> Answers:
    """Every answer to everybody but provider A's own people, at each door that lets them in at all.

    The id of A's bid is written alike in every world.
    """
    others = {name: actor for name, actor in made.actors.items() if not name.endswith("of A")}
    return {
        (name, path.replace(str(made.bid_a), "BID")): normal(walker.knock(actor, door, path))
        for door in READING
        for name, actor in others.items()
        if door.policy(actor)
        for path in paths(door, made.objects)
    }


def _while_sealed(walker: Walker, made: Scenario, time: Clock) -> list[Answers]:
    """All of it while the brief is open; then, closed and unopened, what is about it: before the drain, and after it."""
    found = [_everything(walker, made)]
    about = replace(made, objects=made.objects | {"brief_id": (made.open_brief,), "bid_id": (made.bid_a,)})
    for after in (timedelta(seconds=1), timedelta(hours=1)):
        time.set(CLOSES + after)
        found.append(_everything(walker, about))
    time.set(NOON)
    return found


@pytest.mark.walk
@pytest.mark.bar("S1")
@pytest.mark.invariant(1)
@pytest.mark.row("7.1", "7.2")
def test_nothing_anybody_else_sees_depends_on_a_sealed_bid(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    """Two worlds, one without any bid of A's, through the deadline until the opening."""
    made = scenario(db, blobs, config, clock, draft=False)
    owner, provider_id = made.world.owner_a, made.world.provider_a
    without = _while_sealed(walker, made, clock)
    assert sum(status == 200 for status, _, _ in without[0].values()) > 100
    print([len(answers) for answers in without], "answers in each world")
    assert len(without[0]) > 500
    assert len({answers["chair", f"/briefs/{made.open_brief}/opening"] for answers in without}) == 3
    with db.write() as session:
        bid_a = bids.start_bid(session, owner, made.open_brief, provider_id)
        canary = replace(letter(session, provider_id), approach=f"{CANARY} we begin gently", price_pence=PRICE)
        bids.save_draft(session, owner, bid_a, canary, seal=SEAL)
        now = app_clock.now(session)
        bids.submit_bid(session, owner, bid_a, received_at=now, seal=SEAL)
    its_ids = (bid_a, *(known for known in made.objects["bid_id"] if known != made.bid_a))
    with_it = replace(made, bid_a=bid_a, objects=made.objects | {"bid_id": its_ids})
    for before, after in zip(without, _while_sealed(walker, with_it, clock), strict=True):
        assert [key for key, answer in after.items() if answer != before[key]] == []


@pytest.mark.bar("S1")
def test_no_bid_can_be_read_in_a_copy_of_the_database_or_the_store(
    db: Database, blobs: Blobs, config: Settings, clock: Clock
) -> None:
    made = scenario(db, blobs, config, clock)
    with db.write() as session:
        content = replace(letter(session, made.world.provider_a, price_pence=PRICE), approach=CANARY, experience=CANARY)
        bids.save_draft(session, made.world.owner_a, made.bid_a, content, seal=SEAL)
        now = app_clock.now(session)
        bids.submit_bid(session, made.world.owner_a, made.bid_a, received_at=now, seal=SEAL)
    tables = MetaData()
    tables.reflect(db.engine)
    with db.engine.connect() as connection:
        dump = repr([connection.execute(select(table)).all() for table in tables.sorted_tables]).encode()
    store = b"".join(blobs.get(key) for key in blobs.keys())  # noqa: SIM118 - not a dict
    assert b"Alder Therapy" in dump, "the dump holds what is not secret"
    for secret in (CANARY, str(PRICE)):
        assert secret.encode() not in dump + store
