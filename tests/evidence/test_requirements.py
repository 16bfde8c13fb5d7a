"""What lots ask for, as truth tables over the one engine that decides."""

from itertools import product

import pytest

from app.evidence import rules
from app.evidence.rules import Answer, Malformed, Piece, Rating, Standing

NAMES = {
    "fmc": "FMC accreditation",
    "law": "Law Society family mediation accreditation",
    "pli": "Public liability insurance",
    "ofsted": "Ofsted registration",
}
MEDIATION = {"any_of": [{"kind": "fmc", "suffix": ["A", "P"]}, "law"]}
V, U = Standing.VERIFIED, Standing.UNACCEPTED


def weigh(rule: object, **held: object) -> rules.Finding:
    pieces = {kind: found if isinstance(found, list) else [found] for kind, found in held.items()}
    return rules.weigh(rules.rule_of(rule), pieces, NAMES)  # type: ignore[arg-type]


@pytest.mark.row("3.1")
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("pli", "Public liability insurance"),
        (
            MEDIATION,
            "Any one of: FMC accreditation (suffix A or P), or Law Society family mediation accreditation",
        ),
        (
            {"kind": "pli", "minimum_cover_pence": 500_000_000},
            "Public liability insurance (cover of £5,000,000 or more)",
        ),
        ({"all_of": ["pli", "law"]}, "Public liability insurance and Law Society family mediation accreditation"),
        ({"kind": "ofsted", "floor": "good"}, "Ofsted registration (Good or better where registered)"),
        ({"kind": "ofsted", "where_held": True}, "Ofsted registration (where there is one)"),
        (
            {"kind": "ofsted", "answer": ["registered", "applied"]},
            "Ofsted registration (registered, or applied, not registered yet)",
        ),
        ({"all_of": ["pli", MEDIATION]}, None),
    ],
)
def test_a_rule_is_told_in_words_and_kept_as_data(rule: object, words: str | None) -> None:
    read = rules.rule_of(rule)
    assert rules.rule_of(rules.as_json(read)) == read
    if words:
        assert rules.in_words(read, NAMES) == words
    else:
        assert "(any one of: FMC accreditation" in rules.in_words(read, NAMES)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        [],
        {},
        {"any_of": []},
        {"any_of": "fmc"},
        {"any_of": ["fmc"], "all_of": ["law"]},
        {"all_of": ["fmc", {"kind": ""}]},
        {"kind": "fmc", "prefix": ["A"]},
        {"kind": "fmc", "suffix": "A"},
        {"kind": "pli", "minimum_cover_pence": -1},
        {"kind": "pli", "minimum_cover_pence": True},
        {"kind": "pli", "minimum_cover_pence": 10.5},
        {"kind": "ofsted", "answer": ["perhaps"]},
        {"kind": "ofsted", "floor": "quite good"},
        {"kind": "ofsted", "floor": "not_inspected"},
    ],
)
def test_a_rule_that_cannot_be_read_says_where(wrong: object) -> None:
    with pytest.raises(Malformed, match=r"\w"):
        rules.rule_of(wrong)


def test_what_must_each_be_met_are_the_parts_of_the_outermost_all_of() -> None:
    rule = rules.rule_of({"all_of": ["pli", {"all_of": ["law", MEDIATION]}]})
    assert [rules.as_json(clause) for clause in rules.clauses(rule)] == ["pli", "law", MEDIATION]
    assert rules.kinds_of(rule) == ("pli", "law", "fmc")
    assert rules.clauses(rules.rule_of(MEDIATION)) == (rules.rule_of(MEDIATION),)


@pytest.mark.row("3.1")
@pytest.mark.parametrize(
    ("number", "meets"),
    [("1234A", True), ("0123P", True), ("1234 a", True), ("1234T", False), ("1234X", False), ("", False)],
)
def test_a_trainee_of_the_mediation_council_does_not_meet_the_lot(number: str, meets: bool) -> None:
    found = weigh(MEDIATION, fmc=Piece(V, number))
    assert found.met is meets
    if not meets:
        assert found.standing is Standing.UNFIT
        assert "does not end in A or P" in found.against
        assert weigh(MEDIATION, fmc=Piece(V, number), law=Piece(V)).met


