"""Named places that a child goes to or lives in: schools, surgeries, places of worship, clubs, streets and houses."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from app.briefs.identity.kinds import Hit
from app.briefs.identity.lists import listed
from app.briefs.identity.names import NO_PERSON
from app.briefs.identity.runs import Word, capital_runs

_SCHOOL: Final = frozenset(
    {"school", "academy", "college", "nursery", "preschool", "pre-school", "playgroup", "kindergarten"}
)
_SCHOOL_SHORT: Final = frozenset(
    {"primary", "infants", "infant", "juniors", "junior", "high", "grammar", "secondary", "comprehensive"}
)
_CLINIC: Final = frozenset({"hospital", "infirmary", "surgery", "clinic", "hospice"})
_CLINIC_OF: Final = frozenset({"medical", "health", "gp", "group", "doctors", "family"})
_CLUB: Final = listed("clubs")
_CENTRE_OF: Final = frozenset({"youth", "community", "leisure", "sports", "children's", "family", "islamic"})
_STREET: Final = frozenset(
    ["street", "road", "avenue", "lane", "close", "crescent", "terrace", "mews", "drive", "grove", "gardens"]
)
_HOUSE: Final = frozenset({"cottage", "farm", "barn", "bungalow", "villa", "farmhouse"})
_NO_NAME: Final = listed("no_place_names")
_NO_STREET: Final = listed("no_street_names")
_UNITS: Final = listed("units")
_HOUSE_NUMBER: Final = re.compile(
    r"(?i)(?<![\w£.,/-])(?:flat\s\d{1,4}[a-z]?,?\s|no\.?\s|number\s)?\d{1,4}\s?[a-z]?,?\s((?:[a-z][a-z'-]{1,30}\.?\s){1,3}?)"
    r"(street|road|rd|avenue|ave|lane|close|crescent|terrace|mews|drive|grove|gardens|way|court|place|hill|row|square|walk|park|rise|"
    r"view|green|st)\b(?!')"
)
_SMALL_TOO: Final = frozenset({"street", "road", "avenue", "lane", "crescent", "terrace", "mews"})
_AT_HOME: Final = listed("at_home")
_HOME_IN: Final = frozenset({"in", "near", "from", "outside", "around", "to"})
_COUNTRIES: Final = listed("countries")
_FLAT: Final = re.compile(r"\b(?:Flat|Apartment|Plot|Caravan)\s\d{1,4}[A-Za-z]?\b")


def places_in(text: str, words: list[Word]) -> Iterator[Hit]:
    for found in _HOUSE_NUMBER.finditer(text):
        if _numbered(found):
            yield Hit("address", *found.span())
    for found in _FLAT.finditer(text):
        yield Hit("address", *found.span())
    for run in capital_runs(words):
        yield from _named(run)


def towns_in(words: list[Word], near: str) -> Iterator[Hit]:
    """Where somebody lives or comes from, closer than the district that the brief names: no other town of the lists, no country."""
    plain = NO_PERSON | _COUNTRIES | {word.lower() for word in near.split()}
    for at, (before, word) in enumerate(pairwise(words), start=1):
        is_place = before.base in _HOME_IN and word.capital and word.gap == " " and len(word.text) > 2
        if is_place and word.base not in plain and not word.own.isupper() and _at_home(words[max(0, at - 4) : at]):
            yield Hit("address", word.start, word.end)


def _at_home(before: list[Word]) -> bool:
    """Whether somebody lives, or comes from, where these words of one sentence lead."""
    begun = max((place for place, one in enumerate(before) if one.begins), default=0)
    return any(one.base in _AT_HOME for one in before[begun:])


def _numbered(found: re.Match[str]) -> bool:
    named = found[1].split()
    if named[0].lower() in _UNITS:
        return False
    if all(word[0].isupper() for word in named) and found[2][0].isupper():
        return True
    return found[2].lower() in _SMALL_TOO and not any(word.lower() in _UNITS for word in named)


def _named(run: list[Word]) -> Iterator[Hit]:
    """The kind that the last fitting word of a run makes of the name before it: the longest such name alone."""
    for last in range(len(run) - 1, 0, -1):
        if last + 1 < len(run) and run[last + 1].text == "of":
            continue  # a Royal College of something, the Church of England
        kind, own = _kind(run, last)
        names = [word for word in run[:own] if word.text[0].isupper() or word.text[0].isdigit()]
        plain = _NO_STREET if kind == "address" else _NO_NAME
        if kind and any(word.base not in plain for word in names):
            yield Hit(kind, run[0].start, run[last].end)
            return


def _kind(run: list[Word], last: int) -> tuple[str, int]:
    """The kind that this word of the run tells of, and where what describes it begins."""
    word, before = run[last].base, run[last - 1].base
    if not run[last].capital:
        return "", 0
    if word in _SCHOOL or (word == "form" and before == "sixth"):
        return "school", last
    if word in _SCHOOL_SHORT and last == len(run) - 1 and not _is_short_form(run[last - 1]):
        return "school", last
    if word in _CLINIC or (word in ("centre", "practice") and before in _CLINIC_OF):
        return "clinic", last
    if word in _CLUB or (word == "centre" and before in _CENTRE_OF):
        return "club", last
    if last == len(run) - 1 and not run[last].possessive and (word in _STREET or word in _HOUSE):
        return "address", last
    return "", 0


def _is_short_form(word: Word) -> bool:
    """SEN, EHCP; the E of C of E is none."""
    return len(word.text) > 1 and word.text.isupper()
