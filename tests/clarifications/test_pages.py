"""The pages of questions as each kind of person meets them; and nobody but the asker's side ever meets the asker."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.accounts.models import Person
from app.clarifications import commands, queries
from app.clarifications.models import Clarification
from app.clarifications.rules import Reply, State
from app.core.actor import Actor
from app.core.audit import AuditEvent, sentence
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.frameworks.models import Round
from app.organisations.models import Organisation
from app.organisations.rules import Role
from app.web.pages import plain
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.factories import World

ASKER, HOUSE = "Zebedee Canaryson", "Quillwork Canary"
WORDS = "May two therapists share the work of one family?"


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        return factories.brief(session, made)


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def written(client: TestClient, page: str, **typed: str) -> dict[str, str]:
    """An answer as this browser's page of the question sends it."""
    box = soup(client.get(page).text).select_one("input[name=seen]")
    assert box is not None
    return {"seen": str(box["value"]), **typed}


def headings(text: str) -> list[str]:
    return [" ".join(one.get_text().split()) for one in soup(text).select("h2")]


def asker_of(session: Session, made: World) -> Actor:
    """A bid writer of provider A, both with names that are nowhere else."""
    session.get_one(Organisation, made.provider_a).name = HOUSE
    session.flush()
    return factories.seated(session, made.provider_a, Role.BIDS, name=ASKER)


def _pages(made: World, brief_id: UUID, clarifications: Iterable[UUID]) -> list[str]:
    return [
        "/",
        "/briefs",
        f"/briefs/{brief_id}",
        f"/briefs/{brief_id}/questions",
        f"/opportunities/{brief_id}",
        f"/opportunities/{brief_id}/questions",
        f"/rounds/{made.round_id}/questions",
        f"/frameworks/{made.framework_id}",
        f"/frameworks/{made.framework_id}/file",
        "/approved-providers",
        "/approved-providers/file",
        *(f"/clarifications/{one}" for one in clarifications),
    ]


@pytest.mark.walk
@pytest.mark.row("6.2")
def test_nobody_meets_the_asker_in_any_page_file_mail_or_event(
    db: Database, client_for: ClientFor, made: World, brief_id: UUID
) -> None:
    """By name, address, number or organisation: no byte more than before the question was asked."""
    with db.write() as session:
        asker = asker_of(session, made)
        colleague = factories.seated(session, made.raa_id, Role.COMMISSIONER, name="Cole Colleague")
    secrets = (ASKER, HOUSE, asker.email, str(asker.known), str(made.provider_a))
    others = (made.commissioner, colleague, made.approver, made.chair, made.lead, made.lead_two, made.owner_b)

    def counts(clarifications: Iterable[UUID]) -> dict[tuple[str, str, str], int]:
        pages = _pages(made, brief_id, clarifications)
        seen = {(who.name, page): client_for(who).get(page).text for who in others for page in pages}
        return {(*where, secret): text.count(secret) for where, text in seen.items() for secret in secrets}

    before = counts(())
    with db.write() as session:
        seen_events = set(session.exec(select(AuditEvent.id)))
    browser, asked = client_for(asker), list[UUID]()
    for page in (f"/opportunities/{brief_id}/questions", f"/rounds/{made.round_id}/questions"):
        for words, confidence in ((WORDS, "public"), (f"{WORDS} Or three?", "public"), (WORDS, "private")):
            typed = {"provider_id": str(made.provider_a), "words": words, "confidence": confidence}
            answer = browser.post(page, data={**typed, "private_reason": "It touches on how we set our prices."})
            assert answer.status_code == 303, answer.text
        assert ASKER in browser.get("/account").text
    with db.write() as session:
        asked = list(session.exec(select(Clarification.id).order_by(col(Clarification.id))))
        answering = [made.commissioner] * 3 + [made.lead] * 3
        commands.accept_question(session, answering[1], asked[1], WORDS)
        commands.write_answer(session, answering[1], asked[1], Reply("Yes, they may."), send=True)
        commands.accept_question(session, answering[4], asked[4], WORDS)
        commands.write_answer(session, answering[4], asked[4], Reply("Yes, they may."), send=True)
        for place, answerer in ((2, made.commissioner), (5, made.lead)):
            commands.agree_to_privacy(session, answerer, asked[place])
    after = counts(asked)
    assert {key: count for key, count in after.items() if count > before.get(key, 0)} == {}
    assert sum("share the work" in client_for(who).get(f"/briefs/{brief_id}/questions").text for who in others) == 4

    with db.read() as session:
        events = [one for one in session.exec(select(AuditEvent)).unique() if one.id not in seen_events]
        said = [f"{one.model_dump()} {sentence(one)}" for one in events]
        messages = session.exec(select(OutboxMessage)).all()
        bytes_ = [
            f"{one.context} {plain(one.template, {'public_url': 'https://portal.example', **one.context})}"
            for one in messages
        ]
        theirs = {one.to_address for one in messages if one.template == "clarifications/settled.txt"}
    assert len(said) >= 12
    assert [one for one in (*said, *bytes_) for secret in secrets if secret in one] == []
    assert theirs == {asker.email, made.owner_a.email}, "those who read it as their own"


