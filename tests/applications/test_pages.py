"""The pages of applications, as each kind of person sees them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup

from app.applications import queries
from app.applications.commands import propose_refusal, submit_application
from app.applications.rules import RefusalReason
from app.core.actor import NOBODY
from app.core.database import Database
from app.organisations.rules import Role
from tests.applications.applying import CLOSES, WHY, draft, everything
from tests.conftest import ClientFor, Clock
from tests.databases import statements
from tests.factories import World, active, provider, seated, world


@pytest.fixture
def part(db: Database, submitted: UUID) -> UUID:
    with db.read() as session:
        return queries.parts_of(session, submitted)[0].id


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def _rows(soup: BeautifulSoup) -> list[list[str]]:
    return [[td.get_text(" ", strip=True) for td in tr.find_all("td")] for tr in soup.select("tbody tr")]


def test_a_provider_applies_from_start_to_receipt(client_for: ClientFor, made: World) -> None:
    client = client_for(made.owner_a)
    started = [
        client.post(f"/rounds/{made.round_id}/applications", data={"provider_id": str(made.provider_a)})
        for _ in range(2)
    ]
    path = started[0].headers["location"]
    assert [answer.status_code for answer in started] == [303, 303]
    assert started[1].headers["location"] == path
    tasks = _soup(client.get(path).text).select(".govuk-task-list__status")
    assert [task.get_text(strip=True) for task in tasks] == ["Not yet started"] * 2 + ["Cannot start yet"] * 2
    wanted = [f"{lot}:{region}" for lot, region in everything(made)[:3]]
    assert client.post(f"{path}/lots", data={"parts": wanted}).status_code == 303
    ticked = _soup(client.get(f"{path}/lots").text).select("input[name=parts][checked]")
    assert {box["value"] for box in ticked} == set(wanted)
    assert client.post(f"{path}/statement", data={"statement": "We help families."}).status_code == 303
    tasks = _soup(client.get(path).text).select(".govuk-task-list__status")
    assert [t.get_text(strip=True) for t in tasks] == ["Completed", "Completed", "Incomplete", "Not yet started"]
    check = _soup(client.get(f"{path}/check").text)
    assert "We help families." in check.get_text()
    assert [row[2] for row in _rows(check)] == ["Missing"]
    for _ in range(2):
        assert client.post(f"{path}/submit", data={"declaration": "true"}).headers["location"] == path
    receipt = _soup(client.get(path).text)
    assert [row[1] for row in _rows(receipt)] == ["Being decided"] * 3
    assert len(receipt.select_one(".portal-digest").get_text()) == 64
    assert len(receipt.find_all("h1")) == 1


def test_each_box_of_the_grid_is_named_for_its_lot_and_region(
    client_for: ClientFor, made: World, written: UUID
) -> None:
    soup = _soup(client_for(made.owner_a).get(f"/applications/{written}/lots").text)
    labels = [soup.find("label", attrs={"for": box["id"]}).get_text() for box in soup.select("input[name=parts]")]
    assert labels == [
        "Lot 1: Therapeutic intervention, North",
        "Lot 1: Therapeutic intervention, South",
        "Lot 2: Mediation, North",
        "Lot 2: Mediation, South",
    ]


def test_what_was_typed_wrongly_is_said_beside_the_field(client_for: ClientFor, made: World, written: UUID) -> None:
    client, path = client_for(made.owner_a), f"/applications/{written}"
    for action, data, words in (
        ("lots", {}, "Select at least one lot in one region"),
        ("lots", {"parts": "rubbish"}, "Select at least one lot in one region"),
        ("statement", {"statement": " "}, "Enter your statement"),
        ("statement", {"statement": "x" * 4001}, "Your statement must be 4000 characters or fewer"),
        ("submit", {}, "Tick the box to say that what you send is true"),
    ):
        answer = client.post(f"{path}/{action}", data=data)
        assert answer.status_code == 422
        assert [a.get_text() for a in _soup(answer.text).select(".govuk-error-summary a")] == [words]


def test_a_foreign_lot_is_not_found(client_for: ClientFor, made: World, written: UUID) -> None:
    data = {"parts": f"{uuid4()}:{made.regions[0]}"}
    assert client_for(made.owner_a).post(f"/applications/{written}/lots", data=data).status_code == 404


def test_after_the_close_every_form_is_refused_in_words_and_the_answers_stay(
    client_for: ClientFor, made: World, written: UUID, clock: Clock
) -> None:
    clock.set(CLOSES + timedelta(milliseconds=1))
    client, path = client_for(made.owner_a), f"/applications/{written}"
    for action, data in (
        ("lots", {"parts": [f"{lot}:{region}" for lot, region in everything(made)]}),
        ("statement", {"statement": "Late"}),
        ("submit", {"declaration": "true"}),
    ):
        answer = client.post(f"{path}/{action}", data=data)
        assert answer.status_code == 409
        assert "round closed before" in _soup(answer.text).select_one(".portal-refusal").get_text()
    assert "Lot 2: Mediation, South" in _soup(client.get(path).text).get_text()


def test_a_start_after_the_close_is_refused_in_words(client_for: ClientFor, made: World, clock: Clock) -> None:
    clock.set(CLOSES)
    answer = client_for(made.owner_a).post(
        f"/rounds/{made.round_id}/applications", data={"provider_id": str(made.provider_a)}
    )
    assert answer.status_code == 409
    assert "This round has closed." in _soup(answer.text).get_text()


def test_only_its_own_provider_sees_an_application(client_for: ClientFor, made: World, written: UUID) -> None:
    for path in (f"/applications/{written}", f"/applications/{written}/lots", f"/applications/{written}/check"):
        assert client_for(NOBODY).get(path).status_code == 303
        for outsider in (made.owner_b, made.commissioner, made.lead):
            assert client_for(outsider).get(path).status_code == 404
    started = client_for(made.owner_b).post(
        f"/rounds/{made.round_id}/applications", data={"provider_id": str(made.provider_a)}
    )
    assert started.status_code == 404
    assert client_for(made.owner_b).post(f"/rounds/{made.round_id}/applications", data={}).status_code == 404


def test_a_reader_reads_and_does_not_write(client_for: ClientFor, db: Database, made: World, written: UUID) -> None:
    with db.write() as session:
        reader = seated(session, made.provider_a, Role.READ_ONLY)
    client, path = client_for(reader), f"/applications/{written}"
    assert client.get(path).status_code == 200
    assert client.post(f"{path}/statement", data={"statement": "Mine"}).status_code == 403


def test_a_bid_writer_is_told_that_an_owner_submits(
    client_for: ClientFor, db: Database, made: World, written: UUID
) -> None:
    with db.write() as session:
        writer = seated(session, made.provider_a, Role.BIDS)
    client, path = client_for(writer), f"/applications/{written}"
    assert "Only an owner" in _soup(client.get(f"{path}/check").text).select_one(".portal-refusal").get_text()
    assert client.post(f"{path}/submit", data={"declaration": "true"}).status_code == 409


@pytest.mark.row("2.13")
def test_an_owner_withdraws_and_the_page_says_so(client_for: ClientFor, made: World, submitted: UUID) -> None:
    client, path = client_for(made.owner_a), f"/applications/{submitted}"
    assert client.post(f"{path}/withdraw").status_code == 303
    assert [row[1] for row in _rows(_soup(client.get(path).text))] == ["Withdrawn"] * 4


def test_the_list_says_where_each_application_stands(client_for: ClientFor, made: World, submitted: UUID) -> None:
    rows = _rows(_soup(client_for(made.owner_a).get("/applications").text))
    assert rows == [
        [
            "Test framework Round 1",
            "Alder Therapy",
            "Submitted",
            "Submitted 23 Nov 2026, 12:00",
            "0 of 4",
        ]
    ]
    assert _soup(client_for(made.owner_b).get("/applications").text).select_one('.portal-empty a[href="/frameworks"]')


def test_the_queue_is_for_the_framework_s_leads(client_for: ClientFor, made: World, submitted: UUID) -> None:
    rows = _rows(_soup(client_for(made.lead).get("/decisions").text))
    assert [row[0] for row in rows] == ["Alder Therapy"]
    for outsider in (made.owner_a, made.commissioner, made.checker):
        assert client_for(outsider).get("/decisions").status_code == 404
        assert client_for(outsider).get(f"/decisions/{submitted}").status_code == 404
    assert client_for(NOBODY).get("/decisions").status_code == 303


def test_a_lead_of_another_framework_finds_nothing(
    client_for: ClientFor, db: Database, submitted: UUID, part: UUID
) -> None:
    with db.write() as session:
        other = world(session, members=False).lead
    client = client_for(other)
    assert "Nothing waits" in _soup(client.get("/decisions").text).get_text()
    assert client.get(f"/decisions/{submitted}").status_code == 404
    assert client.post(f"/decisions/{submitted}/parts/{part}/accept").status_code == 404


def test_a_draft_is_not_the_lead_s_to_see(client_for: ClientFor, made: World, written: UUID) -> None:
    assert client_for(made.lead).get(f"/decisions/{written}").status_code == 404
    assert _rows(_soup(client_for(made.lead).get("/decisions").text)) == []


@pytest.mark.row("2.1")
def test_a_lead_accepts_one_part_and_the_provider_sees_it_at_once(
    client_for: ClientFor, made: World, submitted: UUID, part: UUID
) -> None:
    for _ in range(2):
        answer = client_for(made.lead).post(f"/decisions/{submitted}/parts/{part}/accept")
        assert answer.headers["location"] == f"/decisions/{submitted}"
    rows = _rows(_soup(client_for(made.lead).get(f"/decisions/{submitted}").text))
    assert [row[2].split()[0] for row in rows[:4]].count("Accepted") == 1
    receipt = _soup(client_for(made.owner_a).get(f"/applications/{submitted}").text)
    assert [row[1] for row in _rows(receipt)].count("Accepted") == 1
    assert client_for(made.owner_a).get(receipt.select_one("tbody a")["href"]).status_code == 200


def test_a_refusal_goes_from_one_lead_to_the_other_and_then_to_the_provider(
    client_for: ClientFor, made: World, submitted: UUID, part: UUID
) -> None:
    here = f"/decisions/{submitted}/parts/{part}"
    missed = client_for(made.lead).post(f"{here}/refuse", data={"reason": "Too short"})
    assert missed.status_code == 422
    assert len(_soup(missed.text).select(".govuk-error-summary a")) == 2
    proposed = client_for(made.lead).post(f"{here}/refuse", data={"reason_code": "experience", "reason": WHY})
    assert proposed.status_code == 303
    assert "Being decided" in _soup(client_for(made.owner_a).get(f"/applications/{submitted}").text).get_text()
    assert WHY not in client_for(made.owner_a).get(f"/applications/{submitted}").text
    own = client_for(made.lead).post(f"{here}/confirm")
    assert own.status_code == 409
    assert "somebody else has to confirm" in _soup(own.text).select_one(".portal-refusal").get_text()
    assert WHY in _soup(client_for(made.lead_two).get(here).text).get_text()
    for _ in range(2):
        assert client_for(made.lead_two).post(f"{here}/confirm").status_code == 303
    assert WHY in _soup(client_for(made.owner_a).get(f"/applications/{submitted}").text).get_text()


def test_a_decision_that_comes_too_late_is_refused_in_words(
    client_for: ClientFor, made: World, submitted: UUID, part: UUID
) -> None:
    here = f"/decisions/{submitted}/parts/{part}"
    assert client_for(made.lead).post(f"{here}/accept").status_code == 303
    late = client_for(made.lead_two).post(f"{here}/refuse", data={"reason_code": "other", "reason": WHY})
    assert late.status_code == 409
    assert "accepted already" in _soup(late.text).select_one(".portal-refusal").get_text()
    assert client_for(made.lead).get(f"/decisions/{submitted}/parts/{uuid4()}").status_code == 404


def test_lists_ask_as_many_questions_for_thirty_rows_as_for_one(
    client_for: ClientFor, made: World, submitted: UUID, db: Database
) -> None:
    with statements(db) as few:
        client_for(made.lead).get("/decisions")
    with db.write() as session:
        for number in range(29):
            one = active(session, provider(session, f"Provider {number}"))
            owner = seated(session, one, Role.OWNER)
            submit_application(session, owner, draft(session, made, owner, one))
    with statements(db) as many:
        soup = _soup(client_for(made.lead).get("/decisions").text)
    assert len(_rows(soup)) == 30
    assert len(many) == len(few)


def test_a_proposal_shows_in_the_queue(
    client_for: ClientFor, db: Database, made: World, submitted: UUID, part: UUID
) -> None:
    with db.write() as session:
        propose_refusal(session, made.lead, submitted, part, RefusalReason.OTHER, WHY)
    assert _rows(_soup(client_for(made.lead_two).get("/decisions").text))[0][4] == "1 to confirm"
