"""The pages of scoring, as the assessor and the lead see them, from naming to the decision."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from httpx import Response

from app.applications import queries
from app.applications.commands import propose_refusal, withdraw_application
from app.applications.rules import RefusalReason
from app.applications.scoring import commands as scoring
from app.applications.scoring import routes
from app.applications.scoring.queries.assessing import declaration
from app.core.database import Database
from app.web.assessing import nature_of, points_for, reason_for
from app.web.forms import Form
from app.web.pages import environment
from tests import NOON
from tests.applications.applying import CLOSES, everything
from tests.applications.scoring import CODE, REASON, SCORED, admits, agreed, applied, marked, named, newcomer, rolls
from tests.conftest import ClientFor, Clock
from tests.factories import World, questions, verified_evidence


def soup(answer: Response, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def words(page: BeautifulSoup, which: str) -> list[str]:
    return [" ".join(one.get_text(" ", strip=True).split()) for one in page.select(which)]


@pytest.fixture
def asked(db: Database, made: World) -> list[UUID]:
    with db.write() as session:
        return questions(session, made, made.round_id, *SCORED, CODE)


@pytest.fixture
def one(db: Database, made: World, asked: list[UUID]) -> UUID:
    """A's application to everything, all of whose evidence is verified, and which keeps to the code."""
    with db.write() as session:
        verified_evidence(session, made.provider_a, made.checker)
        return applied(session, made, made.owner_a, made.provider_a, everything(made), {asked[2]: "Yes"})


@pytest.mark.row("2.9")
def test_from_naming_an_assessor_to_accepting_all_that_pass(
    db: Database, made: World, asked: list[UUID], one: UUID, client_for: ClientFor, clock: Clock
) -> None:
    lead, round_page = client_for(made.lead), f"/rounds/{made.round_id}/scoring"
    assert round_page in lead.get(f"/frameworks/{made.framework_id}").text
    assert soup(lead.post(f"/rounds/{made.round_id}/assessors", data={}), 422).select(".govuk-error-summary")
    for who in (made.assessor, made.assessor_two):
        named_ = lead.post(f"/rounds/{made.round_id}/assessors", data={"person_id": str(who.known)})
        assert named_.headers["location"] == round_page
    assessor = client_for(made.assessor)
    assert "Declare your interests" in words(soup(assessor.get("/")), "main a")
    declaring = f"/scoring/{made.round_id}/declaration"
    assert declaring in assessor.get("/assessments").text
    both = {"listed": str(made.provider_a), "interest": str(made.provider_a), "none": "true"}
    assert soup(assessor.post(declaring, data=both), 422).select(".govuk-error-message")
    for who in (made.assessor, made.assessor_two):
        assert client_for(who).post(declaring, data={"listed": str(made.provider_a), "none": "true"}).status_code == 303
    sheet = f"/scoring/{made.round_id}/{one}"
    early = soup(assessor.get(sheet))
    assert "until all" not in early.get_text() and "We work with the whole family" not in early.get_text()
    clock.set(CLOSES)
    page = soup(assessor.get(sheet))
    assert "We work with the whole family." in page.get_text() and "Do you keep to the code?" not in page.get_text()
    typed = {points_for(question): "4" for question in asked[:2]} | {reason_for(q): REASON for q in asked[:2]}
    wrong = soup(assessor.post(sheet, data=typed | {reason_for(asked[0]): "Good"}), 422)
    assert words(wrong, ".govuk-error-summary li") == ["Your reason for question 1 must be 20 characters or more"]
    assert soup(assessor.post(f"{sheet}/submit"), 409).select(".portal-refusal")
    assert assessor.post(sheet, data=typed).headers["location"] == sheet
    assert assessor.post(f"{sheet}/submit").status_code == 303
    assert soup(assessor.post(sheet, data=typed), 409).select(".portal-refusal")
    compared = f"{round_page}/{one}"
    assert REASON not in lead.get(compared).text and REASON not in client_for(made.assessor_two).get(sheet).text
    with db.write() as session:
        marked(session, made, made.assessor_two, one, dict(zip(asked, (2, 4), strict=False)))
    assert made.assessor_two.name in soup(assessor.get(sheet)).get_text()
    page = soup(lead.get(compared))
    chosen = [option["value"] for option in page.select("select option[selected]")]
    assert chosen == ["4"], "what all agree on is filled in, and what they differ in is not"
    marks = {points_for(asked[0]): "3", points_for(asked[1]): "4"}
    wrong = soup(lead.post(compared, data=marks), 422)
    assert [item["href"] for item in wrong.select(".govuk-error-summary a")] == [f"#note_{asked[0].hex}"]
    noted = marks | {f"note_{asked[0].hex}": "Strong on method, silent on people."}
    assert lead.post(compared, data=noted).headers["location"] == round_page
    assert "68.00% Meets" in " ".join(words(soup(lead.get(round_page)), "td"))
    decision = soup(lead.get(f"/decisions/{one}"))
    assert words(decision, "td .govuk-tag").count("Passes by itself") == 4
    passing = f"/decisions/{one}/passing"
    assert passing in [link["href"] for link in decision.select("a")]
    assert words(soup(lead.get(passing)), "main form button") == ["Accept these 4"]
    assert lead.post(passing).headers["location"] == f"/decisions/{one}"
    assert "Nothing of this application passes" in soup(lead.get(passing)).get_text()
    assert soup(lead.post(compared, data=noted), 409).select(".portal-refusal")
    told = (
        client_for(made.owner_a).get(f"/applications/{one}").text
        + client_for(made.owner_a).get(f"/providers/{made.provider_a}/history").text
    )
    assert "accepted" in told and "marks" not in told and made.assessor.name not in told


