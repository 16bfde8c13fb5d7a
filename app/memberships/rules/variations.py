"""A new version of an agreement: what may be proposed, who answers until when, and which version binds whom on a day. Pure.

Source: row 2.12 of the catalogue. Nobody's rights change before the day on which the version takes effect.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal
from app.frameworks.rules import Phase

CHASED: Final = (7, 2)
"""Days before the last day to answer on which those who have not are reminded."""


class Silence(StrEnum):
    """What it means when a member does not answer in time."""

    AGREES = "agrees"
    DECLINES = "declines"


class Decliners(StrEnum):
    """What becomes of a member that has declined."""

    KEEP = "keep"
    END = "end"


class Stage(StrEnum):
    """Where a new version stands; who it binds is said for each member."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    ASKED = "asked"
    SETTLED = "settled"
    IN_EFFECT = "in effect"


SILENCE_WORDS: Final = {
    Silence.AGREES: "Who does not answer in time agrees",
    Silence.DECLINES: "Who does not answer in time declines",
}
DECLINERS_WORDS: Final = {
    Decliners.KEEP: "Who declines keeps the version before it, until the framework ends",
    Decliners.END: "The membership of who declines ends, with notice",
}


@dataclass(frozen=True, slots=True)
class Change:
    """An approved new version as one member meets it: `agrees` is its answer, if it gave one."""

    version: str
    sha256: str
    answer_by: date
    effective_on: date
    silence: Silence
    agrees: bool | None = None

    def settled(self, on: date) -> bool | None:
        """Whether the member agrees, as far as that is known on a day."""
        if self.agrees is not None or on <= self.answer_by:
            return self.agrees
        return self.silence is Silence.AGREES


def stage(*, approved: bool, withdrawn: bool, answer_by: date, effective_on: date, on: date) -> Stage:
    if withdrawn:
        return Stage.WITHDRAWN
    if not approved:
        return Stage.PROPOSED
    if on >= effective_on:
        return Stage.IN_EFFECT
    return Stage.SETTLED if on > answer_by else Stage.ASKED


def asked(change: Change, signed_on: date) -> bool:
    """Who signs after the last day to answer signs the new version itself."""
    return signed_on <= change.answer_by


def binding(changes: Sequence[Change], *, signed_on: date, on: date) -> Change | None:
    """The new version that binds a member on a day; None while it is what the member has signed. `changes`: oldest first."""
    bound = [one for one in changes if asked(one, signed_on) and one.effective_on <= on and one.settled(on)]
    return bound[-1] if bound else None


def to_sign(changes: Sequence[Change], on: date) -> Change | None:
    """The newest version that who signs on a day is given; None for the framework's first. `changes`: oldest first."""
    closed = [one for one in changes if one.answer_by < on]
    return closed[-1] if closed else None


def why_not_propose(
    *,
    phase: Phase,
    waiting: bool,
    same_text: bool,
    version_taken: bool,
    days: tuple[date, date, date | None],
    decliners: Decliners,
    on: date,
    last_effective: date | None,
) -> Refusal | None:
    """`days`: the last to answer, the first in effect and, where the membership of decliners ends, its last.

    One version is proposed at a time, and takes effect after the one before it.
    """
    answer_by, effective_on, ends_on = days
    found = (
        (phase is not Phase.LIVE, "framework", "Only the agreement of a live framework is varied."),
        (waiting, "waiting", "A new version is proposed already. Withdraw it, or have it approved first."),
        (same_text, "text", "The text is the same as the one in force"),
        (version_taken, "version", "There is a version of this name already"),
        (
            answer_by < on + timedelta(days=max(CHASED)),
            "answer_by",
            f"The last day to answer must be at least {max(CHASED)} days from today",
        ),
        (effective_on <= answer_by, "effective_on", "It takes effect after the last day to answer"),
        (
            last_effective is not None and effective_on <= last_effective,
            "effective_on",
            "It takes effect after the version before it",
        ),
        (
            (decliners is Decliners.END) != (ends_on is not None),
            "ends_on",
            "Enter the last day of those who decline, if their membership ends, and only then",
        ),
        (
            ends_on is not None and ends_on < effective_on,
            "ends_on",
            "The last day of those who decline must not be before the version takes effect",
        ),
    )
    return next((Refusal(code, words) for wrong, code, words in found if wrong), None)


def why_not_approve(found: Stage, *, mine: bool, answer_by: date, on: date) -> Refusal | None:
    if found is not Stage.PROPOSED:
        return Refusal("settled", "This has been settled meanwhile.")
    if mine:
        return Refusal("second_person", "You proposed this, so another lead must approve it.")
    if answer_by < on + timedelta(days=max(CHASED)):
        words = f"Members would have fewer than {max(CHASED)} days to answer. Withdraw it, and propose other days."
        return Refusal("too_late", words)
    return None


def why_not_withdraw(found: Stage) -> Refusal | None:
    """What is approved has been told to every member: it is changed by another new version."""
    return None if found is Stage.PROPOSED else Refusal("settled", "This has been settled meanwhile.")


def why_not_answer(
    found: Stage, *, is_asked: bool, before: bool | None, decliners: Decliners, same_text: bool
) -> Refusal | None:
    """`before` is what the member has said already: an agreement stands, and so does notice that was given."""
    if found is not Stage.ASKED:
        return Refusal("not_asked", "The time to answer is over.")
    if not is_asked:
        return Refusal("not_asked", "You have no membership of this framework that this would change.")
    if before:
        return Refusal("agreed", "You have agreed already.")
    if before is False and decliners is Decliners.END:
        return Refusal("declined", "You have declined already, and your membership ends with notice.")
    if not same_text:
        return Refusal("other_text", "The text has changed since you read it. Read it again.")
    return None


def difference(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Line by line what is 'same', 'removed' and 'added'; empty lines say nothing."""
    old, new = ([line for line in text.splitlines() if line.strip()] for text in (before, after))
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (("same", line) for line in old[a:b])
        else:
            yield from (("removed", line) for line in old[a:b])
            yield from (("added", line) for line in new[c:d])
