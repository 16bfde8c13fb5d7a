"""A site with a room of its own for trying HTTP manners on: no feature's page, and no database behind it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import Request
from fastapi.testclient import TestClient
from pydantic import Field
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.responses import PlainTextResponse, Response

from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused
from app.main import create_app
from app.settings import Settings
from app.web.forms import Form, Posted, posted
from app.web.pages import page, see
from app.web.routing import Router, anyone, signed_in
from app.web.session import drop_token, read_token
from tests.conftest import BROWSER
from tests.sealing import keyholder

ANN = Actor(uuid4(), "Ann Example", "ann@example.org")
TOKEN = "token-of-ann"
MOST = 1_000
BYTES_OF_ANN = b"name=Ann"

room = Router(prefix="/try")


class Name(Form):
    name: str = Field(title="your name", max_length=100)


NAME = posted(Name)


@room.get("/page", allow=anyone)
def some_page(request: Request) -> Response:
    return page(request, "errors/error.html", heading="A heading", words="Some words", fix=None)


@room.get("/members", allow=signed_in)
def members(request: Request) -> Response:
    return page(request, "errors/error.html", heading="For members", words="Some words", fix=None)


@room.post("/members", allow=signed_in)
def send_as_member(form: Posted[Name] = NAME) -> Response:
    return see("/try/members")


@room.get("/outsiders", allow=lambda actor: actor.person_id not in (None, ANN.person_id))
def outsiders() -> Response:
    return PlainTextResponse("not for Ann")


@room.get("/things/{thing_id}", allow=anyone)
def thing(thing_id: UUID, number: int = 1) -> Response:
    raise NotFound


@room.get("/not-allowed", allow=anyone)
def not_allowed() -> Response:
    raise NotAllowed


@room.get("/refused", allow=anyone)
def refused() -> Response:
    raise Refused(Refusal("closed", "The brief closed at noon.", ("/opportunities", "See what is open")))


@room.get("/refused-plainly", allow=anyone)
def refused_plainly() -> Response:
    raise Refused(Refusal("closed", "The brief closed at noon."))


@room.get("/bug", allow=anyone)
def bug() -> Response:
    raise RuntimeError("a secret of the inside")


@room.get("/outage", allow=anyone)
def outage() -> Response:
    raise OperationalError("SELECT secret", {}, Exception("server closed the connection"))


@room.get("/breach", allow=anyone)
def breach() -> Response:
    raise IntegrityError("INSERT secret", {}, Exception("UNIQUE constraint failed: secret"))


@room.post("/form", allow=anyone, max_bytes=MOST)
def form(form: Posted[Name] = NAME) -> Response:
    if form.value is None:
        return PlainTextResponse(" ".join(form.errors.values()), 422)
    return see(f"/try/page?{form.value.name}")


@room.post("/leave", allow=anyone)
def leave(request: Request) -> Response:
    current: Settings = request.app.state.settings
    answer = see("/")
    drop_token(answer, current)
    return answer


SiteFor = Callable[..., TestClient]


@pytest.fixture
def site_for(config: Settings, tmp_path: Path, portal: BlockingPortal) -> Iterator[SiteFor]:
    """`site_for(**settings)` is a browser on a site with those settings; only the cookie of `TOKEN` signs Ann in."""
    made: list[TestClient] = []

    def make(**changed: str | int | bool) -> TestClient:
        settings = config.model_copy(update=changed)
        unused = Database(f"sqlite:///{tmp_path}/unused.db")
        app = create_app(unused, config=settings, keyholder=keyholder(unused))
        app.state.load_actor = lambda request: ANN if read_token(request, settings) == TOKEN else NOBODY
        app.include_router(room)
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=False, headers=BROWSER)
        client.portal = portal
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def site(site_for: SiteFor) -> TestClient:
    return site_for()
