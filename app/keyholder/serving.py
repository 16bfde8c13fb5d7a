"""The keyholder's process: a few verbs over HTTP for whoever knows its token, on this machine or behind TLS."""

import base64
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
import uvicorn
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.core import clock, logs
from app.core.crypto import Keyring
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.keyholder.holder import RealKeyholder
from app.sealing.rules import Holder
from app.settings import KeyholderSettings

log = structlog.get_logger("keyholder")

MOST_BYTES: Final = 4096
THREADS: Final = 4

Verb = Callable[[RealKeyholder, dict[str, Any]], dict[str, Any]]


def _make_key(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    holder.make_key(asked["token"], Holder(asked["holder"]), UUID(asked["id"]))
    return {}


def _read_own(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    return {"keys": _encoded(holder.read_own(asked["token"], UUID(asked["id"])))}


def _approve_opening(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    return {"witness": holder.approve_opening(asked["token"], UUID(asked["id"]))}


def _open_bids(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    released = holder.open_bids(asked["token"], UUID(asked["id"]))
    return {"witness": released.witness, "keys": _encoded(released.keys)}


def _finish_quality(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    return {"witness": holder.finish_quality(asked["token"], UUID(asked["id"]))}


def _approve_prices(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    return {"witness": holder.approve_prices(asked["token"], UUID(asked["id"]))}


def _open_prices(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    released = holder.open_prices(asked["token"], UUID(asked["id"]))
    return {"witness": released.witness, "keys": _encoded(released.keys)}


def _follow_closes(holder: RealKeyholder, asked: dict[str, Any]) -> dict[str, Any]:
    holder.follow_closes()
    return {}


VERBS: Final[dict[str, Verb]] = {
    "make-key": _make_key,
    "read-own": _read_own,
    "approve-opening": _approve_opening,
    "open-bids": _open_bids,
    "finish-quality": _finish_quality,
    "approve-prices": _approve_prices,
    "open-prices": _open_prices,
    "follow-closes": _follow_closes,
}


TURNED_AWAY: Final = {
    401: "it did not show the keyholder’s token.",
    413: "it was too long.",
    422: "it could not be read.",
    503: "the database failed.",
}
"""What is written down of a request that is answered so."""


def create_app(config: KeyholderSettings) -> Starlette:
    """Raises `ValueError` for master keys that are none."""
    database = Database(config.database_url, threads=THREADS)
    master = Keyring.parse(config.master_keys, "master")
    drain = timedelta(seconds=config.opening_drain_seconds)
    holder = RealKeyholder(database, master, voucher=config.token, drain=drain)
    expected = f"Bearer {config.token}".encode()

    async def turned_away(verb: str, status: int) -> Response:
        with suppress(DBAPIError):  # what cannot be written down is in the log
            await run_in_threadpool(holder.turn_away, verb.replace("-", " "), TURNED_AWAY[status])
        return JSONResponse({}, status)

    async def answer(request: Request) -> Response:
        verb = request.path_params["verb"]
        if verb not in VERBS:
            return JSONResponse({}, 404)
        shown = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(shown, expected):
            return await turned_away(verb, 401)
        if int(request.headers.get("Content-Length") or MOST_BYTES + 1) > MOST_BYTES:
            return await turned_away(verb, 413)
        try:
            asked = await request.json()
            return JSONResponse(await run_in_threadpool(VERBS[verb], holder, asked))
        except Refused as no:
            return JSONResponse({"code": no.refusal.code, "words": no.refusal.words, "fix": no.refusal.fix}, 409)
        except NotFound:
            return JSONResponse({}, 404)
        except (KeyError, TypeError, ValueError, AttributeError):
            return await turned_away(verb, 422)
        except DBAPIError as error:
            log.error("database", error=type(error).__name__)
            return await turned_away(verb, 503)

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok")

    def ready(request: Request) -> Response:
        try:
            with database.read() as session:
                why = clock.why_not_ready(session, holder.own_now)
        except DBAPIError as error:
            why = f"the database failed: {type(error).__name__}"
        return PlainTextResponse(f"not ready: {why}\n" if why else "ready\n", 503 if why else 200)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(database.refuse_to_start_if_unsafe)
        await run_in_threadpool(holder.vouch_for_all)
        yield
        database.close()

    routes = [Route("/healthz", health), Route("/readyz", ready), Route("/{verb}", answer, methods=["POST"])]
    return Starlette(routes=routes, lifespan=lifespan)


def serve(config: KeyholderSettings) -> None:
    logs.configure()
    uvicorn.run(
        create_app(config),
        host=config.host,
        port=config.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


def _encoded(keys: Any) -> dict[str, str]:
    return {str(letter_id): base64.b64encode(key).decode() for letter_id, key in keys.items()}
