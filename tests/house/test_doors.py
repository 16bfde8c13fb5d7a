"""Every door has a keeper, and a stranger meets the sign-in page at every one that is not public."""

import re
from uuid import uuid4

import pytest

from app.core.actor import NOBODY
from app.main import ROOMS
from app.web.routing import Router
from tests.house.walk import DOORS, WRITING, Door, Walker


def _anywhere(door: Door) -> str:
    return re.sub(r"{[^}]+}", str(uuid4()), door.path)


def test_the_walk_finds_every_room_and_its_doors() -> None:
    assert len(ROOMS) >= 12
    assert all(isinstance(room, Router) for room in ROOMS)
    assert all(room.routes for room in ROOMS)
    assert len({str(door) for door in DOORS}) == len(DOORS), "two doors with one address"


def test_every_door_reads_or_posts() -> None:
    assert {door.method for door in DOORS} == {"GET", "POST"}


def test_a_stranger_meets_the_sign_in_page(walker: Walker) -> None:
    shut = [door for door in DOORS if not door.policy(NOBODY)]
    answers = {str(door): walker.knock(NOBODY, door, _anywhere(door)) for door in shut}
    met = {name: (one.status_code, one.headers.get("location", "").partition("?")[0]) for name, one in answers.items()}
    assert [told for told in met.items() if told[1] != (303, "/sign-in")] == []
    assert len(met) > 300


def test_a_door_without_a_keeper_cannot_be_built() -> None:
    with pytest.raises(TypeError):
        Router().get("/x")  # type: ignore[call-arg]


@pytest.mark.bar("S5")
@pytest.mark.parametrize(
    "forged", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": ""}]
)
def test_a_form_of_another_site_is_refused(forged: dict[str, str], walker: Walker) -> None:
    answers = {str(door): walker.knock(NOBODY, door, _anywhere(door), headers=forged) for door in WRITING}
    assert {name: one.status_code for name, one in answers.items() if one.status_code != 403} == {}
