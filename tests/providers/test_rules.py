"""What a provider is and may do, as truth tables."""

from datetime import UTC, datetime

import pytest

from app.providers import rules
from app.providers.rules import Facts, ProviderKind, Registration, State

THEN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("paused", "archived", "complete", "expected"),
    [
        (None, None, False, State.REGISTERED),
        (None, None, True, State.ACTIVE),
        (THEN, None, False, State.PAUSED),
        (THEN, None, True, State.PAUSED),
        (None, THEN, True, State.ARCHIVED),
        (THEN, THEN, True, State.ARCHIVED),
    ],
)
def test_state_is_derived(paused: datetime | None, archived: datetime | None, complete: bool, expected: State) -> None:
    assert rules.state(paused_at=paused, archived_at=archived, complete=complete) is expected


@pytest.mark.parametrize("verb", ["pause", "return"])
@pytest.mark.parametrize("now", State)
def test_moves(verb: str, now: State) -> None:
    allowed = {
        ("pause", State.REGISTERED),
        ("pause", State.ACTIVE),
        ("return", State.PAUSED),
    }
    assert (rules.why_not_move(verb, now) is None) == ((verb, now) in allowed)


def test_what_the_profile_lacks_is_said_in_words() -> None:
    assert rules.unfinished(summary="Therapy", therapies=1, areas=1, practitioners=1) == ()
    assert rules.unfinished(summary="", therapies=0, areas=0, practitioners=0) == (
        "a summary of what you do",
        "the therapies you offer",
        "the areas you cover",
        "a practitioner",
    )


@pytest.mark.row("1.1")
@pytest.mark.parametrize("kind", ProviderKind)
def test_numbers_are_asked_of_those_who_have_them(kind: ProviderKind) -> None:
    told = Registration(kind=kind, name="A", company_number="09506232", charity_number="1090095")
    kept = rules.as_asked(kind, told)
    asked = set(rules.NUMBERS_ASKED[kind])
    assert (kept.company_number is not None) == ("company_number" in asked)
    assert (kept.charity_number is not None) == ("charity_number" in asked)
    refusal = rules.why_not_facts(kind, Facts(name="A"))
    assert (refusal is None) == (kind not in (ProviderKind.COMPANY, ProviderKind.CHARITY))


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [("09506232", "09506232"), ("61625", "00061625"), ("sc 123456", "SC123456"), ("what", "WHAT")],
)
def test_company_numbers_are_tidied(typed: str, tidy: str) -> None:
    assert rules.tidy_company_number(typed) == tidy


def test_a_strange_number_warns_and_a_usual_one_does_not() -> None:
    assert rules.company_warning("OC301540") is None
    assert rules.company_warning(None) is None
    assert "company number" in (rules.company_warning("WHAT") or "")
    assert rules.charity_warning("216250") is None
    assert "charity number" in (rules.charity_warning("12") or "")
    assert rules.registration_warning(r"SW\d{1,6}", "sw 12345", "SWE") is None
    assert "SWE" in (rules.registration_warning(r"SW\d{1,6}", "12345", "SWE") or "")
    assert rules.registration_warning("", "anything", "UKCP") is None
    assert rules.registration_warning(r"SW\d{1,6}", "", "SWE") is None