def test_a_sheet_refused_is_drawn_as_it_stands_after_the_refusal(
    db: Database,
    made: World,
    asked: list[UUID],
    one: UUID,
    client_for: ClientFor,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with db.write() as session:
        named(session, made, made.assessor)
    clock.set(CLOSES)
    read, sent = routes.scoring_form, {points_for(question): "3" for question in asked[:2]}

    def submitted_meanwhile(questions: list[tuple[UUID, str]], base: type[Form]) -> type[Form]:
        """In another window, once this one has read what is asked."""
        with db.write() as session:
            marked(session, made, made.assessor, one, dict.fromkeys(asked[:2], 4))
        return read(questions, base)

    monkeypatch.setattr(routes, "scoring_form", submitted_meanwhile)
    sent |= {reason_for(question): REASON for question in asked[:2]}
    page = soup(client_for(made.assessor).post(f"/scoring/{made.round_id}/{one}", data=sent), 409)
    assert "You submitted your marks" in page.get_text() and not page.select("main form")


@pytest.mark.row("2.9")
def test_the_ranking_names_the_tie_and_draws_the_line(
    db: Database, made: World, asked: list[UUID], one: UUID, client_for: ClientFor, clock: Clock
) -> None:
    with db.write() as session:
        admits(session, made.lots[0], most=2)
        part = [(made.lots[0], made.regions[0])]
        birch = applied(session, made, made.owner_b, made.provider_b, part)
        owner, provider_id = newcomer(session, "Cedar Therapy")
        cedar = applied(session, made, owner, provider_id, part)
        named(session, made, made.assessor, made.assessor_two)
    clock.set(CLOSES)
    lead, path = client_for(made.lead), f"/rounds/{made.round_id}/ranking/{made.lots[0]}/{made.regions[0]}"
    with db.write() as session:
        for application_id, points in ((one, 4), (birch, 5)):
            agreed(session, made, application_id, dict.fromkeys(asked[:2], points))
    page = soup(lead.get(path))
    assert "One application is not scored yet" in page.get_text() and "The line" not in page.get_text()
    with db.write() as session:
        agreed(session, made, cedar, dict.fromkeys(asked[:2], 4))
    page = soup(lead.get(path))
    rows = words(page, "tbody tr")
    assert rows[0] == "1 Birch Therapy 100.00% Meets Within the line"
    assert rows[1].startswith("The line") and all("tied" in row.lower() for row in rows[2:])
    choices = {label.get_text(strip=True): label["for"] for label in page.select(".govuk-radios label")}
    assert set(choices) == {"Alder Therapy", "Cedar Therapy"}
    first = page.select_one(f"#{choices['Cedar Therapy']}")["value"]
    assert soup(lead.post(path, data={"part_id": first, "reason": "Best"}), 422).select(".govuk-error-summary")
    told = {"part_id": first, "reason": "It alone can begin in January."}
    assert lead.post(path, data=told).headers["location"] == path
    assert soup(lead.post(path, data=told), 409).select(".portal-refusal")
    rows = words(soup(lead.get(path)), "tbody tr")
    assert "January" in rows[1] and "Beyond the line" in rows[3]
    decision = soup(lead.get(f"/decisions/{one}"))
    assert "All the places of this lot" in decision.get_text()
    refusing = soup(lead.get(decision.select_one("td a[href*=parts]")["href"]))
    assert "Others came before" in " ".join(words(refusing, ".govuk-radios label"))
    assert lead.get(f"/rounds/{made.round_id}/ranking/{made.lots[1]}/{made.regions[0]}").status_code == 404
    with db.write() as session:
        withdraw_application(session, owner, cedar)
    assert lead.get(f"/decisions/{cedar}").status_code == 200


@pytest.mark.row("8.6")
def test_an_assessor_with_an_interest_sees_no_trace_of_the_application(
    db: Database, made: World, one: UUID, client_for: ClientFor, clock: Clock
) -> None:
    with db.write() as session:
        scoring.name_assessor(session, made.lead, made.round_id, made.assessor.known)
    clock.set(CLOSES)
    assessor, room = client_for(made.assessor), f"/scoring/{made.round_id}"
    assert assessor.get(f"{room}/{one}").status_code == 404, "nothing is seen before one has declared"
    told = {
        "listed": str(made.provider_a),
        "interest": str(made.provider_a),
        nature_of(made.provider_a): "My cousin works there",
    }
    assert assessor.post(f"{room}/declaration", data=told).headers["location"] == room
    assert assessor.get(f"{room}/{one}").status_code == 404
    assert "You have an interest in Alder Therapy" in soup(assessor.get(room)).get_text()
    assessors = " ".join(words(soup(client_for(made.lead).get(f"/rounds/{made.round_id}/scoring")), "td"))
    assert "My cousin works there Has declared an interest" in assessors and "Why take off" in assessors


@pytest.mark.row("8.6")
def test_nobody_declares_about_a_provider_the_page_did_not_list_and_an_interest_may_come_later(
    db: Database, made: World, one: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        scoring.name_assessor(session, made.lead, made.round_id, made.assessor.known)
    assessor, room = client_for(made.assessor), f"/scoring/{made.round_id}"
    declaring = f"{room}/declaration"

    def listed() -> str:
        return str(soup(assessor.get(declaring)).select("form input[name=listed]")[0]["value"])

    seen = {"listed": listed(), "none": "true"}
    with db.write() as session:
        applied(session, made, made.owner_b, made.provider_b, [(made.lots[0], made.regions[0])])
    assert assessor.post(declaring, data=seen).headers["location"] == declaring
    with db.read() as session:
        found = declaration(session, made.assessor, made.round_id)
        assert (found.applied, found.declared) == (((made.provider_b, "Birch Therapy"),), (("Alder Therapy", ""),))
    assert assessor.post(declaring, data={"listed": listed(), "none": "true"}).headers["location"] == room
    assert declaring in [link["href"] for link in soup(assessor.get(room)).select("main a")]
    later = {"interest": str(made.provider_b), nature_of(made.provider_b): "My cousin works there"}
    assert assessor.post(declaring, data={"listed": listed()} | later).headers["location"] == room
    assert listed().split() == [str(made.provider_a)]
    assert "You have an interest in Birch Therapy" in soup(assessor.get(room)).get_text()


@pytest.mark.row("2.4")
def test_the_lead_s_first_page_and_queue_name_the_next_batch(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        rolls(session, made, NOON.date() + timedelta(days=5))
        application_id = applied(session, made, made.owner_a, made.provider_a, everything(made))
    lead = client_for(made.lead)
    day = "28 November 2026"
    assert f"in the batch of {day}" in " ".join(words(soup(lead.get("/")), "main"))
    assert f"Decided with the batch of {day}" in " ".join(words(soup(lead.get("/decisions")), "td"))
    page = soup(lead.get(f"/decisions/{application_id}"))
    assert f"decided with its batch on {day}" in page.get_text()
    assert not page.select('form[action$="/accept"]')


@pytest.mark.row("2.4")
def test_what_may_not_be_decided_before_its_day_is_not_offered_and_the_second_person_is_asked_on_it(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    with db.write() as session:
        rolls(session, made, NOON.date() + timedelta(days=5))
        application_id = applied(session, made, made.owner_a, made.provider_a, everything(made))
        part_id = queries.decision(session, made.lead, application_id).parts[0].id
    here = f"/decisions/{application_id}/parts/{part_id}"
    refuse, confirm = 'form[action$="/refuse"]', 'form[action$="/confirm"]'
    second = client_for(made.lead_two)
    asked, to_confirm = "with refusals that need a second person", "1 to confirm"
    assert not soup(second.get(here)).select(refuse)
    with db.write() as session:
        propose_refusal(session, made.lead, application_id, part_id, RefusalReason.OTHER, "It was not said how.")
    page = soup(second.get(f"/decisions/{application_id}"))
    assert not page.select(f'a[href="{here}"]') and "and no earlier" in page.get_text()
    assert not soup(second.get(here)).select(confirm)
    assert asked not in second.get("/").text and to_confirm not in second.get("/decisions").text
    clock.set(NOON + timedelta(days=5))
    assert soup(second.get(f"/decisions/{application_id}")).select(f'a[href="{here}"]')
    assert soup(second.get(here)).select(confirm)
    assert asked in second.get("/").text and to_confirm in second.get("/decisions").text


@pytest.mark.row("2.4")
def test_what_is_not_scored_yet_leads_to_its_scoring(made: World, one: UUID, client_for: ClientFor) -> None:
    page = soup(client_for(made.lead).get(f"/decisions/{one}"))
    part = page.select_one(f'a[href^="/decisions/{one}/parts/"]')
    for shown in (page, soup(client_for(made.lead).get(str(part and part["href"])))):
        assert "This application is not scored yet." in shown.get_text()
        assert shown.select(f'a[href="/rounds/{made.round_id}/scoring"]')


@pytest.mark.row("2.4")
@pytest.mark.parametrize(
    ("days", "words"), [(3, "waited 3 of 10 working days"), (10, "waited 10 of"), (23, "13 working days late")]
)
def test_how_long_somebody_has_waited_reads_as_it_is(days: int, words: str) -> None:
    shown = environment().from_string('{% import "applications/parts.html" as p %}{{ p.waited(days, false) }}')
    assert shown.render(days=days).startswith(words)
