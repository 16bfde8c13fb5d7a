"""A template for each service a lot may buy, from the file beside this room: it proposes words, figures and questions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.briefs.terms.rules import DECIDED_IN, FUND_DECIDES_IN, BriefQuestion, Delivery, Setting, Terms
from app.core.rows import new_id
from app.core.working_days import after_working_days
from app.frameworks.rules import Service

DATA: Final = Path(__file__).parents[1] / "data" / "templates.json"
OPEN_FOR: Final = 10
"""Working days that a template proposes between today and the close."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and words by which the criterion it belongs to is known."""

    text: str
    max_words: int
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """`needs` and `outcomes` are sentences to choose from, `specified` those of a specification, for a lot
    that names no outcomes; `weeks` is how long the work goes on."""

    service: Service
    name: str
    title_hint: str
    sessions: int
    delivery: Delivery
    settings: tuple[Setting, ...]
    weeks: int
    reviews_after_weeks: tuple[int, ...]
    places: int | None
    needs: tuple[str, ...]
    outcomes: tuple[str, ...]
    specified: tuple[str, ...]
    questions: tuple[Asked, ...]
    source: str
    confidence: str

    def terms(self, criteria: Sequence[tuple[int, str, bool]], today: date) -> Terms:
        """What it proposes on a day, for criteria as (position, name, whether it is price)."""
        starts = start_by(today)
        return Terms(
            delivery=self.delivery,
            settings=self.settings,
            ends_by=starts + timedelta(weeks=self.weeks),
            review_dates=tuple(starts + timedelta(weeks=n) for n in self.reviews_after_weeks),
            places=self.places,
            questions=self._asked([(position, name.lower()) for position, name, is_price in criteria if not is_price]),
        )

    def _asked(self, criteria: Sequence[tuple[int, str]]) -> tuple[BriefQuestion, ...]:
        """Its questions, each under a criterion that its words name; of those, one that no question asks about yet."""
        asked: list[BriefQuestion] = []
        for one in self.questions:
            named = [position for word in one.about for position, name in criteria if word in name]
            fitting = [*named, *(position for position, _ in criteria)]
            taken = {question.criterion for question in asked}
            free = (position for position in fitting if position not in taken)
            asked.append(BriefQuestion(new_id(), one.text, one.max_words, next(free, next(iter(fitting), None))))
        return tuple(asked)


def weights(ranges: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Whole per cents that add up to 100, each within its (least, most): what is left over the least is shared by room.

    Where the ranges allow no such weights, the nearest.
    """
    room = [most - least for least, most in ranges]
    over = max(0, min(100 - sum(least for least, _ in ranges), sum(room)))
    given = [least + over * one // sum(room) if over else least for (least, _), one in zip(ranges, room, strict=True)]
    for at, (_, most) in enumerate(ranges):
        given[at] += min(most - given[at], max(0, 100 - sum(given)))
    return tuple(given)


def closes_on(today: date) -> date:
    """The close that a template proposes."""
    return after_working_days(today, OPEN_FOR)


def start_by(today: date) -> date:
    """The start that a template proposes: once the bids, and then the Fund, are decided."""
    return after_working_days(closes_on(today), DECIDED_IN + FUND_DECIDES_IN)


def template(service: Service) -> Template:
    return templates()[service]


@lru_cache
def templates() -> dict[Service, Template]:
    told = json.loads(DATA.read_text(encoding="utf-8"))["templates"]
    found = (
        Template(
            service=Service(one["service"]),
            name=one["name"],
            title_hint=one["title_hint"],
            sessions=one["sessions"],
            delivery=Delivery(one["delivery"]),
            settings=tuple(map(Setting, one["settings"])),
            weeks=one["weeks"],
            reviews_after_weeks=tuple(one["reviews_after_weeks"]),
            places=one["places"],
            needs=tuple(one["needs"]),
            outcomes=tuple(one["outcomes"]),
            specified=tuple(one["from"]),
            questions=tuple(Asked(q["text"], q["max_words"], tuple(q["about"])) for q in one["questions"]),
            source=one["source"],
            confidence=one["confidence"],
        )
        for one in told
    )
    return {one.service: one for one in found}
