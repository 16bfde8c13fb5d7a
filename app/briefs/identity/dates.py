"""Days in a child's life: the date of birth, and exact days of what happened to them. Days of the work itself pass."""

import re
from collections.abc import Iterator
from typing import Final

from app.briefs.identity.kinds import Hit

_MONTH: Final = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    "Nov(?:ember)?|Dec(?:ember)?)"
)
_ORDINALS: Final = (
    "(?:twenty[- ]|thirty[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth|thirteenth|"
    "fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth"
)
_DAY: Final = rf"(?:\d{{1,2}}\s?(?:st|nd|rd|th)?|{_ORDINALS})"
_YEAR: Final = r"(?:,?\s?(?:19|20)\d\d|,?\s'?\d\d(?![\d:.]))?"
_DATE: Final = re.compile(
    r"(?i)(?<![\w./-])(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}"
    rf"|{_DAY}\s(?:day\s)?(?:of\s)?{_MONTH}\b{_YEAR}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s(?:19|20)\d\d)?)(?![\w/])"
)
_BIRTH_MONTH: Final = re.compile(rf"(?i)\bborn\s(?:in\s|at the end of\s)?({_MONTH}\s(?:of\s)?(?:19|20)\d\d)\b")
_BIRTH: Final = re.compile(
    r"(?i)\b(?:born|birth ?(?:day|date)|d\.?o\.?b|"
    r"births?(?!\s?(?:mother|father|family|parent|mum|dad|relative|sibling|brother|sister|name)s?\b))\b"
    r"|\b(?:turns?|turned|turning|(?:will be|becomes?))\s(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"thirteen|fourteen|fifteen|sixteen|seventeen|eighteen)\b"
)
_HAPPENED: Final = re.compile(
    r"(?i)\b(?:removed|(?:was|were|been|is|are)\splaced|placed\s(?:with|in|on|there|here|together)|placement\s(?:began|started|ended|"
    r"broke|disrupted)|moved|came\s(?:to\slive|home|into)|arrived|adopted|adoption\sorder|care\sorder|guardianship\sorder|"
    r"order\s(?:was\s)?(?:made|granted)|died|dies|death|passed\saway|killed|accident|arrested|sentenced|excluded|admitted|"
    r"discharged|diagnosed|into\s(?:foster\s)?care|baptised|christened|assaulted|attacked|went\smissing|ran\saway|disclosed|"
    r"separated|operation|court\shearing|final\shearing)\b"
)
_SENTENCE: Final = re.compile(r"\n|;|[.!?]\s+(?=[A-Z])")


def dates_in(text: str) -> Iterator[Hit]:
    ends = [0, *(found.end() for found in _SENTENCE.finditer(text)), len(text)]
    at = 0
    for found in _DATE.finditer(text):
        while ends[at + 1] < found.start():
            at += 1
        before, after = text[max(ends[at], found.start() - 60) : found.start()], text[found.end() : found.end() + 30]
        after = _SENTENCE.split(after)[0]
        if _BIRTH.search(before[-45:]) or _BIRTH.search(after):
            yield Hit("date_of_birth", *found.span())
        elif _HAPPENED.search(before) or _HAPPENED.search(after):
            yield Hit("date", *found.span())
    for found in _BIRTH_MONTH.finditer(text):
        yield Hit("date_of_birth", *found.span(1))
