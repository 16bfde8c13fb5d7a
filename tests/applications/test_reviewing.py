"""A refusal that is looked at again: in time, by a third person, once; and five lots in three regions decided apart."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.applications import queries
from app.applications.commands import (
    accept_part,
    ask_to_look_again,
    choose_lots,
    confirm_refusal,
    decide_review,
    propose_refusal,
    start_application,
    submit_application,
    write_statement,
)
from app.applications.models import ApplicationLot
from app.applications.queries.failing import why_fail
from app.applications.rules import PartState, Phase, RefusalReason, Review
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.frameworks.models import Lot, Region, RoundScope
from app.memberships.models import Membership
from app.organisations.rules import Role
from app.providers.news import Closing
from tests import NOON
from tests.applications.applying import WHY, code_of, part_of
from tests.conftest import ClientFor, Clock
from tests.factories import World, seated

OVERLOOKED = "You overlooked that Ms Fern, named on page one, is such a mediator."
ANSWER = "We have read page one again, and Ms Fern is indeed accredited."


@pytest.fixture
def third(db: Database, made: World) -> Actor:
    with db.write() as session:
        return seated(session, made.lead_id, Role.FRAMEWORK_LEAD, name="Lucy Lead")


def _refuse(session: Session, made: World, application_id: UUID, part_id: UUID) -> None:
    propose_refusal(session, made.lead, application_id, part_id, RefusalReason.EXPERIENCE, WHY)
    confirm_refusal(session, made.lead_two, application_id, part_id)


@pytest.fixture
def refused(db: Database, made: World, submitted: UUID) -> UUID:
    """The part that was refused."""
    part = part_of(db, submitted)
    with db.write() as session:
        _refuse(session, made, submitted, part)
    return part


def _ask(db: Database, made: World, application_id: UUID, part_id: UUID) -> None:
    with db.write() as session:
        ask_to_look_again(session, made.owner_a, application_id, part_id, OVERLOOKED)


def _mailed(db: Database, template: str) -> set[str]:
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.template == f"applications/{template}.txt"))
        return {row.to_address for row in rows}


@pytest.mark.row("2.14")
@pytest.mark.parametrize("outcome", list(Review))
def test_somebody_who_took_no_part_looks_again(
    db: Database, made: World, submitted: UUID, refused: UUID, third: Actor, outcome: Review
) -> None:
    for _ in range(2):
        _ask(db, made, submitted, refused)
    assert _mailed(db, "look_again") == {made.lead.email, made.lead_two.email, third.email}
    for decider in (made.lead, made.lead_two):
        code = code_of(db, lambda s, who=decider: decide_review(s, who, submitted, refused, outcome, ANSWER))  # type: ignore[misc]
        assert code == "another_decider"
    with db.read() as session:
        waiting = queries.reviews(session, third)
        assert [(line.part_id, line.took_part) for line in waiting] == [(refused, False)]
        assert [line.took_part for line in queries.reviews(session, made.lead)] == [True]
    for _ in range(2):
        with db.write() as session:
            decide_review(session, third, submitted, refused, outcome, ANSWER)
    assert _mailed(db, "reviewed") == {made.owner_a.email}
    with db.read() as session:
        part = next(p for p in queries.application(session, made.owner_a, submitted).parts if p.id == refused)
        assert (part.state, part.review_reason) == (PartState(outcome), ANSWER)
        opened = session.exec(select(Membership)).all()
        assert len(opened) == (1 if outcome is Review.OVERTURNED else 0)
        assert (part.membership_id is not None) is (outcome is Review.OVERTURNED)
        assert (why_fail(session, made.lead) == []) is (outcome is Review.OVERTURNED)
        assert len(queries.approved(session, made.owner_a, made.provider_a).applications) == len(opened)
        assert queries.reviews(session, third) == []
        assert [e.name for e in audit.timeline(session, submitted)].count("application.reviewed") == 1
    assert code_of(db, lambda s: ask_to_look_again(s, made.owner_a, submitted, refused, OVERLOOKED)) == "asked_already"


@pytest.mark.row("2.14")
def test_asking_is_for_an_owner_and_for_ten_working_days(
    db: Database, made: World, submitted: UUID, refused: UUID, clock: Clock
) -> None:
    other = part_of(db, submitted, 1)
    with db.write() as session:
        writer = seated(session, made.provider_a, Role.BIDS)
        propose_refusal(session, made.lead, submitted, other, RefusalReason.OTHER, WHY)
    assert code_of(db, lambda s: ask_to_look_again(s, writer, submitted, refused, OVERLOOKED)) == "owner_asks"
    assert code_of(db, lambda s: ask_to_look_again(s, made.owner_a, submitted, other, OVERLOOKED)) == "not_refused"
    with pytest.raises(NotFound), db.write() as session:
        ask_to_look_again(session, made.owner_b, submitted, refused, OVERLOOKED)
    clock.set(NOON + timedelta(days=14, hours=12))
    assert code_of(db, lambda s: ask_to_look_again(s, made.owner_a, submitted, refused, OVERLOOKED)) == "too_late"
    clock.set(NOON + timedelta(days=14, hours=11, minutes=59))
    _ask(db, made, submitted, refused)


def test_a_refusal_to_look_at_again_stands_in_the_way_of_closing(
    db: Database, made: World, submitted: UUID, refused: UUID, third: Actor
) -> None:
    with db.write() as session:
        for part in queries.parts_of(session, submitted):
            if part.id != refused:
                accept_part(session, made.lead, submitted, part.id)
    closing = Closing(made.provider_a, own=True, at=NOON)

    def codes() -> list[str]:
        with db.read() as session:
            return [refusal.code for refusal in queries.in_the_way(session, closing)]

    assert codes() == []
    _ask(db, made, submitted, refused)
    assert codes() == ["application_under_review"]
    with db.write() as session:
        decide_review(session, third, submitted, refused, Review.UPHELD, ANSWER)
    assert codes() == []


@pytest.mark.parametrize(
    ("different", "constraint"),
    [
        ({"reviewed_by": "lead"}, "reviewed_by_somebody_else"),
        ({"reviewed_by": "lead_two"}, "reviewed_by_somebody_else"),
        ({"reviewed_by": None}, "reviewed_by_somebody_else"),
        ({"review_reason": ""}, "reviewed_by_somebody_else"),
        ({"review_words": ""}, "review_of_a_refusal"),
        ({"decision": "accepted"}, "review_of_a_refusal"),
    ],
)
def test_the_database_itself_keeps_the_third_person(
    db: Database,
    made: World,
    submitted: UUID,
    refused: UUID,
    third: Actor,
    different: dict[str, str | None],
    constraint: str,
) -> None:
    with pytest.raises(IntegrityError) as error, db.write() as session:
        row = session.get_one(ApplicationLot, refused)
        row.review_asked_at, row.review_asked_by, row.review_words = NOON, made.owner_a.known, OVERLOOKED
        row.review_outcome, row.review_reason = "upheld", ANSWER
        row.reviewed_at, row.reviewed_by = NOON, third.known
        people = {"lead": made.lead.known, "lead_two": made.lead_two.known}
        for name, value in different.items():
            setattr(row, name, people.get(value or "", value))
    assert violates(error.value, f"ck_application_lot_{constraint}")


def test_two_people_looking_again_at_once_leave_one_answer(
    db: Database, made: World, submitted: UUID, refused: UUID, third: Actor
) -> None:
    with db.write() as session:
        fourth = seated(session, made.lead_id, Role.FRAMEWORK_LEAD, name="Lorna Lead")
    _ask(db, made, submitted, refused)

    def decide(who: Actor, outcome: Review) -> str:
        try:
            with db.write() as session:
                decide_review(session, who, submitted, refused, outcome, ANSWER)
        except Refused as refusal:
            return refusal.refusal.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(decide, (third, fourth), Review))
    assert answers == ["done", "not_possible"]
    with db.read() as session:
        row = session.get_one(ApplicationLot, refused)
        assert len(session.exec(select(Membership)).all()) == (1 if row.review_outcome == "overturned" else 0)


def _five_by_three(session: Session, made: World) -> list[tuple[UUID, UUID]]:
    """The world's framework with three lots and a region more, all in its round."""
    known = session.get_one(Lot, made.lots[0])
    lots = [
        Lot(**known.model_dump(exclude={"id", "number", "name"}), number=number, name=f"Lot of number {number}")
        for number in (3, 4, 5)
    ]
    region = Region(framework_id=made.framework_id, name="West")
    session.add_all((*lots, region))
    session.flush()
    everything = [(x, y) for x in (*made.lots, *(lot.id for lot in lots)) for y in (*made.regions, region.id)]
    known_scope = {(x, y) for x in made.lots for y in made.regions}
    session.add_all(
        RoundScope(round_id=made.round_id, lot_id=x, region_id=y) for x, y in everything if (x, y) not in known_scope
    )
    return everything


