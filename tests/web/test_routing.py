"""Of some hundred doors the right one is found by the first word of the address, and answers as a router's would."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.web.routing import Corridor, Router, anyone


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
