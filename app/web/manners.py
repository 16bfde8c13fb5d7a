"""One layer around every request: its id, its nonce, the refusal of forged posts, and the headers of every answer."""

import secrets
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings
from app.web.session import session_cookie

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
log = structlog.get_logger("web")


class Manners:
    """A post is ours when the browser says so (Sec-Fetch-Site) or, in older browsers, when Origin is this host."""

    def __init__(self, app: ASGIApp, *, config: Settings) -> None:
        self.app = app
        self.config = config
        self.headers = dict(_HEADERS)
        if config.public_url.startswith("https://"):
            self.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = request_id = secrets.token_hex(8)
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = request_id
                renewed = scope.get("state", {}).get("renew_session")
                if renewed and "set-cookie" not in headers:
                    headers["Set-Cookie"] = session_cookie(self.config, renewed)
            await send(message)

        app = self.app if scope["method"] in SAFE or _ours(Headers(scope=scope)) else _FORGED
        if b"%00" in scope["query_string"]:  # no database keeps it, and no page of ours asks for it
            app = _UNREADABLE
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await app(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            took = round((time.perf_counter() - started) * 1000, 1)
            log.info("request", method=scope["method"], route=route, status=status, ms=took)
            structlog.contextvars.clear_contextvars()


_UNREADABLE: Final = PlainTextResponse("This address cannot be read. Go back and try again.", 400)
_FORGED: Final = PlainTextResponse("This form came from another site and was not accepted. Nothing was changed.", 403)


def _ours(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site:
        return site in ("same-origin", "none")
    host = headers.get("host", "")
    return bool(host) and headers.get("origin", "").partition("://")[2] == host