@pytest.mark.row("2.1")
def test_a_refusal_of_one_of_five_lots_in_three_regions_delays_none_of_the_others(
    db: Database, made: World, third: Actor
) -> None:
    with db.write() as session:
        everything = _five_by_three(session, made)
    with db.write() as session:
        one = start_application(session, made.owner_a, made.round_id, made.provider_a)
        choose_lots(session, made.owner_a, one, everything)
        write_statement(session, made.owner_a, one, "We would be glad to join every lot.")
        submit_application(session, made.owner_a, one)
    first, *others = [part_of(db, one, n) for n in range(15)]
    steps: list[Callable[[Session], None]] = [
        lambda s: propose_refusal(s, made.lead, one, first, RefusalReason.SCOPE, WHY),
        lambda s: confirm_refusal(s, made.lead_two, one, first),
        lambda s: ask_to_look_again(s, made.owner_a, one, first, OVERLOOKED),
        lambda s: decide_review(s, third, one, first, Review.UPHELD, ANSWER),
    ]
    for number, part in enumerate(others):
        if number < len(steps):
            with db.write() as session:
                steps[number](session)
        with db.write() as session:
            accept_part(session, made.lead, one, part)
        with db.read() as session:
            assert len(session.exec(select(Membership)).all()) == number + 1
    with db.read() as session:
        view = queries.application(session, made.owner_a, one)
        assert view.phase is Phase.DECIDED
        assert sorted(part.state for part in view.parts) == [PartState.ACCEPTED] * 14 + [PartState.UPHELD]


