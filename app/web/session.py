"""The session's cookie: a random token signed with the moment it was last shown. What it means is accounts' business.

The idle limit is read from the signed moment and the moment is renewed on the answer, so looking at pages never writes.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import Request
from itsdangerous import BadSignature, TimestampSigner
from starlette.responses import Response

from app.settings import Settings

RENEW_AFTER: Final = timedelta(minutes=2)


def cookie_name(settings: Settings) -> str:
    return "__Host-session" if _secure(settings) else "session"


def read_token(request: Request, settings: Settings) -> str | None:
    """The session's token when the cookie is ours and not idle too long; marks the request when it wants renewal."""
    if not hasattr(request.state, "token"):
        request.state.token = _token(request, settings)
    return request.state.token  # type: ignore[no-any-return]


def _token(request: Request, settings: Settings) -> str | None:
    raw = request.cookies.get(cookie_name(settings))
    if not raw:
        return None
    try:
        token, signed_at = _signer(settings).unsign(raw, return_timestamp=True)
    except BadSignature:
        return None
    idle = datetime.now(UTC) - signed_at  # less than nought where a host signed it whose clock is ahead of this one's
    if abs(idle) > timedelta(minutes=settings.session_idle_minutes):
        return None
    if idle > RENEW_AFTER:
        request.state.renew_session = token.decode()
    return token.decode()


def give_token(response: Response, settings: Settings, token: str) -> None:
    response.headers["Set-Cookie"] = session_cookie(settings, token)


def session_cookie(settings: Settings, token: str) -> str:
    """The Set-Cookie header that shows the token again, signed with this moment."""
    secure = "; Secure" if _secure(settings) else ""
    value = _signer(settings).sign(token).decode()
    age = settings.session_hours * 3600
    return f"{cookie_name(settings)}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax{secure}"


def drop_token(response: Response, settings: Settings) -> None:
    response.delete_cookie(cookie_name(settings), path="/", secure=_secure(settings), httponly=True, samesite="lax")


def _secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def _signer(settings: Settings) -> TimestampSigner:
    return TimestampSigner(settings.secret_key, salt="session")
