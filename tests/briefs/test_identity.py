"""The identity guard finds what could name a child, and lets ordinary words pass: measured on the labelled texts beside this."""

import time

import pytest

from app.briefs.identity import NAMES, guarded, identifying, pieces
from tests.bench import guard


@pytest.mark.row("5.3")
def test_there_are_enough_labelled_texts_of_every_kind_and_half_of_them_are_clean() -> None:
    everything = [text for part in guard.PARTS for text in guard.TEXTS[part]]
    clean = [text for text in everything if "[[" not in text]
    assert len(everything) == len(set(everything)) >= 300
    assert 0.4 < len(clean) / len(everything) < 0.6
    for part in guard.PARTS:
        assert {span[0] for text in guard.TEXTS[part] for span in guard.unmarked(text)[1]} == set(NAMES)


@pytest.mark.row("5.3")
@pytest.mark.parametrize(("part", "recall", "precision"), [("tuned", 0.98, 0.97), ("held_out", 0.95, 0.92)])
def test_it_finds_what_identifies_and_seldom_asks_in_vain(part: str, recall: float, precision: float) -> None:
    figures = guard.measured(part)
    print(f"\n{part}", *figures.lines(), *figures.words, sep="\n")
    assert figures.recall() >= recall and figures.precision() >= precision
    assert all(figures.recall(kind) >= 0.5 and figures.precision(kind) >= 0.5 for kind in NAMES)


def test_a_finding_quotes_what_it_saw_where_it_stands_and_says_what_to_write() -> None:
    text = "They live at ＣＯ１\u200b １ＡＡ, with Tom."
    postcode, name = identifying(text)
    assert (postcode.excerpt, text[postcode.start : postcode.end]) == ("ＣＯ１\u200b １ＡＡ", postcode.excerpt)
    assert postcode.words == "“ＣＯ１\u200b １ＡＡ” looks like a full postcode. Say the district or region."
    assert [(words, finding and finding.kind) for words, finding in pieces(text, [postcode, name])] == [
        ("They live at ", None), (postcode.excerpt, "postcode"), (", with ", None), ("Tom", "name"), (".", None),
    ]  # fmt: skip
    assert list(pieces("", [])) == [] and identifying("") == []


@pytest.mark.row("5.3")
def test_what_few_families_have_is_a_finding_with_what_is_said_beside_it() -> None:
    rare, age = "Therapy for triplets.", "They are seven years old."
    assert identifying(rare) == identifying(rare, around=age) == identifying(rare, around="In Harwich.") == []
    assert identifying(rare, around=f"{age} In Essex.") == []
    (finding,) = identifying(rare, around=f"{age} In Harwich.")
    assert (finding.kind, finding.excerpt, finding.kind_name) == ("unusual", "triplets", "unusual combination")


@pytest.mark.row("5.3")
def test_where_a_brief_names_a_district_nothing_closer_passes_and_no_birth_of_three_or_four() -> None:
    text = "She came from Otley and is one of quadruplets. They live in Leeds, and moved from Yorkshire."
    assert identifying(text) == []
    found = [(one.kind, one.excerpt) for one in identifying(text, near="Leeds")]
    assert found == [("address", "Otley"), ("unusual", "quadruplets")]
    assert identifying("They came from Vietnam.", near="Leeds") == []
    assert identifying("Twins whose grandmother says: in Spring they sleep.", near="Leeds") == []


@pytest.mark.row("5.3")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He was adopted from Bulgaria and is blind.", ["from Bulgaria", "blind"]),
        ("She is a twin and uses a wheelchair.", ["twin", "wheelchair"]),
        ("He has one leg, and came from Ukraine.", ["one leg", "from Ukraine"]),
        (
            "She has Prader-Willi syndrome, and her father is a serving police officer.",
            ["Prader-Willi syndrome", "is a serving police officer"],
        ),
        ("Her mother is in HMP New Hall.", ["HMP New Hall"]),
        ("She is deaf and uses a wheelchair.", []),
        ("He was adopted from Bulgaria; his grandmother is Albanian.", []),
        ("Twin-track planning ended. A police officer came to the school. He is blind.", []),
    ],
)
def test_where_a_brief_names_a_district_two_things_that_few_have_are_a_finding(text: str, found: list[str]) -> None:
    assert identifying(text) == []
    assert [(one.kind, one.excerpt) for one in identifying(text, near="Leeds")] == [("unusual", one) for one in found]


@pytest.mark.row("5.3")
def test_the_two_may_stand_in_two_texts_of_the_brief() -> None:
    texts = [("the need", "He is blind."), ("the outcomes", "He keeps the songs he knows from Bulgaria.")]
    assert [[one.excerpt for one in text.findings] for text in guarded(texts, near="Leeds")] == [
        ["blind"],
        ["from Bulgaria"],
    ]
    assert not any(text.findings for text in guarded(texts))


@pytest.mark.row("5.3")
def test_a_district_beside_them_makes_nothing_unusual_of_the_clean_texts() -> None:
    clean = [text for part in guard.PARTS for text in guard.TEXTS[part] if "[[" not in text]
    asked = [(one.excerpt, text) for text in clean for one in identifying(text, near="Leeds") if one.kind == "unusual"]
    assert asked == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They came to Sarah Whitcombe.", [("name", "Sarah Whitcombe")]),
        ("They came to Grace and Tom.", [("name", "Grace"), ("name", "Tom")]),
        ("They came to Otley.", [("address", "Otley")]),
        ("Ask mum@example.com. He was told.", [("email", "mum@example.com")]),
        ("Ask mum@example.co.uk. he was told.", [("email", "mum@example.co.uk")]),
        ("Ask mum @ example . com. He was told.", [("email", "mum @ example . com")]),
        ("Ask mum@example. com. He was told.", [("email", "mum@example. com")]),
        ("Ask mum (at) example [dot] co [dot] uk. He was told.", [("email", "mum (at) example [dot] co [dot] uk")]),
    ],
)
def test_a_finding_is_whole_and_goes_no_further(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.excerpt) for one in identifying(text, near="Leeds")] == found


@pytest.mark.parametrize(
    "of", ["a", "A", "0", "1 ", "-", "@", "a.", "a@a.", "a dot ", "Aa ", "A of ", "St ", "Mr and ", "Á"]
)
@pytest.mark.parametrize(
    "and_then", ["", "\u200b", "Tom and ", "born on 1 May ", "12 A ", "ref ", "twins in A aged 7 ", "ﷺ"]
)
def test_no_hostile_letters_hold_it_up(of: str, and_then: str) -> None:
    """4,000 of them: a pattern that went back over itself would take minutes, and not a part of a second."""
    hostile = (of + and_then) * 4000
    began = time.process_time()
    identifying(hostile[:4000], around=hostile[:8000])
    assert time.process_time() - began < 2
