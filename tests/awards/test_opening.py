"""From the close to the opening on a real database: who assesses, what they declare, and two who open."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.awards.commands.opening import add_assessor, declare_interests, release_assessor
from app.awards.models import BriefAssessor, Conflict, OpeningApproval
from app.awards.queries.results import compare
from app.bids.models import BidReceipt
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from tests import NOON
from tests.awards.stage import CLOSES, DRAIN, SECRET, Stage, events, refused, written
from tests.conftest import Clock
from tests.sealing import approve_opening


def test_an_assessor_is_asked_once_told_and_may_be_taken_off_until_they_declare(db: Database, clock: Clock) -> None:
    on = written(db, clock, bids=False)
    for _ in range(2):
        with db.write() as session:
            add_assessor(session, on.made.chair, on.brief_id, on.made.assessor.known)
    with db.read() as session:
        row = session.exec(select(BriefAssessor)).one()
        mail = session.exec(select(OutboxMessage).where(OutboxMessage.template == "awards/asked_to_assess.txt")).one()
        assert mail.to_address == on.made.assessor.email
    for _ in range(2):
        with db.write() as session:
            release_assessor(session, on.made.chair, on.brief_id, row.id)
    with db.read() as session:
        assert session.exec(select(BriefAssessor)).all() == []
        assert events(session, "assessor.asked", "assessor.released") == [
            "Chloe Chair asked Asha Assessor to assess the bids",
            "Chloe Chair took Asha Assessor off the assessors",
        ]
    with db.write() as session:
        audit.forget(session, [on.made.assessor.known])
        assert "Asha" not in " ".join(events(session, "assessor.asked", "assessor.released"))
    on.declared()
    with db.read() as session:
        declared = session.exec(select(BriefAssessor.id)).first()
    assert declared
    with pytest.raises(Refused) as no, db.write() as session:
        release_assessor(session, on.made.chair, on.brief_id, declared)
    assert refused(no) == "declared"


def test_only_people_of_the_agency_who_may_assess_are_asked_and_only_by_its_chair(db: Database, clock: Clock) -> None:
    on = written(db, clock, bids=False)
    for who, whom in (
        (on.made.chair, on.made.owner_a),
        (on.made.chair, on.made.commissioner),
        (on.made.commissioner, on.made.assessor),
        (on.made.other_commissioner, on.made.assessor),
    ):
        with pytest.raises(NotFound), db.write() as session:
            add_assessor(session, who, on.brief_id, whom.known)


def test_an_interest_is_declared_against_those_invited_and_can_be_mended_before_the_opening(
    db: Database, on: Stage
) -> None:
    on.declared({})
    for interests in ({on.made.provider_b: "I worked there"}, {on.made.provider_a: "My sister works there"}):
        with db.write() as session:
            declare_interests(session, on.made.assessor, on.brief_id, interests)
    with db.read() as session:
        assert [(c.provider_id, c.nature) for c in session.exec(select(Conflict))] == [
            (on.made.provider_a, "My sister works there")
        ]
    with pytest.raises(NotFound), db.write() as session:
        declare_interests(session, on.made.assessor, on.brief_id, {uuid4(): "Not invited"})
    with pytest.raises(NotFound), db.write() as session:
        declare_interests(session, on.made.chair, on.brief_id, {})


@pytest.mark.row("8.6")
def test_a_declaration_is_fixed_by_the_opening(db: Database, on: Stage) -> None:
    on.opened()
    with pytest.raises(Refused) as no, db.write() as session:
        declare_interests(session, on.made.assessor, on.brief_id, {})
    assert refused(no) == "fixed"


@pytest.mark.invariant(1)
def test_nobody_opens_early(db: Database, clock: Clock, on: Stage) -> None:
    on.declared()
    made = on.made
    for moment in (NOON, CLOSES - timedelta(milliseconds=1), CLOSES, CLOSES + DRAIN - timedelta(milliseconds=1)):
        clock.set(moment)
        for who in (made.chair, made.commissioner, made.approver, made.assessor, made.lead, made.checker, made.owner_a):
            with pytest.raises((Refused, NotFound)), db.write() as session:
                approve_opening(session, who, on.brief_id, drain=DRAIN)
    with db.read() as session:
        brief = session.get_one(Brief, on.brief_id)
        assert brief.opened_at is None and session.exec(select(OpeningApproval)).all() == []
        with pytest.raises(NotFound):
            compare(session, brief, secret=SECRET)


@pytest.mark.invariant(1)
def test_the_database_itself_refuses_an_opening_before_the_close(db: Database, on: Stage) -> None:
    with pytest.raises(IntegrityError) as error, db.write() as session:
        session.get_one(Brief, on.brief_id).opened_at = CLOSES - timedelta(microseconds=1)
    assert violates(error.value, "ck_brief_opened_after_close")


@pytest.mark.bar("S4")
def test_the_database_itself_refuses_an_opening_that_two_people_have_not_approved_since_the_close(
    db: Database, on: Stage
) -> None:
    moment = timedelta(microseconds=1)
    for first, second in (
        (None, None),
        (CLOSES, None),
        (CLOSES, CLOSES - moment),
        (CLOSES, CLOSES + DRAIN + moment),
        (CLOSES, CLOSES + DRAIN),
    ):
        with db.write() as session:
            session.execute(delete(OpeningApproval))
            for place, (who, at) in enumerate(((on.made.chair, first), (on.made.commissioner, second)), start=1):
                if at:
                    given = {"brief_id": on.brief_id, "person_id": who.known, "at": at, "witness": ""}
                    session.add(OpeningApproval(position=place, **given))
        if second == CLOSES + DRAIN:
            break
        with pytest.raises(IntegrityError) as error, db.write() as session:
            session.get_one(Brief, on.brief_id).opened_at = CLOSES + DRAIN
        assert violates(error.value, "ck_brief_opened_by_two"), (first, second)
    with db.write() as session:
        session.get_one(Brief, on.brief_id).opened_at = CLOSES + DRAIN


def test_two_people_open_the_chair_first_and_a_second_click_is_quiet(db: Database, clock: Clock, on: Stage) -> None:
    on.declared()
    clock.set(CLOSES + DRAIN)

    def approve(who: Actor) -> bool:
        with db.write() as session:
            return approve_opening(session, who, on.brief_id, drain=DRAIN)

    with pytest.raises(Refused) as no:
        approve(on.made.commissioner)
    assert refused(no) == "chair_first"
    assert [approve(on.made.chair), approve(on.made.chair), approve(on.made.approver)] == [False, False, True]
    assert approve(on.made.approver) is True
    with db.read() as session:
        assert session.get_one(Brief, on.brief_id).opened_at == CLOSES + DRAIN
        opened = session.exec(select(audit.AuditEvent).where(audit.AuditEvent.name == "opening.completed")).one()
        assert opened.detail["count"] == 2
        assert set(session.exec(select(BidReceipt.content_sha256))) == set(opened.detail["receipts"])
        told = session.exec(select(OutboxMessage.to_address).where(OutboxMessage.template == "awards/bids_opened.txt"))
        assert set(told) == {on.made.assessor.email, on.made.assessor_two.email}
        assert list(audit.verify(session)) == []
    with pytest.raises(Refused) as no:
        approve(on.made.commissioner)
    assert refused(no) == "already_open"


def test_a_clock_that_was_put_back_opens_nothing_until_it_is_past_the_first_approval(
    db: Database, clock: Clock, on: Stage
) -> None:
    on.declared()
    first = CLOSES + DRAIN + timedelta(seconds=1)
    clock.set(first)
    with db.write() as session:
        approve_opening(session, on.made.chair, on.brief_id, drain=DRAIN)
    clock.set(first - timedelta(milliseconds=1))
    with pytest.raises(Refused) as no, db.write() as session:
        approve_opening(session, on.made.commissioner, on.brief_id, drain=DRAIN)
    assert refused(no) == "clock_put_back"
    clock.set(first)
    with db.write() as session:
        assert approve_opening(session, on.made.commissioner, on.brief_id, drain=DRAIN) is True


def test_an_opening_waits_for_every_declaration(db: Database, clock: Clock, on: Stage) -> None:
    on.declared()
    clock.set(CLOSES + DRAIN)
    with db.write() as session:
        session.exec(select(BriefAssessor)).first().declared_at = None  # type: ignore[union-attr]
    with pytest.raises(Refused) as no, db.write() as session:
        approve_opening(session, on.made.chair, on.brief_id, drain=DRAIN)
    assert refused(no) == "undeclared"