def _text(html: str) -> str:
    return BeautifulSoup(html, "html.parser").get_text(" ", strip=True)


def test_the_letter_leads_to_looking_again_and_brings_the_answer(
    client_for: ClientFor, made: World, submitted: UUID, refused: UUID, third: Actor
) -> None:
    owner, letter = client_for(made.owner_a), f"/applications/{submitted}/parts/{refused}"
    assert f'href="{letter}"' in owner.get(f"/applications/{submitted}").text
    assert WHY in _text(owner.get(letter).text)
    assert "until 7 December 2026" in _text(owner.get(letter).text)
    short = owner.post(f"{letter}/look-again", data={"words": "Why?"})
    assert (short.status_code, short.text.count("govuk-error-summary__title")) == (422, 1)
    for _ in range(2):
        asked = owner.post(f"{letter}/look-again", data={"words": OVERLOOKED})
        assert asked.headers["location"] == letter
    here = f"/decisions/{submitted}/parts/{refused}"
    assert here in client_for(third).get("/decisions").text
    assert here in client_for(third).get("/").text
    assert here not in client_for(made.lead).get("/").text
    assert "Look again" in _text(client_for(third).get(f"/decisions/{submitted}").text)
    assert "You took part in this refusal" in _text(client_for(made.lead).get(here).text)
    assert client_for(third).post(f"{here}/review", data={"outcome": "upheld"}).status_code == 422
    answer = {"outcome": "overturned", "reason": ANSWER}
    assert client_for(made.lead).post(f"{here}/review", data=answer).status_code == 409
    assert client_for(third).post(f"{here}/review", data=answer).status_code == 303
    told = BeautifulSoup(owner.get(letter).text, "html.parser")
    assert "You are accepted after all" in told.get_text()
    assert told.select_one('article a[href^="/memberships/"]')
    assert client_for(made.owner_b).get(letter).status_code == 404
