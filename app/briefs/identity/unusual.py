"""What few families have, beside a small place and an exact age: each says little, together they say who it is."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from app.briefs.identity.kinds import Hit
from app.briefs.identity.lists import listed
from app.briefs.identity.names import ORDINARY, WIDE_AREAS
from app.briefs.identity.runs import Word

_MANY_AT_ONCE: Final = r"triplets?|quad(?:ruplet)?s"
_ALONE: Final = re.compile(rf"\b(?:(?i:{_MANY_AT_ONCE})|HM(?:P|YOI)(?:\s[A-Z][a-z]+){{1,3}})\b")
_FIVE_OR_MORE: Final = r"(?:five|six|seven|eight|nine|ten|[5-9]|1\d)"
_COUNTRIES: Final = listed("countries")
_FEW_HAVE: Final = re.compile(
    rf"(?i)\b(?:(?P<siblings>twins?(?![- ](?:track|bed|room))|{_MANY_AT_ONCE}|"
    rf"{_FIVE_OR_MORE}\s(?:siblings|brothers|sisters|children)|(?:sibling|family) group of {_FIVE_OR_MORE})|"
    r"(?P<body>rett(?:'s)? syndrome|prader[- ]willi(?: syndrome)?|angelman(?:'s)?(?: syndrome)?|williams syndrome|fragile x|"
    r"(?:duchenne )?muscular dystrophy|cystic fibrosis|deaf-?blind|deaf|blind|albinism|dwarfism|achondroplasia|cerebral palsy|"
    r"spina bifida|wheelchair|amputee|one[- ](?:leg(?:ged)?|arm(?:ed)?)|tracheostomy|epilepsy|haemophilia|sickle cell|leukaemia|"
    r"cancer|hiv|intersex|transgender|trans (?:girl|boy|child)|non-binary|cleft (?:lip|palate)|brittle bones?|"
    r"tourette'?s?(?: syndrome)?)|"
    r"(?P<people>travellers?|gypsy|roma|romani|romany|kurdish|yazidi|vietnamese|somali|eritrean|ethiopian|afghan|ukrainian|"
    r"syrian|iraqi|chinese|filipin[oa]|nepali|tibetan|mongolian|albanian|asylum[- ]seek(?:er|ing)|unaccompanied minor|"
    rf"(?:from|born in) (?:{'|'.join(sorted(_COUNTRIES))}))|"
    r"(?P<faith>jehovah's witness(?:es)?|orthodox jewish|hasidic|plymouth brethren|mormon|zoroastrian|jain)|"
    r"(?P<work>(?:(?:is|are|was|were) (?:an? )?(?:serving )?|serving )(?:(?:police|prison|army|naval) officers?|soldiers?))|"
    r"(?P<news>in the (?:local |national )?(?:news|papers?)|murder(?:ed)?|manslaughter))\b"
)
"""Each group is something of another sort: two words of one group may say the same."""
_NUMBER: Final = rf"(?:\d{{1,2}}|{'|'.join(sorted(listed('numbers')))})"
_EXACT_AGE: Final = re.compile(
    rf"(?i)\b(?:aged?\s{_NUMBER}|age\sof\s{_NUMBER}|{_NUMBER}[-\s]+(?:year|yr)s?[-\s]+olds?|"
    rf"of\s{_NUMBER}\s(?:years|yrs)|"
    rf"{_NUMBER}\s?yo|"
    rf"(?:boy|girl|child|son|daughter|baby|twins|triplets),?\s(?:of\s|aged\s)?\(?{_NUMBER})\b(?!\s?(?:to|-|or over)\s?\d)"
)
_VILLAGE: Final = re.compile(
    r"(?i)\b(?:(?:village|hamlet|isle|island|estate|parish)\sof\s[a-z]|"
    r"(?:a|the|their|our)\s(?:small\s)?(?:village|hamlet))"
)
_NOT_SMALL: Final = WIDE_AREAS | _COUNTRIES | ORDINARY
_PLACE_WORDS: Final = frozenset({"in", "near", "from", "around", "outside", "of", "at"})


def unusual_in(text: str, around: str, words: list[Word], words_around: list[Word], near: str) -> Iterator[Hit]:
    """What few families have, where a village, or a small place and an exact age, stand in the text or `around` it.

    Where the brief names a district as `near`, triplets and a named prison are enough, and so are things of two sorts.
    """
    if near:
        yield from (Hit("unusual", *one.span()) for one in _ALONE.finditer(text))
    found = list(_FEW_HAVE.finditer(text))
    if not found:
        return
    both = f"{text}\n{around}"
    aged_in_a_small_place = (_small_place(words) or _small_place(words_around)) and _EXACT_AGE.search(both)
    if _VILLAGE.search(both) or aged_in_a_small_place or (near and _of_two_sorts(both)):
        yield from (Hit("unusual", *one.span()) for one in found)


def _of_two_sorts(text: str) -> bool:
    return len({one.lastgroup for one in _FEW_HAVE.finditer(text)}) > 1


def _small_place(words: list[Word]) -> bool:
    """Whether a town or district is named: after "in", "near" or "from", a word that is no county, region or ordinary word."""
    return any(
        before.base in _PLACE_WORDS and word.capital and len(word.text) > 2 and word.gap == " " and _is_small(word)
        for before, word in pairwise(words)
    )


def _is_small(word: Word) -> bool:
    return word.base not in _NOT_SMALL and not word.own.isupper()
