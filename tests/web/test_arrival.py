"""A form's arrival is noted before anything is waited for, so that nobody is late by waiting in our line."""

import time
from datetime import datetime, timedelta

import pytest
from fastapi import Request
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from sqlmodel import Session

from app.core import clock
from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.main import ROOMS, create_app
from app.settings import Settings
from app.web.forms import Form, Posted, posted
from app.web.routing import FORM_BYTES, Router, anyone
from app.web.routing import Door as OwnThread
from tests.conftest import BROWSER
from tests.house.walk import WRITING


class _Word(Form):
    word: str


@pytest.mark.bar("R1")
def test_arrival_is_before_the_actor_is_loaded(db: Database, config: Settings, blobs: Blobs) -> None:
    from fastapi.testclient import TestClient

    router, loaded, arrived = Router(), list[float](), list[float]()

    @router.post("/try", allow=anyone)
    def trial(form: Posted[_Word] = posted(_Word)) -> PlainTextResponse:
        arrived.append(form.arrived)
        return PlainTextResponse("ok")

    def load(request: Request) -> Actor | None:
        loaded.append(time.monotonic())
        return None

    app = create_app(db, config=config, blobs=blobs)
    app.include_router(router)
    app.state.load_actor = load
    assert TestClient(app, headers=BROWSER).post("/try", data={"word": "x"}).text == "ok"
    assert arrived[0] < loaded[0]


def test_every_ordinary_form_notes_its_arrival_first() -> None:
    posts = [
        route for room in ROOMS for route in room.routes if isinstance(route, APIRoute) and "POST" in route.methods
    ]
    late = [route.path for route in posts if not isinstance(route, OwnThread) and route.max_body_size <= FORM_BYTES]
    assert late == []
    assert len(posts) == len(WRITING)


def test_a_pause_between_the_two_clocks_dates_nothing_early(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes between the first two readings, on both clocks; then they are read again, side by side."""
    real, ticking, pauses, passed = clock.now, time.monotonic, iter([1.0, 0.0]), 0.0

    def now(session: Session) -> datetime:
        nonlocal passed
        moment = real(session) + timedelta(seconds=passed)
        passed += next(pauses)
        return moment

    monkeypatch.setattr(clock, "now", now)
    monkeypatch.setattr(clock.time, "monotonic", lambda: ticking() + passed)
    monkeypatch.setattr(clock, "SIDE_BY_SIDE", 0.9)
    with db.read() as session:
        began = real(session)
        received = clock.received(session, clock.arrival())
    assert next(pauses, None) is None, "it read again"
    assert abs(received - began) < timedelta(seconds=0.9)
