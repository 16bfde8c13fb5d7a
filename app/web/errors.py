"""Every way of saying no has its page, with what to do next; a bug says its request id and nothing else."""

from typing import Final
from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.blobs import StoreAway
from app.core.refusals import NotAllowed, NotFound, Refused
from app.core.sealing import KeyholderAway
from app.web.pages import page
from app.web.routing import SignInFirst, current_actor
from app.web.typed import texts

log = structlog.get_logger("web")

MEGABYTE: Final = 1024 * 1024

_WORDS = {
    403: ("You cannot do this", "Your role in your organisation does not reach this far. Ask an owner to change it."),
    404: ("Page not found", "The address may be mistyped, the page may have moved, or it may not be yours to see."),
    405: ("Page not found", "That address cannot be used in this way. Go back and try again."),
    408: (
        "That took too long",
        "The file did not arrive in time. Nothing was saved. Try again on a faster connection.",
    ),
    413: (
        "That is too large",
        "What you sent is over the limit for this page. Nothing was saved. Send less text, or a smaller file.",
    ),
    429: ("Too many pages at once", "Wait a minute, then go on. This keeps the public pages quick for everybody."),
    500: ("Something went wrong", "It is our fault, not yours. Nothing was half-saved. Try again in a minute."),
    503: ("Try again shortly", "The service cannot reach its database. Nothing was lost. Try again in a few seconds."),
}


def add_error_pages(app: FastAPI) -> None:
    app.add_exception_handler(SignInFirst, _sign_in)
    app.add_exception_handler(NotFound, lambda request, error: error_page(request, 404))
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(RequestValidationError, lambda request, error: error_page(request, 404))
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(StoreAway, _store)
    app.add_exception_handler(KeyholderAway, _keyholder)
    app.add_middleware(LastResort)


class LastResort:
    """Gives our pages to what Starlette would answer in two words, past our handlers: a body over the limit, and a bug."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = too_large = False

        async def answer(message: Message) -> None:
            nonlocal begun, too_large
            if message["type"] == "http.response.start":
                too_large = message["status"] == 413
                begun = not too_large
            if not too_large:
                await send(message)

        try:
            await self.app(scope, receive, answer)
            if too_large:
                await (await run_in_threadpool(_too_large, Request(scope)))(scope, receive, send)
        except ClientDisconnect:  # the person left while sending: nobody waits for an answer
            return
        except Exception as error:
            if not begun:
                await _unforeseen(Request(scope), error)(scope, receive, send)
            raise


def _too_large(request: Request) -> Response:
    """Says the limit of this door, if it is one for files, and leads back to the page that was sent."""
    limit = getattr(request.scope.get("route"), "max_body_size", None) or 0
    words = f"{_WORDS[413][1]} A file may be up to {limit // MEGABYTE - 1} MB." if limit > MEGABYTE else ""
    path = _came_from(request)
    return error_page(request, 413, words=words, fix=(path, "Go back and try again") if path else None)


def _came_from(request: Request) -> str:
    """The path of our own page from which this request was sent, or nothing."""
    try:
        page_before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    return page_before.path if page_before.netloc == request.url.netloc else ""


def error_page(
    request: Request, status: int, heading: str = "", words: str = "", fix: tuple[str, str] | None = None
) -> Response:
    known = _WORDS.get(status, _WORDS[500])
    if _keeps_itself(request):
        return _not_saved(request, status, words or known[1])
    if status < 500:
        current_actor(request)
    return page(
        request, "errors/error.html", status=status, heading=heading or known[0], words=words or known[1], fix=fix
    )


def _keeps_itself(request: Request) -> bool:
    """A form that is sent with every change, and shows in `#saved-at` when it was kept: nothing on its page is replaced."""
    return request.method == "POST" and request.headers.get("HX-Target", "").endswith("#saved")


def _not_saved(request: Request, status: int, words: str, fix: tuple[str, str] | None = None) -> Response:
    answer = page(request, "errors/not_saved.html", status=status, words=words, fix=fix)
    answer.headers.update({"HX-Retarget": "#saved-at", "HX-Reswap": "innerHTML"})
    return answer


async def _sign_in(request: Request, error: Exception) -> Response:
    """To the sign-in page and back; what was typed into a form meanwhile is given back whole, to be sent again."""
    if request.method == "POST" and not request.headers.get("HX-Request") and (typed := await _typed(request)):
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        again = {"action": address, "typed": typed, "shown": texts(typed)}
        return await run_in_threadpool(page, request, "errors/signed_out.html", status=401, **again)
    onward = request.url.path if request.method == "GET" else _came_from(request)
    target = f"/sign-in?next={quote(onward)}" if onward not in ("", "/") else "/sign-in"
    if _keeps_itself(request):
        return _not_saved(
            request, 401, "You have been signed out.", ("/sign-in?next=/account", "Sign in again in a new tab")
        )
    if request.headers.get("HX-Request"):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


async def _typed(request: Request) -> list[tuple[str, str]]:
    """The text of a form that has been read, field by field; nothing of one that asks for a password, or of a file."""
    if not request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return []
    given = [(k, v) for k, v in (await request.form()).multi_items() if isinstance(v, str)]
    secret = any("password" in name or name == "current" for name, _ in given)
    return given if any(value.strip() for _, value in given) and not secret else []


def _not_allowed(request: Request, error: Exception) -> Response:
    """Names whom to ask, where the person's own organisations have somebody."""
    words, fix = request.app.state.whom_to_ask(getattr(request.state, "actor", None))
    return error_page(request, 403, words=words, fix=fix)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - registered for this class alone
    refusal = error.refusal
    return page(
        request,
        "errors/error.html",
        status=409,
        heading="This cannot be done now",
        words=refusal.words,
        fix=refusal.fix,
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 405 and request.method == "GET":  # where a form was sent to: its page is one step up
        return RedirectResponse(request.url.path.rpartition("/")[0] or "/", 303)
    answer = error_page(request, 404 if error.status_code == 405 else error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)  # noqa: S101
    if not (error.connection_invalidated or "OperationalError" in type(error).__name__):
        return _bug(request, error)
    log.error("database", error=type(error).__name__)
    answer = error_page(request, 503)
    answer.headers["Retry-After"] = "3"
    return answer


def _store(request: Request, error: Exception) -> Response:
    log.error("store", error=str(error))
    words = "The document store cannot be reached. Nothing was lost. Try again in a minute."
    answer = error_page(request, 503, words=words)
    answer.headers["Retry-After"] = "60"
    return answer


def _keyholder(request: Request, error: Exception) -> Response:
    log.error("keyholder", error=str(error))
    words = "The keyholder, which opens what is sealed, cannot be reached. Nothing was changed or lost. Try again in a minute."
    answer = error_page(request, 503, words=words)
    answer.headers["Retry-After"] = "60"
    return answer


def _unforeseen(request: Request, error: Exception) -> Response:
    return _database(request, error) if isinstance(error, DBAPIError) else _bug(request, error)


def _bug(request: Request, error: Exception) -> Response:
    log.error("bug", exc_info=error)
    return error_page(request, 500)
