"""The lists of words beside this, each in a file of its own, in small letters but for the areas of postcodes."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "words"


def listed(name: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(_text(name).split())


def lines(name: str) -> frozenset[str]:
    """The lines of a list, of more than a word each."""
    return frozenset(_text(name).splitlines())


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
