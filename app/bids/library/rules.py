"""Answers to use again, and how one is found. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal

MOST_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What is inside a kept answer. `brief` is the reference of the brief for which it was written."""

    question: str
    words: str
    brief: str

    def canonical(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def read(cls, canonical: bytes) -> "Kept":
        return cls(**json.loads(canonical))


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer as its page shows it. `key` names it in a form; `used_at` is when it was last used or sent.

    `score` and `comments` are the assessors', once their letter is out; `kept`: it can be taken out of the library.
    """

    key: str
    question: str
    words: str
    brief: str
    used_at: datetime
    bid_id: UUID | None
    kept: bool
    score: str = ""
    comments: tuple[str, ...] = ()


def found(entries: Iterable[Entry], question: str, wanted: str) -> tuple[Entry, ...]:
    """Those that have every word wanted, answers to the same question first, then the newest; the same words once."""
    words = wanted.casefold().split()
    fitting = [one for one in entries if all(word in f"{one.question} {one.words}".casefold() for word in words)]
    fitting.sort(key=lambda one: one.used_at, reverse=True)
    fitting.sort(key=lambda one: -_alike(one.question, question))
    once: dict[str, Entry] = {}
    for one in fitting:
        once.setdefault(one.words, one)
    return tuple(once.values())


def joined(written: str, words: str) -> str:
    """An answer put into a field: what stands there already stays in front of it."""
    return f"{written}\n\n{words}" if written else words


NOT_KEPT: Final = {
    "empty": "There is nothing to keep yet: write the answer first.",
    "full": f"The library holds {MOST_KEPT} answers. Take one out first.",
}
"""Why an answer is not kept, by the code of its refusal; the draft is saved none the less."""


def why_not_keep(words: str, *, kept: int) -> Refusal | None:
    code = "empty" if not words else "full" if kept >= MOST_KEPT else ""
    return Refusal(code, NOT_KEPT[code]) if code else None


def why_not_use(written: str, words: str, *, most: int) -> Refusal | None:
    """`most` is in characters."""
    if len(joined(written, words)) > most:
        return Refusal("too_long", f"Together with what stands there this is longer than {most} characters.")
    return None


def comments_on(
    lines: Sequence[tuple[str, str, tuple[str, ...]]], criterion: str, *, total: str
) -> tuple[str, tuple[str, ...]]:
    """The score and the reasons of the answer's criterion; where none has that name, the mark of the whole bid and all reasons."""
    own = [line for line in lines if line[0].casefold() == criterion.casefold()]
    if own:
        return f"{own[0][0]}: {own[0][1]}", own[0][2]
    return f"{total} of 100 for the whole bid", tuple(
        f"{name}: {reason}" for name, _, reasons in lines for reason in reasons
    )


def _alike(one: str, other: str) -> int:
    """How many words two questions share; a question is most like itself."""
    if one.casefold() == other.casefold():
        return 1000
    return len({*one.casefold().split()} & {*other.casefold().split()})
