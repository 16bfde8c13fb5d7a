"""Answers on a real database: in confidence or to all, late or with a change, and told once."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.briefs.amending.models import BriefAmendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind as BriefKind
from app.briefs.amending.writing import publish_version
from app.briefs.models import Brief
from app.briefs.news import BriefNews
from app.clarifications import commands, duties, queries
from app.clarifications.models import Clarification, ClarificationAnswer
from app.clarifications.rules import How, Reply, State
from app.core.database import Database
from app.frameworks.models import Round, RoundExtension
from app.main import connect
from app.web.pages import plain
from tests import NOON
from tests.clarifications.asking import REASON, WORDS, Case, mails, refused, state
from tests.conftest import Clock
from tests.factories import World


def _amend(session: Session, made: World, brief_id: UUID, kind: BriefKind, at: datetime = NOON) -> None:
    brief = session.get_one(Brief, brief_id)
    row = BriefAmendment(
        brief_id=brief_id, kind=kind, based_on=brief.version, reason="It changed.", proposed_at=at, outage_id=None
    )
    publish_version(session, made.approver, brief, row, terms_of(brief), at)


@pytest.mark.row("6.6")
def test_agreed_confidence_is_answered_to_the_asker_alone(db: Database, case: Case) -> None:
    asker, answering, other = case.made.owner_a, case.answering, case.made.owner_b
    with db.write() as session:
        asked = case.asked(session, reason=REASON)
        assert state(session, asked) == State.PRIVATE_REQUESTED
    refused(
        db, "question_private_requested", lambda session: commands.accept_question(session, answering, asked, WORDS)
    )
    with db.write() as session:
        commands.agree_to_privacy(session, answering, asked)
    reply = Reply("Yes.", changes="All.")
    refused(db, "private_change", lambda session: commands.write_answer(session, answering, asked, reply, send=True))
    with db.write() as session:
        commands.write_answer(session, answering, asked, Reply("Yes, to you alone."), send=True)
        assert {one.to_address for one in mails(session, "settled")} == {asker.email}
        assert mails(session, "answered") == []
        assert queries.thread(session, other, case.place(session, other)).answered == ()
        mine, _ = queries.question_page(session, asker, asked)
    assert (mine.state, mine.number, [one.words for one in mine.answers]) == (
        State.ANSWERED,
        None,
        ["Yes, to you alone."],
    )


@pytest.mark.row("6.6")
def test_refused_confidence_is_withdrawn_or_answered_to_all(db: Database, case: Case) -> None:
    asker, answering, other = case.made.owner_a, case.answering, case.made.owner_b
    with db.write() as session:
        asked, dropped = case.asked(session, reason=REASON), case.asked(session, reason=REASON)
        for one in (asked, dropped):
            commands.refuse_privacy(session, answering, one, "It concerns everybody alike.")
    refused(db, "question_private_refused", lambda session: commands.accept_question(session, answering, asked, WORDS))
    with db.write() as session:
        commands.withdraw_question(session, asker, dropped)
        commands.let_public(session, asker, asked)
        commands.accept_question(session, answering, asked, WORDS)
        commands.write_answer(session, answering, asked, Reply("Yes."), send=True)
        seen = queries.thread(session, other, case.place(session, other)).answered
    assert [(one.id, one.private_reason) for one in seen] == [(asked, "")]


@pytest.mark.row("6.4")
def test_a_late_answer_moves_a_rounds_close_or_says_why_not(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        case = Case(session, made, "round")
        late, kept = case.accepted(session), case.accepted(session)
        place = case.place(session, made.lead)
    clock.set(place.dates.answer_by + timedelta(hours=30))
    silent, says = Reply("No.", extends=False), Reply("No.", extends=False, keep_reason="The notice says so already.")
    refused(db, "keep_reason", lambda session: commands.write_answer(session, made.lead, kept, silent, send=True))
    with db.write() as session:
        commands.write_answer(session, made.lead, kept, says, send=True)
        assert session.get_one(Round, made.round_id).closes_at == place.closes_at
        commands.write_answer(session, made.lead, late, Reply("Yes."), send=True)
        moved = session.exec(select(RoundExtension)).one()
        assert moved.closes_at == session.get_one(Round, made.round_id).closes_at > place.closes_at
        answers = {one.clarification_id: one for one in session.exec(select(ClarificationAnswer))}
        assert (answers[late].late, answers[late].extends_to) == (True, moved.closes_at)
        assert (answers[kept].late, answers[kept].keep_reason) == (True, "The notice says so already.")


@pytest.mark.row("6.4")
def test_a_late_answer_about_a_brief_goes_out_and_the_later_deadline_is_owed(
    db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        case = Case(session, made, "brief")
        asked = case.accepted(session)
        place = case.place(session, made.owner_a)
    clock.set(place.dates.answer_by + timedelta(minutes=1))
    with db.write() as session:
        assert commands.write_answer(session, made.commissioner, asked, Reply("Yes."), send=True)
        view, _ = queries.question_page(session, made.commissioner, asked)
    owed = view.answers[0].extends_to
    assert owed and owed > place.closes_at
    refused(db, "nothing_owed", lambda session: commands.keep_deadline(session, made.owner_a, asked, "I say so."))
    with db.write() as session:
        commands.keep_deadline(session, made.commissioner, asked, "Nobody asked for more time.")
    refused(db, "nothing_owed", lambda session: commands.keep_deadline(session, made.commissioner, asked, "Again."))
    with db.read() as session:
        view, _ = queries.question_page(session, made.commissioner, asked)
    assert (view.answers[0].extends_to, view.answers[0].keep_reason) == (None, "Nobody asked for more time.")


@pytest.mark.row("6.5")
@pytest.mark.parametrize("kind", [BriefKind.MINOR, BriefKind.MATERIAL])
def test_an_answer_that_changes_a_brief_goes_out_by_itself_with_the_amendment(
    db: Database, made: World, kind: BriefKind
) -> None:
    connect()
    who, changed = made.commissioner, Reply("Thirty sessions.", changes="Thirty sessions, not twenty.")
    with db.write() as session:
        case = Case(session, made, "brief")
        first, second, kept = (case.accepted(session) for _ in range(3))
        for asked in (first, second, kept):
            assert not commands.write_answer(session, who, asked, changed, send=asked != kept)
        assert mails(session, "answered") == []
    for moved in (BriefKind.OUTAGE, BriefKind.EARLY_CLOSE):
        with db.write() as session:
            _amend(session, made, case.brief_id, moved)
            assert not commands.write_answer(session, who, first, changed, send=True), "it waits on"
    with db.write() as session:
        _amend(session, made, case.brief_id, kind)
    with db.write() as session:
        news = BriefNews(case.brief_id, session.get_one(Brief, case.brief_id).version, True, made.approver, NOON)
        commands.send_what_waited(session, news)  # told twice, it sends nothing twice
    with db.write() as session:
        states = [state(session, one) for one in (first, second, kept)]
        assert states == [State.ANSWERED, State.ANSWERED, State.ANSWER_DRAFTED]
        assert len(mails(session, "answered")) == 4
        assert session.get_one(Clarification, first).owner_id == who.person_id
        assert commands.write_answer(session, who, kept, changed, send=True), "the brief has been amended since"


@pytest.mark.row("6.4")
def test_an_answer_that_waited_is_late_by_when_it_goes_out(db: Database, made: World, clock: Clock) -> None:
    connect()
    who, changes = made.commissioner, "Thirty sessions, not twenty."
    with db.write() as session:
        case = Case(session, made, "brief")
        owed, kept = case.accepted(session), case.accepted(session)
        stays = Reply("Yes.", changes=changes, extends=False, keep_reason="It is a small change.")
        commands.write_answer(session, who, owed, Reply("Yes.", changes=changes), send=True)
        commands.write_answer(session, who, kept, stays, send=True)
        place = case.place(session, made.owner_a)
    clock.set(place.dates.answer_by + timedelta(minutes=1))
    with db.write() as session:
        _amend(session, made, case.brief_id, BriefKind.MINOR, at=clock.moment)
        told = len(mails(session, "answered"))
        commands.send_what_waited(session, BriefNews(case.brief_id, 3, True, made.approver, clock.moment))
        assert len(mails(session, "answered")) == told, "nothing waits any more"
    with db.read() as session:
        answers = {one.clarification_id: one for one in session.exec(select(ClarificationAnswer))}
    assert all(one.sent_at and one.late for one in answers.values())
    until = answers[owed].extends_to
    assert until and until > place.closes_at
    assert (answers[kept].extends_to, answers[kept].keep_reason) == (None, "It is a small change.")


@pytest.mark.row("6.5")
def test_an_answer_that_changes_a_round_leaves_five_working_days(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        case = Case(session, made, "round")
        early, short = case.accepted(session), case.accepted(session)
        commands.write_answer(session, made.lead, early, Reply("Yes.", changes="Pairs may apply."), send=True)
        closes_at = session.get_one(Round, made.round_id).closes_at
        assert closes_at == NOON + timedelta(days=20)
        answer_by = case.place(session, made.lead).dates.answer_by
    clock.set(answer_by)
    with db.write() as session:
        commands.write_answer(session, made.lead, short, Reply("Yes.", changes="Trios may apply."), send=True)
        answer = session.exec(select(ClarificationAnswer).where(ClarificationAnswer.clarification_id == short)).one()
        assert session.get_one(Round, made.round_id).closes_at > closes_at
        assert not answer.late


@pytest.mark.row("6.7")
def test_new_answers_together_once_a_day_and_never_twice(db: Database, case: Case, clock: Clock) -> None:
    made, follower = case.made, case.made.owner_b
    with db.write() as session:
        commands.follow(session, follower, case.place(session, follower), How.DAILY)
        clock.forward(minutes=1)
        for _ in range(2):
            commands.write_answer(session, case.answering, case.accepted(session), Reply("Yes."), send=True)
        assert [one.to_address for one in mails(session, "answered")] == [made.owner_a.email] * 2
    clock.forward(days=1)
    assert (duties.daily(db), duties.daily(db)) == (1, 0)
    clock.forward(days=1)
    assert duties.daily(db) == 0
    with db.write() as session:
        (digest,) = mails(session, "digest")
        _, body = plain(digest.template, {"public_url": "https://portal.example", **digest.context})
        assert digest.to_address == follower.email
        assert f"2 new answers, https://portal.example{case.place(session, follower).page}" in body
        commands.follow(session, follower, case.place(session, follower), How.STOP)
        commands.follow(session, follower, case.place(session, follower), How.STOP)
        commands.follow(session, follower, case.place(session, follower), How.EACH)
        commands.write_answer(session, case.answering, case.accepted(session), Reply("Yes."), send=True)
        assert follower.email in {one.to_address for one in mails(session, "answered")}
    clock.forward(days=1)
    assert duties.daily(db) == 0


@pytest.mark.row("6.7")
def test_an_answer_of_this_moment_is_told_tomorrow_and_not_lost(db: Database, case: Case, clock: Clock) -> None:
    """Its write may end after the one that tells: what is not five minutes old waits."""
    follower = case.made.owner_b
    with db.write() as session:
        commands.follow(session, follower, case.place(session, follower), How.DAILY)
        asked = case.accepted(session)
    clock.forward(days=1)
    with db.write() as session:
        commands.write_answer(session, case.answering, asked, Reply("Yes."), send=True)
        clock.forward(minutes=4)
        assert commands.tell_daily(session) == 0
        clock.forward(days=1)
        assert [commands.tell_daily(session), commands.tell_daily(session)] == [1, 0]
