"""One answer, or the prices of one lot, returned and changed alone, and shown beside what was submitted."""

from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.applications import queries
from app.applications.commands import (
    answer_section,
    change_prices,
    make_change,
    request_change,
    submit_application,
    take_back,
    write_prices,
)
from app.applications.models import Application, ApplicationAnswer, ApplicationRate, ReturnedItem
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound
from app.frameworks.rules import PriceUnit
from app.organisations.rules import Role
from tests import NOON
from tests.applications.applying import code_of
from tests.applications.asking import ACCREDITED, AREAS, BEGIN, HOUR, MANY
from tests.conftest import ClientFor, Clock
from tests.factories import World, seated

SESSION = PriceUnit.SESSION
WORDS = "Say in fewer words how you begin with a family."
LOWER = {SESSION: 11_000, HOUR: 7_000}


def _soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


@pytest.fixture
def sent(db: Database, made: World, drafted: UUID) -> UUID:
    with db.write() as session:
        typed = {1: "With a first talk", 2: "12", 3: "I agree"}
        answer_section(session, made.owner_a, drafted, 1, typed, confirm=False)
        answer_section(session, made.owner_a, drafted, 2, {5: "Yes"}, confirm=False)
        write_prices(session, made.owner_a, drafted, {(made.lots[0], SESSION): 12_000, (made.lots[0], HOUR): 7_500})
        submit_application(session, made.owner_a, drafted)
    return drafted


def _request(db: Database, made: World, application_id: UUID, item: str) -> UUID:
    with db.write() as session:
        return request_change(session, made.lead, application_id, item, WORDS)


@pytest.mark.row("2.8")
def test_one_answer_is_changed_and_stands_beside_what_was_submitted(
    db: Database, made: World, sent: UUID, asked: list[UUID], clock: Clock
) -> None:
    returned = _request(db, made, sent, f"question:{asked[BEGIN]}")
    with db.read() as session:
        assert queries.decisions(session, made.lead, NOON)[0].paused, "the clock stands still"
    too_long = code_of(db, lambda s: make_change(s, made.owner_a, sent, returned, "One two three four five six"))
    assert too_long == "wrong"
    typed = {2: "13"}
    other = code_of(db, lambda s: answer_section(s, made.owner_a, sent, 1, typed, confirm=False))
    assert other == "application_submitted", "nothing else of it moves"
    clock.forward(days=1)
    for _ in range(2):
        with db.write() as session:
            make_change(session, made.owner_a, sent, returned, "Over tea")
    with db.read() as session:
        assert not queries.decisions(session, made.lead, NOON)[0].paused
        view = queries.decision(session, made.lead, sent)
        assert view.snapshot["answers"][BEGIN]["answer"] == "With a first talk"
        assert [(one.name, one.change) for one in view.returned] == [("“How do you begin?”", "Over tea")]
        rows = session.exec(select(ApplicationAnswer).where(ApplicationAnswer.application_id == sent))
        assert {row.question_id: row.value for row in rows}[asked[BEGIN]] == "Over tea", "what stands now"


@pytest.mark.row("2.8")
def test_the_prices_of_one_lot_are_changed_together_under_their_ceilings(db: Database, made: World, sent: UUID) -> None:
    returned = _request(db, made, sent, f"prices:{made.lots[0]}")
    high = code_of(db, lambda s: change_prices(s, made.owner_a, sent, returned, {**LOWER, HOUR: 8_001}))
    assert high == "above_ceiling"
    for typed in ({HOUR: 7_000}, {**LOWER, PriceUnit.MILE: 45}):
        with pytest.raises(NotFound), db.write() as session:
            change_prices(session, made.owner_a, sent, returned, typed)
    for _ in range(2):
        with db.write() as session:
            change_prices(session, made.owner_a, sent, returned, LOWER)
    assert (
        code_of(db, lambda s: change_prices(s, made.owner_a, sent, returned, {**LOWER, HOUR: 1})) == "changed_already"
    )
    with db.write() as session:
        assert {PriceUnit(row.unit): row.pence for row in session.exec(select(ApplicationRate))} == LOWER
        assert session.get_one(ReturnedItem, returned).change == "session: £110.00\nhour: £70.00"
        assert session.get_one(Application, sent).snapshot["prices"][0]["pence"] == 12_000
        take_back(session, made.owner_a, sent)


