"""A router on which every door has a named keeper: no policy, no route."""

from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from app.core import clock
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.clock import Arrival, Reading, arrival
from app.core.database import Database
from app.core.refusals import NotFound, Refusal
from app.settings import Settings

Policy = Callable[[Actor], bool]

IN_ITS_THREAD: Final = "portal.in_its_thread"
FORM_BYTES: Final = 256 * 1024
FORM_FIELDS: Final = {"max_files": 0, "max_fields": 500, "max_part_size": 64 * 1024}


class SignInFirst(Exception):
    """A stranger came to a door that wants a name."""


def anyone(actor: Actor) -> bool:
    return True


def signed_in(actor: Actor) -> bool:
    return actor.person_id is not None


def current_actor(request: Request) -> Actor:
    """The actor of this request, loaded once by what `main` handed over, and kept on the request for the page."""
    known = getattr(request.state, "actor", None)
    if known is None:
        known = request.state.actor = request.app.state.load_actor(request) or NOBODY
    return known


def received_at(request: Request, arrived: Arrival) -> datetime:
    """When the database's clock says that a request had arrived: `current_actor` has read it, side by side or it is read anew."""
    reading: Reading | None = getattr(request.state, "reading", None)
    if reading and reading.side_by_side and reading.asked >= arrived:
        return reading.at(arrived)
    with request.app.state.database.read() as session:
        return clock.received(session, arrived)


def moment_of(request: Request, session: Session, refusal: Refusal | None = None) -> datetime:
    """The one moment that a page is of: what the database's clock said when `current_actor` asked, else what it says now.

    A page that is drawn with a refusal is of now: the refusal may come of a later look at the clock than the request began with.
    """
    reading: Reading | None = getattr(request.state, "reading", None)
    return reading.moment if reading and not refusal else clock.now(session)


async def _actor(request: Request) -> Actor:
    return current_actor(request) if IN_ITS_THREAD in request.scope else await run_in_threadpool(current_actor, request)


async def _database(request: Request) -> Database:  # async, as all that only looks something up: it needs no thread
    return request.app.state.database  # type: ignore[no-any-return]


async def _blobs(request: Request) -> Blobs:
    return request.app.state.blobs  # type: ignore[no-any-return]


async def _settings(request: Request) -> Settings:
    return request.app.state.settings  # type: ignore[no-any-return]


ActorDep = Annotated[Actor, Depends(_actor)]
DatabaseDep = Annotated[Database, Depends(_database)]
BlobsDep = Annotated[Blobs, Depends(_blobs)]
SettingsDep = Annotated[Settings, Depends(_settings)]


def _keeper(policy: Policy) -> Any:
    async def check(actor: ActorDep) -> None:
        if policy(actor):
            return
        raise SignInFirst if actor.person_id is None else NotFound

    check.policy = policy  # type: ignore[attr-defined]
    return Depends(check)


Handler = TypeVar("Handler", bound=Callable[..., Any])


class Door(APIRoute):
    """A form's whole body is read on the event loop, and all else, from who asks to the page, is done in one thread.

    Each hand-over between the two costs more than many a query. When the body was here is noted before any wait for a thread
    or the database.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def through(request: Request) -> Response:
            if request.method == "POST":
                await request.body()
                request.state.arrived = arrival()
            request.scope[IN_ITS_THREAD] = True
            return await run_in_threadpool(_finish, handle, request)

        return through


def _finish(handle: Callable[[Request], Coroutine[Any, Any, Response]], request: Request) -> Response:
    """Run to its end what waits for nothing but this thread. Raises `RuntimeError` where it would wait for the event loop."""
    answering = handle(request)
    try:
        answering.send(None)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
    answering.close()
    raise RuntimeError("a door waits for the event loop")


def _at_once(handler: Handler) -> Handler:
    """The same handler, for FastAPI to call in the thread that `Door` has taken rather than hand over to another."""

    @wraps(handler)
    async def call(**given: Any) -> Any:
        return handler(**given)

    return call  # type: ignore[return-value]


class Router(APIRouter):
    """`allow` is required: the pure question of who may come through this door at all.

    What is larger than a form is taken in as it arrives, once its sender is known to be allowed: see `uploads`.
    """

    def get(self, path: str, *, allow: Policy, **more: Any) -> Callable[[Handler], Handler]:  # type: ignore[override]
        return self._door("GET", path, allow, Door, more)

    def post(  # type: ignore[override]
        self, path: str, *, allow: Policy, max_bytes: int = FORM_BYTES, **more: Any
    ) -> Callable[[Handler], Handler]:
        kind = Door if max_bytes <= FORM_BYTES else APIRoute
        return self._door("POST", path, allow, kind, {"max_body_size": max_bytes, **more})

    def _door(
        self, method: str, path: str, allow: Policy, kind: type[APIRoute], more: dict[str, Any]
    ) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.add_api_route(
                path,
                _at_once(handler) if kind is Door else handler,
                methods=[method],
                dependencies=[_keeper(allow)],
                response_class=HTMLResponse,
                response_model=None,
                route_class_override=kind,
                **more,
            )
            return handler

        return add


class Corridor(BaseRoute):
    """All doors behind one: only those whose path begins with the same word as the address are looked through.

    With some hundred doors, trying each in turn costs more than many an answer. Of the doors behind it, the first that takes
    the address and the method is chosen, else the first that takes the address, as a router does.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._by_word: dict[str, list[Route]] = {}
        for route in routes:
            if not isinstance(route, Route) or _word(route.path).startswith("{"):
                raise TypeError(f"no word to find it by: {route}")
            self._by_word.setdefault(_word(route.path), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        found: tuple[Match, Scope] = Match.NONE, {}
        if scope["type"] != "http":
            return found
        for route in self._by_word.get(_word(scope["path"].removeprefix(scope.get("root_path", ""))), ()):
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, {**child, "door": route}
            if match is Match.PARTIAL and found[0] is Match.NONE:
                found = match, {**child, "door": route}
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["door"].handle(scope, receive, send)


def _word(path: str) -> str:
    return path.split("/", 2)[1] if path.startswith("/") else ""
