"""Assessors of a round: alone until all are in, away from whom they have an interest in; then one mark that counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.applications import queries
from app.applications.commands import (
    accept_part,
    confirm_refusal,
    make_change,
    propose_refusal,
    request_change,
    submit_application,
    take_back,
)
from app.applications.rules import PartState, RefusalReason
from app.applications.rules.returning import STATEMENT
from app.applications.scoring import commands as scoring
from app.applications.scoring.models import AgreedMark, ApplicantDeclaration, RoundAssessor
from app.applications.scoring.queries.assessing import declaration, room, sheet, tasks
from app.applications.scoring.queries.interests import led_decision
from app.applications.scoring.queries.moderating import comparison, round_scoring
from app.core import audit
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.core.scoring import Mark
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from tests import NOON
from tests.applications.applying import CLOSES, WHY, code_of
from tests.applications.racing import overtaken
from tests.applications.scoring import (
    NOTE,
    REASON,
    admits,
    agreed,
    applied,
    asks,
    declared,
    marked,
    named,
    part,
    rolls,
)
from tests.conftest import ClientFor, Clock
from tests.factories import World, seated


@pytest.fixture
def asked(db: Database, made: World) -> tuple[UUID, UUID]:
    with db.write() as session:
        return asks(session, made)


@pytest.fixture
def of_a(db: Database, made: World, asked: tuple[UUID, UUID]) -> UUID:
    """A's application to the first lot in both regions."""
    with db.write() as session:
        parts = [(made.lots[0], region) for region in made.regions]
        return applied(session, made, made.owner_a, made.provider_a, parts)


@pytest.fixture
def assessed(db: Database, made: World, of_a: UUID, clock: Clock) -> UUID:
    """The same, its round closed, and both assessors without an interest."""
    with db.write() as session:
        named(session, made, made.assessor, made.assessor_two)
    clock.set(CLOSES)
    return of_a


@pytest.mark.row("2.9")
def test_assessors_are_named_by_the_lead_once_and_told(db: Database, made: World, of_a: UUID) -> None:
    with db.write() as session:
        both = seated(session, made.raa_id, Role.ASSESSOR, name="Abel Assessor")
        session.add(
            OrganisationSeat(person_id=both.known, organisation_id=made.provider_a, role=Role.READ_ONLY, given_at=NOON)
        )
    assert code_of(db, lambda s: scoring.name_assessor(s, made.lead, made.round_id, both.known)) == "belongs"
    for stranger in (made.commissioner, made.owner_a):
        with pytest.raises(NotFound), db.write() as session:
            scoring.name_assessor(session, made.lead, made.round_id, stranger.known)
    with pytest.raises(NotFound), db.write() as session:
        scoring.name_assessor(session, made.commissioner, made.round_id, made.assessor.known)
    for _ in range(2):
        with db.write() as session:
            scoring.name_assessor(session, made.lead, made.round_id, made.assessor.known)
    with db.read() as session:
        assert len(session.exec(select(RoundAssessor)).all()) == 1
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "applications/asked_to_score.txt"))
        assert [mail.to_address for mail in mails] == [made.assessor.email]
        assert [(task.undeclared, task.to_score) for task in tasks(session, made.assessor, NOON)] == [(1, 0)]
        assert tasks(session, made.assessor_two, NOON) == ()
        seat = session.exec(select(RoundAssessor.id)).one()
    for _ in range(2):
        with db.write() as session:
            scoring.release_assessor(session, made.lead, made.round_id, seat)
    with db.write() as session:
        assert session.exec(select(RoundAssessor)).all() == []
        audit.forget(session, [made.assessor.known])
        told = " ".join(map(audit.sentence, audit.timeline(session, seat)))
        assert told.count(audit.NO_LONGER_NAMED) == 2 and made.assessor.name not in told
        assert list(audit.verify(session)) == []


