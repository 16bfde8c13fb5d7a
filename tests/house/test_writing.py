"""Bar P6: every writing door, as everybody who may come through it, with an empty form: done or refused, it asks little."""

import pytest

from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests.conftest import Clock
from tests.databases import statements
from tests.house.scenario import scenario
from tests.house.test_reading import TWO_MORE
from tests.house.walk import WRITING, Walker, paths

MOST = 15
OVER = {
    "/frameworks/{framework_id}/members/import/{list_id}/approve": 23,
    "/decisions/{application_id}/parts/{part_id}/accept": 23,
    "/decisions/{application_id}/parts/{part_id}/confirm": 23,
}
"""Those that are over still, on either database; none is about a brief or a bid. It only ever gets shorter.

Rows that wait go together on PostgreSQL, so SQLite asks at least as often: a path is over no more once it is on neither.
"""


@pytest.mark.walk
@pytest.mark.bar("P6")
def test_a_change_asks_little_and_a_refused_one_too(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    made = scenario(db, blobs, config, clock)
    most = dict[str, int]()
    for door in WRITING:
        for name, actor in made.actors.items():
            for path in paths(door, made.objects) if door.policy(actor) else ():
                with statements(db) as sent:
                    answer = walker.knock(actor, door, path)
                assert answer.status_code < 500, f"{name} {path}: {answer.status_code}"
                most[door.path] = max(most.get(door.path, 0), len(sent) + TWO_MORE)
    assert {path: count for path, count in most.items() if count > OVER.get(path, MOST)} == {}
    if db.engine.dialect.name == "sqlite":
        assert {path for path in OVER if most[path] <= MOST} == set(), "no longer over"