def test_what_was_not_asked_is_not_returned_and_only_owners_change(
    db: Database, made: World, sent: UUID, asked: list[UUID]
) -> None:
    for item in (f"question:{asked[AREAS]}", f"prices:{made.lots[1]}", "question:", "prices:x"):
        with pytest.raises(NotFound), db.write() as session:
            request_change(session, made.lead, sent, item, WORDS)
    answer, prices = (_request(db, made, sent, item) for item in (f"question:{asked[MANY]}", f"prices:{made.lots[0]}"))
    with db.write() as session:
        reader, writer = (seated(session, made.provider_a, role) for role in (Role.READ_ONLY, Role.BIDS))
    assert code_of(db, lambda s: change_prices(s, writer, sent, prices, LOWER)) == "owner_changes"
    for actor, error in ((made.owner_b, NotFound), (made.lead, NotFound), (reader, NotAllowed)):
        with pytest.raises(error), db.write() as session:
            change_prices(session, actor, sent, prices, LOWER)
    for returned, change in (
        (answer, lambda s: change_prices(s, made.owner_a, sent, answer, LOWER)),
        (prices, lambda s: make_change(s, made.owner_a, sent, prices, "Less")),
    ):
        with pytest.raises(NotFound), db.write() as session:
            change(session)
        assert returned


def test_changes_are_asked_for_and_made_on_their_pages(
    client_for: ClientFor, made: World, sent: UUID, asked: list[UUID]
) -> None:
    lead, owner = client_for(made.lead), client_for(made.owner_a)
    offered = _soup(lead.get(f"/decisions/{sent}/changes").text)
    items = {box["value"] for box in offered.select("input[name=item]")}
    assert {f"question:{asked[ACCREDITED]}", f"prices:{made.lots[0]}"} < items
    for item in (f"question:{asked[ACCREDITED]}", f"question:{asked[BEGIN]}", f"prices:{made.lots[0]}"):
        assert lead.post(f"/decisions/{sent}/changes", data={"item": item, "words": WORDS}).status_code == 303
    links = [a["href"] for a in _soup(owner.get(f"/applications/{sent}").text).select("a[href*='/changes/']")]
    yes_no, words, prices = (_soup(owner.get(link).text) for link in links)
    assert [box["value"] for box in yes_no.select("input[name=change][checked]")] == ["Yes"]
    assert words.select_one("textarea[name=change]").get_text() == "With a first talk"
    assert [box["value"] for box in prices.select("input[name^=r1]")] == ["120.00", "75.00"]
    for link, data, errors in (
        (links[1], {"change": "One two three four five six"}, ["#change"]),
        (f"{links[2]}/prices", {"r1_session": "", "r1_hour": "80.01"}, ["#r1_hour", "#r1_session"]),
    ):
        wrong = owner.post(link, data=data)
        assert wrong.status_code == 422
        assert sorted(a["href"] for a in _soup(wrong.text).select(".govuk-error-summary a")) == errors
    assert owner.post(links[0], data={"change": "No"}).status_code == 303
    assert owner.post(links[1], data={"change": "Over tea"}).status_code == 303
    assert owner.post(f"{links[2]}/prices", data={"r1_session": "110", "r1_hour": "70"}).status_code == 303
    shown = " ".join(_soup(lead.get(f"/decisions/{sent}").text).select_one("main").get_text().split())
    for told in (
        "Are your mediators accredited? Yes Changed since: No",
        "How do you begin? With a first talk Changed since: Over tea",
        "Lot 1: Therapeutic intervention session £120.00 £150.00",
        "Changed since: session: £110.00 hour: £70.00",
        "mile of travel Fixed £0.45",
    ):
        assert told in shown, told