@pytest.mark.row("2.9")
def test_each_scores_alone_and_marks_are_agreed_when_all_are_in(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID
) -> None:
    how, who = asked

    def agree(marks: dict[UUID, tuple[int, str]]) -> Callable[[Session], None]:
        return lambda s: scoring.agree_marks(s, made.lead, made.round_id, assessed, marks)

    assert code_of(db, lambda s: accept_part(s, made.lead, assessed, part(db, assessed))) == "unscored"
    with db.write() as session:
        scoring.save_marks(session, made.assessor, made.round_id, assessed, {how: Mark(5, REASON)})
    assert code_of(db, lambda s: scoring.submit_marks(s, made.assessor, made.round_id, assessed)) == "unmarked"
    with pytest.raises(NotFound), db.write() as session:
        scoring.save_marks(session, made.assessor, made.round_id, assessed, {uuid4(): Mark(5, REASON)})
    with db.write() as session:
        marked(session, made, made.assessor, assessed, {how: 5, who: 4})
    assert code_of(db, agree({how: (5, NOTE), who: (4, "")})) == "waiting"
    with db.read() as session:
        seen = sheet(session, made.assessor_two, made.round_id, assessed)
        assert (seen.marks, seen.others) == ({}, ())
        assert sheet(session, made.assessor, made.round_id, assessed).others == ()
        assert comparison(session, made.lead, made.round_id, assessed).questions == ()
    with db.write() as session:
        marked(session, made, made.assessor_two, assessed, {how: 3, who: 3})
    code = code_of(db, lambda s: scoring.save_marks(s, made.assessor, made.round_id, assessed, {how: Mark(1, REASON)}))
    assert code == "locked"
    assert code_of(db, agree({how: (4, ""), who: (3, "")})) == "note"
    with pytest.raises(NotFound), db.write() as session:
        agree({how: (4, NOTE)})(session)
    with db.write() as session:
        agree({how: (3, NOTE), who: (3, "")})(session)
    with db.write() as session:
        agree({how: (4, NOTE), who: (3, "")})(session)
    with db.read() as session:
        others = sheet(session, made.assessor, made.round_id, assessed).others
        assert others == ((made.assessor_two.name, {how: Mark(3, REASON), who: Mark(3, REASON)}),)
        line = round_scoring(session, made.lead, made.round_id).applications[0]
        assert (line.agreed, [(number, str(found.total)) for number, found in line.tallies]) == (True, [(1, "72.00")])
        assert "recorded the agreed marks" in " ".join(audit.sentence(e) for e in audit.timeline(session, assessed))
    with db.write() as session:
        accept_part(session, made.lead, assessed, part(db, assessed))
    assert code_of(db, agree({how: (5, NOTE), who: (5, NOTE)})) == "decided"
    with db.read() as session:
        assert len(comparison(session, made.lead, made.round_id, assessed).questions) == 2


def test_a_second_click_waits_for_the_first_and_is_quiet(
    db: Database, made: World, asked: tuple[UUID, UUID], of_a: UUID, clock: Clock
) -> None:
    def name(session: Session) -> None:
        scoring.name_assessor(session, made.lead, made.round_id, made.assessor.known)

    overtaken(db, name, name)
    overtaken(db, *[lambda s: declared(s, made, made.assessor)] * 2)
    clock.set(CLOSES)
    marks = {question: Mark(3, REASON) for question in asked}
    overtaken(db, *[lambda s: scoring.save_marks(s, made.assessor, made.round_id, of_a, marks)] * 2)
    with db.read() as session:
        assert sheet(session, made.assessor, made.round_id, of_a).marks == marks


def test_a_save_under_way_never_changes_submitted_marks(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID
) -> None:
    def save(session: Session, points: int) -> None:
        given = {question: Mark(points, REASON) for question in asked}
        scoring.save_marks(session, made.assessor, made.round_id, assessed, given)

    with db.write() as session:
        save(session, 3)
    with pytest.raises(Refused, match="locked"):
        overtaken(
            db, lambda s: scoring.submit_marks(s, made.assessor, made.round_id, assessed), lambda s: save(s, points=5)
        )
    with db.read() as session:
        marks = sheet(session, made.assessor, made.round_id, assessed).marks
        assert {mark.points for mark in marks.values()} == {3}


