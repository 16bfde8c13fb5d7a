"""Which questions an application is asked, how each stands, and what is wrong with an answer. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.crypto import canonical, digest
from app.core.refusals import Refusal
from app.frameworks.rules import Answering, Carry, Outcome, QuestionFacts, answers_to, outcome

MOST_ANSWER: Final = 10_000
"""Characters that are kept of an answer."""

_WORDS_A_MINUTE: Final = 25
_USUAL_WORDS: Final = 200


class Standing(StrEnum):
    """How a question stands in an application; those of `LEFT` keep it from being submitted."""

    KNOWN = "known"
    OPTIONAL = "optional"
    MISSING = "missing"
    MEND = "mend"
    CONFIRM = "confirm"
    ANSWERED = "answered"


LEFT: Final = (Standing.MISSING, Standing.MEND, Standing.CONFIRM)


@dataclass(frozen=True, slots=True)
class Answer:
    """`answered_at` is when the words were written; `origin` the framework they were written for, where they are carried."""

    value: str
    answered_at: datetime
    origin: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a round, `at` its place from 1, with its answer in one application."""

    id: UUID
    at: int
    facts: QuestionFacts
    answer: Answer | None = None

    @property
    def field(self) -> str:
        """Its name in a form."""
        return f"q{self.at}"

    @property
    def value(self) -> str:
        return self.answer.value if self.answer else ""

    @property
    def standing(self) -> Standing:
        if is_known(self.facts):
            return Standing.KNOWN
        found = outcome(self.facts, self.value)
        if found is Outcome.MISSING:
            return Standing.MISSING
        if self.answer is None:
            return Standing.OPTIONAL
        if found in (Outcome.TOO_LONG, Outcome.NOT_POSSIBLE):
            return Standing.MEND
        waits = self.answer.origin and not self.answer.confirmed and self.facts.carry is Carry.CONFIRM
        return Standing.CONFIRM if waits else Standing.ANSWERED

    @property
    def minutes(self) -> int:
        """About how long what is left of it takes."""
        if self.standing not in LEFT:
            return 0
        if self.standing is Standing.CONFIRM or self.facts.kind is not Answering.TEXT:
            return 1
        return max(2, (self.facts.max_words or _USUAL_WORDS) // _WORDS_A_MINUTE)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one heading, by its place among all the headings of the round: it stays when lots change."""

    number: int
    name: str
    questions: tuple[Question, ...]

    @property
    def asked(self) -> tuple[Question, ...]:
        return tuple(one for one in self.questions if one.standing is not Standing.KNOWN)

    @property
    def answered(self) -> int:
        return sum(one.standing is Standing.ANSWERED for one in self.asked)

    @property
    def seen(self) -> str:
        """A digest of its answers, by which a page knows whether they are still those it was drawn from."""
        return digest(canonical({one.field: one.value for one in self.asked}))

    @property
    def left(self) -> tuple[Question, ...]:
        return tuple(one for one in self.asked if one.standing in LEFT)

    @property
    def to_confirm(self) -> int:
        return sum(one.standing is Standing.CONFIRM for one in self.asked)

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.asked)


def is_known(facts: QuestionFacts) -> bool:
    """Whether the portal's own knowledge is the answer; what says why it is asked all the same is asked."""
    return facts.known_as is not None and not facts.reason


def sections(questions: Sequence[Question], lots: Collection[int]) -> tuple[Section, ...]:
    """What an application for these lots, by number, is asked: the questions for all lots and those for one of these."""
    headings = list(dict.fromkeys(one.facts.section for one in questions))
    asked = [one for one in questions if not one.facts.lots or set(one.facts.lots) & set(lots)]
    found = (
        Section(number, name, tuple(one for one in asked if one.facts.section == name))
        for number, name in enumerate(headings, start=1)
    )
    return tuple(section for section in found if section.questions)


def why_not_save(*, seen: str, section: Section) -> Refusal | None:
    """`seen` is the digest that the page was drawn with: what a colleague has written since is not written over."""
    if seen == section.seen:
        return None
    return Refusal(
        "changed_meanwhile",
        "Somebody has changed these answers meanwhile. Nothing of yours is saved yet: look in another window at what is there"
        " now, then save yours over it or leave it.",
    )


def fault(facts: QuestionFacts, value: str) -> str | None:
    """What is wrong with what was typed, in words that help; an empty answer waits, and is not wrong."""
    if not value:
        return None
    if len(value) > MOST_ANSWER:
        return f"“{facts.text}”: your answer has {len(value):,} characters. Shorten it to {MOST_ANSWER:,}."
    found = outcome(facts, value)
    if found is Outcome.TOO_LONG:
        return f"“{facts.text}”: your answer has {len(value.split())} words. Shorten it to {facts.max_words}."
    if found is not Outcome.NOT_POSSIBLE:
        return None
    if answers_to(facts):
        return f"“{facts.text}”: select one of the answers."
    return f"“{facts.text}”: enter a whole number, like 12."


def is_kept(facts: QuestionFacts, value: str) -> bool:
    """Whether what was typed is kept in a draft: words that are too many are, so that nobody loses them."""
    return len(value) <= MOST_ANSWER and outcome(facts, value) is not Outcome.NOT_POSSIBLE


def missing(found: Sequence[Section], base: str) -> tuple[Refusal, ...]:
    """Each question that keeps an application from being submitted, with its link; `base` is the application's own path."""
    return tuple(
        Refusal(
            f"answer_{one.standing}",
            _LEFT[one.standing](one),
            (f"{base}/questions/{section.number}#{one.field}", f"Go to “{section.name}”"),
        )
        for section in found
        for one in section.left
    )


_LEFT: Final = {
    Standing.MISSING: lambda one: f"“{one.facts.text}” is not answered.",
    Standing.MEND: lambda one: fault(one.facts, one.value) or "",
    Standing.CONFIRM: lambda one: f"Your earlier answer to “{one.facts.text}” waits to be confirmed.",
}