@pytest.mark.row("6.1")
@pytest.mark.row("6.3")
def test_the_buyers_pages_say_what_waits_and_since_when(
    db: Database, client_for: ClientFor, made: World, brief_id: UUID, clock: Clock
) -> None:
    with db.write() as session:
        for place in (
            queries.of_members_brief(session, made.owner_a, brief_id, NOON),
            queries.of_round(session, made.owner_a, made.round_id, NOON),
        ):
            for words in (WORDS, f"{WORDS} Or three?", f"{WORDS} Or four?"):
                commands.write_question(session, made.owner_a, place, made.provider_a, words, "", ask=True)
    clock.forward(days=2)
    brief = client_for(made.approver).get(f"/briefs/{brief_id}").text
    assert "3 questions wait, the oldest since Monday 23 November 2026, 12:00 noon" in " ".join(
        soup(brief).text.split()
    )
    commissioner = client_for(made.commissioner)
    assert "the oldest waits 2 days" in commissioner.get("/").text
    page = commissioner.get(f"/briefs/{brief_id}/questions").text
    assert "3 questions wait, the oldest for 2 days" in page
    assert len(soup(page).select("#waiting ~ div a[href^='/clarifications/']")) == 3
    assert "Friday 27 November 2026, 12:00 noon, 2 days left" in " ".join(soup(page).text.split())
    reader = client_for(made.approver).get(f"/briefs/{brief_id}/questions").text
    assert soup(reader).select("a[href^='/clarifications/']") == []
    assert "Answer 3 questions" in client_for(made.lead).get("/").text
    assert "Answer 3 questions" not in client_for(made.approver).get("/").text
    assert "Answer 3 questions" not in client_for(made.checker).get("/").text
    clock.forward(days=30)
    assert "Answer 3 questions" not in client_for(made.lead).get("/").text + commissioner.get("/").text


