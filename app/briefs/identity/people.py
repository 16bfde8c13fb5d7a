"""Names of people: by the lists, and by what stands around a word that is on no list."""

import re
from collections.abc import Iterator
from typing import Final

from app.briefs.identity.kinds import Hit
from app.briefs.identity.lists import listed
from app.briefs.identity.names import (
    GIVEN,
    IF_CAPITAL,
    MAYBE,
    MONTH_OR_PLACE,
    NO_PERSON,
    PHRASES,
    SELDOM_A_WORD,
    SURNAMES,
)
from app.briefs.identity.runs import Word

_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "reverend", "sir"})
_KIN: Final = listed("kin")
_ELDERS: Final = frozenset(
    [
        "aunt",
        "auntie",
        "aunty",
        "uncle",
        "nan",
        "nana",
        "nanny",
        "gran",
        "granny",
        "grandma",
        "grandad",
        "granddad",
        "mummy",
        "daddy",
    ]
)
_HOUSEHOLD: Final = frozenset(
    {"family", "children", "siblings", "twins", "household", "boys", "girls", "sisters", "brothers"}
)
_PAIRS: Final = frozenset({"carer", "adopter", "parent", "grandparent", "guardian", "neighbour", "friend"})
_METHOD: Final = listed("methods")
_DOES: Final = listed("does")
_DID: Final = frozenset(
    {
        "has",
        "had",
        "was",
        "is",
        "needs",
        "does",
        "doesn't",
        "can",
        "can't",
        "cannot",
        "gets",
        "came",
        "moved",
        "said",
        "will",
    }
)
_BEFORE_A_THING: Final = frozenset({"a", "an", "the", "this", "that", "in", "at", "near", "on"})
_NO_SURNAME: Final = NO_PERSON | listed("methods") | listed("clubs") | listed("no_place_names") | listed("units")
_OF_A_CHILD: Final = listed("of_a_child")
_VIRTUES: Final = frozenset({"hope", "faith", "joy", "peace", "love", "patience"})
_BEFORE_AGE: Final = re.compile(r"^[\s,(]{1,3}$")
_NUMBERS: Final = listed("numbers")


def people_in(words: list[Word]) -> Iterator[Hit]:
    at = 0
    while at < len(words):
        last = _named(words, at)
        if last is None:
            at += 1
        else:
            yield Hit("name", words[at].start, words[last].start + len(words[last].own))
            at = last + 1


def _named(words: list[Word], at: int) -> int | None:
    """The last word of the name that begins here, if one does."""
    word = words[at]
    if word.base in _TITLES and word.capital:
        return _titled(words, at)
    if not word.text[0].isalpha() or _phrase(words, at):
        return None
    if _on_a_list(words, at) or _told_by_its_place(words, at):
        return _with_surname(words, at)
    return None


def _titled(words: list[Word], at: int) -> int | None:
    """'Mrs Patel', 'Mr and Mrs Patel', 'Dr Sunita Rao'."""
    last = at
    while (
        _follows(words, last + 1)
        and (words[last + 1].base in _TITLES or words[last + 1].base == "and")
        and last < at + 3
    ):
        last += 1
    found = None
    while (
        _follows(words, last + 1)
        and words[last + 1].capital
        and words[last + 1].base not in NO_PERSON
        and last < at + 6
    ):
        last = found = last + 1
    return found


def _on_a_list(words: list[Word], at: int) -> bool:
    word = words[at]
    if any(part in GIVEN for part in word.base.split("-")) and (word.capital or word.base not in IF_CAPITAL):
        return not _saint(words, at)
    if word.capital and word.base in SURNAMES:
        return True
    return word.capital and word.base in MAYBE and _maybe(words, at)


