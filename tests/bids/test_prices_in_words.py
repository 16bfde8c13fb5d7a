"""Two envelopes: a price in the words of an answer is warned of while it is written, and never refused."""

import re
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from app.bids.letters.rules import MONEY, Letter, Named, Partner, Question, priced_in_words
from app.core.database import Database
from tests import factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import World

pytestmark = pytest.mark.row("7.4")
ASKED = (Question("approach", "Your approach"), Question("q", "How will you measure outcomes?"))
PRICES = (
    *(
        "Each session costs £95.",
        "£ 1,200 in all",
        "GBP 400",
        "95 pounds",
        "two hundred pounds",
        "travel at 45p a mile",
    ),
    *("120 per session", "85.50 an hour", "we ask 95 + VAT", "1,500/child"),
)
NONE = (
    *("", "20 sessions, 2 per week", "95% of families stay", "from 9 a.m. to 5 p.m.", "5 pm", "in 2024 a family"),
    *("ages 4 to 11", "for 12 sessions of an hour", "She lost pounds of weight.", "24 hours a day"),
)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.mark.parametrize(("words", "warns"), [(words, words in PRICES) for words in (*PRICES, *NONE)])
def test_an_amount_of_money_is_found_and_its_question_named(words: str, warns: bool) -> None:
    said = priced_in_words(Letter(approach="We listen.", answers=(("q", words),)), ASKED)
    assert said == ("How will you measure outcomes?",) * warns


@pytest.mark.parametrize("figures", ["1," * 30_000, "1." * 30_000, "1,," * 20_000])
def test_a_pasted_column_of_figures_holds_nobody_up(figures: str) -> None:
    """Each figure may begin an amount, so that none is read without end: else a save would hold up all others for a minute."""
    assert not re.search(r"(?<!\\)[*+]", MONEY.pattern)
    assert priced_in_words(Letter(approach=figures), ASKED) == ()


def test_it_is_looked_for_in_all_that_who_assesses_quality_reads() -> None:
    letter = Letter(
        approach="At £95 a session.",
        team=(Named(uuid4(), "Tess", "Sessions, 95 pounds each"),),
        partners=(Partner(uuid4(), "Birch", 30, "Reports"),),
    )
    assert priced_in_words(letter, ASKED) == ("Approach", "Who would work with the family")


@pytest.mark.parametrize("two_envelopes", [True, False])
def test_the_bidder_is_warned_at_each_save_and_where_it_checks(
    db: Database, made: World, client_for: ClientFor, two_envelopes: bool
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, two_envelopes=two_envelopes)
    client = client_for(made.owner_a)
    start = client.post(f"/opportunities/{brief_id}/bid", data={"provider": str(made.provider_a)})
    bid = start.headers["location"]

    def warned(text: str) -> list[str]:
        notes = [one.text for one in BeautifulSoup(text, "html.parser").select(".govuk-inset-text")]
        return [words for words in notes if words.startswith("An amount of money")]

    assert warned(client.get(bid).text) == []
    seen = BeautifulSoup(client.get(bid).text, "html.parser").select_one("input[name=seen]")["value"]  # type: ignore[index]
    typed = {"seen": str(seen), "then": "stay", "approach": "We listen.", "experience": "At £95 a session."}
    by_itself = client.post(bid, data=typed, headers={"HX-Request": "true", "HX-Target": "div#saved"})
    for page in (by_itself.text, client.get(bid).text, client.get(f"{bid}/check").text):
        found = warned(page)
        assert [("Experience" in one, "Approach" in one) for one in found] == [(True, False)] * two_envelopes
