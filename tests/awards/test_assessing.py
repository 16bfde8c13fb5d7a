"""Scores on a real database: each assessor alone, away from a bid they have an interest in, until all are in."""

from uuid import uuid4

import pytest
from sqlmodel import select

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import propose_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.awards.models import BriefAssessor, Score
from app.awards.queries.assessment import assessment, bid_to_score
from app.awards.queries.results import compare, results
from app.briefs.models import Brief
from app.core import audit
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.core.scoring import Mark
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from tests import factories
from tests.awards.stage import CLOSES, DRAIN, SECRET, Stage, marks, refused
from tests.conftest import Clock
from tests.sealing import approve_opening


@pytest.mark.row("13.2")
def test_opening_the_bids_to_read_is_recorded_for_each_bid_once(db: Database, on: Stage) -> None:
    on.opened()
    for _ in range(2):
        with db.write() as session:
            open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with db.read() as session:
        rows = session.exec(select(audit.AuditEvent).where(audit.AuditEvent.name == "assessment.bid_read")).all()
        assert {row.subject_id for row in rows} == set(on.bids.values()) and len(rows) == 2


@pytest.mark.row("8.6")
@pytest.mark.invariant(7)
def test_an_assessor_with_an_interest_never_sees_that_bid(db: Database, on: Stage) -> None:
    on.scored({on.made.provider_b: "I worked there until last year"})
    interested = on.made.assessor
    with db.read() as session:
        seen = assessment(session, interested, on.brief_id, secret=SECRET)
        assert [bid.bid_id for bid in seen.bids] == [on.bids["a"]]
        with pytest.raises(NotFound):
            bid_to_score(session, interested, on.brief_id, on.bids["b"], secret=SECRET)
        shown = results(session, interested, on.brief_id, secret=SECRET)
        assert shown.comparison is None and shown.why_not and shown.why_not.code == "conflicted"
        read = select(audit.AuditEvent.subject_id).where(
            audit.AuditEvent.name == "assessment.bid_read", audit.AuditEvent.person_id == interested.person_id
        )
        assert list(session.exec(read)) == [on.bids["a"]]
        trail = " ".join(audit.sentence(event) for event in audit.timeline(session, on.brief_id))
        assert "Birch" not in trail and str(on.bids["b"]) not in trail


@pytest.mark.invariant(7)
def test_an_assessor_with_an_interest_cannot_score_that_bid(db: Database, on: Stage) -> None:
    on.opened({on.made.provider_b: "I worked there until last year"})
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with pytest.raises(NotFound), db.write() as session:
        given = marks(session, on.brief_id, 5)
        save_scores(session, on.made.assessor, on.brief_id, on.bids["b"], given, secret=SECRET)


@pytest.mark.row("8.4")
@pytest.mark.invariant(8)
def test_scores_are_hidden_from_everybody_until_all_are_in(db: Database, on: Stage) -> None:
    on.opened()
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    for who in (on.made.assessor, on.made.assessor_two, on.made.chair, on.made.commissioner, on.made.approver):
        with db.read() as session:
            shown = results(session, who, on.brief_id, secret=SECRET)
            assert shown.comparison is None and shown.why_not and shown.why_not.code == "waiting"
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert all(not bid.marks for bid in assessment(session, on.made.assessor, on.brief_id, secret=SECRET).bids)
    on.score(on.made.assessor, {"a": 4, "b": 3})
    with db.read() as session:
        table = results(session, on.made.assessor, on.brief_id, secret=SECRET).comparison
        assert table and [bid.bid_id for bid in table.bids] == [on.bids["a"], on.bids["b"]]


def test_what_is_not_submitted_counts_nowhere(db: Database, on: Stage) -> None:
    on.scored()
    with db.write() as session:
        row = session.exec(select(BriefAssessor).where(BriefAssessor.person_id == on.made.assessor.person_id)).one()
        row.submitted_at = None
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
        assert table.waiting == {on.made.assessor.person_id} and table.ranked == () and table.bids == ()


