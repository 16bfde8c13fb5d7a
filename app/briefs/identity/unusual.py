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
_MANY: Final = re.compile(rf"(?i)\b(?:{_MANY_AT_ONCE})\b")
_FIVE_OR_MORE: Final = r"(?:five|six|seven|eight|nine|ten|[5-9]|1\d)"
_FEW_HAVE: Final = re.compile(
    rf"(?i)\b(?:twins|{_MANY_AT_ONCE}|{_FIVE_OR_MORE}\s(?:siblings|brothers|sisters|children)|"
    rf"(?:sibling|family) group of {_FIVE_OR_MORE}"
    r"|rett(?:'s)? syndrome|prader[- ]willi(?: syndrome)?|angelman(?:'s)?(?: syndrome)?|williams syndrome|fragile x|"
    r"(?:duchenne )?muscular dystrophy|cystic fibrosis|deaf-?blind|deaf|blind|albinism|dwarfism|achondroplasia|cerebral palsy|"
    r"spina bifida|wheelchair|amputee|tracheostomy|epilepsy|haemophilia|sickle cell|leukaemia|cancer|hiv|intersex|"
    r"transgender|trans (?:girl|boy|child)|non-binary|cleft (?:lip|palate)|brittle bones?|tourette'?s?(?: syndrome)?"
    r"|travellers?|gypsy|roma|romani|romany|kurdish|yazidi|vietnamese|somali|eritrean|ethiopian|afghan|ukrainian|syrian|iraqi|"
    r"chinese|filipin[oa]|nepali|tibetan|mongolian|albanian|jehovah's witness(?:es)?|orthodox jewish|hasidic|plymouth brethren|"
    r"mormon|zoroastrian|jain|asylum[- ]seek(?:er|ing)|unaccompanied minor|in the (?:local |national )?(?:news|papers?)|"
    r"murder(?:ed)?|manslaughter)\b"
)
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
_PLACE_WORDS: Final = frozenset({"in", "near", "from", "around", "outside", "of", "at"})


def unusual_in(text: str, around: str, words: list[Word], words_around: list[Word]) -> Iterator[Hit]:
    """What few families have, where a village, or a small place and an exact age, stand in the text or `around` it."""
    found = list(_FEW_HAVE.finditer(text))
    if not found:
        return
    both = f"{text}\n{around}"
    village = _VILLAGE.search(both)
    if village or ((_small_place(words) or _small_place(words_around)) and _EXACT_AGE.search(both)):
        yield from (Hit("unusual", *one.span()) for one in found)


def many_at_once(text: str) -> Iterator[Hit]:
    """Triplets and quadruplets, whom a district alone makes known."""
    yield from (Hit("unusual", *one.span()) for one in _MANY.finditer(text))


def _small_place(words: list[Word]) -> bool:
    """Whether a town or district is named: after "in", "near" or "from", a word that is no county, region or ordinary word."""
    return any(
        before.base in _PLACE_WORDS and word.capital and len(word.text) > 2 and word.gap == " " and _is_small(word)
        for before, word in pairwise(words)
    )


def _is_small(word: Word) -> bool:
    return word.base not in WIDE_AREAS and word.base not in ORDINARY and not word.own.isupper()