def _maybe(words: list[Word], at: int) -> bool:
    """Whether a name that is a word too names a person here."""
    word, before, after = words[at], _before(words, at), _after(words, at)
    if _saint(words, at) or (word.text.isupper() and len(word.own) < 3):
        return False
    if _aged(words, at) or _told_by_kin(words, at) or _of_a_child(words, at) or _whose(words, at):
        return True
    did = after is not None and after.base in _DID and word.base not in MONTH_OR_PLACE
    does = (after is not None and after.base in _DOES) or (did and not (word.begins and word.base in _VIRTUES))
    if word.begins:
        return does or _one_of_two(words, at)
    if word.base in MONTH_OR_PLACE:
        return does and (before is None or before.base not in ("in", "by", "of", "from", "to", "until", "since"))
    return not _capital_beside(words, at) or _before_a_surname(words, at)


def _before_a_surname(words: list[Word], at: int) -> bool:
    """'was written by Tom Whitcombe', not 'the Jack Russell', 'a Mark Scheme Review' or 'in Victor Street'."""
    word, before, after = words[at], _before(words, at), _after(words, at)
    if word.base not in SELDOM_A_WORD or before is None or before.capital or before.base in _BEFORE_A_THING:
        return False
    if after is None or after.gap != " " or len(after.own) < 4 or after.own.isupper() or after.base in _NO_SURNAME:
        return False
    goes_on = _after(words, at + 1)
    return goes_on is None or not goes_on.capital or goes_on.gap != " "


def _one_of_two(words: list[Word], at: int) -> bool:
    """'Tom and Ella are', where the other is surely a name."""
    if not _is(words, at + 1, "and") or at + 2 >= len(words):
        return False
    other = words[at + 2]
    return other.capital and other.gap == " " and (other.base in GIVEN or other.base in MAYBE - MONTH_OR_PLACE)


def _told_by_its_place(words: list[Word], at: int) -> bool:
    """Whether a word on no list stands where only a name stands."""
    word, before = words[at], _before(words, at)
    if before is not None and before.base in ("surname", "is") and _surname_said(words, at):
        return word.capital
    if not word.capital or len(word.own) < 2 or word.base in NO_PERSON or word.base in MAYBE:
        return False
    if word.own.isupper() and (len(word.own) < 4 or not _told_by_kin(words, at)):
        return False
    return any(told(words, at) for told in (_told_by_kin, _aged, _of_a_child, _whose, _household, _as_a_pair, _subject))


def _told_by_kin(words: list[Word], at: int) -> bool:
    """'his brother Kwaku', 'birth father, Darren', 'is called Bo', 'Social worker: Deborah'."""
    before = _before(words, at)
    if before is None or words[at].base in NO_PERSON - MAYBE or not words[at].capital:
        return False
    gap = words[at].gap
    if before.base in ("called", "named", "nicknamed") or (before.base == "as" and _is(words, at - 2, "known")):
        return gap in (" ", " '", ' "', ' "') and not _a_method(words, at)
    if before.base == "is" and _is(words, at - 2, "name"):
        return gap == " "
    if (
        before.base in _KIN
        and not before.possessive
        and (not before.capital or before.begins or before.base in _ELDERS)
    ):
        close = gap == " " or (
            gap in (", ", ": ", " (", " - ") and before.base not in ("boy", "girl", "child", "boys", "girls")
        )
        return close and not (words[at].begins and gap == " ") and not _organisation(words, at)
    if before.base == "and" and at >= 2:
        return gap == " " and _list_goes_on(words, at)
    return False


def _list_goes_on(words: list[Word], at: int) -> bool:
    """'adopters Sarah and Mike': the second of two, where the first was a name by its place or by the lists."""
    first = words[at - 2]
    return first.capital and first.base in GIVEN and words[at - 1].gap == " "


def _aged(words: list[Word], at: int) -> bool:
    """'Kwaku, 7,', 'Zuri (6)', 'Tiwa aged 9'."""
    after = _after(words, at)
    if after is None or words[at].possessive:
        return False
    if after.base == "aged":
        return True
    if not _BEFORE_AGE.match(after.gap) or after.gap == " ":
        return False
    if not re.fullmatch(r"[1-9]|1\d|2[0-5]", after.text) and after.base not in _NUMBERS:
        return False
    ends = _after(words, at + 1)
    return after.gap.endswith("(") or (ends is not None and ends.gap.startswith((",", ")")))


