"""What an application is asked, how each question stands, what is carried over, and the prices: every rule by a table."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.applications.answers.rules import (
    Answer,
    Earlier,
    Evidence,
    Priced,
    Pricing,
    Question,
    Sheet,
    Standing,
    carried,
    fault,
    in_profile,
    is_kept,
    of_evidence,
    of_profile,
    plain,
    prices,
    sections,
    why_not_price,
)
from app.frameworks.rules import Answering, Carry, Known, Mechanism, PriceUnit, QuestionFacts, RateFacts
from tests import NOON

LOT = uuid4()


def _facts(**more: object) -> QuestionFacts:
    return QuestionFacts(**{"section": "Quality", "text": "How?", **more})  # type: ignore[arg-type]


def _question(answer: Answer | None = None, *, at: int = 1, **more: object) -> Question:
    return Question(uuid4(), at, _facts(**more), answer)


def _answer(value: str = "So", *, origin: str = "", confirmed: bool = False) -> Answer:
    return Answer(value, NOON, origin, confirmed)


@pytest.mark.row("2.3")
@pytest.mark.parametrize(
    ("question", "standing", "minutes"),
    [
        (_question(), Standing.MISSING, 8),
        (_question(max_words=500), Standing.MISSING, 20),
        (_question(kind=Answering.YES_NO), Standing.MISSING, 1),
        (_question(required=False), Standing.OPTIONAL, 0),
        (_question(_answer()), Standing.ANSWERED, 0),
        (_question(_answer("one two three"), max_words=2), Standing.MEND, 2),
        (_question(_answer("Perhaps"), kind=Answering.YES_NO), Standing.MEND, 1),
        (_question(_answer(origin="Essex"), carry=Carry.CONFIRM), Standing.CONFIRM, 1),
        (_question(_answer(origin="Essex", confirmed=True), carry=Carry.CONFIRM), Standing.ANSWERED, 0),
        (_question(_answer(origin="Essex"), carry=Carry.CARRY), Standing.ANSWERED, 0),
        (_question(known_as=Known.AREAS), Standing.KNOWN, 0),
        (_question(known_as=Known.AREAS, reason="It is published."), Standing.MISSING, 8),
    ],
)
def test_how_a_question_stands(question: Question, standing: Standing, minutes: int) -> None:
    assert (question.standing, question.minutes) == (standing, minutes)


def test_an_application_is_asked_what_its_lots_ask_under_headings_that_keep_their_number() -> None:
    every = (
        _question(at=1, section="Service"),
        _question(_answer(), at=2, section="Mediation", lots=(3,)),
        _question(at=3, section="Service", lots=(1, 2)),
        _question(at=4, section="Short breaks", lots=(5,), required=False),
    )
    asked = {
        lots: [(one.number, one.name, [q.at for q in one.questions]) for one in sections(every, lots)]
        for lots in ((), (1,), (3, 5))
    }
    assert asked == {
        (): [(1, "Service", [1])],
        (1,): [(1, "Service", [1, 3])],
        (3, 5): [(1, "Service", [1]), (2, "Mediation", [2]), (3, "Short breaks", [4])],
    }


def test_what_is_left_is_told_one_by_one_with_links_and_by_page_with_minutes() -> None:
    application_id = uuid4()
    questions = (
        _question(at=1, max_words=100),
        _question(_answer(origin="Essex"), at=2, text="Who?"),
        _question(_answer("a b c"), at=3, text="When?", max_words=2),
        _question(_answer(), at=4),
        _question(at=5, known_as=Known.NAME),
    )
    lots = [Priced(LOT, 2, "Assessment", Mechanism.RATE_CARD, (RateFacts(PriceUnit.HOUR, 8_000),))]
    sheet = Sheet(sections(questions, ()), prices(lots, {}))
    base = f"/applications/{application_id}"
    assert [(one.code, one.words, one.fix[0]) for one in sheet.missing(application_id) if one.fix] == [
        ("answer_missing", "“How?” is not answered.", f"{base}/questions/1#q1"),
        ("answer_confirm", "Your earlier answer to “Who?” waits to be confirmed.", f"{base}/questions/1#q2"),
        ("answer_mend", "“When?”: your answer has 3 words. Shorten it to 2.", f"{base}/questions/1#q3"),
        ("price_missing", "There is no price for each hour in Lot 2: Assessment.", f"{base}/prices#r2_hour"),
    ]
    assert [(one.words, one.minutes) for one in sheet.lacks()] == [
        ("“Quality”, 3 of 4 questions", 7),
        ("your prices", 1),
    ]
    section = sheet.sections[0]
    assert (section.answered, len(section.asked), section.to_confirm) == (1, 4, 1)


@pytest.mark.parametrize(
    ("facts", "typed", "wrong", "kept"),
    [
        (_facts(), "", None, True),
        (_facts(), "Well", None, True),
        (_facts(), "x" * 10_001, "“How?”: your answer has 10,001 characters. Shorten it to 10,000.", False),
        (_facts(max_words=2), "one two", None, True),
        (_facts(max_words=2), "one two three", "“How?”: your answer has 3 words. Shorten it to 2.", True),
        (_facts(kind=Answering.NUMBER), "12", None, True),
        (_facts(kind=Answering.NUMBER), "a dozen", "“How?”: enter a whole number, like 12.", False),
        (_facts(kind=Answering.YES_NO), "Yes", None, True),
        (_facts(kind=Answering.YES_NO), "Perhaps", "“How?”: select one of the answers.", False),
        (_facts(kind=Answering.CHOICE, options=("A", "B")), "C", "“How?”: select one of the answers.", False),
        (_facts(kind=Answering.DECLARATION), "I agree", None, True),
    ],
)
def test_what_is_wrong_with_an_answer_and_whether_it_is_kept(
    facts: QuestionFacts, typed: str, wrong: str | None, kept: bool
) -> None:
    assert (fault(facts, typed), is_kept(facts, typed)) == (wrong, kept)


def _earlier(text: str, value: str, days: int = 1) -> Earlier:
    return Earlier(text, value, LOT, NOON - timedelta(days=days), LOT)


@pytest.mark.row("2.3")
@pytest.mark.parametrize(
    ("facts", "earlier", "value"),
    [
        (_facts(carry=Carry.CARRY), [_earlier("How?", "So")], "So"),
        (_facts(carry=Carry.CONFIRM), [_earlier(" HOW  ", "So")], "So"),
        (_facts(carry=Carry.CONFIRM), [_earlier("How?", "Newer"), _earlier("How?", "Older", 9)], "Newer"),
        (_facts(carry=Carry.FRESH), [_earlier("How?", "So")], None),
        (_facts(carry=Carry.CARRY), [_earlier("How many?", "So")], None),
        (_facts(carry=Carry.CARRY, known_as=Known.AREAS), [_earlier("How?", "So")], None),
        (_facts(carry=Carry.CARRY, kind=Answering.YES_NO), [_earlier("How?", "So"), _earlier("How?", "No", 9)], "No"),
        (_facts(carry=Carry.CARRY, max_words=1), [_earlier("How?", "So and so")], "So and so"),
    ],
)
def test_what_is_carried_over(facts: QuestionFacts, earlier: list[Earlier], value: str | None) -> None:
    found = carried({LOT: facts}, earlier)
    assert (found[LOT].value if found else None) == value


def test_the_same_question_is_the_same_whatever_its_marks() -> None:
    assert plain("How do you  measure outcomes?") == plain("how do you measure “outcomes”")


HOUR, MILE = RateFacts(PriceUnit.HOUR, 8_000), RateFacts(PriceUnit.MILE, 45, is_fixed=True)


@pytest.mark.row("4.5")
@pytest.mark.parametrize(
    ("mechanism", "pricing"),
    [
        (Mechanism.RATE_CARD, [Pricing.ASKED, Pricing.FIXED]),
        (Mechanism.FIXED_PRICE, [Pricing.FIXED, Pricing.FIXED]),
        (Mechanism.QUOTE_UNDER_CEILING, [Pricing.QUOTED, Pricing.FIXED]),
    ],
)
def test_which_prices_are_asked(mechanism: Mechanism, pricing: list[Pricing]) -> None:
    lots = [Priced(LOT, 1, "Therapy", mechanism, (HOUR, MILE))]
    card = prices(lots, {})
    assert [one.pricing for one in card] == pricing
    filled = prices(lots, {(LOT, PriceUnit.HOUR): 7_500, (LOT, PriceUnit.MILE): 1})
    assert [one.pence for one in filled] == [7_500 if one is Pricing.ASKED else None for one in pricing]
    assert [one.is_missing for one in card] == [one is Pricing.ASKED for one in pricing]


@pytest.mark.row("4.5")
@pytest.mark.parametrize(
    ("at", "pence", "words"),
    [
        (0, 8_000, None),
        (0, 8_001, "Lot 1: Therapy: £80.01 for each hour is above the most it may be, £80.00."),
        (1, 45, "Lot 1: Therapy: the price for each mile of travel is not asked for."),
    ],
)
def test_a_price_keeps_under_its_ceiling(at: int, pence: int, words: str | None) -> None:
    price = prices([Priced(LOT, 1, "Therapy", Mechanism.RATE_CARD, (HOUR, MILE))], {})[at]
    refusal = why_not_price(price, pence)
    assert (refusal.words if refusal else None) == words


PROFILE = {
    "name": "Alder Therapy",
    "telephone": "01632 960 001",
    "website": "",
    "company_number": None,
    "charity_number": "1",
    "ppon": "",
    "areas": ["Leeds", "York"],
    "therapies": ["Play therapy"],
    "practitioners": [{"name": "Ann Example", "profession": "Therapist"}],
    "sites": [{"name": "The house", "postcode": "LS1 1AA"}],
}


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (Known.NAME, "Alder Therapy"),
        (Known.CONTACT, "01632 960 001"),
        (Known.COMPANY_NUMBER, ""),
        (Known.CHARITY_NUMBER, "1"),
        (Known.PPON, ""),
        (Known.SITES, "The house, LS1 1AA"),
        (Known.AREAS, "Leeds\nYork"),
        (Known.THERAPIES, "Play therapy"),
        (Known.PRACTITIONERS, "Ann Example, Therapist"),
        (Known.CAPACITY, ""),
    ],
)
def test_what_the_portal_knows_in_words(known: Known, words: str) -> None:
    assert in_profile(known)
    assert of_profile(known, PROFILE) == words


def test_what_evidence_the_portal_knows_in_words() -> None:
    held = [Evidence("Example Mutual", "verified", date(2027, 3, 1)), Evidence("Ann Example", "submitted", None)]
    assert of_evidence(held) == "Example Mutual: verified, until 1 March 2027\nAnn Example: submitted"
    assert not in_profile(Known.DBS)