@pytest.mark.row("6.1")
def test_nothing_waits_about_a_brief_that_was_cancelled(
    db: Database, client_for: ClientFor, made: World, brief_id: UUID
) -> None:
    with db.write() as session:
        place = queries.of_members_brief(session, made.owner_a, brief_id, NOON)
        reason = "The answer would tell others how we set our prices."
        asked, answered = (
            commands.write_question(session, made.owner_a, place, made.provider_a, words, why, ask=True)
            for words, why in ((WORDS, reason), (f"{WORDS} Or three?", ""))
        )
        commands.accept_question(session, made.commissioner, answered, WORDS)
        commands.write_answer(session, made.commissioner, answered, Reply("Yes."), send=True)
        factories.cancelled(session, made, brief_id, made.commissioner, "The family has moved to another area.")
    agency, asker = client_for(made.commissioner), client_for(made.owner_a)
    theirs, own = (
        agency.get(f"/briefs/{brief_id}/questions").text,
        asker.get(f"/opportunities/{brief_id}/questions").text,
    )
    for page in (theirs, own):
        assert "The brief is cancelled. Nothing more is asked or answered." in page
        assert "Not answered" in [one.text for one in soup(page).select("table .govuk-tag")]
        assert [
            words
            for words in ("deadline has passed", "Asked in confidence", "question waits", "Correct the answer")
            if words in page
        ] == []
    assert "Not answered" in soup(asker.get(f"/clarifications/{asked}").text).select_one("h1").text
    assert "question waits" not in agency.get(f"/briefs/{brief_id}").text
    told = asker.post(
        f"/opportunities/{brief_id}/questions", data={"provider_id": f"{made.provider_a}", "words": WORDS}
    )
    assert (told.status_code, "This was cancelled: nothing more is asked or answered." in told.text) == (409, True)


@pytest.mark.row("6.3")
def test_the_brief_and_the_round_say_by_when_to_ask(client_for: ClientFor, made: World, brief_id: UUID) -> None:
    asked = "Ask questions by Friday 27 November 2026, 12:00 noon Questions are answered by Tuesday 1 December 2026"
    for who, page in ((made.owner_a, f"/opportunities/{brief_id}"), (made.approver, f"/briefs/{brief_id}")):
        assert asked in " ".join(soup(client_for(who).get(page).text).text.split())
    asked = "ask by Wednesday 2 December 2026, 12:00 noon, answered by Tuesday 8 December 2026, 12:00 noon"
    page = client_for(made.owner_b).get(f"/frameworks/{made.framework_id}").text
    assert asked in " ".join(soup(page).text.split())


@pytest.mark.row("2.15")
def test_a_question_about_a_round_from_the_form_to_everybodys_page(
    db: Database, client_for: ClientFor, made: World
) -> None:
    page, asker, lead = f"/rounds/{made.round_id}/questions", client_for(made.owner_a), client_for(made.lead)
    assert "No question has been answered yet." in asker.get(page).text
    assert headings(lead.get(page).text) == ["Waiting for an answer", "Answered"]
    assert f'href="{page}"' in asker.get(f"/frameworks/{made.framework_id}").text
    answer = asker.post(page, data={"provider_id": str(made.provider_a), "words": "Why?"})
    assert (answer.status_code, "Write your question" in answer.text) == (422, True)
    answer = asker.post(page, data={"provider_id": str(made.provider_a), "words": WORDS, "confidence": "private"})
    assert (answer.status_code, "Say why it must be answered to you alone" in answer.text) == (422, True)
    asker.post(page, data={"provider_id": str(made.provider_a), "words": WORDS, "keep": "draft"})
    own = soup(asker.get(page).text).select_one("#own ~ div a")
    assert own is not None
    assert "Draft" in asker.get(str(own["href"])).text
    assert asker.post(str(own["href"]), data={"words": WORDS + " Or three?"}).status_code == 303
    here = str(own["href"])
    assert lead.post(f"{here}/return", data={"why": "Say of which lot you speak."}).status_code == 303
    assert "Say of which lot you speak." in asker.get(here).text
    assert asker.post(here, data={"words": WORDS + " Of lot 1?"}).status_code == 303
    assert lead.post(f"{here}/accept", data={"wording": WORDS}).status_code == 303
    silent = lead.post(f"{here}/answer", data=written(lead, here, answer="Yes."))
    assert (silent.status_code, "Say whether this changes what you are asking for" in silent.text) == (422, True)
    vague = lead.post(f"{here}/answer", data=written(lead, here, answer="Yes.", changes_request="yes"))
    assert (vague.status_code, "Say what changes" in vague.text) == (422, True)
    sent = lead.post(f"{here}/answer", data=written(lead, here, answer="Yes.", changes_request="no"))
    assert sent.status_code == 303
    read = soup(client_for(made.owner_b).get(page).text).select_one("section[aria-labelledby='question-1']")
    assert read is not None
    assert WORDS in read.text
    assert "Of lot 1?" not in read.text
    assert client_for(made.owner_b).get(here).status_code == 404
    assert client_for(made.checker).get(here).status_code == 404
    again = asker.post(f"{here}/withdraw")
    assert (again.status_code, "This question has been answered." in again.text) == (409, True)


