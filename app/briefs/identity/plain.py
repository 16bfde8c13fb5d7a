"""Words made plain before they are searched: no invisible letters, no accents, no digits or letters of another script.

Every plain letter remembers where it stood, so that a finding points into the text as it was typed.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

_LOOKALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο‘’ʼ´`“”‐‑‒–—−⁃",
    "ABESIJKMHOPCTXaesijopcyxABEZHIKMNOPTYXo'''''\"\"-------",
)


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` in plain letters; `at` is where each of them stood."""

    text: str
    at: tuple[int, ...]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text as it was typed these plain letters stood."""
        return self.at[start], self.at[end - 1] + 1


def plain(typed: str) -> Plain:
    letters: list[str] = []
    at: list[int] = []
    for position, letter in enumerate(typed):
        if letter.isascii():
            letters.append(letter)
            at.append(position)
            continue
        for one in unicodedata.normalize("NFKD", letter):
            category = unicodedata.category(one)
            if category[0] == "M" or category == "Cf":
                continue
            letters.append(" " if category == "Zs" else _digit(one).translate(_LOOKALIKES))
            at.append(position)
    return Plain("".join(letters), tuple(at))


def _digit(letter: str) -> str:
    value = unicodedata.digit(letter, None)
    return letter if value is None else str(value)
