"""Answering, carrying over and pricing an application, and how it is submitted with them: on a real database."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from app.applications import queries
from app.applications.answers.rules import Sheet, Standing
from app.applications.commands import (
    answer_section,
    carry_application,
    choose_lots,
    restore_application,
    start_application,
    submit_application,
    take_back,
    withdraw_application,
    write_prices,
    write_statement,
)
from app.applications.models import Application, ApplicationAnswer, ApplicationBurden, ApplicationRate
from app.applications.queries.chasing import unfinished
from app.core import audit
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound
from app.frameworks.models import Round, RoundScope
from app.frameworks.rules import PriceUnit
from app.organisations.rules import Role
from tests import NOON
from tests.applications.applying import CLOSES, code_of, draft, everything
from tests.applications.asking import BEGIN, ELSE, HOUR, MANY, MILE, QUESTIONS
from tests.conftest import Clock
from tests.databases import statements
from tests.factories import World, framework, questions, seated

SERVICE, MEDIATION = 1, 2
LATER = NOON + timedelta(days=1)
SESSION = PriceUnit.SESSION


def _service(**more: str) -> dict[int, str]:
    """What is typed under the first heading, by the place of each question."""
    return dict(enumerate({"begin": "With a first talk", "many": "12", "keep": "I agree", **more}.values(), start=1))


def _finish(session: Session, made: World, owner: Actor, application_id: UUID) -> None:
    answer_section(session, owner, application_id, SERVICE, _service(), confirm=False)
    answer_section(session, owner, application_id, MEDIATION, {5: "Yes"}, confirm=False)
    write_prices(session, owner, application_id, {(made.lots[0], SESSION): 12_000, (made.lots[0], HOUR): 7_500})


def _sheet(db: Database, owner: Actor, application_id: UUID) -> Sheet:
    with db.read() as session:
        return queries.asked(session, owner, application_id).sheet


def _standings(sheet: Sheet) -> list[Standing]:
    return [one.standing for one in sheet.questions]


def test_answers_are_kept_changed_and_taken_back(db: Database, made: World, drafted: UUID, asked: list[UUID]) -> None:
    too_long = "One two three four five six"
    with db.write() as session:
        answer_section(session, made.owner_a, drafted, SERVICE, _service(begin=too_long, many="a few"), confirm=False)
    sheet = _sheet(db, made.owner_a, drafted)
    assert _standings(sheet) == [
        Standing.MEND, Standing.MISSING, Standing.ANSWERED, Standing.KNOWN, Standing.MISSING, Standing.OPTIONAL,
    ]  # fmt: skip
    assert sheet.questions[BEGIN].value == too_long, "words that are too many are kept, to be shortened"
    with db.write() as session:
        answer_section(session, made.owner_a, drafted, SERVICE, _service(keep=""), confirm=False)
        answer_section(session, made.owner_a, drafted, SERVICE, _service(keep=""), confirm=False)
    assert _standings(_sheet(db, made.owner_a, drafted))[:3] == [Standing.ANSWERED, Standing.ANSWERED, Standing.MISSING]
    with db.read() as session:
        told = [audit.sentence(event) for event in audit.timeline(session, drafted)]
    assert [words for words in told if "under" in words] == [
        "Olive Owner wrote answers under “Service”: 2 in all",
        "Olive Owner wrote answers under “Service”: 3 in all",
    ], "the same again is written down nowhere"


def test_only_writers_answer_and_only_what_is_asked(
    db: Database, made: World, drafted: UUID, asked: list[UUID]
) -> None:
    with db.write() as session:
        choose_lots(session, made.owner_a, drafted, [(made.lots[0], made.regions[0])])
        reader = seated(session, made.provider_a, Role.READ_ONLY)
    for actor, number, typed, error in (
        (made.owner_b, SERVICE, {}, NotFound),
        (made.lead, SERVICE, {}, NotFound),
        (reader, SERVICE, {}, NotAllowed),
        (made.owner_a, MEDIATION, {5: "Yes"}, NotFound),
    ):
        with pytest.raises(error), db.write() as session:
            answer_section(session, actor, drafted, number, typed, confirm=False)
    for lot, unit in ((made.lots[1], SESSION), (made.lots[0], MILE), (uuid4(), HOUR)):
        with pytest.raises(NotFound), db.write() as session:
            write_prices(session, made.owner_a, drafted, {(lot, unit): 100})
    assert (
        code_of(db, lambda s: write_prices(s, made.owner_a, drafted, {(made.lots[0], HOUR): 8_001})) == "above_ceiling"
    )


@pytest.mark.row("4.5")
def test_prices_are_kept_changed_and_taken_back(db: Database, made: World, drafted: UUID) -> None:
    lot = made.lots[0]
    with db.write() as session:
        write_prices(session, made.owner_a, drafted, {(lot, SESSION): 12_000, (lot, HOUR): 8_000})
        write_prices(session, made.owner_a, drafted, {(lot, SESSION): None, (lot, HOUR): 7_000})
    with db.read() as session:
        assert [(row.unit, row.pence) for row in session.exec(select(ApplicationRate))] == [("hour", 7_000)]


@pytest.mark.row("2.6")
def test_it_is_submitted_only_whole_and_fixes_the_answers_and_prices(
    db: Database, made: World, drafted: UUID, asked: list[UUID]
) -> None:
    with db.read() as session:
        lacks = [(lack.words, lack.minutes) for lack in unfinished(session, CLOSES - timedelta(days=3))[0].lacks]
    assert lacks == [
        ("“Service”, 3 of 3 questions", 4),
        ("“Mediation”, 1 of 2 questions", 1),
        ("your prices", 2),
        ("check your answers", 5),
        ("an owner certifies and submits", 2),
    ]
    assert code_of(db, lambda s: submit_application(s, made.owner_a, drafted)) == "answer_missing"
    with db.write() as session:
        _finish(session, made, made.owner_a, drafted)
        write_prices(session, made.owner_a, drafted, {(made.lots[0], HOUR): None})
    assert code_of(db, lambda s: submit_application(s, made.owner_a, drafted)) == "price_missing"
    with db.write() as session:
        _finish(session, made, made.owner_a, drafted)
        submit_application(session, made.owner_a, drafted)
    with db.read() as session:
        row = session.get_one(Application, drafted)
        assert row.snapshot_sha256 == digest(canonical(row.snapshot))
        fixed = [(one["question"], one["answer"], one["known"]) for one in row.snapshot["answers"]]
        assert fixed == [
            ("How do you begin?", "With a first talk", False),
            ("How many families could you see?", "12", False),
            ("We keep to the procedures.", "I agree", False),
            ("Which areas do you cover?", "Test county", True),
            ("Are your mediators accredited?", "Yes", False),
            ("Anything else?", "", False),
        ]
        assert [(one["each"], one["pricing"], one["pence"], one["most_pence"]) for one in row.snapshot["prices"]] == [
            ("session", "asked", 12_000, 15_000),
            ("hour", "asked", 7_500, 8_000),
            ("mile of travel", "fixed", None, 45),
        ]
    assert code_of(db, lambda s: answer_section(s, made.owner_a, drafted, SERVICE, {}, confirm=False)) == (
        "application_submitted"
    )


def test_what_is_taken_back_or_withdrawn_keeps_its_answers(
    db: Database, made: World, drafted: UUID, asked: list[UUID]
) -> None:
    with db.write() as session:
        _finish(session, made, made.owner_a, drafted)
        submit_application(session, made.owner_a, drafted)
        take_back(session, made.owner_a, drafted)
        withdraw_application(session, made.owner_a, drafted)
    assert not _sheet(db, made.owner_a, drafted).missing(drafted)
    with db.write() as session:
        restore_application(session, made.owner_a, drafted)
        submit_application(session, made.owner_a, drafted)


def _second(session: Session, made: World) -> tuple[UUID, list[UUID], list[tuple[UUID, UUID]]]:
    """A round of another framework that asks the same and more: its id, its questions, its parts."""
    framework_id, lots, regions, round_id = framework(session, made.lead_id, (made.raa_id,))
    ids = questions(session, made, round_id, *QUESTIONS)
    assert framework_id
    return round_id, ids, [(lot, region) for lot in lots for region in regions]


@pytest.mark.row("2.3")
def test_a_second_framework_takes_over_the_answers_and_asks_for_one_tap(
    db: Database, made: World, drafted: UUID, asked: list[UUID], clock: Clock
) -> None:
    with db.write() as session:
        _finish(session, made, made.owner_a, drafted)
        submit_application(session, made.owner_a, drafted)
        round_id, ids, parts = _second(session, made)
    clock.set(LATER)
    with db.write() as session:
        second = start_application(session, made.owner_a, round_id, made.provider_a)
        choose_lots(session, made.owner_a, second, parts)
    sheet = _sheet(db, made.owner_a, second)
    assert _standings(sheet) == [
        Standing.CONFIRM, Standing.ANSWERED, Standing.MISSING, Standing.KNOWN, Standing.CONFIRM, Standing.OPTIONAL,
    ]  # fmt: skip
    answer = sheet.questions[BEGIN].answer
    assert answer and (answer.value, answer.origin, answer.answered_at) == ("With a first talk", "Test framework", NOON)
    assert sheet.sections[0].minutes == 2, "one to confirm, one to declare afresh"
    with db.write() as session:
        answer_section(session, made.owner_a, second, SERVICE, _service(begin="With tea"), confirm=True)
        answer_section(session, made.owner_a, second, MEDIATION, {5: "Yes"}, confirm=True)
        submit_application(session, made.owner_a, second)
    with db.read() as session:
        row, first = session.get_one(Application, second), session.get_one(ApplicationBurden, drafted)
        carried = {one["question"]: one["carried_from"] for one in row.snapshot["answers"] if one["carried_from"]}
        assert carried == {
            "How many families could you see?": "Test framework",
            "Are your mediators accredited?": "Test framework",
        }, "what was changed is no longer carried"
        burden = session.get_one(ApplicationBurden, second)
        once_new = ("the statement", "an answer", "another answer", "the practitioner")
        assert (burden.asked, burden.reused) == (first.asked - 2, first.reused + len(once_new))
        told = [audit.sentence(event) for event in audit.timeline(session, second)]
        assert "Olive Owner carried over answers given before: 3 in all" in told
        assert "Olive Owner confirmed answers carried over under “Mediation”: 1 in all" in told
    with db.write() as session:
        third, ids, parts = _second(session, made)
    with db.write() as session:
        start_application(session, made.owner_a, third, made.provider_a)
        rows = session.exec(select(ApplicationAnswer).where(ApplicationAnswer.question_id == ids[BEGIN]))
        assert [row.value for row in rows] == ["With tea"], "the newest words"


def test_what_waits_to_be_confirmed_is_carried_no_further_and_a_rival_carries_nothing(
    db: Database, made: World, drafted: UUID, asked: list[UUID], clock: Clock
) -> None:
    with db.write() as session:
        answer_section(session, made.owner_a, drafted, SERVICE, _service(), confirm=False)
        second, second_ids, _ = _second(session, made)
        third, third_ids, _ = _second(session, made)
    clock.set(LATER)
    with db.write() as session:
        start_application(session, made.owner_a, second, made.provider_a)
        application_id = start_application(session, made.owner_a, third, made.provider_a)
        start_application(session, made.owner_b, second, made.provider_b)
    with db.read() as session:
        rows = {
            (row.application_id, row.question_id): row.carried_from for row in session.exec(select(ApplicationAnswer))
        }
    assert rows[application_id, third_ids[BEGIN]] == drafted
    assert rows[application_id, third_ids[MANY]] == drafted
    assert sum(question_id in second_ids for _, question_id in rows) == 2


@pytest.mark.row("2.18")
def test_a_late_draft_stays_readable_and_carries_its_answers_to_the_next_round(
    db: Database, made: World, drafted: UUID, asked: list[UUID], clock: Clock
) -> None:
    with db.write() as session:
        answer_section(session, made.owner_a, drafted, SERVICE, _service(), confirm=False)
        opens = CLOSES + timedelta(days=5)
        later = Round(
            framework_id=made.framework_id,
            name="Round 2",
            opens_at=opens,
            closes_at=opens + timedelta(days=30),
            question_set_id=session.get_one(Round, made.round_id).question_set_id,
        )
        session.add(later)
        session.flush()
        session.add_all(RoundScope(round_id=later.id, lot_id=lot, region_id=region) for lot, region in everything(made))
    clock.set(opens)
    assert _sheet(db, made.owner_a, drafted).questions[BEGIN].value == "With a first talk"
    with db.write() as session:
        carried = carry_application(session, made.owner_a, drafted)
    assert _standings(_sheet(db, made.owner_a, carried))[:3] == [
        Standing.CONFIRM, Standing.ANSWERED, Standing.MISSING,
    ]  # fmt: skip


@pytest.mark.bar("P6")
def test_the_sheets_of_many_are_read_in_as_many_queries_as_one(
    db: Database, made: World, drafted: UUID, asked: list[UUID], clock: Clock
) -> None:
    now = CLOSES - timedelta(days=3)
    with db.read() as session, statements(db) as one:
        unfinished(session, now)
    with db.write() as session:
        _finish(session, made, made.owner_a, drafted)
        write_statement(session, made.owner_b, draft(session, made, made.owner_b, made.provider_b), "We do.")
    with db.read() as session, statements(db) as two:
        assert len(unfinished(session, now)) == 2
    assert len(two) == len(one) <= 6


def test_an_empty_section_is_no_section(db: Database, made: World, drafted: UUID, asked: list[UUID]) -> None:
    assert asked[ELSE]
    with pytest.raises(NotFound), db.read() as session:
        queries.section(session, made.owner_a, drafted, 3)
