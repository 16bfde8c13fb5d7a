"""The pages of a bid, from the invitation to the receipt, as its bidder meets them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.bids.letters.rules import Letter, Named, priced
from app.bids.models import Bid, BidReceipt
from app.bids.pricing.rules import Line, LineKind, Vat
from app.briefs.models import Brief
from app.briefs.terms.models import columns_of
from app.briefs.terms.rules import BriefQuestion, Terms
from app.core import clock as app_clock
from app.core.audit import AuditEvent
from app.core.crypto import digest
from app.core.database import Database
from app.memberships.commands.leaving import end_membership
from app.memberships.models import Membership
from app.organisations.rules import Role
from app.providers.models import Practitioner, Provider
from tests import NOON, factories
from tests.bids.pages import CLOSES, YES, begun, brief_id, furniture, made, practitioner, save, soup, typed
from tests.conftest import ClientFor, Clock, Live
from tests.databases import statements
from tests.factories import World

__all__ = ["brief_id", "furniture", "made", "practitioner"]

MOST_STATEMENTS = 12


@pytest.mark.row("7.5")
def test_the_page_keeps_what_is_typed_without_waiting_for_another_box(
    made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    form = soup(client.get(begun(client, made, brief_id)).text).select_one("form[data-keeps]")
    assert form["hx-trigger"] == "change delay:200ms, input delay:2s"


@pytest.mark.row("7.5")
@pytest.mark.row("7.6")
@pytest.mark.bar("U1")
def test_from_the_invitation_to_the_receipt_and_back(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock
) -> None:
    client = client_for(made.owner_a)
    assert soup(client.get(f"/opportunities/{brief_id}").text).find("button", string="Start bid")
    bid = begun(client, made, brief_id)
    assert begun(client, made, brief_id) == bid
    assert save(client, bid, typed(practitioner)).headers["location"] == f"{bid}/check"
    assert soup(client.get(f"{bid}/check").text).find("button", string="Submit sealed bid")
    for _ in range(2):
        assert client.post(f"{bid}/submit", data=YES).headers["location"] == f"{bid}/receipt"
    page = soup(client.get(f"{bid}/receipt").text)
    letter = Letter(
        "We listen first.",
        "Ten years of it.",
        team=(Named(practitioner, "Therapist of Alder Therapy"),),
        vat=Vat.NONE,
        **priced([Line(LineKind.SESSION, 2000, 12_500)]),
    )
    salted = replace(letter, salt=page.select_one(".portal-salt").text)
    assert page.select_one(".portal-digest").text == digest(salted.canonical()) != digest(letter.canonical())
    assert "Monday 23 November 2026, 12:00:00 London time" in page.text
    assert page.find("button", attrs={"data-print": True})
    clock.forward(hours=1)
    save(client, bid, typed(practitioner, rate_1="120"))
    assert "stands until you submit again" in client.get(bid).text
    client.post(f"{bid}/submit", data=YES)
    assert len(soup(client.get(f"{bid}/receipt").text).select("tbody tr")) == 1
    once = soup(client.get(f"{bid}/receipt").text).select_one(f"form[action='{bid}/withdraw']").find_parent("details")
    assert once.summary.text.strip() == "Take the bid back" and not once.has_attr("open"), "asked once more"
    for _ in range(2):
        assert client.post(f"{bid}/withdraw").status_code == 303
    assert "It was withdrawn since, on Monday 23 November 2026, 13:00:00" in client.get(f"{bid}/receipt").text
    clock.set(CLOSES - timedelta(seconds=5))
    assert client.post(f"{bid}/submit", data=YES).status_code == 303
    ended = [row.select("td")[-1].text for row in soup(client.get(f"{bid}/receipt").text).select("tbody tr")]
    assert ended == [f"{how} Monday 23 November 2026, 13:00:00 London time" for how in ("Withdrawn", "Replaced")]
    history = [li.span.text for li in soup(client.get(bid).text).select(".portal-timeline li")]
    assert [words.split(" the bid")[0] for words in history][-3:] == [
        "Olive Owner replaced",
        "Olive Owner withdrew",
        "Olive Owner submitted",
    ]


def test_errors_keep_what_was_typed_and_a_draft_may_be_incomplete(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    long = "x" * 4001
    wrong = save(client, bid, typed(practitioner, approach=long, rate_1="cheap"))
    assert wrong.status_code == 422
    assert {a["href"] for a in soup(wrong.text).select(".govuk-error-summary a")} == {"#approach", "#rate_1"}
    assert "Line 1 of your price: enter an amount in pounds, like 1,250.00" in wrong.text
    assert soup(wrong.text).find("textarea", id="approach").text.strip() == long
    foreign = save(client, bid, typed(uuid4()))
    assert foreign.status_code == 422 and "Select a practitioner from the list" in foreign.text
    assert save(client, bid, {"approach": "We listen first."}).status_code == 303
    check = client.get(f"{bid}/check")
    assert "does not yet say your experience" in check.text and "Submit sealed bid" not in check.text
    assert client.post(f"{bid}/submit", data=YES).status_code == 409
    assert client.post(f"{bid}/submit", data={}).status_code == 422


def test_a_page_drawn_again_is_of_the_moment_of_the_refusal_and_not_of_when_its_request_began(
    made: World,
    brief_id: UUID,
    practitioner: UUID,
    client_for: ClientFor,
    live: Live,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_for(made.owner_a)
    live(client, made.owner_a)
    bid, here = begun(client, made, brief_id), f"/opportunities/{brief_id}"
    clock.set(CLOSES - timedelta(milliseconds=1))
    seen = soup(client.get(bid).text).select_one("form[data-keeps] input[name=seen]")["value"]
    monkeypatch.setattr(app_clock, "now", lambda session: CLOSES)
    answer = client.post(bid, data=typed(practitioner, seen=seen))
    assert answer.status_code == 409 and not soup(answer.text).select_one("form[data-keeps]")
    said = {"provider": str(made.provider_a), "reason": "full"}
    assert "Continue your bid" not in client.post(f"{here}/decline", data=said).text


@pytest.mark.row("5.1")
def test_a_bid_answers_the_briefs_own_questions_within_their_words(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    first, second = BriefQuestion(uuid4(), "How would you begin?", 5), BriefQuestion(uuid4(), "How will you end?", 50)
    with db.write() as session:
        session.get_one(Brief, brief_id).questions = columns_of(Terms(questions=(first, second)))["questions"]
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    page = soup(client.get(bid).text)
    assert page.find("label", attrs={"for": "answer_1"}).text.strip() == "How would you begin?"
    assert not page.find(id="approach")
    answers = {"answer_1": "With six words, one too many.", "approach": "", "experience": ""}
    save(client, bid, typed(practitioner, **answers))
    check = client.get(f"{bid}/check").text
    assert "does not yet say the answer to question 2" in check
    save(client, bid, typed(practitioner, **answers, answer_2="With care."))
    assert client.get(bid).text.count("saved a draft") == 1, "several in a row are told once"
    check = client.get(f"{bid}/check").text
    assert "The answer to question 1 has 6 words; the brief takes 5." in check and "With care." in check
    save(client, bid, typed(practitioner, **(answers | {"answer_1": "With the parents."}), answer_2="With care."))
    assert client.post(f"{bid}/submit", data=YES).status_code == 303
    assert "With the parents." in client.get(f"{bid}/check").text


def test_a_price_above_the_budget_is_said_and_may_be_sent(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner, quantity_1="24", rate_1="125.01"))
    table = soup(client.get(f"{bid}/check").text).select_one(".portal-price.portal-stacks")
    assert [cell["data-column"] for cell in table.select_one("tbody tr").select("td")] == [
        "How many",
        "Each",
        "Together",
    ]
    assert "above the agency’s budget of £3,000.00. You may still send it." in client.get(f"{bid}/check").text
    save(client, bid, typed(practitioner, quantity_1="24", rate_1="150.01"))
    for path in (bid, f"{bid}/check"):
        told = client.get(path).text
        assert "The most for each session" in told and "above the agency’s budget" not in told, path
    save(client, bid, typed(practitioner, quantity_1="24", rate_1="125.01"))
    assert client.post(f"{bid}/submit", data=YES).status_code == 303


@pytest.mark.row("1.14")
def test_what_an_award_would_wait_for_is_said_before_and_after_the_bid_is_sent_and_keeps_nobody_from_it(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    assert "An award to you would wait" not in client.get(f"{bid}/check").text
    with db.write() as session:
        session.get_one(Provider, made.provider_a).record_confirmed_on = None
    assert f"/providers/{made.provider_a}/numbers" in client.get(f"{bid}/check").text
    assert client.post(f"{bid}/submit", data=YES).status_code == 303
    assert "An award to you would wait" in client.get(f"{bid}/receipt").text


@pytest.mark.row("7.5")
def test_a_page_come_back_to_says_when_it_was_saved_and_nothing_of_what_is_sent_already(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))

    def said() -> str:
        return " ".join(soup(client.get(f"{bid}?saved=yes").text).select_one("#saved-at").text.split())

    clock.forward(hours=1)
    assert said().startswith("Saved at 12:00. Not sent yet")
    client.post(f"{bid}/submit", data=YES)
    assert said() == "What stands here is what you submitted."


def test_after_the_close_the_page_and_the_receipt_say_what_the_bid_waits_for(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    client.post(f"{bid}/submit", data=YES)
    words = (
        "The brief closed on Thursday 3 December 2026, 12:00 noon. Your bid is sealed until two people open the bids."
    )
    for moment, said in ((CLOSES - timedelta(seconds=1), False), (CLOSES, True)):
        clock.set(moment)
        for page in (bid, f"{bid}/receipt"):
            assert (words in " ".join(soup(client.get(page).text).text.split())) is said


def test_a_bid_that_lapsed_with_its_membership_was_not_taken_back_by_its_bidder(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    client.post(f"{bid}/submit", data=YES)
    with db.write() as session:
        member = select(Membership.id).where(Membership.provider_id == made.provider_a)
        here = member.where(Membership.lot_id == made.lots[0], Membership.region_id == made.regions[0])
        end_membership(session, made.owner_a, session.exec(here).one(), "We leave this lot.")
    for page, words in (
        (bid, "Your bid was withdrawn."),
        (f"{bid}/receipt", "It was withdrawn since, on Monday 23 November 2026"),
    ):
        text = client.get(page).text
        assert words in text and "submit it again" not in text


@pytest.mark.bar("U1")
@pytest.mark.parametrize("submitted_before", [False, True])
def test_a_whole_draft_that_was_never_sent_is_seen_and_said(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock, submitted_before: bool
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    if submitted_before:
        client.post(f"{bid}/submit", data=YES)
        save(client, bid, typed(practitioner, quantity_1="1", rate_1="1"))
    assert "not submitted" not in client.get(bid).text
    clock.set(CLOSES)
    words = " ".join(soup(client.get(bid).text).select_one(".portal-refusal").text.split())
    assert words.startswith(
        "You had a complete draft that was not submitted when this brief closed on Thursday 3 December"
    )
    assert ("The bid you submitted before it stands." in words) == submitted_before
    page = soup(client.get(bid).text)
    shown = page.select_one("main > .portal-table-scroll tr:last-child td:last-child").text.strip()
    assert shown == "£2,500.00", "what was sent, not what was written later"
    assert ("£1.00" in page.select_one("main").text) == submitted_before
    late = client.post(f"{bid}/submit", data=YES)
    assert late.status_code == 409 and "This brief has closed" in late.text
    said = " ".join(soup(late.text).select_one("main").get_text(" ").split())
    assert "The brief closed Thursday 3 December 2026, 12:00 noon London time" in said
    assert "Your bid arrived Thursday 3 December 2026, 12:00:00.000 London time" in said
    assert ("had submitted before stands. See its receipt" in said) == submitted_before
    assert ("Nothing from your organisation was received for this brief." in said) != submitted_before


def test_a_bid_that_changed_behind_the_page_is_read_again(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        colleague = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bids")
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    read = YES | {"seen": soup(client.get(f"{bid}/check").text).find("input", attrs={"name": "seen"})["value"]}
    save(client_for(colleague), bid, typed(practitioner, quantity_1="1", rate_1="0.01"))
    stale = client_for(made.owner_a).post(f"{bid}/submit", data=read)
    page = soup(stale.text)
    assert stale.status_code == 409 and "£0.01" in page.text
    assert "has changed since you opened this page" in page.select_one(".portal-refusal").text
    again = YES | {"seen": page.find("input", attrs={"name": "seen"})["value"]}
    for _ in range(2):
        assert client_for(made.owner_a).post(f"{bid}/submit", data=again).status_code == 303


def test_the_check_page_says_that_the_practitioner_named_has_left(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    with db.write() as session:
        session.get_one(Practitioner, practitioner).left_at = NOON
    page = soup(client.get(f"{bid}/check").text)
    assert "is not one of the provider’s current practitioners" in page.select_one(".portal-refusal").text
    assert not page.find("button", string="Submit sealed bid")


@pytest.mark.bar("R1")
def test_a_form_that_could_not_be_read_has_no_time_of_receipt(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock
) -> None:
    """A body whose arrival is unknown must never count as an early one."""
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    client.post(f"{bid}/submit", data=YES)
    clock.set(CLOSES + timedelta(seconds=1))
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    for verb in ("withdraw", "submit"):
        assert client.post(f"{bid}/{verb}", content=b"--y\r\nnonsense", headers=broken).status_code == 422
    with db.read() as session:
        assert [row.state for row in session.exec(select(Bid))] == ["submitted"]
        assert len(session.exec(select(BidReceipt)).all()) == 1


@pytest.mark.bar("P6")
def test_a_submit_asks_few_questions_of_the_database(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, live: Live
) -> None:
    """Of the whole request, as it is in life: a live session is looked up, and the database is asked what time it is."""
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    live(client, made.owner_a)
    with statements(db) as sent:
        answer = client.post(f"{bid}/submit", data=YES)
    assert answer.headers["location"] == f"{bid}/receipt"
    assert len(sent) <= MOST_STATEMENTS, "\n".join(sent)
    with db.read() as session:
        assert len(session.exec(select(AuditEvent).where(AuditEvent.name == "bid.submitted")).all()) == 1
