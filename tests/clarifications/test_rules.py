"""Where a question may go from where it stands, by whom and until when: every state, every act, every stage, both sides."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.clarifications import identity, rules
from app.clarifications.rules import ASKER, MOVES, OVER, UNANSWERED, Act, Stage, State
from app.core.refusals import Refusal
from app.core.working_days import after_working_days, before_working_days
from app.frameworks.rules.asking import dates
from tests import NOON

ANSWERERS = set(Act) - ASKER


@pytest.mark.row("6.1")
def test_every_state_act_stage_and_side() -> None:
    allowed = set()
    for state, act, stage, asker in product(State, Act, Stage, (True, False)):
        refusal = rules.why_not(act, state=state, stage=stage, asker=asker)
        right_side = asker is (act in ASKER)
        in_time = stage not in OVER or act is Act.WITHDRAW
        assert (refusal is None) is (right_side and in_time and (act, state) in MOVES), (state, act, stage, asker)
        if refusal is None:
            allowed.add((act, state))
    assert allowed == set(MOVES)


def test_the_machine_is_the_products() -> None:
    """draft, asked, accepted or returned, answer drafted, answered, corrected; in confidence agreed or refused."""
    reached = {State.DRAFT} | {to for _, to in MOVES.items()}
    assert reached == set(State)
    assert {to for (_, at), to in MOVES.items() if at is State.WITHDRAWN} == set()
    assert {to for (_, at), to in MOVES.items() if at is State.ASKED} == {
        State.ACCEPTED,
        State.RETURNED,
        State.WITHDRAWN,
    }
    assert {to for (_, at), to in MOVES.items() if at is State.PRIVATE_REFUSED} == {State.ASKED, State.WITHDRAWN}
    sent = {(act, at) for (act, at), to in MOVES.items() if to in (State.ANSWERED, State.CORRECTED)}
    assert {act for act, _ in sent} == {Act.SEND_ANSWER, Act.DRAFT_ANSWER}
    assert {at for act, at in MOVES if act is Act.WITHDRAW}.isdisjoint({State.ACCEPTED, State.ANSWERED})
    assert {at for act, at in MOVES if act in ANSWERERS} >= UNANSWERED


@pytest.mark.row("6.3")
@pytest.mark.parametrize(
    ("opens", "closes", "ask_by", "answer_by", "leaves"),
    [
        # nine working days: four before the close to ask, two to answer
        (datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 12, 3, 12, tzinfo=UTC), (11, 27, 12), (12, 1, 12), 2),
        # twenty: eight and four, counted from a Sunday's noon
        (datetime(2026, 11, 13, 12, tzinfo=UTC), datetime(2026, 12, 13, 12, tzinfo=UTC), (12, 2, 12), (12, 8, 12), 4),
        # over Christmas: 25 and 28 December are no working days
        (datetime(2026, 12, 14, 12, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC), (12, 22, 16), (12, 29, 16), 2),
        # a window of two days: its half and its three quarters
        (datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 25, 12, tzinfo=UTC), (11, 24, 12), (11, 25, 0), 1),
    ],
)
def test_when_to_ask_and_to_answer(
    opens: datetime, closes: datetime, ask_by: tuple[int, int, int], answer_by: tuple[int, int, int], leaves: int
) -> None:
    found = dates(opens, closes)
    assert (found.ask_by.month, found.ask_by.day, found.ask_by.hour) == ask_by
    assert (found.answer_by.month, found.answer_by.day, found.answer_by.hour) == answer_by
    assert found.leaves == leaves
    assert opens < found.ask_by < found.answer_by < closes


def test_what_is_always_open_takes_questions_until_it_ends() -> None:
    found = dates(NOON, NOON + timedelta(days=900), always_open=True)
    assert found.ask_by == found.answer_by == NOON + timedelta(days=900)


def test_the_hour_is_londons_across_a_change_of_the_clocks() -> None:
    closes = datetime(2027, 3, 30, 11, tzinfo=UTC)  # noon in London, two days after the clocks went forward
    assert dates(closes - timedelta(days=14), closes).ask_by == datetime(2027, 3, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOON - timedelta(microseconds=1), Stage.PLANNED),
        (NOON, Stage.OPEN),
        (NOON + timedelta(days=5, microseconds=-1), Stage.OPEN),
        (NOON + timedelta(days=5), Stage.ANSWERING),
        (NOON + timedelta(days=9), Stage.CLOSED),
    ],
)
def test_the_stages_to_the_moment(now: datetime, expected: Stage) -> None:
    moments = {"opens_at": NOON, "closes_at": NOON + timedelta(days=9), "ask_by": NOON + timedelta(days=5)}
    assert rules.stage(**moments, now=now) is expected
    assert rules.stage(**moments, now=now, ended=True) is Stage.CLOSED
    assert rules.stage(**moments, now=now, cancelled=True) is Stage.CANCELLED


@pytest.mark.row("6.4")
def test_a_late_answer_leaves_the_working_days_it_should_have_left() -> None:
    closes = datetime(2026, 12, 3, 12, tzinfo=UTC)  # a Thursday
    on_time, late = datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 2, 9, tzinfo=UTC)
    assert not rules.is_late(Stage.ANSWERING, on_time, on_time)
    assert rules.is_late(Stage.ANSWERING, on_time, late)
    assert not rules.is_late(Stage.PLANNED, on_time, late)
    assert rules.later_close(closes, 2, late) == datetime(2026, 12, 4, 12, tzinfo=UTC)
    assert rules.later_close(closes, 2, closes - timedelta(hours=1)) == datetime(2026, 12, 7, 12, tzinfo=UTC)
    assert rules.later_close(closes, 2, on_time + timedelta(hours=1)) > closes


@pytest.mark.row("6.4")
@pytest.mark.parametrize(
    ("late", "extends", "reason", "code"),
    [
        (False, False, "", None),
        (True, True, "", None),
        (True, False, "It says what the brief said.", None),
        (True, False, "", "keep_reason"),
    ],
)
def test_leaving_the_deadline_needs_a_reason(late: bool, extends: bool, reason: str, code: str | None) -> None:
    assert _code(rules.why_not_keep(late=late, extends=extends, reason=reason)) == code


@pytest.mark.row("6.5")
@pytest.mark.parametrize(
    ("changes", "drafted", "version", "waits"),
    [
        (False, 1, 1, False),
        (True, 1, 1, True),
        (True, 1, 2, False),
        (True, None, None, False),  # a round has no version
    ],
)
def test_what_changes_a_brief_waits_for_the_amendment(
    changes: bool, drafted: int | None, version: int | None, waits: bool
) -> None:
    assert rules.waits(changes=changes, drafted_version=drafted, version=version) is waits


@pytest.mark.row("6.8")
@pytest.mark.parametrize(
    ("stage", "answers", "ineligible", "code"),
    [
        (Stage.PLANNED, False, None, None),
        (Stage.OPEN, False, None, None),
        (Stage.OPEN, False, rules.PROVIDERS_ONLY, "providers_only"),
        (Stage.ANSWERING, False, None, "ask_by"),
        (Stage.CLOSED, False, None, "closed"),
        (Stage.CANCELLED, False, None, "cancelled"),
        (Stage.OPEN, True, None, "answers"),
    ],
)
def test_who_asks_and_until_when(stage: Stage, answers: bool, ineligible: Refusal | None, code: str | None) -> None:
    assert _code(rules.why_not_ask(stage=stage, answers=answers, ineligible=ineligible)) == code


@pytest.mark.row("6.2")
@pytest.mark.parametrize(
    ("organisation", "words", "told"),
    [
        ("Alder Therapy", "We at ALDER  therapy would like to know.", "Alder Therapy"),
        ("Alder Therapy", "Write to owner@example.org, please.", "owner@example.org"),
        ("Alder Therapy", "Olga Owner asks whether this is so.", "Olga Owner"),
        ("Alder Therapy", "Would Priya  Nair’s room do?", "Priya Nair"),
        ("Alder Therapy", "Is an alder a tree that a therapy may use?", ""),
        ("Lanternhouse Adoption", "Lanternhouse has rooms in Leeds: may we use them?", "Lanternhouse"),
        ("Lanternhouse Adoption", "May lanternhouse's rooms be used?", "Lanternhouse"),
        ("Lanternhouse Adoption", "Is adoption support in Leeds wanted, with a lantern in the house?", ""),
        ("Tansy and Teasel Training Ltd", "We at Teasel, and Olga Owner, ask.", "Olga Owner Teasel"),
        ("Leeds Family Therapy Practice CIC", "May a practice in Leeds offer Family Therapy in March?", ""),
        ("Bridge Therapy", "Does this bridge the gap? Bridge the gap to what?", ""),
        ("Bridge Therapy", "May we at Bridge do that?", "Bridge"),
        ("June Quillfeather Counselling", "Does it begin in June, and with a quill?", ""),
        ("", "May two therapists share the work?", ""),
    ],
)
def test_a_question_does_not_name_its_asker(organisation: str, words: str, told: str) -> None:
    names = ("owner@example.org", "Olga Owner", "Priya Nair", "")
    assert " ".join(identity.giveaways(words, names, (organisation,))) == told
    refusal = rules.why_not_worded(words, names, (organisation,))
    assert (refusal is None) is (not told)
    assert refusal is None or told.split()[-1] in refusal.words


def test_working_days_count_back_as_they_count_on() -> None:
    day = NOON.date()
    for days in range(1, 40):
        assert before_working_days(after_working_days(day, days), days) == day


def _code(refusal: Refusal | None) -> str | None:
    return refusal.code if refusal else None
