"""Returning one thing of an application: named, changed alone, as often as needed, while the clock stands still."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.applications import queries
from app.applications.commands import (
    accept_part,
    make_change,
    request_change,
    take_back,
    withdraw_application,
    write_statement,
)
from app.applications.models import Application, ReturnedItem
from app.applications.rules import Phase
from app.applications.rules.returning import STATEMENT, Pause, waited, why_not_change, why_not_request
from app.core import audit
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound
from app.organisations.rules import Role
from tests import NOON
from tests.applications.applying import code_of, draft, part_of
from tests.conftest import ClientFor, Clock
from tests.factories import INSURANCE, World, seated

BOTH = (True, False)
WORDS = "Say how many families you can see at the same time."
CHANGED = "We work with families after adoption, with twelve at the same time."


def _request(db: Database, made: World, application_id: UUID, item: str = STATEMENT) -> UUID:
    with db.write() as session:
        return request_change(session, made.lead, application_id, item, WORDS)


def _change(db: Database, made: World, application_id: UUID, returned_id: UUID) -> None:
    with db.write() as session:
        make_change(session, made.owner_a, application_id, returned_id, CHANGED)


MONDAY, FRIDAY = date(2026, 11, 2), date(2026, 11, 13)


@pytest.mark.row("2.8")
@pytest.mark.parametrize(
    ("pauses", "days"),
    [
        ([], 9),
        ([(date(2026, 11, 4), date(2026, 11, 6))], 7),
        ([(date(2026, 11, 4), date(2026, 11, 4))], 9),
        ([(date(2026, 11, 4), None)], 2),
        ([(date(2026, 11, 4), date(2026, 11, 9)), (date(2026, 11, 5), date(2026, 11, 10))], 5),
        ([(date(2026, 11, 6), date(2026, 11, 9)), (date(2026, 11, 12), None)], 7),
        ([(MONDAY, None)], 0),
    ],
)
def test_working_days_do_not_count_while_a_change_is_asked_for(pauses: list[Pause], days: int) -> None:
    """Submitted on a Monday, and looked at on the Friday of the week after."""
    assert waited(submitted_on=MONDAY, on=FRIDAY, pauses=pauses) == days


@pytest.mark.bar("R3")
@pytest.mark.parametrize(("phase", "first", "second"), list(product(Phase, BOTH, BOTH)))
def test_who_may_ask_for_a_change_and_who_makes_it(phase: Phase, first: bool, second: bool) -> None:
    asked = why_not_request(phase=phase, own_provider=first, requested=second)
    assert (asked is None) is (phase is Phase.SUBMITTED and not first and not second)
    made = why_not_change(phase=phase, owner=first, made=second)
    assert (made is None) is (phase is Phase.SUBMITTED and first and not second)


@pytest.mark.row("2.8")
def test_one_thing_is_changed_and_nothing_else_moves(db: Database, made: World, submitted: UUID, clock: Clock) -> None:
    with db.read() as session:
        before = session.get_one(Application, submitted).snapshot_sha256
    for round_ in range(2):
        clock.forward(days=1)
        returned = _request(db, made, submitted)
        again = code_of(db, lambda s: request_change(s, made.lead_two, submitted, STATEMENT, WORDS))
        assert again == "requested_already"
        assert code_of(db, lambda s: write_statement(s, made.owner_a, submitted, "More")) == "application_submitted"
        assert code_of(db, lambda s: take_back(s, made.owner_a, submitted)) == "change_requested"
        with db.read() as session:
            (line,) = queries.decisions(session, made.lead, clock.moment)
            assert (line.waited, line.paused) == (1 + round_, True)
        clock.forward(days=1)
        for _ in range(2):
            _change(db, made, submitted, returned)
        with db.read() as session:
            (line,) = queries.decisions(session, made.lead, clock.moment)
            assert (line.waited, line.paused) == (1 + round_, False)
    with db.read() as session:
        view = queries.decision(session, made.lead, submitted)
        assert view.sha256 == before
        assert view.snapshot["statement"] == "We work with families after adoption."
        assert [(one.name, one.change) for one in view.returned] == [("The statement", CHANGED)] * 2
        names = [event.name for event in audit.timeline(session, submitted)]
        assert (names.count("application.change_requested"), names.count("application.change_made")) == (2, 2)
        mails = [mail.template for mail in session.exec(select(OutboxMessage))]
        assert (mails.count("applications/change.txt"), mails.count("applications/changed.txt")) == (2, 4)
    other = code_of(db, lambda s: make_change(s, made.owner_a, submitted, returned, "Something else"))
    assert other == "changed_already"


def test_only_what_was_submitted_is_returned_and_only_by_its_leads_to_its_owners(
    db: Database, made: World, submitted: UUID
) -> None:
    for actor, item in ((made.lead, "no such kind"), (made.owner_a, STATEMENT), (made.checker, STATEMENT)):
        with pytest.raises(NotFound), db.write() as session:
            request_change(session, actor, submitted, item, WORDS)
    returned = _request(db, made, submitted, INSURANCE)
    with db.write() as session:
        writer = seated(session, made.provider_a, Role.BIDS)
        elsewhere = draft(session, made, made.owner_b, made.provider_b)
    assert code_of(db, lambda s: make_change(s, writer, submitted, returned, CHANGED)) == "owner_changes"
    for actor, application_id, returned_id in (
        (made.owner_b, submitted, returned),
        (made.owner_b, elsewhere, returned),
        (made.owner_a, submitted, uuid4()),
    ):
        with pytest.raises(NotFound), db.write() as session:
            make_change(session, actor, application_id, returned_id, CHANGED)


def test_a_change_asked_for_delays_no_part_and_ends_with_the_application(
    db: Database, made: World, submitted: UUID
) -> None:
    returned = _request(db, made, submitted)
    with db.write() as session:
        accept_part(session, made.lead, submitted, part_of(db, submitted))
        withdraw_application(session, made.owner_a, submitted)
    assert code_of(db, lambda s: make_change(s, made.owner_a, submitted, returned, CHANGED)) == "not_waiting"
    assert code_of(db, lambda s: request_change(s, made.lead, submitted, INSURANCE, WORDS)) == "not_waiting"


def test_the_database_itself_keeps_one_request_and_who_made_the_change(
    db: Database, made: World, submitted: UUID
) -> None:
    returned = _request(db, made, submitted)

    def second(session: Session) -> None:
        session.add(
            ReturnedItem(
                application_id=submitted,
                item=STATEMENT,
                words=WORDS,
                requested_at=NOON,
                requested_by=made.lead.known,
            )
        )

    def nobody(session: Session) -> None:
        session.get_one(ReturnedItem, returned).made_at = NOON + timedelta(days=1)

    for wrong, constraint in ((second, "uq_returned_item_open"), (nobody, "ck_returned_item_made_by_somebody")):
        with pytest.raises(IntegrityError) as error, db.write() as session:
            wrong(session)
        assert violates(error.value, constraint)


def _text(html: str) -> str:
    return BeautifulSoup(html, "html.parser").get_text(" ", strip=True)


def test_a_change_goes_from_lead_to_owner_and_back(client_for: ClientFor, made: World, submitted: UUID) -> None:
    lead, owner, here = client_for(made.lead), client_for(made.owner_a), f"/decisions/{submitted}/changes"
    assert here in lead.get(f"/decisions/{submitted}").text
    assert lead.post(here, data={"words": "Short"}).status_code == 422
    assert lead.post(here, data={"item": "statement", "words": WORDS}).status_code == 303
    assert lead.post(here, data={"item": "statement", "words": WORDS}).status_code == 409
    assert "Clock stopped" in _text(lead.get("/decisions").text)
    assert f'href="/applications/{submitted}/changes/' in owner.get("/").text
    receipt = BeautifulSoup(owner.get(f"/applications/{submitted}").text, "html.parser")
    assert "Changes requested" in receipt.get_text()
    (path,) = [link["href"] for link in receipt.select(f'a[href^="/applications/{submitted}/changes/"]')]
    form = BeautifulSoup(owner.get(path).text, "html.parser")
    assert WORDS in form.get_text()
    assert form.select_one("textarea[name=change]").get_text(strip=True) == "We work with families after adoption."
    assert owner.post(path, data={"change": " "}).status_code == 422
    assert owner.post(path, data={"change": CHANGED}).status_code == 303
    assert path not in owner.get("/").text
    for reader, page in ((owner, f"/applications/{submitted}"), (lead, f"/decisions/{submitted}")):
        assert "Changes made" in _text(reader.get(page).text)
        assert CHANGED in _text(reader.get(page).text)
    assert owner.post(path, data={"change": "Something else"}).status_code == 409
