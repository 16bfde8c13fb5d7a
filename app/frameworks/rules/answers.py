"""What an answer to a question comes to: nothing is refused by itself, and only what is stated passes by itself. Pure."""

from enum import StrEnum
from typing import Final

from app.frameworks.rules.facts import QuestionFacts
from app.frameworks.rules.kinds import Answering


class Outcome(StrEnum):
    MISSING = "missing"
    TOO_LONG = "too_long"
    NOT_POSSIBLE = "not_possible"
    PASSES = "passes"
    SCORED = "scored"
    PERSON = "person"
    KEPT = "kept"


OUTCOMES: Final = {
    Outcome.MISSING: "It must be answered before the application can be sent.",
    Outcome.TOO_LONG: "It has too many words to be sent.",
    Outcome.NOT_POSSIBLE: "It is none of the answers that can be given.",
    Outcome.PASSES: "It passes by itself.",
    Outcome.SCORED: "It is scored by people, from 0 to 5.",
    Outcome.PERSON: "It goes to a person to look at; nothing is refused by itself.",
    Outcome.KEPT: "It is kept for those who decide.",
}


def answers_to(question: QuestionFacts) -> tuple[str, ...]:
    """The answers to choose from; none where it is answered in words or a number."""
    return {
        Answering.YES_NO: ("Yes", "No"),
        Answering.DECLARATION: ("I agree",),
        Answering.CHOICE: question.options,
    }.get(question.kind, ())


def outcome(question: QuestionFacts, answer: str) -> Outcome:
    """What this answer comes to; an empty one is none."""
    choices = answers_to(question)
    checks = (
        (not answer and question.required, Outcome.MISSING),
        (not answer, Outcome.KEPT),
        (bool(choices) and answer not in choices, Outcome.NOT_POSSIBLE),
        (question.kind is Answering.NUMBER and not answer.isdecimal(), Outcome.NOT_POSSIBLE),
        (bool(question.max_words) and len(answer.split()) > (question.max_words or 0), Outcome.TOO_LONG),
        (question.weight is not None, Outcome.SCORED),
        (answer in question.passes, Outcome.PASSES),
        (bool(question.passes), Outcome.PERSON),
    )
    return next((found for holds, found in checks if holds), Outcome.KEPT)
