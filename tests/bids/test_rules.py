"""The rules of bids as truth tables: every state in every phase; what a letter lacks; the canonical form."""

from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest

from app.bids.rules import (
    MOVES,
    BidState,
    Letter,
    above_budget,
    missing,
    to_the_second,
    why_not_save,
    why_not_start,
    why_not_submit,
    why_not_withdraw,
)
from app.briefs.rules import Phase
from app.core.refusals import Refusal

WHOLE = Letter("We listen.", "Ten years.", "Tess Therapist", 250_000)
LAPSED = Refusal("evidence_expired", "Insurance has expired.", ("/e", "Add the new one"))


def submit(state: BidState, phase: Phase, eligible: tuple[Refusal, ...] = (), letter: Letter = WHOLE) -> Refusal | None:
    return why_not_submit(state=state, phase=phase, eligible=eligible, bid_id=uuid4(), letter=letter)


@pytest.mark.row("7.6")
@pytest.mark.parametrize(("state", "phase"), list(product(BidState, Phase)))
def test_a_bid_is_submitted_replaced_and_brought_back_while_the_brief_is_open(state: BidState, phase: Phase) -> None:
    assert (submit(state, phase) is None) == (phase is Phase.OPEN)


@pytest.mark.row("7.6")
@pytest.mark.parametrize(("state", "phase"), list(product(BidState, Phase)))
def test_only_a_submitted_bid_is_withdrawn_while_the_brief_is_open(state: BidState, phase: Phase) -> None:
    refused = why_not_withdraw(state=state, phase=phase)
    assert (refused is None) == (phase is Phase.OPEN and state is BidState.SUBMITTED)


@pytest.mark.parametrize("phase", Phase)
def test_a_bid_is_started_and_saved_while_the_brief_is_open(phase: Phase) -> None:
    assert (why_not_start(phase=phase, eligible=()) is None) == (phase is Phase.OPEN)
    assert (why_not_save(phase=phase) is None) == (phase is Phase.OPEN)
    assert why_not_start(phase=phase, eligible=(LAPSED,)) is not None


def test_the_moves_are_the_whole_machine() -> None:
    assert set(MOVES.values()) == {BidState.SUBMITTED, BidState.WITHDRAWN}
    assert {state for verb, state in MOVES if verb == "submit"} == set(BidState)


def test_the_deadline_is_said_before_anything_else() -> None:
    refused = submit(BidState.DRAFT, Phase.CLOSED, (LAPSED,), Letter())
    assert refused and refused.code == "closed"


def test_a_lapse_is_said_with_the_link_that_mends_it() -> None:
    assert submit(BidState.DRAFT, Phase.OPEN, (LAPSED,)) == LAPSED


@pytest.mark.parametrize(
    ("letter", "lacks"),
    [
        (WHOLE, ()),
        (Letter(), ("your approach", "your experience", "the practitioner who would do the work", "your price")),
        (Letter("We listen.", "Ten years.", "", 1), ("the practitioner who would do the work",)),
    ],
)
def test_what_a_letter_lacks(letter: Letter, lacks: tuple[str, ...]) -> None:
    assert missing(letter) == lacks
    refused = submit(BidState.DRAFT, Phase.OPEN, letter=letter)
    assert (refused is None) == (not lacks)
    if refused and len(lacks) == 4:
        assert "your approach, your experience, the practitioner who would do the work and your price" in refused.words


def test_the_canonical_form_is_one_and_reads_back() -> None:
    letter = Letter("“Naïve” £", "a\nb", "Zoë", 1)
    assert letter.canonical() == (
        '{"approach":"“Naïve” £","experience":"a\\nb","practitioner":"Zoë","price_pence":1}'.encode()
    )
    assert Letter.read(letter.canonical()) == letter


def test_a_price_above_the_budget_is_a_warning_only() -> None:
    assert above_budget(WHOLE, 249_999) and not above_budget(WHOLE, 250_000)
    assert submit(BidState.DRAFT, Phase.OPEN, letter=WHOLE) is None


@pytest.mark.row("7.5")
def test_the_time_of_receipt_is_londons_to_the_second() -> None:
    assert to_the_second(datetime(2027, 6, 1, 10, 59, 59, 999000, tzinfo=UTC)) == (
        "Tuesday 1 June 2027, 11:59:59 London time"
    )
