"""Every door has a keeper, and a stranger meets the sign-in page at every one that is not public."""

import re
from uuid import uuid4

import pytest

from app.core.actor import NOBODY
from app.main import ROOMS
from app.web.routing import Router
from tests.conftest import ClientFor
from tests.house.walk import DOORS, Door


def _anywhere(door: Door) -> str:
    return re.sub(r"{[^}]+}", str(uuid4()), door.path)


def test_the_walk_finds_every_room_and_its_doors() -> None:
    assert len(ROOMS) >= 12
    assert all(isinstance(room, Router) for room in ROOMS)
    assert all(room.routes for room in ROOMS)
    assert len({str(door) for door in DOORS}) == len(DOORS), "two doors with one address"


def test_every_door_reads_or_posts() -> None:
    assert {door.method for door in DOORS} == {"GET", "POST"}


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_stranger_meets_the_sign_in_page(door: Door, client_for: ClientFor) -> None:
    if door.policy(NOBODY):
        return
    answer = client_for(NOBODY).request(door.method, _anywhere(door))
    assert answer.status_code == 303
    assert answer.headers["location"].partition("?")[0] == "/sign-in"


def test_a_door_without_a_keeper_cannot_be_built() -> None:
    with pytest.raises(TypeError):
        Router().get("/x")  # type: ignore[call-arg]


@pytest.mark.bar("S5")
@pytest.mark.parametrize("door", [d for d in DOORS if d.method == "POST"], ids=str)
def test_a_form_of_another_site_is_refused(door: Door, client_for: ClientFor) -> None:
    client = client_for(NOBODY)
    for forged in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": ""}):
        assert client.post(_anywhere(door), headers=forged).status_code == 403