def _of_a_child(words: list[Word], at: int) -> bool:
    after = _after(words, at)
    return words[at].possessive and after is not None and after.base in _OF_A_CHILD


def _whose(words: list[Word], at: int) -> bool:
    """'Autumn, her twin', 'Grace, who is ten'."""
    after = _after(words, at)
    if after is None or after.gap != ", " or words[at].possessive:
        return False
    if after.base in ("who", "whose"):
        return True
    return after.base in ("his", "her", "their") and at + 2 < len(words) and words[at + 2].base in _KIN


def _household(words: list[Word], at: int) -> bool:
    """'the Thompson family', 'the Kowalski children'."""
    before, after = _before(words, at), _after(words, at)
    if before is None or after is None or before.base != "the":
        return False
    return after.base in _HOUSEHOLD and after.gap == " " and not after.capital


def _as_a_pair(words: list[Word], at: int) -> bool:
    """'the foster carers, the Whitcombes'."""
    if not (_is(words, at - 1, "the") and words[at].gap == " " and words[at].base.endswith("s")):
        return False
    return at >= 2 and words[at - 1].gap in (", ", " (", " - ") and words[at - 2].base.removesuffix("s") in _PAIRS


def _subject(words: list[Word], at: int) -> bool:
    """'Ayaan struggles', not 'Therapy helps'."""
    word, before, after = words[at], _before(words, at), _after(words, at)
    if after is None or after.gap != " " or word.possessive:
        return False
    alone = word.begins or before is None or not before.capital or before.gap != " "
    return (
        alone
        and after.base in _DOES
        and after.text.islower()
        and not (before and before.base in ("the", "a", "an", "our", "in"))
    )


def _surname_said(words: list[Word], at: int) -> bool:
    return _is(words, at - 1, "surname") or (_is(words, at - 1, "is") and _is(words, at - 2, "surname"))


def _a_method(words: list[Word], at: int) -> bool:
    """'the approach called Dyadic Practice': something was called so, not somebody."""
    return any(word.base in _METHOD for word in words[max(0, at - 6) : at]) or any(
        word.base in _METHOD for word in words[at + 1 : at + 5] if not word.begins and word.capital
    )


def _organisation(words: list[Word], at: int) -> bool:
    after = _after(words, at)
    return (
        after is not None
        and after.capital
        and after.base in ("council", "team", "trust", "service", "centre", "adoption", "school")
    )


def _phrase(words: list[Word], at: int) -> bool:
    """Whether the word is one of two that together are no child's name."""
    return any(
        f"{words[first].text} {words[first + 1].base}".lower() in PHRASES
        for first in (at - 1, at)
        if 0 <= first < len(words) - 1 and words[first + 1].gap in (" ", "-")
    )


def _saint(words: list[Word], at: int) -> bool:
    before = _before(words, at)
    return before is not None and before.text in ("St", "Saint", "St.")


def _capital_beside(words: list[Word], at: int) -> bool:
    before, after = _before(words, at), _after(words, at)
    left = before is not None and before.capital and not before.begins and words[at].gap == " "
    return left or (after is not None and after.capital and after.gap == " " and after.base not in SURNAMES)


def _with_surname(words: list[Word], at: int) -> int:
    last = at
    while not words[last].possessive and _follows(words, last + 1) and last < at + 3:
        after = words[last + 1]
        if not after.capital or after.base in NO_PERSON or (after.own.isupper() and after.base not in SURNAMES):
            break
        last += 1
    return last


def _follows(words: list[Word], at: int) -> bool:
    return at < len(words) and words[at].gap in (" ", ". ") and words[at].text[0].isalpha()


def _before(words: list[Word], at: int) -> Word | None:
    return words[at - 1] if at > 0 else None


def _after(words: list[Word], at: int) -> Word | None:
    return words[at + 1] if at + 1 < len(words) else None


def _is(words: list[Word], at: int, base: str) -> bool:
    return 0 <= at < len(words) and words[at].base == base
