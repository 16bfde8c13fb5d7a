"""Every way of saying no is a page that says what happened and what to do, and gives nothing of the inside away."""

import asyncio
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from tests.web.conftest import ANN, BYTES_OF_ANN, MOST

KIND = ((b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"9"))


def _heading(answer: Response) -> str:
    (heading,) = BeautifulSoup(answer.text, "html.parser").find_all("h1")
    return heading.get_text(strip=True)


def _shown_number(answer: Response) -> str:
    hint = BeautifulSoup(answer.text, "html.parser").select_one(".govuk-hint")
    assert hint
    return hint.get_text(strip=True).rpartition(" ")[2]


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/nothing-here", 404, "Page not found"),
        ("/try/things/nonsense", 404, "Page not found"),
        (f"/try/things/{uuid4()}", 404, "Page not found"),
        (f"/try/things/{uuid4()}?number=nonsense", 404, "Page not found"),
        ("/try/not-allowed", 403, "You cannot do this"),
        ("/try/refused", 409, "This cannot be done now"),
        ("/try/bug", 500, "Something went wrong"),
        ("/try/breach", 500, "Something went wrong"),
        ("/try/outage", 503, "Try again shortly"),
    ],
)
def test_each_no_has_its_page_and_its_number(site: TestClient, path: str, status: int, heading: str) -> None:
    answer = site.get(path)
    assert answer.status_code == status
    assert _heading(answer) == heading
    assert _shown_number(answer) == answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_absent_and_unreadable_ids_get_the_same_page(site: TestClient) -> None:
    absent, unreadable = (site.get(f"/try/things/{which}") for which in (uuid4(), "nonsense"))
    strip = [answer.text.replace(answer.headers["X-Request-Id"], "") for answer in (absent, unreadable)]
    assert strip[0] == strip[1]


def test_a_refusal_says_why_and_links_to_what_mends_it(site: TestClient) -> None:
    refused = BeautifulSoup(site.get("/try/refused").text, "html.parser")
    assert "The brief closed at noon." in refused.get_text()
    assert [a.get_text() for a in refused.select('main a[href="/opportunities"]')] == ["See what is open"]
    plainly = BeautifulSoup(site.get("/try/refused-plainly").text, "html.parser")
    assert [a["href"] for a in plainly.select("main a")] == ["/"]


@pytest.mark.parametrize(("path", "status"), [("/try/bug", 500), ("/try/breach", 500), ("/try/outage", 503)])
def test_a_bug_tells_the_log_everything_and_the_reader_nothing(site: TestClient, path: str, status: int) -> None:
    with capture_logs() as log:
        answer = site.get(path)
    assert answer.status_code == status
    for inside in ("secret", "Traceback", "Error", "sqlalche", ".py", "constraint"):
        assert inside not in answer.text
    assert [entry["event"] for entry in log] == ["database" if status == 503 else "bug", "request"]
    assert log[-1]["status"] == status


def test_an_outage_says_when_to_come_back(site: TestClient) -> None:
    assert site.get("/try/outage").headers["Retry-After"] == "3"


def test_an_outage_while_the_error_page_is_made_is_still_an_outage(site: TestClient) -> None:
    """The page for 404 shows who is signed in, and so may be the first to find the database gone."""

    def gone(request: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("gone"))

    site.app.state.load_actor = gone
    answer = site.get("/nothing-here")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")


@pytest.mark.parametrize(
    "sent",
    [{"data": {"name": "x" * MOST}}, {"files": {"name": ("x.pdf", b"x" * MOST)}}],
    ids=["too much text", "too large a file"],
)
def test_a_body_over_the_limit_is_refused_in_words(site: TestClient, sent: dict[str, object]) -> None:
    answer = site.post("/try/form", headers={"Referer": "https://elsewhere.example/try/page"}, **sent)
    assert answer.status_code == 413
    assert _heading(answer) == "That is too large"
    assert "Nothing was saved" in answer.text
    assert "Go back" not in answer.text
    assert _shown_number(answer) == answer.headers["X-Request-Id"]


