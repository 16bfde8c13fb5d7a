"""Every door of the house, found by walking the rooms that `main` assembles."""

import itertools
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from anyio.from_thread import BlockingPortal
from fastapi.routing import APIRoute
from httpx2 import ASGITransport, AsyncClient, Response

from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.main import ROOMS, create_app
from app.settings import Settings
from app.web.routing import Policy
from tests.sealing import keyholder, signed_in


@dataclass(frozen=True)
class Door:
    """One method on one path. `parameters` are the names in its braces."""

    method: str
    path: str
    policy: Policy
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _policy(route: APIRoute) -> Policy:
    keepers = [d.dependency.policy for d in route.dependencies if hasattr(d.dependency, "policy")]
    assert len(keepers) == 1, f"{route.path} has {len(keepers)} keepers"
    return keepers[0]


def doors() -> list[Door]:
    found = [
        Door(method, route.path, _policy(route), tuple(route.param_convertors))
        for room in ROOMS
        for route in room.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods)
    ]
    assert len(found) == sum(len(room.routes) for room in ROOMS)
    return found


DOORS = doors()
QUERIES = {"/providers/{provider_id}/evidence/add": "?kind=insurance_public_liability"}
READING = [door for door in DOORS if door.method == "GET"]
WRITING = [door for door in DOORS if door.method == "POST"]


class Walker:
    """One application, entered as whoever `actor` is at the moment, on one event loop: thousands of knocks, little else."""

    def __init__(self, db: Database, config: Settings, blobs: Blobs, portal: BlockingPortal) -> None:
        self.actor, self.portal = NOBODY, portal
        self.keyholders = Database(db.url)  # as in life: what it asks is not asked by the web
        asked = keyholder(self.keyholders, signed_in=lambda session, token: self.actor)
        self.app = create_app(db, config=config, blobs=blobs, keyholder=asked)
        self.app.state.load_actor = lambda request: self.actor
        self.client = AsyncClient(
            transport=ASGITransport(self.app),
            base_url="http://testserver",
            headers={"Origin": "http://testserver"},
            cookies=signed_in(config),
        )

    def knock(self, actor: Actor, door: Door, path: str, **more: Any) -> Response:
        self.actor = actor
        return self.portal.call(partial(self.client.request, door.method, path, **more))

    def close(self) -> None:
        self.portal.call(self.client.aclose)
        self.keyholders.close()


def paths(door: Door, objects: dict[str, tuple[UUID | str, ...]]) -> list[str]:
    """The door's path with every combination of the ids given for its parameters."""
    return [
        door.path.format(**dict(zip(door.parameters, ids, strict=True))) + QUERIES.get(door.path, "")
        for ids in itertools.product(*(dict.fromkeys(objects[name]) for name in door.parameters))
    ]


def normal(answer: Response) -> tuple[int, str, str]:
    """What an answer says, without what differs each time: its request's id."""
    text = answer.text.replace(answer.headers["x-request-id"], "")
    return answer.status_code, answer.headers.get("location", ""), text
