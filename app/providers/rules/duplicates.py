"""Whether two providers may be one: how like their names are, and what else they share. Pure.

A likeness is only ever a suggestion: people decide, and nothing is merged.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

_FORMS: Final = {
    "the",
    "ltd",
    "limited",
    "cic",
    "cio",
    "llp",
    "plc",
    "co",
    "company",
    "uk",
    "and",
    "of",
    "trading",
    "as",
}
_USUAL: Final = {
    "adoption", "agency", "care", "centre", "charity", "child", "children", "clinic", "community", "counselling", "family",
    "families", "group", "interest", "mediation", "play", "practice", "practitioner", "psychology", "psychotherapy",
    "service", "services", "society", "support", "therapeutic", "therapies", "therapist", "therapy", "training", "trust",
}  # fmt: skip
"""Words so usual here that sharing them tells nothing."""

ALIKE: Final = 0.75
_ONE_WORD: Final = 0.84
_STEM: Final = 4


class Outcome(StrEnum):
    DIFFERENT = "different"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Traces:
    """What a provider can be known again by, beside its numbers, which the database keeps apart."""

    name: str
    telephone: str = ""
    website: str = ""


def words_of(name: str) -> tuple[str, ...]:
    """'The Rowan Thérapy Co. Ltd' -> ('rowan', 'therapy')."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    found = re.findall(r"[a-z0-9]+", plain.replace("'", "").replace("&", " and "))
    return tuple(word for word in found if word not in _FORMS) or tuple(found)


def telling(name: str) -> tuple[str, ...]:
    """The words by which this name may be told from others; all of them where every one is usual."""
    words = words_of(name)
    return tuple(word for word in words if word not in _USUAL) or words


def stems(name: str) -> tuple[str, ...]:
    """Beginnings of the telling words, by which a database finds the few names to compare."""
    return tuple(dict.fromkeys(word[:_STEM] for word in telling(name)))


def likeness(one: str, other: str) -> float:
    """0 to 1: the telling words that each has a like of in the other, and all of them weighed a little."""
    whole = SequenceMatcher(None, "".join(words_of(one)), "".join(words_of(other))).ratio()
    if whole >= 0.9:
        return whole
    return 0.8 * _shared(telling(one), telling(other)) + 0.2 * _shared(words_of(one), words_of(other))


def telephone_digits(telephone: str) -> str:
    """The last ten digits: '+44 1632 960 001' and '01632 960001' are one number. Nothing when there are fewer."""
    digits = re.sub(r"\D", "", telephone)
    return digits[-10:] if len(digits) >= 10 else ""


def website_host(website: str) -> str:
    """'https://www.rowan.example/about' -> 'rowan.example'."""
    return re.sub(r"^[a-z]+://(www\.)?", "", website.lower()).split("/")[0]


def shared(one: Traces, other: Traces) -> tuple[str, ...]:
    """What the two have in common, in words; nothing when they are no more alike than any two."""
    found = (
        (likeness(one.name, other.name) >= ALIKE, "a similar name"),
        (_same(telephone_digits, one.telephone, other.telephone), "the same telephone number"),
        (_same(website_host, one.website, other.website), "the same website"),
    )
    return tuple(words for alike, words in found if alike)


def _same(plain: Callable[[str], str], one: str, other: str) -> bool:
    tidy = plain(one)
    return bool(tidy) and tidy == plain(other)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    if not one or not other:
        return 0.0
    left, hits = list(other), 0
    for word in one:
        near = max(left, key=lambda w: SequenceMatcher(None, word, w).ratio(), default="")
        if near and SequenceMatcher(None, word, near).ratio() >= _ONE_WORD:
            left.remove(near)
            hits += 1
    return 2 * hits / (len(one) + len(other))
