"""Passwords, links, tries and the way onward, as truth tables."""

from datetime import timedelta

import pytest

from app.accounts import rules
from app.accounts.rules import Limit, LinkKind
from tests import NOON


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("elevenchars", "password_short"),
        ("x" * 201, "password_long"),
        ("ann.example@example.org", "password_is_address"),
        ("ANN.EXAMPLE1", "password_is_address"),
        ("Password1234!", "password_common"),
        ("passwordpassword", "password_common"),
        ("Qwertyuiop123", "password_common"),
        ("123456789012", "password_common"),
        ("adoption_support_2026", "password_common"),
        ("abababababab", "password_common"),
        ("correct horse battery", None),
        ("Tea-Ladder-Otter", None),
        ("ünïcödé wörds", None),
    ],
)
def test_a_password_is_long_and_not_the_first_guess(password: str, code: str | None) -> None:
    email = "ann.example1@example.org" if password == "ANN.EXAMPLE1" else "ann.example@example.org"
    refusal = rules.why_not_password(password, email=email)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize("kind", LinkKind)
@pytest.mark.parametrize(
    ("used", "late", "works"), [(False, False, True), (True, False, False), (False, True, False), (True, True, False)]
)
def test_a_link_works_once_and_for_a_while(kind: LinkKind, used: bool, late: bool, works: bool) -> None:
    ends_at = NOON if late else NOON + timedelta(seconds=1)
    refusal = rules.why_not_use_link(kind, used_at=NOON if used else None, ends_at=ends_at, now=NOON)
    assert (refusal is None) == works
    assert refusal is None or (refusal.words and refusal.fix)


def test_an_unconfirmed_person_does_not_sign_in() -> None:
    assert rules.why_not_sign_in(confirmed_at=None) == rules.UNCONFIRMED
    assert rules.why_not_sign_in(confirmed_at=NOON) is None


def test_tries_up_to_the_limit_then_words_that_say_when() -> None:
    limit = Limit(3, timedelta(minutes=15))
    assert [rules.why_not_try(limit, tries=n, began_at=NOON) for n in (1, 2, 3)] == [None] * 3
    refusal = rules.why_not_try(limit, tries=4, began_at=NOON)
    assert refusal
    assert refusal.words == "There have been too many tries. Try again after 12:16."
    summer = rules.why_not_try(limit, tries=4, began_at=NOON.replace(month=7))
    assert summer
    assert "13:16" in summer.words, "in London"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/bids", "/bids"),
        ("/bids?x=1", "/bids?x=1"),
        ("", "/"),
        ("bids", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/" + "a" * 500, "/"),
    ],
)
def test_the_way_onward_never_leaves_this_site(wanted: str, path: str) -> None:
    assert rules.local_path(wanted) == path


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("", "A browser on a device we do not know"),
    ],
)
def test_a_device_in_words(agent: str, words: str) -> None:
    assert rules.device_words(agent) == words


def test_a_persona_has_a_group_and_words() -> None:
    assert rules.persona("Providers: sole therapist: Leeds") == ("Providers", "Sole therapist: Leeds")
    assert rules.persona("an auditor") == ("People", "An auditor")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1:2:3", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_household_of_addresses_counts_as_one_host(host: str, counted: str) -> None:
    assert rules.counted_as(host) == counted
