"""The checker, the Fund's clocks, templates and formulas as truth tables."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.briefs.identity import identifying
from app.briefs.terms.models import TermsColumns, columns_of, terms_of
from app.briefs.terms.rules import (
    FORMULAS,
    ROUTES,
    BriefQuestion,
    Checked,
    CheckedCriterion,
    Delivery,
    Finding,
    Funding,
    KeyDate,
    LotPrice,
    Route,
    Setting,
    Source,
    Terms,
    above_limit,
    advice,
    apply_by,
    check,
    copied,
    countdown,
    in_words,
    why_not_leave,
    why_not_route,
    worked_example,
)
from app.briefs.terms.templates import closes_on, start_by, template, templates, weights
from app.core.scoring import PriceFormula, price_score
from app.core.working_days import after_working_days
from app.frameworks.rules import PriceUnit, Service

TODAY = date(2026, 11, 23)
CLOSES = date(2026, 12, 7)
STARTS = date(2027, 2, 1)
NEED = (
    "The child finds it hard to feel safe at home, above all at bedtime and at every change of plan. The parents have tried a "
    "parenting course and are exhausted."
)


def asks(criterion: int | None, text: str = "What would you do, and why would it help?") -> BriefQuestion:
    return BriefQuestion(uuid4(), text, 300, criterion)


GOOD_TERMS = Terms(
    route=Route.MINI_COMPETITION,
    delivery=Delivery.IN_PERSON,
    settings=(Setting.HOME,),
    ends_by=date(2027, 10, 1),
    review_dates=(date(2027, 5, 3),),
    funding=Funding(sources=(Source.FUND,), assessed_on=date(2026, 11, 2)),
    questions=(asks(1), asks(2)),
)
GOOD = Checked(
    need=NEED,
    outcomes="The child sleeps through most nights.\nParents stay calm and keep close when things are hard.",
    age_band="5 to 8",
    area="Leeds",
    sessions=20,
    start_by=STARTS,
    budget_pence=300_000,
    closes_on=CLOSES,
    terms=GOOD_TERMS,
    criteria=(
        CheckedCriterion(1, "Approach", False, 50),
        CheckedCriterion(2, "Experience", False, 20),
        CheckedCriterion(3, "Social value", False, 0),
        CheckedCriterion(4, "Price", True, 30),
    ),
    lot=LotPrice(Service.THERAPEUTIC_INTERVENTION, PriceUnit.SESSION, 15_000, is_fixed=False),
    limit_pence=300_000,
    framework_ends_on=date(2030, 1, 1),
    direct_award=True,
    today=TODAY,
)


def found(brief: Checked = GOOD, /, **changed: object) -> dict[str, bool]:
    """What the checker finds, by code: whether it stops a publication."""
    return {one.code: one.blocking for one in check(replace(brief, **changed))}  # type: ignore[arg-type]


def with_terms(**changed: object) -> dict[str, bool]:
    return found(terms=replace(GOOD_TERMS, **changed))  # type: ignore[arg-type]


def funded(*sources: Source, **changed: object) -> Terms:
    return replace(GOOD_TERMS, funding=Funding(sources=sources, **changed))  # type: ignore[arg-type]


@pytest.mark.row("5.2")
def test_nothing_is_found_in_a_good_brief() -> None:
    assert found() == {}


@pytest.mark.row("5.2")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"need": "Therapy"}, {"need_is_a_service": True}),
        ({"need": "Some dyadic therapy for the child, please."}, {"need_is_a_service": True}),
        ({"need": "Bad nights."}, {"need_is_a_service": True}),
        ({"need": "The child cannot sleep and nobody knows why."}, {"need_short": False}),
        ({"need": " ".join(["word"] * 24)}, {"need_short": False}),
        ({"need": " ".join(["word"] * 25)}, {}),
        ({"need": ""}, {}),  # `unready` says so
        ({"outcomes": "Better attachment"}, {"outcome_no_change": False}),
        ({"outcomes": "• The child sleeps.\n• Improved attachment"}, {}),
        ({"outcomes": "The child sleeps.\nResilience"}, {"outcome_no_change": False}),
        ({"outcomes": "School attendance at 90%"}, {}),
        ({"age_band": ""}, {"age_band": True}),
        ({"area": ""}, {"area": True}),
        ({"sessions": None}, {"sessions": True}),
        ({"start_by": None}, {"start": True}),
        ({"budget_pence": None}, {"budget": True}),
    ],
)
def test_what_is_missing_or_vague(changed: dict[str, object], expected: dict[str, bool]) -> None:
    assert found(**changed) == expected


@pytest.mark.row("5.2")
@pytest.mark.row("5.14")
@pytest.mark.parametrize("route", [None, *Route])
@pytest.mark.parametrize("reason", ["", "No member of this lot works with a family of nine."])
def test_only_a_mini_competition_goes_out_and_any_other_route_says_why(route: Route | None, reason: str) -> None:
    usual = route is Route.MINI_COMPETITION
    expected = {} if usual else {"route": True}
    if route and not usual and not reason:
        expected["route_reason"] = True
    assert with_terms(route=route, route_reason=reason) == expected
    assert (why_not_route(route) is None) == usual


@pytest.mark.row("5.14")
@pytest.mark.parametrize("route", list(Route))
def test_who_awards_without_a_competition_needs_a_way_of_the_framework(route: Route) -> None:
    terms = replace(GOOD_TERMS, route=route, route_reason="The lot has one member alone.")
    expected = {"no_direct_award": False} if route in (Route.DIRECT, Route.FAMILY_CHOICE) else {}
    usual = {} if route is Route.MINI_COMPETITION else {"route": True}
    assert found(terms=terms, direct_award=False) == expected | usual
    assert found(terms=terms) == usual


def test_every_route_says_when_it_fits_and_what_happens_next() -> None:
    assert set(ROUTES) == set(Route)
    assert all(words.guidance and ("invited" in words.next) for words in ROUTES.values())


@pytest.mark.row("5.2")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"start_by": CLOSES}, {}),  # `unready` says so
        ({"start_by": after_working_days(CLOSES, 10) - timedelta(1)}, {"start_too_soon": True, "fund_decides": False}),
        ({"start_by": after_working_days(CLOSES, 10)}, {"fund_decides": False}),
        ({"start_by": after_working_days(CLOSES, 30)}, {}),
        ({"framework_ends_on": STARTS - timedelta(1)}, {"after_framework": False}),
        ({"framework_ends_on": STARTS}, {}),
    ],
)
def test_an_impossible_start(changed: dict[str, object], expected: dict[str, bool]) -> None:
    assert found(**changed) == expected


@pytest.mark.row("5.2")
@pytest.mark.parametrize(
    ("ends_by", "reviews", "expected"),
    [
        (date(2027, 10, 1), (STARTS, date(2027, 10, 1)), {}),
        (date(2027, 10, 1), (STARTS - timedelta(1),), {"review_1": True}),
        (date(2027, 10, 1), (date(2027, 5, 3), date(2027, 10, 2)), {"review_2": True}),
        (None, (date(2028, 10, 2),), {}),
        (None, (date(2027, 1, 2),), {"review_1": True}),
        (date(2027, 10, 1), (), {"reviews": False}),
        (STARTS, (STARTS,), {"ends": True}),
    ],
)
def test_reviews_lie_within_the_work(
    ends_by: date | None, reviews: tuple[date, ...], expected: dict[str, bool]
) -> None:
    assert with_terms(ends_by=ends_by, review_dates=reviews) == expected


@pytest.mark.row("5.2")
@pytest.mark.parametrize(
    ("pence", "unit", "fixed", "budget", "expected"),
    [
        (15_000, PriceUnit.SESSION, False, 300_000, {}),
        (14_999, PriceUnit.SESSION, False, 300_000, {"budget_above_ceiling": False}),
        (14_999, PriceUnit.CANCELLATION, False, 300_000, {}),
        (30_000, PriceUnit.HOUR, False, 300_000, {}),
        (30_001, PriceUnit.HOUR, False, 300_000, {"budget_low": False}),
        (15_001, PriceUnit.SESSION, True, 300_000, {"budget_below_fixed": True}),
        (15_000, PriceUnit.SESSION, True, 300_000, {}),
    ],
)
def test_the_budget_against_the_lots_price(
    pence: int, unit: PriceUnit, fixed: bool, budget: int, expected: dict[str, bool]
) -> None:
    lot = LotPrice(Service.THERAPEUTIC_INTERVENTION, unit, pence, fixed)
    assert found(lot=lot, budget_pence=budget) == expected


@pytest.mark.row("5.15")
@pytest.mark.parametrize(
    ("sources", "limit", "children", "panel", "expected"),
    [
        ((), 300_000, 1, "", {"funding": True}),
        ((Source.FUND,), 300_000, 1, "", {}),
        ((Source.FUND,), 299_999, 1, "", {"above_limit": True}),
        ((Source.FUND,), 299_999, 1, "P-12", {}),
        ((Source.FUND,), 150_000, 2, "", {}),
        ((Source.FUND, Source.AUTHORITY), 299_999, 1, "", {"own_money": False}),
        ((Source.FUND, Source.AUTHORITY), 299_999, 1, "P-12", {}),
        ((Source.FUND, Source.MATCH), 299_999, 1, "", {"own_money": False}),
        ((Source.FUND, Source.AUTHORITY), 300_000, 1, "", {}),
        ((Source.FUND, Source.PANEL), 299_999, 1, "", {"panel": True}),
        ((Source.FUND, Source.PANEL), 299_999, 1, "P-12", {}),
        ((Source.FUND,), None, 1, "", {"limit_unknown": False}),
        ((Source.AUTHORITY,), 1, 1, "", {}),
        ((Source.PANEL,), 1, 1, "", {"panel": True}),
    ],
)
def test_where_the_money_comes_from(
    sources: tuple[Source, ...], limit: int | None, children: int, panel: str, expected: dict[str, bool]
) -> None:
    funding = Funding(sources=sources, assessed_on=date(2026, 11, 2), panel=panel)
    assert found(limit_pence=limit, terms=replace(GOOD_TERMS, funding=funding, children=children)) == expected


@pytest.mark.row("5.15")
@pytest.mark.parametrize("service", list(Service))
def test_the_fund_alone_seldom_pays_for_mediation_and_short_breaks(service: Service) -> None:
    lot = replace(GOOD.lot, service=service)
    assert found(lot=lot) == ({"fund_scope": False} if service in (Service.MEDIATION, Service.SHORT_BREAKS) else {})
    both = replace(GOOD_TERMS, funding=replace(GOOD_TERMS.funding, sources=(Source.FUND, Source.AUTHORITY)))
    assert found(lot=lot, terms=both) == {}


@pytest.mark.row("5.15")
@pytest.mark.parametrize(
    ("assessed", "applied", "expected"),
    [
        (None, "", {"assessed": False}),
        (TODAY + timedelta(1), "", {"assessed_later": True}),
        (TODAY, "", {}),
        (date(2026, 8, 22), "", {"apply_passed": True}),
        (date(2026, 8, 22), "F-1", {}),
        (date(2026, 8, 23), "", {"apply_first": False}),
        (date(2026, 9, 20), "", {"apply_first": False}),
        (date(2026, 9, 21), "", {}),
    ],
)
def test_the_fund_is_asked_within_three_months(assessed: date | None, applied: str, expected: dict[str, bool]) -> None:
    """Bids close on 7 December and are decided by the 21st."""
    assert after_working_days(CLOSES, 10) == date(2026, 12, 21)
    assert found(terms=funded(Source.FUND, assessed_on=assessed, applied=applied)) == expected
    assert found(terms=funded(Source.AUTHORITY, assessed_on=assessed)) == {}


@pytest.mark.row("5.15")
@pytest.mark.parametrize(
    ("assessed", "last"),
    [
        (date(2026, 9, 15), date(2026, 12, 15)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 10, 31), date(2027, 1, 31)),
    ],
)
def test_three_months_end_on_the_same_day_or_the_months_last(assessed: date, last: date) -> None:
    assert apply_by(assessed) == last
    assert countdown(assessed, last).endswith(": today is the last day.")
    assert countdown(assessed, last - timedelta(1)).endswith(": 1 day left.")
    assert countdown(assessed, last - timedelta(9)).endswith(": 9 days left.")
    assert " ended on " in countdown(assessed, last + timedelta(1))


def test_above_the_limit_is_counted_for_each_child() -> None:
    assert [above_limit(600_000, 300_000, n) for n in (1, 2, 3)] == [300_000, 0, 0]


@pytest.mark.row("5.2")
@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ((1, 2), {}),
        ((1,), {"unasked_2": False}),
        ((), {"unasked_1": False, "unasked_2": False}),
        ((1, 2, None), {"question_3_criterion": True}),
        ((1, 2, 3), {"question_3_criterion": True}),  # it weighs nothing
        ((1, 2, 4), {"question_3_criterion": True}),  # price is no question
        ((1, 2, 9), {"question_3_criterion": True}),
    ],
)
def test_each_question_belongs_to_a_criterion_and_each_criterion_is_asked_about(
    criteria: tuple[int | None, ...], expected: dict[str, bool]
) -> None:
    assert with_terms(questions=tuple(asks(one) for one in criteria)) == expected


@pytest.mark.parametrize(
    ("delivery", "settings", "expected"),
    [
        (None, (), {"delivery": False}),
        (Delivery.ONLINE, (), {}),
        (Delivery.IN_PERSON, (), {"settings": False}),
        (Delivery.EITHER, (Setting.CLINIC,), {}),
    ],
)
def test_how_and_in_what_kind_of_place(
    delivery: Delivery | None, settings: tuple[Setting, ...], expected: dict[str, bool]
) -> None:
    assert with_terms(delivery=delivery, settings=settings) == expected


@pytest.mark.row("5.2")
def test_advice_may_be_left_and_what_stops_may_not() -> None:
    stops, worth = Finding("a", "a", "A.", blocking=True), Finding("b", "b", "B.")
    assert advice((stops, worth), ()) == (worth,)
    assert advice((stops, worth), ("b",)) == ()
    assert why_not_leave("b", ["b"]) is None
    assert why_not_leave("a", ["b"]) is not None


@pytest.mark.row("5.8")
def test_a_copy_has_no_dates_nothing_of_the_family_and_no_decision() -> None:
    whole = replace(
        GOOD_TERMS,
        route_reason="The family asked for it.",
        children=2,
        key_dates=(KeyDate(STARTS, "School begins"),),
        funding=Funding((Source.FUND, Source.PANEL), date(2026, 11, 2), "F-1", "P-1", date(2026, 11, 3)),
        left=("need_short",),
        places=8,
        two_envelopes=True,
    )
    copy = copied(whole)
    assert copy == Terms(
        route=whole.route,
        delivery=whole.delivery,
        settings=whole.settings,
        places=8,
        two_envelopes=True,
        funding=Funding(sources=whole.funding.sources),
        questions=whole.questions,
    )


def test_terms_come_back_from_their_columns_as_they_went_in() -> None:
    whole = replace(
        GOOD_TERMS,
        therapies=(("play_therapy", "Play therapy"),),
        key_dates=(KeyDate(STARTS, "School begins"),),
        questions=(replace(asks(1), asked_as=uuid4()), asks(None)),
        price_formula=PriceFormula.STRAIGHT_LINE,
        left=("reviews",),
    )
    assert terms_of(TermsColumns(**columns_of(whole))) == whole
    assert terms_of(TermsColumns()) == Terms()


def test_members_read_the_terms_and_no_reference_of_a_decision() -> None:
    said = str(in_words(replace(GOOD_TERMS, awards=3, funding=replace(GOOD_TERMS.funding, panel="P-1", applied="F-1"))))
    assert "Bids that may win" in said and "Adoption and Special Guardianship Support Fund" in said
    assert "P-1" not in said and "F-1" not in said


@pytest.mark.row("5.1")
@pytest.mark.parametrize("service", list(Service))
def test_every_service_has_a_template_whose_proposals_the_checker_takes(service: Service) -> None:
    """With any six of its words and a budget, nothing is left to mend but where, for whom and with which money."""
    made = template(service)
    criteria = [(one.position, one.name, one.is_price) for one in GOOD.criteria if one.weight]
    brief = replace(
        GOOD,
        need="\n".join(made.needs[:6]),
        outcomes="\n".join(made.outcomes[:6]),
        sessions=made.sessions,
        start_by=start_by(TODAY),
        closes_on=closes_on(TODAY),
        terms=replace(made.terms(criteria, TODAY), route=Route.MINI_COMPETITION, funding=Funding((Source.AUTHORITY,))),
        lot=replace(GOOD.lot, service=service),
        budget_pence=made.sessions * GOOD.lot.pence,
    )
    assert [one.code for one in check(brief) if one.blocking] == []
    assert not any(code.startswith(("outcome", "need", "settings")) for code in found(brief))
    assert made.source and made.confidence


@pytest.mark.row("5.1")
def test_no_ready_outcome_is_vague() -> None:
    for made in templates().values():
        for outcome in (*made.outcomes, *made.specified):
            assert found(outcomes=outcome) == {}, outcome


@pytest.mark.row("5.3")
def test_the_identity_guard_finds_nothing_in_ready_words() -> None:
    for made in templates().values():
        for words in (
            made.title_hint,
            *made.needs,
            *made.outcomes,
            *(one.text for one in made.terms([], TODAY).questions),
        ):
            assert identifying(words) == [], words


@pytest.mark.row("5.1")
def test_a_templates_questions_spread_over_the_criteria() -> None:
    made = template(Service.THERAPEUTIC_INTERVENTION)
    names = ("Approach", "Experience", "Safeguarding and supervision", "Price")
    criteria = [(n, name, name == "Price") for n, name in enumerate(names, start=1)]
    assert [one.criterion for one in made.terms(criteria, TODAY).questions] == [1, 2, 3, 1]
    assert [one.criterion for one in made.terms(criteria[:1], TODAY).questions] == [1, 1, 1, 1]
    assert [one.criterion for one in made.terms(criteria[3:], TODAY).questions] == [None] * 4


@pytest.mark.row("5.1")
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted), min_size=1, max_size=8))
def test_proposed_weights_add_up_within_their_ranges(ranges: list[list[int]]) -> None:
    bounds = [(least, most) for least, most in ranges]
    given_ = weights(bounds)
    assert all(least <= share <= most for share, (least, most) in zip(given_, bounds, strict=True))
    if sum(least for least, _ in bounds) <= 100 <= sum(most for _, most in bounds):
        assert sum(given_) == 100


@pytest.mark.row("5.1")
@pytest.mark.parametrize(
    ("formula", "high"), [(PriceFormula.LOWEST_SHARE, "24.00"), (PriceFormula.STRAIGHT_LINE, "22.50")]
)
def test_the_worked_example_is_the_arithmetic_that_scores(formula: PriceFormula, high: str) -> None:
    made = worked_example(formula, 300_000, 30)
    assert (made.low_pence, str(made.low_score), made.high_pence, str(made.high_score)) == (
        240_000,
        "30.00",
        300_000,
        high,
    )
    assert made.high_score == price_score(300_000, 240_000, 30, formula)
    assert set(FORMULAS) == set(PriceFormula)
