"""Every answer carries the same headers, and no form of another site is accepted."""

import itertools

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.web.conftest import MOST, SiteFor

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

ANSWERS = {
    "a page": ("GET", "/try/page", 200, {}),
    "a way to sign in": ("GET", "/try/members", 303, {}),
    "a way to sign in, by htmx": ("GET", "/try/members", 401, {"headers": {"HX-Request": "true"}}),
    "after a change": ("POST", "/try/form", 303, {"data": {"name": "Ann"}}),
    "a form with errors": ("POST", "/try/form", 422, {"data": {"name": ""}}),
    "no such page": ("GET", "/nothing-here", 404, {}),
    "no such id": ("GET", "/try/things/nonsense", 404, {}),
    "no such method": ("DELETE", "/try/page", 404, {}),
    "not allowed": ("GET", "/try/not-allowed", 403, {}),
    "refused": ("GET", "/try/refused", 409, {}),
    "too large, as it says itself": ("POST", "/try/form", 413, {"data": {"name": "x" * MOST}}),
    "too large, as it turns out": ("POST", "/try/form", 413, {"content": iter([b"name=", b"x" * MOST])}),
    "forged": ("POST", "/try/form", 403, {"headers": {"Origin": "https://evil.example"}}),
    "a bug": ("GET", "/try/bug", 500, {}),
    "an outage": ("GET", "/try/outage", 503, {}),
    "alive": ("GET", "/healthz", 200, {}),
    "a style sheet": ("GET", "/static/app.css", 200, {}),
    "part of a style sheet": ("GET", "/static/app.css", 206, {"headers": {"Range": "bytes=0-9"}}),
    "no such style sheet": ("GET", "/static/nothing.css", 404, {}),
    "outside the static files": ("GET", "/static/..%2fpyproject.toml", 404, {}),
}


def _ask(site: TestClient, name: str) -> Response:
    method, path, status, more = ANSWERS[name]
    if "content" in more:
        pieces, again = itertools.tee(more["content"])
        more["content"] = again
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = site.request(method, path, content=pieces, headers=kind)
    else:
        answer = site.request(method, path, **more)
    assert answer.status_code == status
    return answer


@pytest.mark.bar("S13")
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_carries_the_headers_and_its_number(site: TestClient, name: str) -> None:
    answer = _ask(site, name)
    assert {header: answer.headers.get(header) for header in HEADERS} == HEADERS
    assert len(answer.headers["X-Request-Id"]) == 16
    assert "Server" not in answer.headers


@pytest.mark.bar("S13")
def test_a_file_that_has_not_changed_carries_them_too(site: TestClient) -> None:
    tag = site.get("/static/app.css").headers["ETag"]
    answer = site.get("/static/app.css", headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert HEADERS.items() <= {name: answer.headers.get(name) for name in HEADERS}.items()


def test_nothing_inline_is_let_run() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy


@pytest.mark.parametrize("name", ["a page", "after a change", "a bug", "a style sheet"])
def test_only_an_https_site_asks_to_be_reached_by_https_alone(site_for: SiteFor, name: str) -> None:
    plain, secure = (_ask(site_for(public_url=url), name) for url in ("http://x.example", "https://x.example"))
    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_every_request_has_a_number_of_its_own(site: TestClient) -> None:
    assert len({site.get("/try/page").headers["X-Request-Id"] for _ in range(50)}) == 50


def test_a_number_brought_along_is_not_taken(site: TestClient) -> None:
    assert site.get("/try/page", headers={"X-Request-Id": "mine"}).headers["X-Request-Id"] != "mine"


# --- Forged posts

SITES = {None: None, "same-origin": True, "none": True, "same-site": False, "cross-site": False, "nonsense": False}
ORIGINS = {
    None: False,
    "": False,
    "null": False,
    "http://testserver": True,
    "https://testserver": True,
    "http://testserver:8000": False,
    "https://evil.example": False,
    "https://testserver.evil.example": False,
    "https://evil.example/testserver": False,
    "https://evil.example://testserver": False,
    "testserver": False,
    "http://[": False,
}


@pytest.mark.bar("S5")
@pytest.mark.parametrize("site_said", SITES)
def test_a_post_is_ours_when_the_browser_says_so(site: TestClient, site_said: str | None) -> None:
    """What Sec-Fetch-Site says stands; only where a browser does not send it is Origin held against Host."""
    del site.headers["Origin"]
    for method, origin in itertools.product(("POST", "PUT", "PATCH", "DELETE"), ORIGINS):
        sent = {"Sec-Fetch-Site": site_said, "Origin": origin}
        headers = {name: value for name, value in sent.items() if value is not None}
        answer = site.request(method, "/try/form", headers=headers)
        ours = ORIGINS[origin] if SITES[site_said] is None else SITES[site_said]
        assert (answer.status_code != 403) is ours, (method, origin)
        assert ("Nothing was changed" in answer.text) is not ours


@pytest.mark.bar("S5")
def test_a_forged_post_never_reaches_a_handler(site: TestClient) -> None:
    for path in ("/try/form", "/try/bug", "/nothing-here", "/static/app.css"):
        assert site.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_link_from_another_site_may_be_followed(site: TestClient, method: str) -> None:
    answer = site.request(method, "/static/app.css", headers={"Sec-Fetch-Site": "cross-site", "Origin": ""})
    assert answer.status_code != 403


def test_an_origin_of_another_port_of_this_host_is_another_site(site: TestClient) -> None:
    mine = {"Host": "portal.example:8443", "Origin": "https://portal.example:8443"}
    assert site.post("/try/form", data={"name": "Ann"}, headers=mine).status_code == 303
    mine["Origin"] = "https://portal.example"
    assert site.post("/try/form", data={"name": "Ann"}, headers=mine).status_code == 403
