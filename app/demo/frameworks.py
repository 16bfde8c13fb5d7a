"""The two frameworks: written by one lead, approved by the other, with one round long closed and one open now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.demo.data import table
from app.demo.stage import Stage
from app.demo.telling import Story
from app.frameworks.commands import CallOffFacts, FrameworkFacts, approve_framework, create_framework, open_round
from app.frameworks.queries import lots_and_regions
from app.frameworks.rules import Part, QuestionFacts
from app.frameworks.templates import template

FIRST_ROUND = (127, 100)
SECOND_ROUND = (9, 20)


def story(stage: Stage, key: str) -> Story:
    """A framework from its draft to its second round."""
    made, calendar = table("frameworks")[key], stage.calendar
    writer, second = made["leads"][:2]
    yield calendar.ago(132, 11)
    stage.ids[key] = create_framework(stage.session, stage.actor(writer), stage[made["lead"]], _facts(stage, key, made))
    yield calendar.ago(131, 15)
    approve_framework(stage.session, stage.actor(second), stage[key])
    opened, closed = FIRST_ROUND
    yield calendar.ago(130, 14)
    _round(stage, key, writer, "First round", calendar.ago(opened, 9), calendar.ago(closed, 12))
    opened, closes = SECOND_ROUND
    yield calendar.ago(opened + 1, 16)
    _round(stage, key, writer, "Second round", calendar.ago(opened, 9), calendar.ahead(closes))


def parts(stage: Stage, key: str, numbers: list[int], names: list[str]) -> list[Part]:
    """The ids of these lots, by number, in each of these regions, by name."""
    lots, regions = lots_and_regions(stage.session, stage[key])
    return [(lot.id, region.id) for lot in lots if lot.number in numbers for region in regions if region.name in names]


def _round(stage: Stage, key: str, lead: str, name: str, opens_at: datetime, closes_at: datetime) -> None:
    """A round of the whole framework: every lot in every region."""
    lots, regions = lots_and_regions(stage.session, stage[key])
    scope = [(lot.id, region.id) for lot in lots for region in regions]
    round_id = open_round(stage.session, stage.actor(lead), stage[key], name, opens_at, closes_at, scope)
    stage.ids[f"{key} {name}"] = round_id


def _facts(stage: Stage, key: str, made: dict[str, Any]) -> FrameworkFacts:
    """A template, begun on a day of this story."""
    starts_on, model = stage.calendar.day(-made["starts_working_days_ago"]), template(made["template"])
    return replace(
        model,
        slug=key,
        starts_on=starts_on,
        ends_on=starts_on.replace(year=starts_on.year + made["years"], day=min(starts_on.day, 28)),
        extendable_to=None,
        call_off=tuple(CallOffFacts(agency, starts_on) for agency in made["agencies"]),
        questions=_unscored(model.questions),
        source=made["source"],
        open_regions=tuple(made.get("open_regions", ())),
    )


def _unscored(questions: Sequence[QuestionFacts]) -> tuple[QuestionFacts, ...]:
    """What a person reads, and the first of what would be scored: nobody in this story gives points."""
    scored = [question for question in questions if question.weight]
    return tuple(
        replace(question, weight=None, threshold=None, descriptors=())
        for question in questions
        if question not in scored[1:]
    )
