"""Pages: moments as people in London read them, one block for htmx, and no name that was not given."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from httpx2 import Response
from jinja2 import UndefinedError
from markupsafe import Markup

from app.web import pages
from app.web.pages import TEMPLATES, day, environment, left, plain, plural, see, short, when

OF_FRAMEWORKS = ("framework", "service", "therapy", "region")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_a_list_of_choices_is_drawn_once_and_anew_where_anything_differs() -> None:
    drawn: list[object] = []

    def draw(given: Mapping[str, Any]) -> Markup:
        drawn.append(given)
        return Markup(f"<b>{given['chosen']}</b>")

    select = pages.kept(draw)
    given = [
        {"chosen": "a", "items": [{"value": "a"}]},
        {"chosen": "b", "items": [{"value": "a"}]},
        {"chosen": Markup("a")},
    ]
    assert [select(one) for one in given * 2] == ["<b>a</b>", "<b>b</b>", "<b>a</b>"] * 2
    assert drawn == given, "marked-up words are not taken for plain ones, nor one choice for another"


def test_only_what_anybody_may_read_is_kept_drawn() -> None:
    kept = {
        (str(path.relative_to(TEMPLATES)), found[1])
        for path in TEMPLATES.rglob("*.html")
        for found in re.finditer(r'fields\.choose\(\w+, "(\w+)"[^\n]*public=true', path.read_text())
    }
    of_briefs = {(f"briefs/{page}.html", name) for page in ("opportunities", "alerts") for name in OF_FRAMEWORKS}
    assert kept == of_briefs | {("bids/board.html", "region"), ("bids/board.html", "lot")}


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("moment", "long", "brief"),
    [
        (_utc(2026, 12, 3, 12, 0), "Thursday 3 December 2026, 12:00 noon", "3 Dec 2026, 12:00"),
        (_utc(2026, 12, 3, 0, 0), "Thursday 3 December 2026, 12:00 midnight", "3 Dec 2026, 00:00"),
        (_utc(2026, 12, 3, 17, 5), "Thursday 3 December 2026, 17:05", "3 Dec 2026, 17:05"),
        (_utc(2026, 7, 1, 11, 0), "Wednesday 1 July 2026, 12:00 noon", "1 Jul 2026, 12:00"),
        (_utc(2026, 7, 1, 23, 30), "Thursday 2 July 2026, 00:30", "2 Jul 2026, 00:30"),
        (_utc(2026, 6, 30, 23, 0), "Wednesday 1 July 2026, 12:00 midnight", "1 Jul 2026, 00:00"),
        # The night the clocks go forward: 01:00 is followed by 02:00.
        (_utc(2027, 3, 28, 0, 59), "Sunday 28 March 2027, 00:59", "28 Mar 2027, 00:59"),
        (_utc(2027, 3, 28, 1, 0), "Sunday 28 March 2027, 02:00", "28 Mar 2027, 02:00"),
        # The night they go back: 01:30 comes twice.
        (_utc(2026, 10, 25, 0, 30), "Sunday 25 October 2026, 01:30 BST", "25 Oct 2026, 01:30 BST"),
        (_utc(2026, 10, 25, 1, 30), "Sunday 25 October 2026, 01:30 GMT", "25 Oct 2026, 01:30 GMT"),
        (_utc(2026, 10, 25, 2, 0), "Sunday 25 October 2026, 02:00", "25 Oct 2026, 02:00"),
        (_utc(2028, 2, 29, 9, 0), "Tuesday 29 February 2028, 09:00", "29 Feb 2028, 09:00"),
    ],
)
def test_a_moment_is_shown_in_london_time(moment: datetime, long: str, brief: str) -> None:
    assert when(moment) == long
    assert short(moment) == brief


def test_a_day_is_shown_in_full() -> None:
    assert day(date(2026, 12, 3)) == "3 December 2026"
    assert day(date(2028, 2, 29)) == "29 February 2028"


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(days=12, hours=23), "12 days"),
        (timedelta(days=1095), "2 years 11 months"),
        (timedelta(days=400), "1 year 1 month"),
        (timedelta(days=365), "1 year"),
        (timedelta(days=364), "364 days"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=2) - timedelta(microseconds=1), "1 day"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=1) - timedelta(seconds=1), "23 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(microseconds=1), "less than a minute"),
        (timedelta(0), "closed"),
        (timedelta(days=-3), "closed"),
    ],
)
def test_what_is_left_is_never_said_to_be_more_than_it_is(ahead: timedelta, words: str) -> None:
    assert left(NOW + ahead, NOW) == words


def test_what_is_left_over_a_night_of_25_hours_counts_the_hour_that_comes_twice() -> None:
    assert left(_utc(2026, 10, 25, 12, 0), _utc(2026, 10, 24, 11, 0)) == "1 day"
    assert left(_utc(2026, 10, 25, 1, 30), _utc(2026, 10, 25, 0, 30)) == "1 hour"


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 briefs"), (1, "1 brief"), (2, "2 briefs"), (1_250, "1,250 briefs")]
)
def test_one_brief_and_several(count: int, words: str) -> None:
    assert plural(count, "brief") == words


def test_a_plural_that_is_not_the_word_and_an_s() -> None:
    assert plural(1, "agency", "agencies") == "1 agency"
    assert plural(2, "agency", "agencies") == "2 agencies"


# --- Pages and parts of pages


def _ask(site: TestClient, **headers: str) -> Response:
    return site.get("/try/page", headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_page_is_whole(site: TestClient) -> None:
    soup = BeautifulSoup(_ask(site).text, "html.parser")
    assert [h.get_text(strip=True) for h in soup.find_all("h1")] == ["A heading"]
    assert soup.title and soup.title.get_text() == "A heading – Adoption support portal"
    assert soup.html and soup.html["lang"] == "en-GB"


@pytest.mark.parametrize("target", ["main", "#main", "div#main"])
def test_htmx_gets_the_block_it_aims_at(site: TestClient, target: str) -> None:
    answer = _ask(site, HX_Request="true", HX_Target=target)
    assert "<html" not in answer.text and "<title" not in answer.text
    assert "A heading" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"HX_Request": "true"},
        {"HX_Request": "true", "HX_Target": "nothing-of-this-page"},
        {"HX_Request": "true", "HX_Target": ""},
        {"HX_Target": "main"},
    ],
)
def test_anything_else_gets_the_whole_page(site: TestClient, headers: dict[str, str]) -> None:
    assert _ask(site, **headers).text.startswith("<!doctype html>")


def test_a_hyphen_in_a_target_is_an_underscore_in_a_block(site: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    template = environment().from_string("<p>all</p>{% block submit_panel %}<b>{{ heading }}</b>{% endblock %}")
    monkeypatch.setattr(pages.environment(), "get_template", lambda name: template)
    assert _ask(site, HX_Request="true", HX_Target="submit-panel").text == "<b>A heading</b>"


def test_a_page_is_not_kept_and_its_parts_are_not_mistaken_for_it(site: TestClient) -> None:
    answer = _ask(site)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "HX-Request, HX-Target"


def test_after_a_change_one_is_sent_on_to_see_it() -> None:
    answer = see("/bids/1/receipt")
    assert (answer.status_code, answer.headers["location"]) == (303, "/bids/1/receipt")


def test_a_page_without_a_name_it_needs_is_a_bug_and_not_a_blank() -> None:
    with pytest.raises(UndefinedError, match="heading"):
        environment().get_template("errors/error.html").render(actor=None, words="", fix=None)


def test_what_people_type_is_shown_and_never_obeyed() -> None:
    shown = environment().from_string("<p>{{ typed }}</p>").render(typed="<script>alert(1)</script>")
    assert shown == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


@pytest.mark.parametrize("macro", ["text", "area", "password"])
def test_a_field_shows_what_was_typed_escaped_and_its_error(macro: str) -> None:
    from app.web.forms import Posted

    form = Posted(None, {"name": '"><script>'}, {"name": "Enter <b>your</b> name"})
    html = environment().from_string(f"{{{{ fields.{macro}(form, 'name', 'Your name') }}}}").render(form=form)
    assert "<script>" not in html and "<b>" not in html
    error = BeautifulSoup(html, "html.parser").select_one(".govuk-error-message")
    assert error and "Enter <b>your</b> name" in error.get_text()


def test_the_filters_are_at_hand_in_every_template() -> None:
    source = (
        "{{ m|when }} / {{ m|short }} / {{ d|day }} / {{ 125000|pounds }} / {{ left(m, m) }} / {{ plural(2, 'bid') }}"
    )
    shown = environment().from_string(source).render(m=NOW, d=NOW.date())
    assert shown == (
        "Monday 23 November 2026, 12:00 noon / 23 Nov 2026, 12:00 / 23 November 2026 / £1,250.00 / closed / 2 bids"
    )


# --- Mail


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mail" / "test").mkdir(parents=True)
    monkeypatch.setattr(pages, "TEMPLATES", tmp_path)
    pages._mail.cache_clear()
    yield tmp_path / "mail" / "test"
    pages._mail.cache_clear()


def test_a_mail_is_its_subject_and_its_body(letters: Path) -> None:
    (letters / "one.txt").write_text("Your bid for {{ title }}\n\nDear {{ name }},\nit was received.\n")
    assert plain("test/one.txt", {"title": "Tea & cake", "name": "Ann"}) == (
        "Your bid for Tea & cake",
        "Dear Ann,\nit was received.\n",
    )
    with pytest.raises(UndefinedError, match="title"):
        plain("test/one.txt", {"name": "Ann"})


def test_the_house_has_its_templates() -> None:
    assert (TEMPLATES / "base.html").exists()
