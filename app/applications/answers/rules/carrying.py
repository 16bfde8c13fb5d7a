"""Which answer given before, in whatever framework, a question takes over. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.applications.answers.rules.asking import is_kept, is_known
from app.frameworks.rules import Carry, QuestionFacts


@dataclass(frozen=True, slots=True)
class Earlier:
    """An answer of the same provider to a question with this `text`, in another application."""

    text: str
    value: str
    application_id: UUID
    answered_at: datetime
    answered_by: UUID


def plain(text: str) -> str:
    """A question's words alone: two are the same whatever their capitals, spaces and marks."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def carried(questions: Mapping[UUID, QuestionFacts], earlier: Iterable[Earlier]) -> dict[UUID, Earlier]:
    """For each question that takes one, the newest answer to the same words that it can have; `earlier` is newest first."""
    newest: dict[str, list[Earlier]] = {}
    for one in earlier:
        newest.setdefault(plain(one.text), []).append(one)
    found = {
        question_id: next((one for one in newest.get(plain(facts.text), ()) if is_kept(facts, one.value)), None)
        for question_id, facts in questions.items()
        if facts.carry is not Carry.FRESH and not is_known(facts)
    }
    return {question_id: one for question_id, one in found.items() if one}
