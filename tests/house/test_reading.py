"""Every reading door, as every person, on everything there is: it answers, writes nothing, and asks a bounded number of times."""

import re

import pytest

from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests.conftest import Clock
from tests.databases import statements
from tests.house.scenario import scenario
from tests.house.walk import READING, Door, Walker, paths

TWO_MORE = 2  # the walk stands in for the two that every request asks: who is there, and what time it is
PUBLIC, LISTS, RECORDS = 8, 12, 15
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)\b", re.I)


@pytest.mark.walk
@pytest.mark.bar("P6")
def test_looking_never_writes_and_asks_little(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    made = scenario(db, blobs, config, clock)
    seen, most, too_many = set(), dict[str, int](), list[str]()
    for door in READING:
        for name, actor in made.actors.items():
            for path in paths(door, made.objects) if door.policy(actor) else ():
                with statements(db) as sent:
                    answer = walker.knock(actor, door, path)
                assert answer.status_code in (200, 303, 403, 404, 409), f"{name} {path}: {answer.status_code}"
                assert not [s for s in sent if WRITES.match(s)], f"{name} {path} writes"
                asked = len(sent) + TWO_MORE
                most[door.path] = max(most.get(door.path, 0), asked)
                if asked > (limit := _most(door, name)):
                    too_many.append(f"{name} {path}: {asked} statements, {limit} at most")
                if answer.status_code == 200:
                    seen.add(door.path)
    assert {door.path for door in READING} - seen == set(), "pages that nobody in the scenario could see"
    print(*sorted(((count, path) for path, count in most.items()), reverse=True)[:15], sep="\n")
    assert too_many == []


def _most(door: Door, name: str) -> int:
    """Statements a page may ask: what a stranger sees, a list or a dashboard, and a record with all that belongs to it."""
    if name == "stranger":
        return PUBLIC
    return RECORDS if door.parameters else LISTS