@pytest.mark.row("6.4")
def test_a_late_answer_about_a_brief_asks_for_the_deadline_and_says_so(
    db: Database, client_for: ClientFor, made: World, brief_id: UUID, clock: Clock
) -> None:
    commissioner, member = client_for(made.commissioner), client_for(made.owner_b)
    with db.write() as session:
        place = queries.of_members_brief(session, made.owner_a, brief_id, NOON)
        asked = commands.write_question(session, made.owner_a, place, made.provider_a, WORDS, "", ask=True)
        commands.accept_question(session, made.commissioner, asked, WORDS)
    here = f"/clarifications/{asked}"
    typed = written(commissioner, here, answer="Yes.", changes_request="no")
    assert "The answer is late" not in commissioner.get(here).text
    clock.set(place.dates.answer_by + timedelta(minutes=1))
    assert "Move it to Friday 4 December 2026, 12:00 noon" in commissioner.get(here).text
    assert commissioner.post(f"{here}/answer", data={**typed, "deadline": "keep"}).status_code == 422
    assert commissioner.post(f"{here}/answer", data={**typed, "deadline": "extend"}).status_code == 303
    assert "the deadline should move to Friday 4 December" in commissioner.get(f"/briefs/{brief_id}/questions").text
    assert "the deadline" not in member.get(f"/opportunities/{brief_id}/questions").text
    kept = {"keep_reason": "Nobody asked for more time."}
    assert commissioner.post(f"{here}/deadline", data=kept).status_code == 303
    assert "The deadline stays: Nobody asked for more time." in member.get(f"/opportunities/{brief_id}/questions").text


@pytest.mark.row("6.5")
def test_what_changes_a_brief_waits_on_its_page_for_the_amendment(
    db: Database, client_for: ClientFor, made: World, brief_id: UUID
) -> None:
    with db.write() as session:
        place = queries.of_members_brief(session, made.owner_a, brief_id, NOON)
        asked = commands.write_question(session, made.owner_a, place, made.provider_a, WORDS, "", ask=True)
        commands.accept_question(session, made.commissioner, asked, WORDS)
    commissioner = client_for(made.commissioner)
    here = f"/clarifications/{asked}"
    typed = written(commissioner, here, answer="Yes.", changes_request="yes", changes="Pairs may bid.")
    assert commissioner.post(f"{here}/answer", data=typed).status_code == 303
    thread = f"/briefs/{brief_id}/questions"
    assert "1 answer changes what the brief asks for" in commissioner.get(thread).text
    brief = f"/briefs/{brief_id}"
    for who, page, leads_to in (
        (made.commissioner, here, f"{brief}/amend"),
        (made.commissioner, thread, f"{brief}/amend"),
        (made.approver, thread, brief),
    ):
        links = soup(client_for(who).get(page).text).select(".portal-panel a")
        assert [link["href"] for link in links if link.text == "the brief"] == [leads_to]
    with db.read() as session:
        assert session.get_one(Clarification, asked).state == State.ANSWER_DRAFTED


