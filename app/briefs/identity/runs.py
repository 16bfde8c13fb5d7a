"""Words and runs of words that begin with a capital letter, each with where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z](?:[A-Za-z]|['-](?=[A-Za-z])){0,40}|\d{1,6}(?:st|nd|rd|th)?")
_INSIDE: Final = frozenset({"of", "the", "and", "on", "at", "in", "upon", "le", "de", "st"})
_LONGEST: Final = 8


@dataclass(frozen=True, slots=True)
class Word:
    """`own` is without its possessive ending, `base` that in small letters; `begins` says that a sentence begins with it.

    `gap` is what stands between it and the word before.
    """

    text: str
    own: str
    base: str
    start: int
    end: int
    gap: str
    begins: bool

    @property
    def possessive(self) -> bool:
        return self.text.endswith("'s")

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def words_of(text: str) -> list[Word]:
    found: list[Word] = []
    last = 0
    for match in _WORD.finditer(text):
        gap = text[last : match.start()]
        begins = not found or bool(re.search(r"[.!?:\n•]|^\s*-\s", gap[:12]))
        own = match[0].removesuffix("'s")
        found.append(Word(match[0], own, own.lower(), match.start(), match.end(), gap, begins))
        last = match.end()
    return found


def capital_runs(words: list[Word]) -> Iterator[list[Word]]:
    """Runs of capitalised words, small joining words inside them: "Holy Trinity C of E Primary". None is longer than eight."""
    run: list[Word] = []
    for before, word in pairwise([None, *words]):
        assert word is not None  # noqa: S101 - the first of the pair alone may be
        joined = word.gap in (" ", ". ") and not (word.gap == ". " and before and before.base not in ("st", "c", "e"))
        if run and (not joined or len(run) >= _LONGEST):
            yield _trimmed(run)
            run = []
        if (
            word.capital
            or (word.text[0].isdigit() and word.text[-1].isalpha() and not run)
            or (run and word.base in _INSIDE)
        ):
            run.append(word)
        elif run:
            yield _trimmed(run)
            run = []
    if run:
        yield _trimmed(run)


def _trimmed(run: list[Word]) -> list[Word]:
    end = len(run)
    while end and run[end - 1].text in _INSIDE:
        end -= 1
    return run[:end]