@pytest.mark.row("8.2")
@pytest.mark.row("8.8")
def test_the_ranking_adds_up(db: Database, on: Stage) -> None:
    on.scored()
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
    assert [[str(line.score) for line in bid.lines] + [str(bid.total)] for bid in table.bids] == [
        ["45.00", "18.00", "30.00", "93.00"],
        ["35.00", "14.00", "26.67", "75.67"],
    ]
    assert all(len(line.reasons) == (0 if line.is_price else 2) for bid in table.bids for line in bid.lines)


def test_scores_can_be_changed_until_they_are_submitted_and_never_after(db: Database, on: Stage) -> None:
    on.opened()
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    for points in (2, 5):
        with db.write() as session:
            given = marks(session, on.brief_id, points)
            save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], given, secret=SECRET)
    with db.read() as session:
        assert [score.points for score in session.exec(select(Score))] == [5, 5]
    with pytest.raises(Refused) as no, db.write() as session:
        submit_scores(session, on.made.assessor, on.brief_id, secret=SECRET)
    assert refused(no) == "unscored"
    on.score(on.made.assessor, {"b": 1})
    with db.write() as session:
        submit_scores(session, on.made.assessor, on.brief_id, secret=SECRET)
    with pytest.raises(Refused) as no, db.write() as session:
        given = marks(session, on.brief_id, 0)
        save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], given, secret=SECRET)
    assert refused(no) == "locked"


def test_nothing_is_scored_before_the_bids_are_read_or_off_the_list(db: Database, on: Stage) -> None:
    on.opened()
    with pytest.raises(Refused) as no, db.write() as session:
        given = marks(session, on.brief_id, 3)
        save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], given, secret=SECRET)
    assert refused(no) == "unread"
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with pytest.raises(NotFound), db.write() as session:
        stray = {uuid4(): Mark(3, "A criterion of another brief")}
        save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], stray, secret=SECRET)
    with pytest.raises(NotFound), db.write() as session:
        open_bids(session, on.made.chair, on.brief_id, secret=SECRET)


def test_a_bid_nobody_may_score_needs_a_further_assessor_who_declares_first(
    db: Database, clock: Clock, on: Stage
) -> None:
    on.declared()
    interest = {on.made.provider_b: "I worked there until last year"}
    for who in (on.made.assessor, on.made.assessor_two):
        with db.write() as session:
            declare_interests(session, who, on.brief_id, interest)
    clock.set(CLOSES + DRAIN)
    for person in (on.made.chair, on.made.approver):
        with db.write() as session:
            approve_opening(session, person, on.brief_id, drain=DRAIN)
    for who in (on.made.assessor, on.made.assessor_two):
        on.score(who, {"a": 4})
    with pytest.raises(Refused) as no, db.write() as session:
        propose_award(session, on.made.commissioner, on.brief_id, on.bids["a"], reason="", secret=SECRET)
    assert refused(no) == "unscored"
    with db.write() as session:
        add_assessor(session, on.made.chair, on.brief_id, on.made.chair.known)
    with pytest.raises(Refused) as no, db.write() as session:
        open_bids(session, on.made.chair, on.brief_id, secret=SECRET)
    assert refused(no) == "undeclared"
    with db.write() as session:
        declare_interests(session, on.made.chair, on.brief_id, {})
    on.score(on.made.chair, {"a": 3, "b": 5})
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
        assert {bid.bid_id: str(bid.total) for bid in table.bids} == {on.bids["a"]: "81.34", on.bids["b"]: "96.67"}


def test_nobody_waits_for_an_assessor_who_has_left_the_agency(db: Database, on: Stage) -> None:
    on.opened()
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    with db.write() as session:
        for seat in session.exec(
            select(OrganisationSeat).where(OrganisationSeat.person_id == on.made.assessor.known)
        ).all():
            seat.ended_at = on.clock()
    with db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["a"], reason="", secret=SECRET)


def test_an_assessor_of_another_brief_sees_no_results(db: Database, on: Stage) -> None:
    on.scored()
    with db.write() as session:
        idle = factories.seated(session, on.made.raa_id, Role.ASSESSOR, name="Ida Idle")
    with pytest.raises(NotAllowed), db.read() as session:
        results(session, idle, on.brief_id, secret=SECRET)