@pytest.mark.parametrize(("one", "other"), list(product(Standing, Standing)))
def test_any_one_counts_by_the_best_and_all_of_them_by_the_worst(one: Standing, other: Standing) -> None:
    held = {"pli": Piece(one), "law": Piece(other)}
    any_one, every = weigh({"any_of": ["pli", "law"]}, **held), weigh({"all_of": ["pli", "law"]}, **held)
    assert any_one.standing is rules.best([one, other])
    assert every.standing is rules.weakest([one, other])
    assert any_one.met is (V in (one, other))
    assert every.met is (one is other is V)
    assert [part.standing for part in every.parts] == [one, other]


@pytest.mark.parametrize(
    ("standing", "cover", "expected"),
    [
        (V, 500_000_000, V),
        (V, 499_999_999, Standing.UNFIT),
        (V, None, Standing.UNFIT),
        (U, None, Standing.UNFIT),
        (U, 500_000_000, U),
        (Standing.PROMISED, None, Standing.PROMISED),  # a promise tells its facts later
        (Standing.PROMISED, 100, Standing.UNFIT),
        (Standing.AWAITING_CHECK, 500_000_000, Standing.AWAITING_CHECK),
        (Standing.EXPIRED, 600_000_000, Standing.EXPIRED),
        (Standing.MISSING, 100, Standing.MISSING),
    ],
)
def test_the_least_cover(standing: Standing, cover: int | None, expected: Standing) -> None:
    rule = {"kind": "pli", "minimum_cover_pence": 500_000_000}
    assert weigh(rule, pli=Piece(standing, cover_pence=cover)).standing is expected


def test_nothing_held_is_missing_and_the_best_of_several_counts() -> None:
    assert weigh("pli").standing is Standing.MISSING
    assert weigh("pli", pli=[Piece(Standing.EXPIRED), Piece(V), Piece(Standing.RETURNED)]).met
    rule = {"kind": "pli", "minimum_cover_pence": 100}
    low, high = Piece(V, cover_pence=1), Piece(Standing.AWAITING_CHECK, cover_pence=100)
    assert weigh(rule, pli=[low, high]).standing is Standing.AWAITING_CHECK


@pytest.mark.row("3.11")
@pytest.mark.parametrize("standing", Standing)
def test_below_the_floor_is_for_a_decision_and_never_an_exit(standing: Standing) -> None:
    where_held = {"kind": "ofsted", "floor": "good", "where_held": True}
    both = {"all_of": ["pli", {"kind": "ofsted", "floor": "good"}]}
    for answer, rating in product((*Answer, None), (*Rating, None)):
        found = weigh(where_held, ofsted=Piece(standing, answer=answer, rating=rating))
        assert found.standing is (U if standing is U else V), (answer, rating)
        low = rating in (Rating.REQUIRES_IMPROVEMENT, Rating.INADEQUATE)
        assert bool(found.below_floor) is (low and answer is Answer.REGISTERED and standing in (V, U)), (answer, rating)
        if found.below_floor:
            assert found.below_floor.words.endswith("below the floor of Good")
            of_both = weigh(both, ofsted=Piece(V, answer=answer, rating=rating)).floors()
            assert list(of_both) == [found.below_floor]


@pytest.mark.row("3.11")
@pytest.mark.parametrize("answer", [*Answer, None])
def test_a_framework_says_which_of_the_four_answers_do(answer: Answer | None) -> None:
    rule = {"kind": "ofsted", "answer": ["registered", "exempt_agency", "exempt_adults"]}
    found = weigh(rule, ofsted=Piece(V, answer=answer))
    assert found.met is (answer not in (None, Answer.APPLIED))
    if answer is Answer.APPLIED:
        assert found.against == "the answer is “Applied, not registered yet”"
    assert weigh(rule).standing is Standing.MISSING


@pytest.mark.parametrize("renewal", list(Standing))
def test_what_lapsed_is_told_until_what_takes_its_place_is_verified(renewal: Standing) -> None:
    """Whether the rule is one kind or several, and unless the standing says so itself."""
    held = {"pli": [Piece(Standing.EXPIRED), Piece(renewal)]}
    for rule, beside in (("pli", {}), ({"all_of": ["pli", "law"]}, {"law": Piece(V)})):
        found = weigh(rule, **held, **beside)
        assert found.lapsed is (found.standing not in (V, Standing.EXPIRED))
        assert weigh(rule, pli=Piece(renewal), **beside).lapsed is False
