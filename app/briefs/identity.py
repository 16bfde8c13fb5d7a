"""The identity guard: what in a brief's words could tell who the child is. Pure, and on the side of asking too often.

It finds patterns, not people: a second person still reads every brief before it is published.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Finding:
    """`excerpt` is the words found, `words` what they look like and what to write instead."""

    kind: str
    excerpt: str
    words: str


_NAME: Final = r"[A-Z][\w'’-]+"
_DATE: Final = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[A-Z][a-z]{2,8},?\s+\d{4})"
)
_STREET: Final = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Close|Drive|Way|Court|Crescent|Gardens|Grove|Place|Terrace|Hill|Row|Mews|Square|"
    "Walk|Park|Rise|View"
)
_NO_SCHOOL_NAME: Final = frozenset(
    {
        "a", "academy", "all", "an", "another", "any", "at", "boarding", "both", "college", "day", "each", "every",
        "first", "grammar", "her", "high", "his", "home", "in", "infant", "junior", "local", "mainstream", "middle",
        "new", "nursery", "one", "our", "pre", "primary", "primary’s", "school", "secondary", "since", "special",
        "state", "the", "their", "this", "two",
    }
)  # fmt: skip


def _nhs_number(found: re.Match[str]) -> bool:
    """Ten digits whose last is the check digit, modulo 11. Source: NHS Data Dictionary, NHS NUMBER."""
    digits = [int(c) for c in found[0] if c.isdigit()]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == digits[9] and check != 10


def _telephone(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found[0])
    return len(digits) in ((12, 13) if found[0].startswith("+") else (10, 11))


def _named_school(found: re.Match[str]) -> bool:
    return any(word.lower() not in _NO_SCHOOL_NAME for word in found[1].split())


def _always(found: re.Match[str]) -> bool:
    return True


_LOOKS_LIKE: Final[tuple[tuple[str, str, str, Callable[[re.Match[str]], bool]], ...]] = (
    ("email", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "an e-mail address. Take it out", _always),
    ("nhs_number", r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)", "an NHS number. Take it out", _nhs_number),
    ("telephone", r"(?<![\d+])(?:\+44|0)(?:[ ().-]{0,2}\d){9,10}(?!\d)", "a telephone number. Take it out", _telephone),
    (
        "postcode",
        r"(?i:\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b)",
        "a full postcode. Say the district or region",
        _always,
    ),
    (
        "date_of_birth",
        rf"(?:\b[Bb]orn\b|\b[Bb]irth(?:day|date)?\b|\b(?i:d\.?o\.?b)\b)[^\n]{{0,20}}?{_DATE}",
        "a date of birth. Give the age band",
        _always,
    ),
    (
        "school",
        rf"\b((?:{_NAME}\s+){{1,4}})(?:School|Academy|College|Nursery|Pre-?school)\b",
        "the name of a school. Say what kind of school",
        _named_school,
    ),
    (
        "address",
        rf"\b\d{{1,4}}[A-Za-z]?,?\s+(?:{_NAME}\s+){{1,3}}(?:{_STREET})\b",
        "an address. Say the district or region",
        _always,
    ),
    (
        "name",
        rf"\b(?:(?:is|are|was|were|boy|girl|child|son|daughter|brother|sister)\s+)?(?:named|called|known\s+as|name\s+is)\s+{_NAME}",
        "a name. Say “the child” or “the older sibling”",
        _always,
    ),
)


def identifying(text: str) -> list[Finding]:
    """Everything in the text that could identify a child or family, in the order of the patterns."""
    return [
        Finding(kind, found[0].strip(), f"“{found[0].strip()}” looks like {advice}.")
        for kind, pattern, advice, sure in _LOOKS_LIKE
        for found in re.finditer(pattern, text)
        if sure(found)
    ]
