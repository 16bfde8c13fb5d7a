"""Numbers and addresses of people: telephone, NHS, post, e-mail, the web, and the files that others keep."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from app.briefs.identity.kinds import Hit
from app.briefs.identity.lists import listed

_AREAS: Final = listed("postcode_areas")
_ORDINAL_OR_UNIT: Final = frozenset({"st", "nd", "rd", "th", "am", "pm", "hr"})
_PUBLIC: Final = ("gov.uk", "www.gov.uk", "www.legislation.gov.uk", "www.nice.org.uk", "www.nhs.uk")
_CUES: Final = (
    "ref(?:erence)?|case|court|file|mosaic|liquidlogic|liquid logic|carefirst|eclipse|azeus|urn|upn|lcs|ics|crime|police|"
    "child(?:'s)?|client|person|pupil|passport|service user|national insurance|insurance"
)
_MORE_CUES: Final = "case|court|file|system|id|ref(?:erence)?|number|num|no|order"
_CODE: Final = r"[A-Za-z]{0,5}[-/]?\d[A-Za-z\d]{0,20}(?:[-/][A-Za-z\d]{1,12}){0,3}"
_DOT: Final = r"(?:\.|\(dot\)|\[dot\])"
_LABEL: Final = r"\w[\w-]{0,62}"
_EMAIL_END: Final = rf"{_LABEL}\s?{_DOT}\s?{_LABEL}(?:(?!\.\s)\s?{_DOT}\s?{_LABEL}){{0,4}}"
"""An address needs one stop, however it is typed; a later one with a space after it alone ends the sentence."""


def is_nhs_number(digits: str) -> bool:
    """Ten digits whose last is the check digit, modulo 11. Source: NHS Data Dictionary, NHS NUMBER."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return len(digits) == 10 and (11 - total % 11) % 11 == int(digits[9])


def is_telephone(digits: str) -> bool:
    """A British number as it is dialled, at home or from abroad."""
    if digits.startswith("0044"):
        digits = "0" + digits[4:]
    return digits.startswith("0") and len(digits) in (10, 11) and not digits.startswith("00")


def _digits(words: str) -> str:
    return re.sub(r"\D", "", words)


def _nhs(found: re.Match[str]) -> bool:
    return is_nhs_number(_digits(found[0]))


def _telephone(found: re.Match[str]) -> bool:
    digits = _digits(found[0].replace("(0)", ""))
    return is_telephone("00" + digits if found[0].startswith("+") else digits)


def _postcode(found: re.Match[str]) -> bool:
    area, end = found[1].upper().replace("0", "O"), found[2]
    return area in _AREAS and end not in _ORDINAL_OR_UNIT


def _reference(found: re.Match[str]) -> bool:
    digits = _digits(found[1])
    return len(digits) >= 4 and not re.fullmatch(r"(?:19|20)\d\d", found[1])


def _not_public(found: re.Match[str]) -> bool:
    host = re.sub(r"^https?://", "", found[0].lower()).split("/")[0]
    return host not in _PUBLIC


def _always(found: re.Match[str]) -> bool:
    return True


_PATTERNS: Final[tuple[tuple[str, re.Pattern[str], int, Callable[[re.Match[str]], bool]], ...]] = tuple(
    (kind, re.compile(pattern), group, sure)
    for kind, pattern, group, sure in (
        ("email", rf"(?<![\w.+-])[\w.+-]{{1,64}}\s?(?:@|\((?i:at)\)|\[(?i:at)\])\s?{_EMAIL_END}", 0, _always),
        ("email", r"(?i)\b\w{1,40}(?: dot \w{1,40}){0,3} at \w{1,40}(?: dot [a-z]{2,12}){1,3}\b", 0, _always),
        ("handle", r"(?i)(?<![\w@/])(?:https?://|www\.)[^\s<>\"']{3,200}", 0, _not_public),
        (
            "handle",
            r"(?i)(?<![\w@/.-])[a-z][\w-]{1,40}(?:\.[\w-]{1,30}){0,3}\.(?:com|org|net|uk|me|info|tv|io)/[^\s<>\"']{2,200}",
            0,
            _not_public,
        ),
        ("handle", r"(?<![\w.@])@[A-Za-z_][\w.]{2,40}", 0, _always),
        (
            "handle",
            r"(?i)\b(?:user ?name|gamer ?tag|snapchat|instagram|tiktok|roblox|discord)"
            r"(?: user)?(?: name| id| handle| account| tag)?(?: is |: ?)(\S{3,40})",
            1,
            _always,
        ),
        ("nhs_number", r"(?<![\d+])[1-9](?:[ .-]{0,2}\d){9}(?!\d)", 0, _nhs),
        ("telephone", r"(?<![\d+])(?:\+44|\(?0)(?:[ ().-]{0,3}\d){9,11}(?!\d)", 0, _telephone),
        (
            "postcode",
            r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0]?)\d[A-Za-z\d]?[\s-]{0,2}\d([ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2})(?![A-Za-z0-9])",
            0,
            _postcode,
        ),
        (
            "postcode",
            r"(?<![A-Z0-9] )\b([A-Z])(?: [A-Z])? \d(?: [A-Z\d])? \d ([A-Z]) [A-Z]\b(?! [A-Z0-9]\b)",
            0,
            _always,
        ),
        (
            "reference",
            rf"(?i)\b(?:{_CUES})(?:\s(?:{_MORE_CUES})\b){{0,3}}[.:#]{{0,2}}\s?(?:is\s)?({_CODE})",
            1,
            _reference,
        ),
        ("reference", r"\b([A-Z]{2}\d{2}[A-Z]\d{5})\b", 1, _always),  # a family court's case
        ("reference", r"\b([A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])\b", 1, _always),  # national insurance
        ("reference", r"\b([A-Z]{2,5}[-/]\d{5,12})\b", 1, _always),
    )
)

_SPOKEN: Final = {
    "oh": "0", "o": "0", "zero": "0", "nought": "0", "nil": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}


def numbers_in(text: str) -> Iterator[Hit]:
    for kind, pattern, group, sure in _PATTERNS:
        for found in pattern.finditer(text):
            if sure(found):
                yield Hit(kind, *found.span(group))
    yield from _spoken(text)


def _spoken(text: str) -> Iterator[Hit]:
    """Numbers spelled out, as "oh seven seven double oh": runs of digits in words that make a telephone or NHS number."""
    digits, start, end, times = "", 0, 0, 1
    for found in re.finditer(r"[A-Za-z]+|\d+|[^\w\s,.-]", text):
        word = found[0].lower()
        value = _SPOKEN.get(word, word if word.isdigit() else "")
        if not value and word not in _TIMES:
            yield from _called(digits, start, end)
            digits, times = "", 1
            continue
        if not digits and times == 1:
            start = found.start()
        digits, times = (digits + value * times, 1) if value else (digits, _TIMES[word])
        end = found.end()
    yield from _called(digits, start, end)


def _called(digits: str, start: int, end: int) -> Iterator[Hit]:
    if is_telephone(digits):
        yield Hit("telephone", start, end)
    elif is_nhs_number(digits):
        yield Hit("nhs_number", start, end)