def test_an_unreadable_referer_changes_nothing(site: TestClient) -> None:
    answer = site.post("/try/form", headers={"Referer": "http://["}, data={"words": "x" * 300_000})
    assert answer.status_code == 413


def test_a_body_that_hides_its_length_is_refused_when_it_passes_the_limit(site: TestClient) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = site.post("/try/form", content=iter([b"name=", *[b"x" * 100] * 20]), headers=kind)
    assert answer.status_code == 413
    assert _heading(answer) == "That is too large"


def test_a_body_just_within_the_limit_is_read(site: TestClient) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    padding = b"&other=" + b"x" * (MOST - len(BYTES_OF_ANN) - len(b"&other="))
    assert site.post("/try/form", content=BYTES_OF_ANN + padding, headers=kind).status_code == 303
    assert site.post("/try/form", content=BYTES_OF_ANN + padding + b"x", headers=kind).status_code == 413


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded; charset=klingon"],
)
def test_a_garbled_body_is_an_error_of_the_form(site: TestClient, kind: str) -> None:
    answer = site.post("/try/form", content=b"--y\r\ngarbage", headers={"Content-Type": kind})
    assert answer.status_code == 422


def test_somebody_who_leaves_while_sending_is_no_bug(site: TestClient) -> None:
    answers: list[object] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/try/form",
        "raw_path": b"/try/form",
        "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"origin", b"http://testserver"), *KIND],
    }
    with capture_logs() as log:
        asyncio.run(site.app(scope, receive, send))
    assert answers == []
    assert [entry["event"] for entry in log] == ["request"]


def test_a_stranger_is_sent_to_sign_in_and_back(site: TestClient) -> None:
    assert site.get("/try/members").headers["Location"] == "/sign-in?next=/try/members"
    by_htmx = site.get("/try/members", headers={"HX-Request": "true"})
    assert (by_htmx.status_code, by_htmx.headers["HX-Redirect"]) == (401, "/sign-in?next=/try/members")
    assert by_htmx.text == ""


def test_an_outsider_meets_the_page_of_what_does_not_exist(site: TestClient) -> None:
    site.app.state.load_actor = lambda request: ANN
    outside, absent = site.get("/try/outsiders"), site.get("/try/nothing-here")
    assert outside.status_code == absent.status_code == 404
    numbered = [page.text.replace(page.headers["X-Request-Id"], "") for page in (outside, absent)]
    assert numbered[0] == numbered[1]


def test_a_session_that_ended_loses_nothing_that_was_typed(site: TestClient) -> None:
    words = "We begin gently, and we listen.\r\nThen <b>we</b> plan."
    ours = {"seen": "0f" * 32, "place": f"{uuid4()}/A district with a name that is rather long"}
    answer = site.post("/try/members?kind=x", data={"name": words, "again": ["1", "2"], **ours})
    assert (answer.status_code, _heading(answer)) == (401, "You have been signed out")
    page = BeautifulSoup(answer.text, "html.parser")
    form = page.select_one("main form")
    assert form["action"] == "/try/members?kind=x"
    kept = [(field["name"], field["value"]) for field in form.select("input[type=hidden]")]
    assert kept == [("name", words), ("again", "1"), ("again", "2"), *ours.items()]
    assert [shown.get_text().split() for shown in page.select(".govuk-inset-text")] == [words.split()], (
        "not what a page put in"
    )


@pytest.mark.parametrize("data", [{}, {"name": " "}, {"current": "a secret", "name": "Ann"}, {"password": "a secret"}])
def test_nothing_typed_or_a_password_leads_to_the_sign_in_page(site: TestClient, data: dict[str, str]) -> None:
    answer = site.post("/try/members", data=data, headers={"Referer": "http://testserver/try/page"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/try/page")
