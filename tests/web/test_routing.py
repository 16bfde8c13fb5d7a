"""Of some hundred doors the right one is found by the first word of the address, and answers as a router's would."""

import asyncio
import threading
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient

from app.core.actor import NOBODY, Actor
from app.web.routing import ActorDep, Corridor, Router, anyone
from tests.conftest import BROWSER


@pytest.fixture(scope="module")
def client() -> TestClient:
    router = Router()

    @router.get("/", allow=anyone)
    def first() -> str:
        return "first"

    @router.get("/briefs/new", allow=anyone)
    def new() -> str:
        return "new"

    @router.get("/briefs/{name}", allow=anyone)
    def one(name: str) -> str:
        return name

    @router.post("/briefs/{name}/close", allow=anyone)
    def close(name: str) -> str:
        return f"closed {name}"

    app = FastAPI(openapi_url=None)
    app.state.load_actor = lambda request: None
    app.router.routes.append(Corridor(router.routes))
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/", 200, "first"),
        ("GET", "/briefs/new", 200, "new"),
        ("GET", "/briefs/B-1", 200, "B-1"),
        ("HEAD", "/briefs/B-1", 405, ""),
        ("POST", "/briefs/B-1/close", 200, "closed B-1"),
        ("GET", "/briefs/B-1/close", 405, "Method Not Allowed"),
        ("POST", "/briefs/new", 405, "Method Not Allowed"),
        ("GET", "/briefs/new/", 307, ""),
        ("GET", "/brief/new", 404, "Not Found"),
        ("GET", "/{name}", 404, "Not Found"),
        ("GET", "//briefs/new", 404, "Not Found"),
    ],
)
def test_what_an_address_finds(client: TestClient, method: str, path: str, status: int, words: str) -> None:
    answer = client.request(method, f"http://testserver{path}")
    assert answer.status_code == status
    assert words in answer.text


def test_a_door_without_a_first_word_of_its_own_has_no_place() -> None:
    router = Router()
    router.get("/{anything}", allow=anyone)(lambda anything: anything)
    with pytest.raises(TypeError, match="no word to find it by"):
        Corridor(router.routes)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_asks_and_what_is_answered_are_found_in_one_thread_that_is_not_the_event_loops(method: str) -> None:
    router, seen = Router(), dict[str, int]()

    @router.get("/try", allow=anyone)
    @router.post("/try", allow=anyone)
    def trial(actor: ActorDep) -> str:
        seen["handler"] = threading.get_ident()
        return "done"

    def load(request: Request) -> Actor:
        seen["actor"] = threading.get_ident()
        return NOBODY

    async def on_the_loop(request: Request) -> None:
        seen["loop"] = threading.get_ident()

    app = FastAPI(openapi_url=None)
    app.state.load_actor = load
    app.add_api_route("/loop", on_the_loop)
    app.router.routes.append(Corridor(router.routes))
    with TestClient(app, headers=BROWSER) as client:
        assert client.request(method, "/try").text == "done"
        client.get("/loop")
    assert seen["actor"] == seen["handler"] != seen["loop"]


def test_a_door_that_waits_for_the_event_loop_is_a_bug_and_no_standstill() -> None:
    async def dawdle() -> None:
        await asyncio.sleep(0)

    router = Router()

    @router.get("/try", allow=anyone)
    def trial(waited: Annotated[None, Depends(dawdle)]) -> str:
        return "done"

    app = FastAPI(openapi_url=None)
    app.state.load_actor = lambda request: NOBODY
    app.router.routes.append(Corridor(router.routes))
    with pytest.raises(RuntimeError, match="a door waits for the event loop"):
        TestClient(app).get("/try")
