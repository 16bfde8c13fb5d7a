"""Bar S2 and invariant 10: every person at every door, on what is theirs, what is not, and what does not exist."""

from uuid import uuid4

import pytest

from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests.conftest import Clock
from tests.databases import statements
from tests.house.access import ACCESS, EVERYBODY
from tests.house.scenario import Scenario, scenario
from tests.house.test_reading import WRITES
from tests.house.walk import DOORS, Door, Walker, normal, paths

HIDDEN = {303, 403, 404}
NOT_HIDDEN = {200, 303, 409}


def test_every_door_is_in_the_table_and_no_other() -> None:
    assert {str(door) for door in DOORS} == set(ACCESS)


def _missing(door: Door, made: Scenario) -> str:
    """The same door, to things that do not exist."""
    return paths(door, {name: (str(uuid4()),) for name in made.objects})[0]


def _openings(walker: Walker, made: Scenario, door: Door, name: str) -> tuple[int, list[str]]:
    """How often this person knocked, and where they could tell A's things from what does not exist.

    A member of A, who sees the page it is about, may be told that the form is wrong or their role too small; nobody else.
    """
    actor, member = made.actors[name], name.endswith(" of A")
    nothing = walker.knock(actor, door, _missing(door, made))
    told = [] if nothing.status_code in HIDDEN else [f"{name} {door} missing: {nothing.status_code}"]
    for path in paths(door, made.objects):
        answer = walker.knock(actor, door, path)
        to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        if not (to_sign_in or (member and answer.status_code in (403, 422)) or _said(answer) == _said(nothing)):
            told.append(f"{name} {door.method} {path}: {answer.status_code}")
    return len(paths(door, made.objects)) + 1, told


def _said(answer: object) -> tuple[int, str]:
    status, _, text = normal(answer)  # type: ignore[arg-type]
    return status, text


@pytest.mark.walk
@pytest.mark.bar("S2")
@pytest.mark.invariant(10)
@pytest.mark.row("16.6")
@pytest.mark.timeout(300)
def test_a_shut_door_says_the_same_to_all_and_changes_nothing(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    made = scenario(db, blobs, config, clock)
    assert set(made.actors) == EVERYBODY
    cells, told = 0, list[str]()
    with statements(db) as sent:
        for door in DOORS:
            for name in sorted(EVERYBODY - ACCESS[str(door)]):
                knocks, openings = _openings(walker, made, door, name)
                cells, told = cells + knocks, told + openings
    assert told == [], "\n".join(told)
    assert [statement for statement in sent if WRITES.match(statement)] == []
    print(f"{cells} cells, 0 unexpected allows")
    assert cells >= 5_000


@pytest.mark.walk
@pytest.mark.bar("S2")
def test_an_open_door_opens(db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker) -> None:
    made = scenario(db, blobs, config, clock)
    for door in DOORS:
        for name in ACCESS[str(door)] if door.method == "GET" else ():
            knocks = (walker.knock(made.actors[name], door, path) for path in paths(door, made.objects))
            assert any(answer.status_code in NOT_HIDDEN for answer in knocks), f"{name} cannot enter {door}"
