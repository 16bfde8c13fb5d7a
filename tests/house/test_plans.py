"""Bar P7 on SQLite: without statistics it plans alike for ten rows and for a million, and reads no large table whole."""

import re
from typing import Final

import pytest
from sqlalchemy import event
from sqlmodel import SQLModel

from app.briefs.queries.row import facts_query, signed_for
from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests import NOON
from tests.conftest import Clock
from tests.house.scenario import scenario
from tests.house.walk import READING, Walker, paths

LARGE: Final = {
    "document",
    "evidence_item",
    "membership",
    "organisation",
    "person",
    "practitioner",
    "provider",
    "verification",
}
UNTELLING: Final = (
    "expires_on",
    "kind_slug",
    "replaced_by_id",
    "second_look",
    "submitted_at=",
)  # of items: any of half a million
PAGES: Final = {
    "owner of A": {"/", "/memberships", "/memberships/{membership_id}"},
    "framework lead": {"/", "/frameworks/{framework_id}/members", "/frameworks/{framework_id}/gaps", "/restrictions"},
    "checker": {"/", "/checks"},
    "commissioner": {"/", "/frameworks/{framework_id}/members", "/reliance", "/approved-providers"},
}
_OF_SOME: Final = {
    index.name
    for table in SQLModel.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
_READS: Final = re.compile(r"(SCAN|SEARCH) (\w+?)(?:_\d+)?(?: USING .*INDEX (\w+)(?: \((.*)\))?)?(?: LEFT-JOIN)?")


@pytest.mark.bar("P7")
def test_main_pages_find_their_way_without_statistics(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps statistics by itself; `python -m tests.bench growth` reads its plans")
    made, found = scenario(db, blobs, config, clock), set[tuple[str, str, str]]()
    for name, wanted in PAGES.items():
        for door in (door for door in READING if door.path in wanted):
            sent: list[tuple[str, object]] = []

            def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
                sent.append((statement, parameters))  # noqa: B023 - of this turn

            event.listen(db.engine, "before_cursor_execute", note)
            for path in paths(door, made.objects):
                walker.knock(made.actors[name], door, path)
            event.remove(db.engine, "before_cursor_execute", note)
            assert sent
            found |= {(name, door.path, step) for step in _whole(db, sent)}
    assert found == set()


def test_what_every_page_of_a_brief_reads_joins_eight_tables_at_most() -> None:
    """Decision 36: of more PostgreSQL no longer looks for the best order."""
    assert str(facts_query([], signed_for(NOON))).count(" JOIN ") + 1 <= 8


def _whole(db: Database, sent: list[tuple[str, object]]) -> set[str]:
    """Steps of these statements' plans that read the whole of a large table, or as much of it as makes no difference."""
    steps = set()
    with db.engine.connect() as connection:
        for statement, parameters in sent:
            if statement.startswith(("SELECT", "WITH")):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
                steps |= {step for *_, step in plan if _is_whole(step)}
    return steps


def _is_whole(step: str) -> bool:
    read = _READS.fullmatch(step)
    if read is None or read[2] not in LARGE or read[3] in _OF_SOME:
        return False
    return read[1] == "SCAN" or (read[2] in ("evidence_item", "verification") and (read[4] or "").startswith(UNTELLING))
