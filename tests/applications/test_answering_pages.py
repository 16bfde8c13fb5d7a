"""The pages of questions and prices: what they ask, what they say is wrong, and that nothing typed is lost."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from httpx2 import Response
from starlette.testclient import TestClient

from app.applications.commands import answer_section, choose_lots, start_application
from app.core.actor import NOBODY
from app.core.database import Database
from app.frameworks.models import Lot, LotRate
from app.frameworks.rules import Mechanism
from tests import NOON
from tests.applications.applying import CLOSES
from tests.applications.asking import HOUR, QUESTIONS
from tests.conftest import ClientFor, Clock
from tests.databases import statements
from tests.factories import World, framework, questions

SERVICE = {"q1": "With a first talk", "q2": "12", "q3": "I agree"}
MOST_STATEMENTS = 13  # of a record: 15, less the two that every request asks


def _soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def _errors(soup: BeautifulSoup) -> dict[str, str]:
    return {link["href"]: link.get_text() for link in soup.select(".govuk-error-summary a")}


def _tasks(client: TestClient, path: str) -> dict[str, tuple[str, str]]:
    items = _soup(client.get(path).text).select(".govuk-task-list__item")
    parts = ("a, .govuk-task-list__name-and-hint div", "[id$=hint]", "[id$=status]")
    told = [[" ".join(item.select_one(part).get_text().split()) for part in parts] for item in items]
    return {name: (hint, status) for name, hint, status in told}


def _save(client: TestClient, path: str, data: dict[str, str]) -> Response:
    """Post a section as its page would, with what it was drawn from."""
    seen = _soup(client.get(path).text).select_one("input[name=seen]")["value"]
    return client.post(path, data={**data, "seen": seen})


@pytest.mark.row("2.6")
def test_an_application_is_answered_priced_and_submitted_on_its_pages(
    client_for: ClientFor, made: World, drafted: UUID
) -> None:
    client, path = client_for(made.owner_a), f"/applications/{drafted}"
    tasks = _tasks(client, path)
    assert tasks["Service"] == ("0 of 3 answered, about 4 minutes", "Not yet started")
    assert tasks["Your prices"] == ("0 of 2 prices given, about 2 minutes", "Not yet started")
    check = _soup(client.get(f"{path}/check").text)
    assert [item.a["href"] for item in check.select("main li") if item.a and "#" in item.a["href"]] == [
        f"{path}/questions/1#q1",
        f"{path}/questions/1#q2",
        f"{path}/questions/1#q3",
        f"{path}/questions/2#q5",
        f"{path}/prices#r1_session",
        f"{path}/prices#r1_hour",
    ]
    assert not check.select(f'form[action="{path}/submit"]')
    refused = client.post(f"{path}/submit", data={"declaration": "true"})
    assert refused.status_code == 409
    assert "“How do you begin?” is not answered." in _soup(refused.text).select_one(".portal-refusal").get_text()

    page = _soup(client.get(f"{path}/questions/1").text)
    assert "Test county" in page.select_one(".govuk-summary-list").get_text(), "what is known is shown and not asked"
    assert not page.select("[name=q4]")
    assert _save(client, f"{path}/questions/1", SERVICE).status_code == 303
    assert _save(client, f"{path}/questions/2", {"q5": "Yes", "q6": ""}).status_code == 303
    assert client.post(f"{path}/prices", data={"r1_session": "£120", "r1_hour": "75.00"}).status_code == 303
    assert _tasks(client, path)["Service"] == ("3 of 3 answered", "Completed")
    assert client.post(f"{path}/submit", data={"declaration": "true"}).status_code == 303
    shared = _soup(client.get(path).text).select_one("details").get_text(" ", strip=True)
    for words in ("How do you begin? With a first talk", "Test county From the profile", "hour £75.00 £80.00"):
        assert words in shared


@pytest.mark.parametrize(
    ("page", "data", "errors", "kept"),
    [
        (
            "questions/1",
            {"q1": "One two three four five six", "q2": "a dozen", "q3": "Never"},
            {
                "#q1": "“How do you begin?”: your answer has 6 words. Shorten it to 5.",
                "#q2": "“How many families could you see?”: enter a whole number, like 12.",
                "#q3": "“We keep to the procedures.”: select one of the answers.",
            },
            {"q1": "One two three four five six"},
        ),
        (
            "prices",
            {"r1_session": "a lot", "r1_hour": "12"},
            {"#r1_session": "Enter an amount in pounds, like 62.50"},
            {},
        ),
        (
            "prices",
            {"r1_session": "120", "r1_hour": "80.01"},
            {"#r1_hour": "Lot 1: Therapeutic intervention: £80.01 for each hour is above the most it may be, £80.00."},
            {},
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    client_for: ClientFor,
    made: World,
    drafted: UUID,
    page: str,
    data: dict[str, str],
    errors: dict[str, str],
    kept: dict[str, str],
) -> None:
    client, path = client_for(made.owner_a), f"/applications/{drafted}/{page}"
    answer = _save(client, path, data) if page == "questions/1" else client.post(path, data=data)
    assert answer.status_code == 422
    soup = _soup(answer.text)
    assert _errors(soup) == errors
    boxes = soup.select("main input[type=text], main textarea")
    assert {box["name"]: box.get("value") or box.get_text() for box in boxes} == {
        name: typed for name, typed in data.items() if name != "q3"
    }
    again = _soup(client.get(path).text).select("main input[type=text], main textarea")
    stored = {box["name"]: box.get("value") or box.get_text() for box in again}
    assert {name: typed for name, typed in stored.items() if typed} == kept


def test_what_a_colleague_has_written_since_is_not_written_over_unseen(
    client_for: ClientFor, made: World, drafted: UUID
) -> None:
    client, path = client_for(made.owner_a), f"/applications/{drafted}/questions/1"
    seen = _soup(client.get(path).text).select_one("input[name=seen]")["value"]
    assert client.post(path, data={**SERVICE, "seen": seen}).status_code == 303
    assert client.post(path, data={**SERVICE, "seen": seen}).status_code == 303, "a second click is quiet"
    for stale in ({"seen": seen}, {}):
        late = client.post(path, data={**SERVICE, "q1": "Otherwise", **stale})
        assert late.status_code == 409
        soup = _soup(late.text)
        assert "changed these answers meanwhile" in soup.select_one(".portal-refusal").get_text()
        assert soup.select_one("textarea").get_text() == "Otherwise"
    anew = soup.select_one("input[name=seen]")["value"]
    assert client.post(path, data={**SERVICE, "q1": "Otherwise", "seen": anew}).status_code == 303
    assert _soup(client.get(path).text).select_one("textarea").get_text() == "Otherwise"


def test_a_price_that_is_the_same_everywhere_is_typed_once(
    client_for: ClientFor, db: Database, made: World, drafted: UUID
) -> None:
    with db.write() as session:
        session.get_one(Lot, made.lots[1]).mechanism = Mechanism.RATE_CARD
        session.add(LotRate(lot_id=made.lots[1], unit=HOUR, pence=7_000, position=1))
    client, path = client_for(made.owner_a), f"/applications/{drafted}/prices"
    too_much = client.post(path, data={"all_hour": "75", "all_session": "100", "r2_session": "90"})
    assert _errors(_soup(too_much.text)) == {
        "#all_hour": "Lot 2: Mediation: £75.00 for each hour is above the most it may be, £70.00."
    }
    assert client.post(path, data={"all_hour": "65", "all_session": "100", "r2_session": "90"}).status_code == 303
    boxes = _soup(client.get(path).text).select("main input[name^=r]")
    assert {box["name"]: box["value"] for box in boxes} == {
        "r1_session": "100.00",
        "r1_hour": "65.00",
        "r2_session": "90.00",
        "r2_hour": "65.00",
    }


@pytest.mark.row("2.3")
def test_carried_answers_say_where_they_are_from_and_are_confirmed_in_one_tap(
    client_for: ClientFor, db: Database, made: World, drafted: UUID, clock: Clock
) -> None:
    with db.write() as session:
        typed = {1: "With a first talk", 2: "12", 3: "I agree"}
        answer_section(session, made.owner_a, drafted, 1, typed, confirm=False)
        answer_section(session, made.owner_a, drafted, 2, {5: "Yes"}, confirm=False)
        _, lots, regions, round_id = framework(session, made.lead_id, (made.raa_id,))
        questions(session, made, round_id, *QUESTIONS)
    clock.set(NOON + timedelta(days=1))
    with db.write() as session:
        second = start_application(session, made.owner_a, round_id, made.provider_a)
        choose_lots(session, made.owner_a, second, [(lots[1], regions[0])])
    client, path = client_for(made.owner_a), f"/applications/{second}"
    assert _tasks(client, path)["Service"] == (
        "1 of 3 answered, 1 carried over and to confirm, about 2 minutes",
        "Incomplete",
    )
    page = _soup(client.get(f"{path}/questions/1").text)
    assert [" ".join(p.get_text().split()) for p in page.select(".portal-question > p")] == [
        "To confirm From your application to Test framework, written on 23 Nov 2026, 12:00.",
        "Carried over From your application to Test framework, written on 23 Nov 2026, 12:00.",
    ]
    assert [tag.get_text() for tag in page.select("button[name=confirm]")] == ["Save and confirm what is carried over"]
    beside = [old.get_text() for old in page.select(".portal-question details .govuk-details__text")]
    assert beside == ["With a first talk", "12"], "the old words stay in sight of what is typed over them"
    confirmed = {"q1": "With a first talk", "q2": "12", "q3": "I agree", "confirm": "all"}
    assert _save(client, f"{path}/questions/1", confirmed).status_code == 303
    assert _tasks(client, path)["Service"] == ("3 of 3 answered", "Completed")
    assert not _soup(client.get(f"{path}/questions/1").text).select("button[name=confirm]")


def test_only_its_own_provider_sees_the_pages(client_for: ClientFor, made: World, drafted: UUID) -> None:
    for page in ("questions/1", "prices"):
        path = f"/applications/{drafted}/{page}"
        assert client_for(NOBODY).get(path).status_code == 303
        for outsider in (made.owner_b, made.commissioner, made.lead):
            assert client_for(outsider).get(path).status_code == 404
            assert client_for(outsider).post(path, data={}).status_code == 404
    assert client_for(made.owner_a).get(f"/applications/{drafted}/questions/9").status_code == 404


@pytest.mark.row("2.18")
def test_after_the_close_what_was_typed_shows_again_and_the_answers_can_be_read(
    client_for: ClientFor, made: World, drafted: UUID, clock: Clock
) -> None:
    client, path = client_for(made.owner_a), f"/applications/{drafted}"
    _save(client, f"{path}/questions/1", SERVICE)
    client.post(f"{path}/prices", data={"r1_hour": "75"})
    clock.set(CLOSES + timedelta(milliseconds=1))
    for page, data in (("questions/1", {**SERVICE, "q1": "Too late"}), ("prices", {"r1_hour": "74"})):
        late = client.post(f"{path}/{page}", data=data)
        assert late.status_code == 409
        soup = _soup(late.text)
        assert "round closed before" in soup.select_one(".portal-refusal").get_text()
        assert {"Too late", "74"} & {box.get("value") or box.get_text() for box in soup.select("input, textarea")}
    for page, words in (("questions/1", "With a first talk"), ("prices", "£75.00")):
        soup = _soup(client.get(f"{path}/{page}").text)
        assert words in soup.select_one("main").get_text()
        assert not soup.select("main textarea, main input")


@pytest.mark.bar("P6")
def test_the_pages_of_a_draft_ask_the_database_little(
    client_for: ClientFor, db: Database, made: World, drafted: UUID
) -> None:
    client, path = client_for(made.owner_a), f"/applications/{drafted}"
    counts = {}
    for page in ("", "/lots", "/statement", "/questions/1", "/prices", "/check"):
        with statements(db) as sent:
            assert client.get(f"{path}{page}").status_code == 200
        counts[page] = len(sent)
    assert {page: count for page, count in counts.items() if count > MOST_STATEMENTS} == {}