@pytest.mark.row("6.5")
def test_a_second_click_corrects_nothing_and_nobody_writes_over_what_they_did_not_read(
    db: Database, client_for: ClientFor, made: World, brief_id: UUID
) -> None:
    with db.write() as session:
        place = queries.of_members_brief(session, made.owner_a, brief_id, NOON)
        asked = commands.write_question(session, made.owner_a, place, made.provider_a, WORDS, "", ask=True)
        commands.accept_question(session, made.commissioner, asked, WORDS)
    client, here = client_for(made.commissioner), f"/clarifications/{asked}"
    one, other = (written(client, here, changes_request="no") for _ in range(2))
    kept = client.post(f"{here}/answer", data=one | {"answer": "Yes, they may.", "keep": "draft"})
    over = client.post(f"{here}/answer", data=other | {"answer": "No, they may not."})
    assert (kept.status_code, over.status_code) == (303, 409)
    assert "A colleague has written meanwhile" in over.text
    assert "Yes, they may." in over.text, "what is there is read"
    assert "No, they may not." in over.text, "what was typed stays"
    sent = written(client, here, answer="Yes, they may.", changes_request="no")
    assert [client.post(f"{here}/answer", data=sent).status_code for _ in range(2)] == [303, 303]
    with db.read() as session:
        assert session.get_one(Clarification, asked).state == State.ANSWERED
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "clarifications/answered.txt")).all()
        assert len(told) == 2


@pytest.mark.parametrize(
    ("verb", "typed", "reason"),
    [
        ("", {"words": WORDS, "confidence": "public"}, ""),
        ("accept", {"wording": WORDS}, ""),
        ("return", {"why": "Say of which lot you speak."}, ""),
        ("privacy", {"agrees": "yes"}, "The answer would tell others our prices."),
        (
            "privacy",
            {"agrees": "no", "privacy_why": "Everybody must read it."},
            "The answer would tell others our prices.",
        ),
        ("let-public", {}, "The answer would tell others our prices."),
        ("withdraw", {}, ""),
    ],
)
def test_a_second_click_on_a_button_of_a_question_changes_nothing(
    db: Database, client_for: ClientFor, made: World, brief_id: UUID, verb: str, typed: dict[str, str], reason: str
) -> None:
    page = f"/opportunities/{brief_id}/questions"
    if verb:
        with db.write() as session:
            place = queries.of_members_brief(session, made.owner_a, brief_id, NOON)
            asked = commands.write_question(session, made.owner_a, place, made.provider_a, WORDS, reason, ask=True)
            if verb == "let-public":
                commands.refuse_privacy(session, made.commissioner, asked, "Everybody must read it.")
        page = f"/clarifications/{asked}/{verb}"
    asks = verb in ("", "let-public", "withdraw")
    client = client_for(made.owner_a if asks else made.commissioner)
    assert client.post(page, data=typed | {"provider_id": str(made.provider_a)}).status_code == 303
    with db.read() as session:
        before = [len(session.exec(select(table)).all()) for table in (Clarification, AuditEvent, OutboxMessage)]
    assert client.post(page, data=typed | {"provider_id": str(made.provider_a)}).status_code == 303
    with db.read() as session:
        after = [len(session.exec(select(table)).all()) for table in (Clarification, AuditEvent, OutboxMessage)]
    assert after == before
    if verb in ("accept", "return"):
        other = {name: f"{words} Please." for name, words in typed.items()}
        assert client.post(page, data=other).status_code == 409, "other words are no second click"


@pytest.mark.row("6.8")
def test_before_a_round_opens_the_page_asks_anybody(db: Database, client_for: ClientFor, made: World) -> None:
    with db.write() as session:
        session.get_one(Round, made.round_id).opens_at = NOON + timedelta(days=5)
        person: Person = factories.person(session, "Nora Newcomer")
        newcomer = Actor(person.id, person.name, person.email)
    page = f"/rounds/{made.round_id}/questions"
    browser = client_for(newcomer)
    assert "anybody who is signed in may ask about it already" in browser.get(page).text
    assert browser.post(page, data={"words": WORDS}).status_code == 303
    assert "Your own questions" in headings(browser.get(page).text)
    assert browser.post(f"{page}/follow", data={"how": "daily"}).status_code == 303
    chosen = soup(browser.get(page).text).select_one("input[name=how][checked]")
    assert chosen is not None
    assert chosen["value"] == "daily"
    assert "Ask a question" not in headings(client_for(made.lead).get(page).text)
