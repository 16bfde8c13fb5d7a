"""When a card may be shown, what is long for a family to read, and how a wait is told. Pure."""

import re
from typing import Final

from app.core.refusals import Refusal

MOST_COMPARED: Final = 4
LONG_SENTENCE: Final = 20
"""Words. Plain English for a reading age of about 11 keeps most sentences under 20 words. Source: GOV.UK content guidance."""


def why_not_list(*, summary: str, therapies: int, closed: bool) -> Refusal | None:
    if closed:
        return Refusal("closed", "This provider has closed, so it cannot be listed.")
    if not summary:
        return Refusal("no_summary", "Write what you do in a few plain sentences first.")
    if not therapies:
        return Refusal("no_therapies", "Choose the therapies you offer first.")
    return None


def long_sentences(text: str) -> tuple[str, ...]:
    """The sentences of more than 20 words, as they stand."""
    sentences = (one.strip() for one in re.split(r"(?<=[.!?])\s+|\n+", text))
    return tuple(one for one in sentences if len(one.split()) > LONG_SENTENCE)


def wait_words(least: int, most: int) -> str:
    """'4 to 10 weeks', 'no wait', 'up to 1 week'."""
    weeks = f"{most} {'week' if most == 1 else 'weeks'}"
    if most == 0:
        return "no wait"
    if least == most:
        return weeks
    return f"up to {weeks}" if least == 0 else f"{least} to {weeks}"
