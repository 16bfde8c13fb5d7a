"""The phases of frameworks and rounds, and what they need before they may be, as truth tables."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from app.core.london import at_london
from app.core.refusals import Refusal
from app.frameworks.rules import (
    FACTS,
    OUTCOMES,
    ROUND_CLOSES,
    Admission,
    Answering,
    CallOffFacts,
    Clocks,
    CriterionFacts,
    FrameworkFacts,
    Known,
    LotFacts,
    Outcome,
    Phase,
    PriceUnit,
    QuestionFacts,
    RegionFacts,
    RoundPhase,
    Service,
    Way,
    already_known,
    always_open,
    clocks,
    closes_with,
    doubtful,
    missing,
    outcome,
    phase,
    recognised,
    round_phase,
    why_not_approve,
    why_not_extend,
    why_not_open_round,
)
from tests import NOON

START, END = date(2026, 6, 1), date(2030, 5, 31)
MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("approved", "withdrawn", "on", "expected"),
    [
        (False, False, date(2026, 7, 1), Phase.DRAFT),
        (True, False, date(2026, 5, 31), Phase.APPROVED),
        (True, False, START, Phase.LIVE),
        (True, False, END, Phase.LIVE),
        (True, False, date(2030, 6, 1), Phase.ENDED),
        (False, True, START, Phase.WITHDRAWN),
        (True, True, START, Phase.WITHDRAWN),
    ],
)
def test_a_framework_stands_where_its_facts_and_the_day_put_it(
    approved: bool, withdrawn: bool, on: date, expected: Phase
) -> None:
    approved_at, withdrawn_at = (NOON if approved else None), (NOON if withdrawn else None)
    assert phase(approved_at=approved_at, withdrawn_at=withdrawn_at, starts_on=START, ends_on=END, on=on) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOON - MS, RoundPhase.PLANNED),
        (NOON, RoundPhase.OPEN),
        (NOON + timedelta(days=1) - MS, RoundPhase.OPEN),
        (NOON + timedelta(days=1), RoundPhase.CLOSED),
    ],
)
def test_a_round_is_open_by_the_clock_alone(now: datetime, expected: RoundPhase) -> None:
    assert round_phase(opens_at=NOON, closes_at=NOON + timedelta(days=1), now=now) is expected


LOT = LotFacts(1, "Training", Service.TRAINING, "Days of training", PriceUnit.DAY, 95_000, ("dbs_enhanced",))
SCORED = QuestionFacts("Quality", "How do you work?", weight=100)
WHOLE = FrameworkFacts(
    slug="whole",
    name="Whole",
    rule_set_slug="light_touch",
    starts_on=START,
    ends_on=END,
    summary="What it buys",
    selection_process="Mini-competition",
    agreement_text="We agree.",
    agreement_version="1",
    estimated_value_pence=100,
    lots=(LOT, replace(LOT, number=2, name="Mediation")),
    regions=(RegionFacts("North", ()),),
    call_off=(CallOffFacts("adopt-north", START),),
    criteria=(CriterionFacts("Approach", "", 30, 70), CriterionFacts("Price", "", 30, 70, is_price=True)),
    questions=(SCORED,),
)
FOUR = Clocks(max_years=4)
SCHEME = clocks((date(2024, 6, 1),), max_years=8, first_reopen=3, next_reopen=5)


def test_a_whole_draft_may_be_approved_by_a_second_person() -> None:
    assert missing(WHOLE, FOUR) == ()
    assert why_not_approve(phase=Phase.DRAFT, writer=False, missing=()) is None


def test_only_a_draft_is_approved_and_only_by_a_second_person() -> None:
    gap = Refusal("lots.none", "")
    table = {
        (phase, writer, bool(lacks)): why_not_approve(phase=phase, writer=writer, missing=lacks)
        for phase in Phase
        for writer in (True, False)
        for lacks in ((), (gap,))
    }
    assert [case for case, refusal in table.items() if refusal is None] == [(Phase.DRAFT, False, False)]
    assert table[Phase.LIVE, True, True].code == "not_a_draft"
    assert table[Phase.DRAFT, True, True].code == "second_person"
    assert table[Phase.DRAFT, False, True] is gap


@pytest.mark.row("2.19")
@pytest.mark.parametrize(
    ("different", "under", "codes"),
    [
        ({"summary": ""}, FOUR, ["facts.no_summary"]),
        ({"estimated_value_pence": None}, FOUR, ["facts.no_value"]),
        ({"selection_process": ""}, FOUR, ["selection.no_process"]),
        ({"agreement_text": ""}, FOUR, ["agreement.none"]),
        ({"agreement_version": ""}, FOUR, ["agreement.none"]),
        ({"lots": (), "questions": ()}, FOUR, ["lots.none"]),
        ({"lots": (replace(LOT, requires=()),)}, FOUR, ["lots.no_evidence"]),
        ({"lots": (replace(LOT, description=""),)}, FOUR, ["lots.no_description"]),
        ({"lots": (replace(LOT, pass_mark=60),), "questions": ()}, FOUR, ["questions.no_scored"]),
        (
            {"lots": (replace(LOT, admission=Admission.RANKED, max_members=3),), "questions": ()},
            FOUR,
            ["questions.no_scored"],
        ),
        ({"questions": (replace(SCORED, weight=60),)}, FOUR, ["questions.weights"] * 2),
        ({"questions": (SCORED, replace(SCORED, lots=(2,)))}, FOUR, ["questions.weights"]),
        ({"questions": (replace(SCORED, lots=(1,)), replace(SCORED, lots=(2,)))}, FOUR, []),
        ({"regions": ()}, FOUR, ["regions.none"]),
        ({"call_off": ()}, FOUR, ["call-off.none"]),
        ({"criteria": ()}, FOUR, ["criteria.none"]),
        ({"criteria": (), "way": Way.PROVIDER_LIST}, FOUR, []),
        ({"criteria": (CriterionFacts("Price", "", 60, 70),)}, FOUR, ["criteria.weights"]),
        ({"criteria": (CriterionFacts("A", "", 60, 70), CriterionFacts("B", "", 60, 70))}, FOUR, ["criteria.weights"]),
        ({"ends_on": date(2030, 6, 1)}, FOUR, ["facts.term"]),
        ({"ends_on": date(2030, 6, 1)}, Clocks(), []),
        ({"extendable_to": date(2030, 6, 1)}, FOUR, ["facts.term"]),
        ({"scheme_ends_on": date(2031, 1, 1)}, FOUR, ["facts.no_scheme"]),
        ({"scheme_ends_on": None}, SCHEME, ["facts.no_scheme_end"]),
        ({"scheme_ends_on": date(2032, 5, 31), "follows": "first"}, SCHEME, []),
        ({"scheme_ends_on": date(2032, 6, 1), "follows": "first"}, SCHEME, ["facts.scheme"]),
        (
            {"scheme_ends_on": date(2032, 5, 31), "follows": "first", "starts_on": date(2027, 6, 2)},
            SCHEME,
            ["facts.too_late"],
        ),
    ],
)
def test_each_thing_a_framework_must_state_stops_its_approval(
    different: dict[str, Any], under: Clocks, codes: list[str]
) -> None:
    assert [refusal.code for refusal in missing(replace(WHOLE, **different), under)] == codes


def test_days_that_do_not_fit_the_term_and_questions_that_nobody_scores_are_doubted() -> None:
    agency = WHOLE.call_off[0]
    whose = {str(agency.organisation_id): "Test agency"}
    last = WHOLE.extendable_to or WHOLE.ends_on
    day = timedelta(days=1)
    table = {
        "": (WHOLE, 1),
        "questions.nobody_scores": (WHOLE, 0),
        "call-off.never": (replace(WHOLE, call_off=(replace(agency, entitled_from=last + day, entitled_to=None),)), 1),
        "call-off.beyond": (replace(WHOLE, call_off=(replace(agency, entitled_to=last + day),)), 1),
    }
    for code, (facts, assessors) in table.items():
        found = doubtful(facts, whose, assessors=assessors)
        assert [one.code for one in found] == ([code] if code else [])
        assert all(one.words.startswith("Test agency may") for one in found if one.code.startswith("call-off"))
    early = replace(agency, entitled_from=WHOLE.starts_on - 9 * day, entitled_to=WHOLE.starts_on - day)
    assert doubtful(replace(WHOLE, call_off=(early,)), whose, assessors=1)[0].code == "call-off.never"
    assert doubtful(replace(WHOLE, questions=()), whose, assessors=0) == ()


@pytest.mark.parametrize(
    ("starts", "began_on", "reopen_by"),
    [
        ((), None, None),
        ((date(2027, 4, 1),), date(2027, 4, 1), date(2030, 4, 1)),
        ((date(2028, 2, 29),), date(2028, 2, 29), date(2031, 3, 1)),
        ((date(2027, 4, 1), date(2030, 1, 1)), date(2027, 4, 1), date(2035, 1, 1)),
    ],
)
def test_a_scheme_is_opened_again_within_years_that_are_data(
    starts: tuple[date, ...], began_on: date | None, reopen_by: date | None
) -> None:
    found = clocks(starts, max_years=8, first_reopen=3, next_reopen=5)
    assert (found.scheme, found.began_on, found.reopen_by) == (True, began_on, reopen_by)
    assert clocks(starts, max_years=None, first_reopen=None, next_reopen=None).scheme is False


@pytest.mark.row("2.2")
def test_a_question_about_what_is_known_needs_a_reason() -> None:
    asked = (
        QuestionFacts("You", "What is your Companies House number?"),
        QuestionFacts("You", "Where do families wait least?", known_as=Known.CAPACITY),
        QuestionFacts("You", "Do you hold public liability insurance?", reason="The cover is unusual."),
        QuestionFacts("You", "How do you end a piece of work?"),
    )
    facts = replace(WHOLE, questions=asked)
    assert [(one.position, one.known, bool(one.reason)) for one in already_known(facts)] == [
        (1, Known.COMPANY_NUMBER, False),
        (2, Known.CAPACITY, False),
        (3, Known.PUBLIC_LIABILITY, True),
    ]
    [refusal] = missing(facts, FOUR)
    assert refusal.words.startswith("You are asking 2 things we already know.")
    explained = tuple(replace(question, reason="It differs here.") for question in asked)
    assert missing(replace(WHOLE, questions=explained), FOUR) == ()


@pytest.mark.row("2.2")
@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (QuestionFacts("S", "Q"), "", Outcome.MISSING),
        (QuestionFacts("S", "Q", required=False), "", Outcome.KEPT),
        (QuestionFacts("S", "Q"), "so", Outcome.KEPT),
        (QuestionFacts("S", "Q", max_words=2), "one two three", Outcome.TOO_LONG),
        (QuestionFacts("S", "Q", max_words=2, weight=9), "one two", Outcome.SCORED),
        (QuestionFacts("S", "Q", kind=Answering.YES_NO, passes=("Yes",)), "Yes", Outcome.PASSES),
        (QuestionFacts("S", "Q", kind=Answering.YES_NO, passes=("Yes",)), "No", Outcome.PERSON),
        (QuestionFacts("S", "Q", kind=Answering.YES_NO), "No", Outcome.KEPT),
        (QuestionFacts("S", "Q", kind=Answering.YES_NO), "Maybe", Outcome.NOT_POSSIBLE),
        (QuestionFacts("S", "Q", kind=Answering.CHOICE, options=("A", "B"), passes=("A",)), "B", Outcome.PERSON),
        (QuestionFacts("S", "Q", kind=Answering.DECLARATION), "I agree", Outcome.KEPT),
        (QuestionFacts("S", "Q", kind=Answering.NUMBER), "many", Outcome.NOT_POSSIBLE),
        (QuestionFacts("S", "Q", kind=Answering.NUMBER), "7", Outcome.KEPT),
    ],
)
def test_an_answer_passes_by_itself_or_goes_to_a_person_and_is_never_refused(
    question: QuestionFacts, answer: str, expected: Outcome
) -> None:
    assert outcome(question, answer) is expected
    assert set(OUTCOMES) == set(Outcome)


def test_a_fact_is_recognised_by_whole_words_and_every_fact_has_its_words() -> None:
    assert recognised("Your DBS certificates, please") is Known.DBS
    assert recognised("The feedbs of others, and how you address them") is None
    assert set(FACTS) == set(Known)


@pytest.mark.parametrize(
    ("phase", "extendable_to", "until", "waiting", "code"),
    [
        (Phase.LIVE, date(2031, 5, 31), date(2031, 5, 31), False, None),
        (Phase.APPROVED, date(2031, 5, 31), date(2030, 6, 1), False, None),
        (Phase.LIVE, date(2031, 5, 31), date(2031, 6, 1), False, "outside"),
        (Phase.LIVE, date(2031, 5, 31), END, False, "outside"),
        (Phase.LIVE, date(2031, 5, 31), date(2031, 5, 31), True, "waiting"),
        (Phase.LIVE, None, date(2031, 5, 31), False, "not_extendable"),
        (Phase.ENDED, date(2031, 5, 31), date(2031, 5, 31), False, "not_live"),
        (Phase.DRAFT, date(2031, 5, 31), date(2031, 5, 31), False, "not_live"),
    ],
)
def test_a_term_is_extended_within_what_the_framework_provides(
    phase: Phase, extendable_to: date | None, until: date, waiting: bool, code: str | None
) -> None:
    refusal = why_not_extend(phase=phase, ends_on=END, extendable_to=extendable_to, until=until, waiting=waiting)
    assert (refusal and refusal.code) == code


@pytest.mark.row("2.4")
@pytest.mark.parametrize(
    ("rolling", "days", "code"),
    [
        (True, (0, 1), None),
        (True, (), "decisions"),
        (False, (1,), "decisions"),
        (True, (2,), "decisions_outside"),
        (True, (-1,), "decisions_outside"),
    ],
)
def test_an_intake_that_is_always_open_names_its_days_of_decision(
    rolling: bool, days: tuple[int, ...], code: str | None
) -> None:
    refusal = why_not_open_round(
        phase=Phase.LIVE,
        opens_at=NOON,
        closes_at=NOON + timedelta(days=1),
        now=NOON,
        scope=1,
        overlaps=None,
        rolling=rolling,
        decisions=[NOON.date() + timedelta(days=day) for day in days],
    )
    assert (refusal and refusal.code) == code


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(("ordered", "future", "scope", "overlap"), list(product((True, False), repeat=4)))
def test_a_round_needs_everything_at_once(
    phase: Phase, ordered: bool, future: bool, scope: bool, overlap: bool
) -> None:
    closes = NOON + timedelta(days=1 if future else -1)
    refusal = why_not_open_round(
        phase=phase,
        opens_at=closes - timedelta(days=1) if ordered else closes,
        closes_at=closes,
        now=NOON,
        scope=int(scope),
        overlaps="Round 1" if overlap else None,
    )
    may = phase in (Phase.APPROVED, Phase.LIVE) and ordered and future and scope and not overlap
    assert (refusal is None) is may


def test_a_round_opens_today_at_the_earliest_though_the_hour_has_passed() -> None:
    told = {"phase": Phase.LIVE, "closes_at": NOON + timedelta(days=1), "now": NOON, "scope": 1, "overlaps": None}
    assert why_not_open_round(opens_at=NOON - timedelta(hours=3), **told) is None
    assert why_not_open_round(opens_at=NOON - timedelta(hours=13), **told).code == "opens_in_the_past"


def test_what_is_always_open_says_the_last_day_of_its_framework_and_the_next_decision() -> None:
    closes, days = closes_with(date(2029, 11, 25)), (date(2026, 12, 10), date(2027, 3, 10))
    until = "Always open until the framework ends on 25 November 2029"
    assert always_open(closes, days, date(2026, 12, 10)) == f"{until}; next decision 10 December 2026"
    assert always_open(closes, days, date(2026, 12, 11)) == f"{until}; next decision 10 March 2027"
    assert always_open(closes, days, date(2027, 3, 11)) == until


def test_a_day_in_summer_begins_an_hour_earlier_in_utc() -> None:
    assert at_london(date(2027, 7, 1), ROUND_CLOSES).hour == 11
    assert at_london(date(2027, 1, 1), ROUND_CLOSES).hour == 12
