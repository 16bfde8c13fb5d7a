"""The session's cookie: signed with the moment it was last shown, renewed by looking, and ended by idleness."""

from datetime import timedelta
from http.cookies import Morsel, SimpleCookie

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from itsdangerous import TimestampSigner

from app.settings import Settings
from app.web.session import cookie_name, session_cookie
from tests.web.conftest import TOKEN, SiteFor

IDLE = timedelta(minutes=60)


class Earlier(TimestampSigner):
    """Signs as it would have been signed some time ago."""

    ago = timedelta()

    def get_timestamp(self) -> int:
        return super().get_timestamp() - int(self.ago.total_seconds())


def _signed(config: Settings, *, ago: timedelta = timedelta(), token: str = TOKEN, secret: str = "") -> str:
    signer = Earlier(secret or config.secret_key, salt="session")
    signer.ago = ago
    return signer.sign(token).decode()


def _look(site: TestClient, value: str, *, name: str = "session", path: str = "/try/members") -> Response:
    return site.get(path, headers={"Cookie": f"{name}={value}"})


def _given(answer: Response) -> Morsel[str]:
    (morsel,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    return morsel


def test_the_cookie_we_gave_lets_its_owner_in(site: TestClient, config: Settings) -> None:
    answer = _look(site, _signed(config))
    assert answer.status_code == 200
    assert "Ann Example" in answer.text
    assert "Set-Cookie" not in answer.headers, "shown a moment ago: nothing to renew"


def test_without_it_a_stranger_is_asked_to_sign_in(site: TestClient) -> None:
    assert site.get("/try/members").headers["Location"] == "/sign-in?next=/try/members"


@pytest.mark.bar("S5")
@pytest.mark.parametrize(
    ("ago", "status"),
    [
        (IDLE - timedelta(seconds=5), 200),
        (IDLE + timedelta(seconds=5), 303),
        (timedelta(days=400), 303),
        (-timedelta(minutes=5), 200),
        (-IDLE - timedelta(seconds=5), 303),
    ],
    ids=["just in time", "idle too long", "idle very long", "by a host whose clock is ahead", "in the far future"],
)
def test_a_session_left_idle_ends(site: TestClient, config: Settings, ago: timedelta, status: int) -> None:
    assert _look(site, _signed(config, ago=ago)).status_code == status


def test_the_limit_is_a_setting(site_for: SiteFor, config: Settings) -> None:
    value = _signed(config, ago=timedelta(minutes=10))
    assert _look(site_for(session_idle_minutes=5), value).status_code == 303
    assert _look(site_for(session_idle_minutes=15), value).status_code == 200


@pytest.mark.parametrize("path", ["/try/members", "/try/page", "/nothing-here", "/try/refused"])
def test_looking_renews_the_moment_on_the_answer(site: TestClient, config: Settings, path: str) -> None:
    """Renewal is on the answer alone: no row is written because somebody looked."""
    answer = _look(site, _signed(config, ago=timedelta(minutes=30)), path=path)
    renewed = _given(answer)
    assert _look(site, renewed.value).status_code == 200
    assert TimestampSigner(config.secret_key, salt="session").unsign(renewed.value) == TOKEN.encode()


def test_the_moment_is_not_renewed_at_every_look(site: TestClient, config: Settings) -> None:
    assert "Set-Cookie" not in _look(site, _signed(config, ago=timedelta(seconds=100))).headers
    assert "Set-Cookie" in _look(site, _signed(config, ago=timedelta(seconds=130))).headers


def test_leaving_is_not_undone_by_renewal(site: TestClient, config: Settings) -> None:
    cookie = {"Cookie": f"session={_signed(config, ago=timedelta(minutes=30))}"}
    answer = site.post("/try/leave", headers=cookie)
    assert answer.headers.get_list("Set-Cookie") == [answer.headers["Set-Cookie"]]
    assert _given(answer).value == "" and _given(answer)["max-age"] == "0"


@pytest.mark.bar("S5")
def test_a_forged_cookie_is_ignored(site: TestClient, config: Settings) -> None:
    good = _signed(config)
    token, moment, signature = good.rsplit(".", 2)
    later = _signed(config, ago=-timedelta(hours=1)).rsplit(".", 2)[1]
    for forged in (
        "",
        TOKEN,
        f"{TOKEN}.",
        f"{TOKEN}..",
        f"another.{moment}.{signature}",
        f"{token}.{later}.{signature}",
        f"{token}.{moment}.{signature[:-2]}",
        f"{good}x",
        _signed(config, secret="another secret altogether, long enough"),
        TimestampSigner(config.secret_key, salt="something else").sign(TOKEN).decode(),
        "é" * 3,
    ):
        answer = site.get("/try/members", headers={"Cookie": f"session={forged}".encode()})
        assert answer.status_code == 303, forged


@pytest.mark.bar("S5")
def test_on_https_the_cookie_is_bound_to_the_host_and_to_https(config: Settings) -> None:
    secure = config.model_copy(update={"public_url": "https://portal.example"})
    cookie = session_cookie(secure, TOKEN)
    (morsel,) = SimpleCookie(cookie).values()
    assert morsel.key == cookie_name(secure) == "__Host-session"
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == (True, True, "Lax")
    assert (morsel["path"], morsel["domain"], morsel["max-age"]) == ("/", "", str(12 * 3600))


def test_on_plain_http_the_cookie_is_plain_and_still_out_of_reach_of_scripts(config: Settings) -> None:
    (morsel,) = SimpleCookie(session_cookie(config, TOKEN)).values()
    assert morsel.key == "session"
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == ("", True, "Lax")


def test_on_https_the_plain_cookie_is_ignored(site_for: SiteFor, config: Settings) -> None:
    """Else a neighbouring host could plant one."""
    site = site_for(public_url="https://portal.example")
    assert _look(site, _signed(config)).status_code == 303
    assert _look(site, _signed(config), name="__Host-session").status_code == 200
    answer = site.post("/try/leave")
    assert _given(answer).key == "__Host-session" and _given(answer)["secure"] is True
