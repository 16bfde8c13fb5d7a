"""Questions about rounds and briefs on a real database: who may ask, until when, and who is told what."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.applications.commands import start_application
from app.clarifications import commands, queries
from app.clarifications.models import Clarification, ClarificationFollow
from app.clarifications.rules import How, Reply, State
from app.core import clock as app_clock
from app.core.actor import NOBODY, Actor
from app.core.audit import AuditEvent
from app.core.database import Database, violates
from app.core.refusals import NotFound
from app.frameworks.models import Round, RoundExtension
from app.memberships.models import Membership
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.providers.models import Practitioner
from app.web.pages import plain
from tests import NOON, factories
from tests.applications.racing import overtaken
from tests.clarifications.asking import REASON, WORDS, Case, mails, refused, state
from tests.conftest import Clock
from tests.databases import statements
from tests.factories import World


@pytest.mark.row("6.1")
@pytest.mark.row("2.15")
def test_from_asking_to_a_corrected_answer(db: Database, case: Case) -> None:
    asker, answering = case.made.owner_a, case.answering
    with db.write() as session:
        asked = case.asked(session)
        assert [one.to_address for one in mails(session, "asked")].count(answering.email) == 1
        commands.accept_question(session, answering, asked, "May therapists share the work?")
        commands.write_answer(session, answering, asked, Reply("Yes, two may."), send=False)
        assert state(session, asked) == State.ANSWER_DRAFTED
        assert queries.thread(session, asker, case.place(session, asker)).answered == ()
        assert commands.write_answer(session, answering, asked, Reply("Yes, two of them may."), send=True)
        assert commands.write_answer(session, answering, asked, Reply("Yes, two or three may."), send=True)
        assert state(session, asked) == State.CORRECTED
        (one,) = queries.thread(session, case.made.owner_b, case.place(session, case.made.owner_b)).answered
    assert (one.number, one.words) == (1, "May therapists share the work?")
    assert [answer.words for answer in one.answers] == ["Yes, two or three may.", "Yes, two of them may."]
    assert (one.own, one.original, one.owner, one.asked_at, one.draft) == (False, "", "", None, None)


@pytest.mark.row("6.1")
def test_what_waits_has_an_owner_an_age_and_a_number(db: Database, case: Case, clock: Clock) -> None:
    with db.write() as session:
        case.asked(session)
        accepted = case.accepted(session)
    clock.forward(days=2)
    with db.read() as session:
        place = (
            queries.of_brief(session, case.answering, case.brief_id, clock.moment)
            if case.about == "brief"
            else queries.of_round(session, case.answering, case.made.round_id, clock.moment)
        )
        waiting = queries.thread(session, case.answering, place).waiting
    assert [(one.owner, one.number) for one in waiting if one.id == accepted] == [(case.answering.name, 1)]
    assert len(waiting) == 2
    assert all(one.asked_at == NOON for one in waiting)


@pytest.mark.row("6.2")
def test_the_buyers_words_are_read_and_the_askers_kept_for_the_asker_alone(db: Database, case: Case) -> None:
    made = case.made
    with db.write() as session:
        asked = case.asked(session, "We in the only clinic with a hydro pool ask: is water play included?")
        commands.accept_question(session, case.answering, asked, "Is water play included?")
        commands.write_answer(session, case.answering, asked, Reply("It is."), send=True)
        seen, _ = queries.question_page(session, case.answering, asked)
        own, _ = queries.question_page(session, made.owner_a, asked)
        with pytest.raises(NotFound):
            queries.question_page(session, made.owner_b, asked)
    assert "hydro pool" not in repr(seen)
    assert "hydro pool" in own.original
    assert own.words == seen.words == "Is water play included?"


@pytest.mark.row("6.2")
def test_everybody_is_told_the_same_at_once_whoever_asked(db: Database, case: Case) -> None:
    made = case.made
    with db.write() as session:
        if case.about == "round":
            cedar = factories.active(session, factories.provider(session, "Cedar Therapy"))
            third = factories.seated(session, cedar, Role.OWNER, name="Cleo Owner")
            start_application(session, third, made.round_id, cedar)
            others = {third.email}
        else:
            others = {made.owner_b.email}
        reader = factories.seated(session, made.provider_b, Role.READ_ONLY, name="Rita Reader")
        keen = factories.seated(session, made.provider_b, Role.READ_ONLY, name="Kim Keen")
        elsewhere = Case(session, made, case.about)
        if case.about == "brief":
            commands.follow(session, reader, elsewhere.place(session, reader), How.EACH)
        commands.follow(session, keen, case.place(session, keen), How.EACH)
        others |= {keen.email}
        asked = case.accepted(session)
        commands.write_answer(session, case.answering, asked, Reply("Yes."), send=True)
        told = mails(session, "answered")
    assert {one.to_address for one in told} == {made.owner_a.email, *others}
    assert len({(str(one.context), one.due_at) for one in told}) == 1
    subject, body = plain(told[0].template, {"public_url": "https://portal.example", **told[0].context})
    assert "A question about" in body
    assert "Yes." not in body + subject


@pytest.mark.row("6.2")
def test_who_has_left_hears_no_more_and_their_organisation_does(db: Database, case: Case, clock: Clock) -> None:
    made, answering = case.made, case.answering
    with db.write() as session:
        lee, daisy = (factories.seated(session, made.provider_a, Role.BIDS, name=name) for name in ("Lee", "Daisy"))
        place = case.place(session, lee)
        public, private = (
            commands.write_question(session, lee, place, made.provider_a, WORDS, reason, ask=True)
            for reason in ("", REASON)
        )
        commands.follow(session, lee, place, How.EACH)
        commands.follow(session, daisy, place, How.DAILY)
        for seat in session.exec(select(OrganisationSeat)):
            if seat.person_id in (lee.known, daisy.known):
                seat.ended_at = NOON
    clock.forward(minutes=1)
    with db.write() as session:
        commands.agree_to_privacy(session, answering, private)
        commands.write_answer(session, answering, private, Reply("They may."), send=True)
        commands.accept_question(session, answering, public, WORDS)
        commands.write_answer(session, answering, public, Reply("They may."), send=True)
        assert {one.to_address for one in mails(session, "settled")} == {made.owner_a.email}
        told = {one.to_address for one in mails(session, "answered")}
        clock.forward(days=1)
        digests = commands.tell_daily(session)
    assert made.owner_a.email in told
    readers = int(case.about == "round")  # what is asked of a round everybody may read, and follow
    assert (lee.email in told, digests) == (bool(readers), readers)


@pytest.mark.row("6.8")
def test_before_a_round_opens_anybody_signed_in_may_ask_and_nobody_of_its_lead(db: Database, made: World) -> None:
    with db.write() as session:
        session.get_one(Round, made.round_id).opens_at = NOON + timedelta(days=5)
        person = factories.person(session, "Nora Newcomer")
        newcomer = Actor(person.id, person.name, person.email)
    with db.write() as session:
        place = queries.of_round(session, newcomer, made.round_id, NOON)
        asked = commands.write_question(session, newcomer, place, None, WORDS, "", ask=True)
        assert [one.id for one in queries.thread(session, newcomer, place).own] == [asked]
        ours = queries.of_round(session, made.checker, made.round_id, NOON)
    refused(
        db, "answers", lambda session: commands.write_question(session, made.checker, ours, None, WORDS, "", ask=True)
    )
    with db.write() as session:
        commands.accept_question(session, made.lead, asked, WORDS)
        commands.write_answer(session, made.lead, asked, Reply("Yes.", changes="Lot 2 takes pairs."), send=True)
        assert [one.to_address for one in mails(session, "answered")] == [newcomer.email]
        assert session.exec(select(RoundExtension)).all() == []


@pytest.mark.row("6.8")
def test_who_cannot_bid_or_apply_cannot_ask(db: Database, case: Case) -> None:
    made = case.made
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY, name="Rita Reader")
        outsider = factories.active(session, factories.provider(session, "Cedar Therapy"))
        cleo = factories.seated(session, outsider, Role.OWNER, name="Cleo Owner")
        for row in session.exec(select(Membership).where(Membership.provider_id == made.provider_b)):
            row.signed_at = row.signed_by = None
        if case.about == "round":
            factories.restricted(session, made, made.provider_b)

    def ask(session: Session, who: Actor, provider_id: UUID | None) -> None:
        commands.write_question(session, who, case.place(session, who), provider_id, WORDS, "", ask=True)

    refused(db, "providers_only", lambda session: ask(session, reader, None))
    code = "not_signed" if case.about == "brief" else "cannot_apply"
    refused(db, code, lambda session: ask(session, made.owner_b, made.provider_b))
    with db.write() as session:
        with pytest.raises(NotFound):
            ask(session, reader, made.provider_a)
        if case.about == "brief":
            with pytest.raises(NotFound):
                ask(session, cleo, outsider)
        else:
            ask(session, cleo, outsider)


@pytest.mark.row("6.3")
def test_no_question_after_its_day_and_nothing_after_the_close(db: Database, case: Case, clock: Clock) -> None:
    asker = case.made.owner_a
    with db.write() as session:
        draft, returned = case.asked(session, ask=False), case.asked(session)
        commands.return_question(session, case.answering, returned, "Which of the two lots do you mean?")
        place = case.place(session, asker)
    clock.set(place.dates.ask_by)

    def ask(session: Session) -> None:
        late = case.place(session, asker, clock.moment)
        commands.write_question(session, asker, late, case.made.provider_a, WORDS, "", ask=True)

    refused(db, "ask_by", ask)
    refused(db, "ask_by", lambda session: commands.rewrite_question(session, asker, draft, WORDS, "", ask=True))
    with db.write() as session:
        commands.rewrite_question(session, asker, returned, WORDS, "", ask=True)
    clock.set(place.closes_at)
    refused(db, "closed", ask)
    refused(db, "closed", lambda session: commands.accept_question(session, case.answering, returned, WORDS))
    with db.write() as session:
        commands.withdraw_question(session, asker, returned)
        with pytest.raises(NotFound):
            queries.question(session, case.answering, returned)


def test_a_draft_is_nobodys_business(db: Database, case: Case) -> None:
    with db.write() as session:
        draft = case.asked(session, ask=False)
        before = len(mails(session, "asked"))
        with pytest.raises(NotFound):
            commands.accept_question(session, case.answering, draft, WORDS)
        commands.rewrite_question(session, case.made.owner_a, draft, WORDS + " Or three?", "", ask=False)
        assert (before, state(session, draft)) == (0, State.DRAFT)
    with db.read() as session:
        events = session.exec(select(AuditEvent).where(col(AuditEvent.name).like("clarification.%"))).all()
    assert {(event.person_id, event.about_id) for event in events} == {(None, None)}


@pytest.mark.row("6.2")
def test_a_question_that_names_its_asker_is_not_asked(db: Database, case: Case) -> None:
    words = "May we at Alder bring a colleague along?"
    with db.write() as session:
        session.add(Practitioner(provider_id=case.made.provider_a, full_name="Petra Practitioner", added_at=NOON))
    for told, reason in ((words, ""), ("May Petra Practitioner come along?", ""), (WORDS, words)):
        refused(db, "names_asker", lambda session, told=told, reason=reason: case.asked(session, told, reason))
    with db.write() as session:
        case.asked(session, words, ask=False)


def test_nothing_about_a_brief_tells_who_the_child_is(db: Database, made: World) -> None:
    with db.write() as session:
        case = Case(session, made, "brief")
        first, second, private = case.asked(session), case.accepted(session), case.asked(session, reason=REASON)
    words = "Is the child, born 3 May 2019, in care now?"
    for act in (
        lambda session: case.asked(session, words),
        lambda session: commands.accept_question(session, made.commissioner, first, words),
        lambda session: commands.write_answer(session, made.commissioner, second, Reply(words), send=False),
        lambda session: commands.write_answer(
            session, made.commissioner, second, Reply("Yes.", changes=words), send=False
        ),
        lambda session: commands.return_question(session, made.commissioner, first, words),
        lambda session: commands.refuse_privacy(session, made.commissioner, private, words),
    ):
        refused(db, "identifying", act)


def test_no_two_questions_bear_one_number(db: Database, case: Case) -> None:
    """Two who accept at the same moment: the database lets one of them, and the other is told to try again."""
    with db.write() as session:
        first, second = case.accepted(session), case.accepted(session)
    with pytest.raises(IntegrityError) as found, db.write() as session:
        session.get_one(Clarification, second).number = session.get_one(Clarification, first).number
    assert violates(found.value, f"uq_clarification_{case.about}_id_number")


def test_two_clicks_at_once_ask_once_and_follow_once(db: Database, case: Case) -> None:
    asker = case.made.owner_a

    def ask(session: Session) -> UUID:
        return case.asked(session, WORDS)

    def follow(session: Session) -> None:
        commands.follow(session, asker, case.place(session, asker), How.DAILY)

    overtaken(db, ask, ask)
    overtaken(db, follow, follow)
    with db.read() as session:
        assert len(session.exec(select(Clarification)).all()) == 1
        assert len(session.exec(select(ClarificationFollow)).all()) == 1


@pytest.mark.row("6.2")
def test_no_event_says_who_asked(db: Database, case: Case) -> None:
    made = case.made
    with db.write() as session:
        asked = case.asked(session, reason=REASON)
        commands.return_question(session, case.answering, asked, "Ask it openly, please.")
        commands.rewrite_question(session, made.owner_a, asked, WORDS, "", ask=True)
        commands.withdraw_question(session, made.owner_a, asked)
        refused_once = case.asked(session, reason=REASON)
        commands.refuse_privacy(session, case.answering, refused_once, "It concerns everybody alike.")
        commands.let_public(session, made.owner_a, refused_once)
    with db.read() as session:
        events = session.exec(select(AuditEvent).where(col(AuditEvent.name).like("clarification.%"))).all()
        said = [repr(event.model_dump()) for event in events]
    assert {event.person_id for event in events} == {NOBODY.person_id, case.answering.person_id}
    secrets = (made.owner_a.name, made.owner_a.email, str(made.owner_a.known), "Alder", str(made.provider_a))
    assert [one for one in said for secret in secrets if secret in one] == []


@pytest.mark.bar("P6")
def test_no_change_asks_more_than_fifteen_statements(
    db: Database, case: Case, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of which the look-up of the session is one; that of the time is counted. A late answer to a round extends it, too."""
    made, counts = case.made, dict[str, list[str]]()
    monkeypatch.setattr(app_clock, "now", lambda session: session.execute(select(app_clock.MOMENT)).scalar_one())

    def counted(name: str, act: Callable[[Session], object]) -> object:
        with statements(db) as sent, db.write() as session:
            found = act(session)
        counts[name] = sent
        return found

    asked = counted("ask", lambda session: case.asked(session))
    assert isinstance(asked, UUID)
    counted("accept", lambda session: commands.accept_question(session, case.answering, asked, WORDS))
    with db.read() as session:
        clock.set(case.place(session, made.owner_a).dates.answer_by + timedelta(hours=1))
    counted("answer", lambda session: commands.write_answer(session, case.answering, asked, Reply("Yes."), send=True))
    assert {name: sent for name, sent in counts.items() if len(sent) > 14} == {}