def test_what_is_scored_is_the_answer_that_was_submitted(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        marked(session, made, made.assessor, assessed, dict.fromkeys(asked, 3))
        returned_id = request_change(session, made.lead, assessed, f"question:{asked[0]}", WHY)
    assert "submitted one counts" in client_for(made.lead).get(f"/decisions/{assessed}/changes").text
    page = client_for(made.owner_a).get(f"/applications/{assessed}/changes/{returned_id}").text
    assert "scored as you submitted it" in page
    with db.write() as session:
        make_change(session, made.owner_a, assessed, returned_id, "We work with everybody, and far better now.")
    with db.read() as session:
        first = sheet(session, made.assessor_two, made.round_id, assessed).questions[0]
        assert first.answer == "We work with the whole family."
    with db.write() as session:
        marked(session, made, made.assessor_two, assessed, dict.fromkeys(asked, 3))
    with db.read() as session:
        compared = comparison(session, made.lead, made.round_id, assessed).questions[0].question
        assert compared == first


@pytest.mark.row("2.9")
@pytest.mark.parametrize(("marks", "pass_mark"), [((2, 5), None), ((3, 3), 61)])
def test_below_a_threshold_or_the_pass_mark_a_person_refuses_on_the_score(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID, marks: tuple[int, int], pass_mark: int | None
) -> None:
    wanted = part(db, assessed)
    with db.write() as session:
        admits(session, made.lots[0], pass_mark=pass_mark)

    def refuse(session: Session) -> None:
        propose_refusal(session, made.lead, assessed, wanted, RefusalReason.SCORE, WHY)

    assert code_of(db, refuse) == "not_below"
    with db.write() as session:
        agreed(session, made, assessed, dict(zip(asked, marks, strict=True)))
    assert code_of(db, lambda s: accept_part(s, made.lead, assessed, wanted)) == "below"
    with db.write() as session:
        refuse(session)
        confirm_refusal(session, made.lead_two, assessed, wanted)
    with db.read() as session:
        states = [p.state for p in queries.application(session, made.owner_a, assessed).parts if p.id == wanted]
        assert states == [PartState.REFUSED]


@pytest.mark.row("2.9")
def test_the_ground_of_a_refusal_has_to_hold_when_it_is_confirmed(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID, client_for: ClientFor
) -> None:
    wanted = part(db, assessed)
    with db.write() as session:
        admits(session, made.lots[0], pass_mark=50)
        agreed(session, made, assessed, dict.fromkeys(asked, 1))
        propose_refusal(session, made.lead, assessed, wanted, RefusalReason.SCORE, WHY)
        marks = dict.fromkeys(asked, (5, NOTE))
        scoring.agree_marks(session, made.lead, made.round_id, assessed, marks)
    assert code_of(db, lambda s: confirm_refusal(s, made.lead_two, assessed, wanted)) == "not_below"
    page = client_for(made.lead_two).get(f"/decisions/{assessed}/parts/{wanted}").text
    assert "is no ground to refuse it" in page and "Confirm refusal" not in page and "/refuse" in page
    with db.write() as session:
        propose_refusal(session, made.lead, assessed, wanted, RefusalReason.OTHER, WHY)
        confirm_refusal(session, made.lead_two, assessed, wanted)
    with db.read() as session:
        assert queries.parts_of(session, assessed)[0].reason_code == RefusalReason.OTHER


@pytest.mark.row("2.9")
@pytest.mark.row("8.6")
def test_an_interest_keeps_an_assessor_away_for_good(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID
) -> None:
    marks = dict.fromkeys(asked, 4)
    with db.write() as session:
        marked(session, made, made.assessor, assessed, marks)
        declared(session, made, made.assessor_two, a_colleague_of_mine=made.provider_a)
    with db.read() as session:
        assert room(session, made.assessor_two, made.round_id).kept_away == ("Alder Therapy",)
        assert room(session, made.assessor_two, made.round_id).applications == ()
        with pytest.raises(NotFound):
            sheet(session, made.assessor_two, made.round_id, assessed)
        assert declaration(session, made.assessor_two, made.round_id).applied == ()
    assert code_of(db, lambda s: declared(s, made, made.assessor_two)) == "declared"
    with db.read() as session:
        away = session.exec(select(RoundAssessor.id).where(RoundAssessor.person_id == made.assessor_two.known)).one()
    assert code_of(db, lambda s: scoring.release_assessor(s, made.lead, made.round_id, away)) == "reason"
    given = dict.fromkeys(asked, (4, ""))
    agree = lambda s: scoring.agree_marks(s, made.lead, made.round_id, assessed, given)  # noqa: E731
    assert code_of(db, agree) == "too_few"
    with db.write() as session:
        third = seated(session, made.raa_id, Role.ASSESSOR, name="Ciaran Assessor")
        named(session, made, third)
        marked(session, made, third, assessed, marks)
        agree(session)


def test_a_lead_with_an_interest_neither_decides_nor_looks(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        admits(session, made.lots[0], most=1)
        agreed(session, made, assessed, dict.fromkeys(asked, 4))
        both = seated(session, made.lead_id, Role.FRAMEWORK_LEAD, Role.ASSESSOR, name="Bo Both")
        named(session, made, both)
        declared(session, made, both, my_sister_works_there=made.provider_a)
    wanted = part(db, assessed)
    assert code_of(db, lambda s: accept_part(s, both, assessed, wanted)) == "interested"
    given = dict.fromkeys(asked, (4, ""))
    assert code_of(db, lambda s: scoring.agree_marks(s, both, made.round_id, assessed, given)) == "interested"
    assert code_of(db, lambda s: request_change(s, both, assessed, STATEMENT, WHY)) == "interested"
    ranking = f"ranking/{made.lots[0]}/{made.regions[0]}"
    for path, told in (("scoring", "so you do not see it"), (ranking, "so this ranking is not shown to you")):
        theirs, another_s = (client_for(who).get(f"/rounds/{made.round_id}/{path}").text for who in (both, made.lead))
        assert told in theirs and "80.00%" not in theirs
        assert told not in another_s and "80.00%" in another_s
    no_longer_assessor = replace(both, seats=tuple(one for one in both.seats if one.role is not Role.ASSESSOR))
    for lead in (both, no_longer_assessor):
        with db.read() as session, pytest.raises(NotFound):
            led_decision(session, lead, assessed)


@pytest.mark.row("2.9")
def test_nobody_scores_what_can_be_taken_back_and_what_was_is_scored_afresh(
    db: Database, made: World, asked: tuple[UUID, UUID], of_a: UUID, clock: Clock
) -> None:
    marks = dict.fromkeys(asked, 4)
    with db.write() as session:
        named(session, made, made.assessor, made.assessor_two)
    assert code_of(db, lambda s: marked(s, made, made.assessor, of_a, marks)) == "round_open"
    with db.write() as session:
        rolls(session, made, NOON.date())
        agreed(session, made, of_a, marks)
        take_back(session, made.owner_a, of_a)
    clock.set(NOON + timedelta(hours=1))
    with db.write() as session:
        submit_application(session, made.owner_a, of_a)
    assert code_of(db, lambda s: accept_part(s, made.lead, of_a, part(db, of_a))) == "unscored"
    with db.read() as session:
        assert sheet(session, made.assessor, made.round_id, of_a).marks == {}
    with db.write() as session:
        agreed(session, made, of_a, marks)
        accept_part(session, made.lead, of_a, part(db, of_a))


@pytest.mark.parametrize(
    ("different", "constraint"),
    [
        ({"lowest": 2, "highest": 4, "points": 3}, "noted_when_apart"),
        ({"points": 5}, "noted_when_apart"),
        ({"points": 6, "note": NOTE}, "points"),
        ({"lowest": 4}, "given"),
    ],
)
def test_the_database_itself_wants_the_note(
    db: Database, made: World, asked: tuple[UUID, UUID], of_a: UUID, different: dict[str, int | str], constraint: str
) -> None:
    whole = {"lowest": 3, "highest": 3, "points": 3, "note": ""} | different
    with pytest.raises(IntegrityError) as error, db.write() as session:
        session.add(
            AgreedMark(
                application_id=of_a,
                snapshot_sha256="x",
                question_id=asked[0],
                agreed_at=NOON,
                agreed_by=made.lead.known,
                **whole,
            )
        )
    assert violates(error.value, f"ck_agreed_mark_{constraint}")


@pytest.mark.row("2.9")
def test_who_cannot_go_on_assessing_is_taken_off_with_a_reason_and_what_they_said_stays(
    db: Database, made: World, asked: tuple[UUID, UUID], assessed: UUID, client_for: ClientFor
) -> None:
    """One has declared an interest in everybody, another has submitted marks; neither is waited for, and both stay on record."""
    marks = dict.fromkeys(asked, 4)
    with db.write() as session:
        third, fourth = (seated(session, made.raa_id, Role.ASSESSOR, name=name) for name in ("Cy Third", "Di Fourth"))
        named(session, made, third, fourth)
        declared(session, made, third, a_colleague_of_mine=made.provider_a)
        for assessor in (made.assessor, fourth):
            marked(session, made, assessor, assessed, marks)
    with db.read() as session:
        seats = {row.person_id: row.id for row in session.exec(select(RoundAssessor))}
    given = dict.fromkeys(asked, (4, ""))
    agree = lambda s: scoring.agree_marks(s, made.lead, made.round_id, assessed, given)  # noqa: E731
    assert code_of(db, agree) == "waiting"
    lead, here = client_for(made.lead), f"/rounds/{made.round_id}"
    take_off = lambda who, **said: lead.post(f"{here}/assessors/{seats[who.known]}/release", data=said)  # noqa: E731
    assert take_off(third).status_code == 409, "an interest stays on record, so a reason is wanted"
    for who in (third, fourth):
        assert take_off(who, reason="On leave until spring").status_code == 303
    assert take_off(made.assessor_two).status_code == 303, "who has said nothing is taken off without one"
    assert lead.get(f"{here}/scoring").text.count("Taken off: On leave until spring") == 2
    with db.read() as session:
        assert tasks(session, fourth, NOON) == ()
        with pytest.raises(NotFound):
            sheet(session, fourth, made.round_id, assessed)
        assert session.exec(select(ApplicantDeclaration.nature).where(ApplicantDeclaration.nature != "")).one()
    with db.write() as session:
        agree(session)
    with pytest.raises(IntegrityError), db.write() as session:
        session.get_one(RoundAssessor, seats[third.known]).release_reason = ""
    with db.write() as session:
        scoring.name_assessor(session, made.lead, made.round_id, fourth.known)
    with db.read() as session:
        assert len(tasks(session, fourth, NOON)) == 1, "who is asked again is back"
