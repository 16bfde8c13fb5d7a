"""The pages from the opening to the letters, as each kind of person."""

from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from httpx import Response
from sqlalchemy import update
from sqlmodel import select

from app.awards.commands.award import approve_award
from app.awards.models import BriefAssessor, OutcomeLetter, Score
from app.awards.queries.assessment import criteria_of
from app.bids.models import BidReceipt
from app.briefs.models import Brief
from app.briefs.queries import criteria
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.core.scoring import PriceFormula
from app.providers.commands import update_profile
from app.providers.rules import About
from app.web.assessing import nature_of, points_for, reason_for
from tests.awards.stage import CLOSES, DRAIN, LETTERS, SECRET, Stage, written
from tests.conftest import ClientFor, Clock, hidden

PAGES = ("opening", "declaration", "assessment", "results", "award")


def _page(answer: Response, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status, answer.text[:2000]
    page = BeautifulSoup(answer.text, "html.parser")
    assert len(page.select("h1")) == 1 and page.title and "–" in page.title.text
    return page


def _words(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(found.text.split()) for found in page.select(selector)]


def _get(client_for: ClientFor, actor: Actor, path: str, status: int = 200) -> BeautifulSoup:
    return _page(client_for(actor).get(path), status)


@pytest.mark.row("16.6")
@pytest.mark.invariant(10)
def test_a_stranger_signs_in_and_an_outsider_finds_nothing(on: Stage, client_for: ClientFor) -> None:
    on.proposed()
    outsiders = [
        client_for(actor) for actor in (on.made.other_commissioner, on.made.owner_a, on.made.lead, on.made.checker)
    ]
    stranger = client_for(NOBODY)
    for path in (f"/briefs/{on.brief_id}/{name}" for name in PAGES):
        assert stranger.get(path).headers["location"].startswith("/sign-in")
        for outsider in outsiders:
            answer = outsider.get(path)
            assert answer.status_code == 404 and "Birch" not in answer.text


def test_the_chair_chooses_assessors_and_two_people_open(clock: Clock, on: Stage, client_for: ClientFor) -> None:
    path, made = f"/briefs/{on.brief_id}", on.made
    chair, assessor, commissioner = client_for(made.chair), client_for(made.assessor), client_for(made.commissioner)
    page = _page(chair.get(f"{path}/opening"))
    assert _words(page, "select option")[1:] == ["Asha Assessor", "Bert Assessor", "Chloe Chair"]
    assert not page.select(".portal-refusal"), "what goes well is not said in red"
    assert "The bids are sealed until" in page.text
    assert not page.select(f'form[action="{path}/opening"]')
    assert _words(_page(chair.post(f"{path}/assessors", data={}), 422), ".govuk-error-summary li") == [
        "Select a person to ask"
    ]
    for _ in range(2):
        assert chair.post(f"{path}/assessors", data={"person_id": str(made.assessor.person_id)}).status_code == 303
    assert chair.post(f"{path}/assessors", data={"person_id": str(uuid4())}).status_code == 404
    assert commissioner.post(f"{path}/assessors", data={"person_id": str(uuid4())}).status_code == 404
    clock.set(CLOSES + DRAIN)
    page = _page(chair.post(f"{path}/opening"), 409)
    assert "One assessor has not yet declared" in _words(page, ".portal-refusal")[0]
    assert assessor.post(f"{path}/declaration", data={"none": "true"}).status_code == 303
    assert "Chair" in _words(_page(commissioner.post(f"{path}/opening"), 409), ".portal-refusal")[0].title()
    for client in (chair, chair, commissioner, commissioner):
        assert client.post(f"{path}/opening").headers["location"] == f"{path}/opening"
    page = _page(chair.get(f"{path}/opening"))
    assert [words.split(" approved")[0] for words in _words(page, "section ol li")] == [
        "Chloe Chair",
        "Colin Commissioner",
    ]
    said = _words(page, ".portal-done")[0]
    assert said.startswith("The bids were opened on Thursday 3 December 2026")
    assert said.endswith("by Chloe Chair and Colin Commissioner: 2 bids.")


def test_the_page_of_cancelling_says_what_can_still_be_done(on: Stage, client_for: ClientFor) -> None:
    path, chair = f"/briefs/{on.brief_id}/cancellation", client_for(on.made.chair)
    open_to_bids = _page(chair.get(path))
    assert (
        _words(open_to_bids, "h1") == ["Cancel this brief"] and "Bids that are sealed stay sealed" in open_to_bids.text
    )
    on.proposed()
    opened = _page(chair.get(path))
    assert _words(opened, "h1") == ["End this brief without an award"] and "stay sealed" not in opened.text
    with on.db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    assert "can no longer be cancelled" in _page(chair.get(path)).text


def test_a_chair_takes_an_assessor_off(db: Database, clock: Clock, client_for: ClientFor) -> None:
    on = written(db, clock, bids=False)
    chair, path = client_for(on.made.chair), f"/briefs/{on.brief_id}"
    chair.post(f"{path}/assessors", data={"person_id": str(on.made.assessor.person_id)})
    form = _page(chair.get(f"{path}/opening")).select_one('form[action$="/release"]')
    assert form
    for _ in range(2):
        assert chair.post(str(form["action"])).status_code == 303
    with db.read() as session:
        assert session.exec(select(BriefAssessor)).all() == []


def test_a_declaration_says_each_interest_or_none(on: Stage, client_for: ClientFor) -> None:
    client_for(on.made.chair).post(
        f"/briefs/{on.brief_id}/assessors", data={"person_id": str(on.made.assessor.person_id)}
    )
    assessor, path, provider = client_for(on.made.assessor), f"/briefs/{on.brief_id}/declaration", on.made.provider_b
    assert _words(_page(assessor.get(path)), "td label") == ["Alder Therapy", "Birch Therapy"]
    nature = nature_of(provider)
    for data, expected in (
        ({}, "Tick those you have an interest in, or that you have none"),
        (
            {"none": "true", "interest": str(provider)},
            "Tick either those you have an interest in or that you have none",
        ),
        ({"interest": str(provider)}, "Say what your interest in Birch Therapy is"),
    ):
        assert _words(_page(assessor.post(path, data=data), 422), ".govuk-error-summary li") == [expected]
    told = {"interest": str(provider), nature: "I worked there <b>once</b>"}
    assert assessor.post(path, data=told).headers["location"] == f"/briefs/{on.brief_id}/assessment"
    page = _page(assessor.get(path))
    assert page.select_one(f"#{nature}")["value"] == "I worked there <b>once</b>"  # type: ignore[index]
    assert len(page.select("input[name=interest][checked]")) == 1
    seen = _get(client_for, on.made.commissioner, f"/briefs/{on.brief_id}/opening")
    assert "Birch Therapy: I worked there <b>once</b>" in _words(seen, "td")


def _typed(db: Database, on: Stage, points: str = "4", reason: str = "Clear, sound and told well.") -> dict[str, str]:
    with db.read() as session:
        ids = [criterion.id for criterion in criteria_of(session, on.brief_id) if not criterion.is_price]
    return {points_for(i): points for i in ids} | {reason_for(i): reason for i in ids}


def test_an_assessor_opens_scores_and_submits(db: Database, on: Stage, client_for: ClientFor) -> None:
    on.opened()
    assessor, path = client_for(on.made.assessor), f"/briefs/{on.brief_id}/assessment"
    assert "Score the bids" in _words(_page(assessor.get("/assessments")), "td")
    before = assessor.get(path)
    assert _words(_page(before), "main button") == ["Open the bids"] and "Alder approach" not in before.text
    for _ in range(2):
        assert assessor.post(f"{path}/open").status_code == 303
    page = _page(assessor.get(path))
    assert _words(page, "article h3") == ["Alder Therapy", "Birch Therapy"]
    assert "2,400.00" not in page.text, "quality is scored without the price in view"
    _page(assessor.post(f"{path}/submit"), 409)
    one = f"{path}/{on.bids['a']}"
    typed = _typed(db, on, reason="Too short")
    wrong = _page(assessor.post(one, data=typed | {next(iter(typed)): "6"}), 422)
    assert _words(wrong, ".govuk-error-summary li") == [
        "Select the points for approach",
        "Your reason for approach must be 20 characters or more",
        "Your reason for experience must be 20 characters or more",
    ]
    assert _words(wrong, "textarea") == ["Too short", "Too short"]
    for key in ("a", "a", "b"):
        assert assessor.post(f"{path}/{on.bids[key]}", data=_typed(db, on)).headers["location"] == path
    assert len(_page(assessor.get(one)).select("input[type=radio][checked]")) == 2
    for _ in range(2):
        assert assessor.post(f"{path}/submit").status_code == 303
    assert _page(assessor.post(one, data=_typed(db, on, "1")), 409)
    with db.read() as session:
        assert {score.points for score in session.exec(select(Score))} == {4}
    results = _get(client_for, on.made.assessor, f"/briefs/{on.brief_id}/results")
    assert _words(results, ".portal-refusal p") == [
        "One assessor has not yet submitted their scores. Nobody sees any until all are in."
    ]


def test_an_assessor_reads_under_which_criterion_each_answer_is_scored(
    db: Database, on: Stage, client_for: ClientFor
) -> None:
    on.opened()
    with db.write() as session:
        brief = session.get_one(Brief, on.brief_id)
        asked = [
            {"id": str(uuid4()), "text": f"Question {n}?", "max_words": 100, "criterion": n, "asked_as": None}
            for n in (2, 1, None)
        ]
        names = {one.position: one.name for one in criteria(session, brief.id)}
        brief.questions = asked
    assessor, path = client_for(on.made.assessor), f"/briefs/{on.brief_id}/assessment"
    assert assessor.post(f"{path}/open").status_code == 303
    expected = [f"Scored under {names[n]}" for n in (2, 1)]
    assert _words(_page(assessor.get(path)), "article .govuk-hint") == expected * 2
    assert _words(_page(assessor.get(f"{path}/{on.bids['a']}")), "[aria-labelledby=the-bid] .govuk-hint") == expected


@pytest.mark.row("8.6")
@pytest.mark.invariant(7)
def test_no_route_shows_a_conflicted_assessor_the_bid(db: Database, on: Stage, client_for: ClientFor) -> None:
    on.scored({on.made.provider_b: "I worked there until last year"})
    assessor, brief, bid_id = client_for(on.made.assessor), f"/briefs/{on.brief_id}", on.bids["b"]
    secrets = (LETTERS["b"].approach, LETTERS["b"].experience, "2,700.00", "26.67", "2,400.00", "75.67", str(bid_id))
    for path in (brief, *(f"{brief}/{name}" for name in PAGES), f"{brief}/assessment/{bid_id}", f"/bids/{bid_id}", "/"):
        answer = assessor.get(path)
        assert not [secret for secret in secrets if secret in answer.text.replace(path, "")], path
    assert assessor.get(f"{brief}/assessment/{bid_id}").status_code == 404
    assert assessor.post(f"{brief}/assessment/{bid_id}", data=_typed(db, on)).status_code == 404
    other = client_for(on.made.assessor_two).get(f"{brief}/results")
    assert "26.67" in other.text, "what is hidden is there"


@pytest.mark.row("8.4")
@pytest.mark.invariant(8)
def test_nobody_reads_a_score_before_all_are_in(on: Stage, client_for: ClientFor) -> None:
    on.opened()
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    for actor in (on.made.assessor, on.made.assessor_two, on.made.chair, on.made.commissioner, on.made.approver):
        for name in ("results", "award"):
            answer = client_for(actor).get(f"/briefs/{on.brief_id}/{name}")
            assert "Points 5 for" not in answer.text and "50.00" not in answer.text
    assessor = client_for(on.made.assessor)
    assessor.post(f"/briefs/{on.brief_id}/assessment/open")
    for path in ("assessment", f"assessment/{on.bids['a']}"):
        answer = assessor.get(f"/briefs/{on.brief_id}/{path}")
        assert answer.status_code == 200 and "Points 5 for" not in answer.text and "checked" not in answer.text


@pytest.mark.row("8.8")
def test_the_results_show_the_arithmetic(on: Stage, client_for: ClientFor) -> None:
    on.scored()
    page = _get(client_for, on.made.chair, f"/briefs/{on.brief_id}/results")
    rows = [[" ".join(cell.text.split()) for cell in row.select("td, th")] for row in page.select("tbody tr")]
    assert rows == [
        ["1", "Alder Therapy", "45.00", "18.00", "30.00", "93.00", "£2,400.00"],
        ["2", "Birch Therapy", "35.00", "14.00", "26.67", "75.67", "£2,700.00"],
    ]
    assert "Birch Therapy: £2,400.00 ÷ £2,700.00 × 30 = 26.67" in _words(page, "main ul li")


@pytest.mark.row("8.8")
def test_a_brief_is_scored_by_the_price_formula_it_named(db: Database, on: Stage, client_for: ClientFor) -> None:
    with db.write() as session:
        session.get_one(Brief, on.brief_id).price_formula = PriceFormula.STRAIGHT_LINE
    on.scored()
    page = _get(client_for, on.made.chair, f"/briefs/{on.brief_id}/results")
    said = "Birch Therapy: (2 × £2,400.00 − £2,700.00) ÷ £2,400.00 × 30 = 26.25"
    assert said in _words(page, "main ul li")
    told = client_for(on.made.assessor).get(f"/briefs/{on.brief_id}/assessment").text
    assert "(2 × lowest price − this price) ÷ lowest price × 30" in told


def test_an_award_is_proposed_approved_and_told(on: Stage, client_for: ClientFor) -> None:
    on.scored()
    chair, approver, path = client_for(on.made.chair), client_for(on.made.approver), f"/briefs/{on.brief_id}/award"
    assert _words(_page(approver.get(path)), ".portal-empty p")[0].startswith("No award has been proposed yet")
    assert _words(_page(chair.post(path, data={}), 422), ".govuk-error-summary li") == ["Select the bid you propose"]
    out_of_turn = {"bid_id": str(on.bids["b"]), "reason": "Because."}
    page = _page(chair.post(path, data=out_of_turn), 409)
    assert _words(page, ".portal-refusal h2") == ["There is a problem"] and _words(page, "title")[0].startswith(
        "Error: "
    )
    assert "It is not the bid ranked first" in _words(page, ".portal-refusal")[0]
    assert _words(page, "textarea") == ["Because."]
    assert chair.post(path, data={"bid_id": str(uuid4())}).status_code == 404
    for _ in range(2):
        assert chair.post(path, data={"bid_id": str(on.bids["a"])}).headers["location"] == path
    assert chair.post(f"{path}/approve").status_code == 404
    assert approver.post(f"{path}/reject", data={"reason": "No"}).status_code == 422
    assert "did not arrive whole" in _words(_page(approver.post(f"{path}/approve"), 422), ".govuk-error-summary")[0]
    asked = approver.get(path)
    assert _words(_page(asked), "main button") == ["Approve and send all letters", "Reject this award"]
    seen = hidden(asked.text)
    for _ in range(2):
        assert approver.post(f"{path}/approve", data=seen).headers["location"] == path
    assert _words(_page(chair.get(path)), ".portal-done")[0].startswith("Awarded to Alder Therapy")
    assert approver.post(f"{path}/reject", data=seen | {"reason": "I have thought again of it."}).status_code == 409
    assert chair.post(path, data={"bid_id": str(on.bids["b"]), "reason": "x" * 30}).status_code == 409


@pytest.mark.row("1.3")
def test_who_decides_sees_what_has_changed_in_the_winner_since_it_bid(
    db: Database, on: Stage, client_for: ClientFor
) -> None:
    on.scored()
    path, made = f"/briefs/{on.brief_id}/award/since", on.made
    assert client_for(made.approver).get(path).status_code == 404, "there is no winner yet"
    on.propose()
    page = _get(client_for, made.approver, path)
    assert _words(page, "main .govuk-tag") == ["Unaltered"]
    assert _words(page, ".portal-done") == ["Nothing has changed since."]
    with db.write() as session:
        update_profile(session, made.owner_a, made.provider_a, About(name="Elder Therapy", summary="Therapy"))
        update_profile(session, made.owner_b, made.provider_b, About(name="Beech Therapy", summary="Therapy"))
    page = _get(client_for, made.commissioner, path)
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert rows == [["Name", "Alder Therapy", "Elder Therapy"]], "the winner's alone"
    for outsider in (made.other_commissioner, made.owner_a, made.assessor):
        assert client_for(outsider).get(path).status_code == 404
    with db.write() as session:
        session.exec(update(BidReceipt).values(snapshot_id=None, snapshot_sha256=""))
    assert "nothing to compare" in _words(_get(client_for, made.chair, path), ".govuk-inset-text")[0]


def test_an_approver_rejects_with_a_reason_that_is_kept(on: Stage, client_for: ClientFor) -> None:
    on.proposed()
    approver, path = client_for(on.made.approver), f"/briefs/{on.brief_id}/award"
    asked = hidden(approver.get(path).text) | {"reason": "The budget does not reach so far."}
    assert approver.post(f"{path}/reject", data=asked).status_code == 303
    page = _get(client_for, on.made.commissioner, path)
    assert "The budget does not reach so far." in _words(page, "main ul li")[-1]
    assert approver.post(f"{path}/reject", data=asked).status_code == 303


@pytest.mark.row("9.5")
def test_a_bidder_reads_its_own_letter_and_no_other(db: Database, on: Stage, client_for: ClientFor) -> None:
    on.proposed()
    empty = _get(client_for, on.made.owner_b, "/letters")
    assert _words(empty, ".portal-empty p")[0].startswith("No letters yet")
    assert _words(_get(client_for, on.made.owner_b, "/bids"), "tbody .govuk-tag")[0] == "Submitted"
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    listed = _get(client_for, on.made.owner_b, "/letters")
    links = [str(link["href"]) for link in listed.select("tbody a")]
    assert len(links) == 1
    page = _get(client_for, on.made.owner_b, links[0])
    assert _words(page, "h1") == ["Your bid was not successful"]
    assert _words(page, "table caption") == ["Your scores", "The scores of Alder Therapy"]
    assert _words(page, "tfoot strong") == ["75.67 of 100", "93.00 of 100"]
    assert page.select_one("[data-print]")
    for bidder, how in ((on.made.owner_a, "Won"), (on.made.owner_b, "Not successful")):
        bids = _get(client_for, bidder, "/bids")
        assert _words(bids, "tbody .govuk-tag") == [how, "Awarded"]
        own = bids.select_one("tbody a")["href"]
        for there in (own, f"{own}/receipt", f"/opportunities/{on.brief_id}"):
            assert how in _words(_get(client_for, bidder, there), "h1 .govuk-tag, h2 .govuk-tag"), there
        assert _words(_get(client_for, bidder, "/letters"), "tbody .govuk-tag") == [how]
        letter = [str(link["href"]) for link in _get(client_for, bidder, "/letters").select("tbody a")]
        assert [str(link["href"]) for link in bids.select("tbody a")][1:] == letter, "its own letter"
    for other in (on.made.owner_a, on.made.commissioner, on.made.chair, on.made.other_commissioner):
        answer = client_for(other).get(links[0])
        assert answer.status_code == 404 and "75.67" not in answer.text
    with db.read() as session:
        won = session.exec(select(OutcomeLetter.id).where(OutcomeLetter.outcome == "successful")).one()
    page = _get(client_for, on.made.owner_a, f"/letters/{won}")
    assert _words(page, "h1") == ["Your bid was successful"] and "Birch" not in page.text
    assert page.text.count("once an owner") == 2 and "who the family is only" not in page.text


@pytest.mark.parametrize("bid", ["b", "absent"])
def test_a_bid_of_no_brief_of_mine_is_not_found(on: Stage, client_for: ClientFor, bid: str) -> None:
    on.opened()
    other = uuid4()
    assessor = client_for(on.made.assessor)
    assessor.post(f"/briefs/{on.brief_id}/assessment/open")
    bid_id = on.bids.get(bid, other)
    assert assessor.get(f"/briefs/{other}/assessment/{bid_id}").status_code == 404
    expected = 200 if bid == "b" else 404
    assert assessor.get(f"/briefs/{on.brief_id}/assessment/{bid_id}").status_code == expected
