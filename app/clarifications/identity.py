"""What in a question could tell who asks it: names, and the words by which an organisation's name is known. Pure."""

import re
from collections.abc import Collection
from typing import Final

from app.briefs.identity.lists import listed
from app.briefs.identity.names import ORDINARY, WIDE_AREAS
from app.briefs.identity.plain import plain

LEAST_LETTERS: Final = 4
_COMMON_TO_NAMES: Final = listed("service_names") | listed("places") | WIDE_AREAS
_ALSO_A_WORD: Final = listed("common") | ORDINARY
_WORD: Final = re.compile(r"[^\W\d_]+")
_LEADS: Final = " \t\"'([*-"
_ENDS: Final = ("", ".", "?", "!", ":", "\n")


def giveaways(text: str, names: Collection[str], organisations: Collection[str]) -> tuple[str, ...]:
    """What of these names stands in the text: one of them whole, or a word of an organisation's that few others bear.

    Such a word has `LEAST_LETTERS` or more, and is neither what services are called nor a place nor a month. One that is
    ordinary English too, as in Bridge Therapy, is found where it is written with a capital letter inside a sentence alone.
    """
    said = plain(text).text
    whole = [name for name in (*organisations, *names) if name.strip() and _tells(said, name)]
    covered = {word.casefold() for name in whole for word in _WORD.findall(plain(name).text)}
    words = dict.fromkeys(
        word for name in organisations for word in _distinctive(name) if word.casefold() not in covered
    )
    return (*dict.fromkeys(whole), *(word for word in words if _tells(said, word)))


def without(text: str, name: str) -> str:
    """The text in plain letters, and a comma wherever this name stood whole."""
    return re.sub(_pattern(plain(name).text), ",", plain(text).text)


def _distinctive(name: str) -> list[str]:
    return [
        word
        for word in _WORD.findall(plain(name).text)
        if len(word) >= LEAST_LETTERS and word.casefold() not in _COMMON_TO_NAMES
    ]


def _tells(said: str, name: str) -> bool:
    found = re.finditer(_pattern(plain(name).text), said)
    if not {name.casefold(), name.casefold().removesuffix("s")} & _ALSO_A_WORD:
        return any(found)
    return any(one[0][0].isupper() and not _begins(said[: one.start()]) for one in found)


def _begins(before: str) -> bool:
    """Whether what comes after this begins a sentence."""
    return before.rstrip(_LEADS)[-1:] in _ENDS


def _pattern(name: str) -> str:
    """A name in any letters, as whole words, with any spaces between them, and of somebody's too."""
    words = r"\s+".join(map(re.escape, name.split()))
    return rf"(?i)(?<!\w){words}(?:'?s)?(?!\w)"
