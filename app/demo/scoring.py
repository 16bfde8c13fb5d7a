"""A framework whose first round is scored: some marks are agreed, some lie two points apart, and the ranking waits for them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.applications.commands import (
    answer_section,
    choose_lots,
    start_application,
    submit_application,
    write_prices,
    write_statement,
)
from app.applications.queries import asked
from app.applications.scoring.commands import (
    agree_marks,
    declare_interests,
    name_assessor,
    save_marks,
    submit_marks,
)
from app.applications.scoring.queries.assessing import declaration, sheet
from app.core.scoring import Mark
from app.demo.data import table
from app.demo.frameworks import parts
from app.demo.stage import Stage
from app.demo.telling import Story
from app.frameworks.commands import CallOffFacts, FrameworkFacts, approve_framework, create_framework, open_round
from app.frameworks.queries import lots_and_regions
from app.frameworks.rules import answers_to
from app.frameworks.templates import template

WRITTEN: Final = 33  # working days ago, each of them
OPENED, CLOSED, DECLARED, MARKED, AGREED = 31, 6, 5, 4, 2


def story(stage: Stage) -> Story:
    """From the framework's draft to marks that its lead has still to agree on."""
    told, ago = table("scoring"), stage.calendar.ago
    lead, second = (stage.actor(person) for person in told["leads"])
    yield ago(WRITTEN, 11)
    framework_id = create_framework(stage.session, lead, stage[told["lead"]], _facts(stage, told))
    stage.ids[told["key"]] = framework_id
    yield ago(WRITTEN - 1, 15)
    approve_framework(stage.session, second, framework_id)
    yield ago(OPENED + 1, 16)
    lots, regions = lots_and_regions(stage.session, framework_id)
    scope = [(lot.id, region.id) for lot in lots for region in regions]
    window = (ago(OPENED, 9), ago(CLOSED, 12))
    round_id = open_round(stage.session, lead, framework_id, told["round"], *window, scope)
    for number, applicant in enumerate(told["applicant"]):
        yield ago(OPENED - 8 - number, 14, 10)
        _apply(stage, round_id, told, applicant)
    yield ago(DECLARED, 10)
    for person in told["assessors"]:
        name_assessor(stage.session, lead, round_id, stage[person])
        _declare(stage, round_id, person, told["interest"].get(person))
    for number, person in enumerate(told["assessors"]):
        yield ago(MARKED, 11 + number)
        _mark(stage, round_id, told, person)
    yield ago(AGREED, 15)
    for applicant in told["applicant"]:
        if "agreed" in applicant:
            _agree(stage, round_id, told, applicant)


def _facts(stage: Stage, told: dict[str, Any]) -> FrameworkFacts:
    """The template, with its questions as they are, begun on a day of this story."""
    model, starts_on = template(told["template"]), stage.calendar.day(-told["starts_working_days_ago"])
    later = starts_on - model.starts_on
    return replace(
        model,
        slug=told["key"],
        starts_on=starts_on,
        ends_on=model.ends_on + later,
        extendable_to=None,
        scheme_ends_on=model.scheme_ends_on and model.scheme_ends_on + later,
        call_off=tuple(CallOffFacts(agency, starts_on) for agency in told["agencies"]),
    )


def _apply(stage: Stage, round_id: UUID, told: dict[str, Any], applicant: dict[str, Any]) -> None:
    owner, statements = stage.actor(f"{applicant['key']}-owner"), table("applications")["statements"]
    application_id = start_application(stage.session, owner, round_id, stage[applicant["key"]])
    stage.ids[_key(told, applicant)] = application_id
    regions = ["West Yorkshire"]
    choose_lots(stage.session, owner, application_id, parts(stage, told["key"], applicant["lots"], regions))
    write_statement(stage.session, owner, application_id, statements[applicant["key"]])
    answers = iter(applicant["answers"])
    view = asked(stage.session, owner, application_id).sheet
    for section in view.sections:
        typed = {one.at: next(iter(answers_to(one.facts)), "") or next(answers) for one in section.asked}
        answer_section(stage.session, owner, application_id, section.number, typed, confirm=True)
    prices = {(one.lot_id, one.unit): one.most_pence for one in view.asked_prices}
    write_prices(stage.session, owner, application_id, prices)
    submit_application(stage.session, owner, application_id)


def _declare(stage: Stage, round_id: UUID, person: str, interest: Sequence[str] | None) -> None:
    actor = stage.actor(person)
    about = [provider_id for provider_id, _ in declaration(stage.session, actor, round_id).applied]
    interests = {stage[interest[0]]: interest[1]} if interest else {}
    declare_interests(stage.session, actor, round_id, about, interests)


def _mark(stage: Stage, round_id: UUID, told: dict[str, Any], person: str) -> None:
    actor = stage.actor(person)
    for applicant in told["applicant"]:
        if person in applicant["marks"]:
            application_id = stage[_key(told, applicant)]
            questions = sheet(stage.session, actor, round_id, application_id).questions
            marks = {
                question.id: Mark(points, reason)
                for question, (points, reason) in zip(questions, applicant["marks"][person], strict=True)
            }
            save_marks(stage.session, actor, round_id, application_id, marks)
            submit_marks(stage.session, actor, round_id, application_id)


def _agree(stage: Stage, round_id: UUID, told: dict[str, Any], applicant: dict[str, Any]) -> None:
    lead, application_id = stage.actor(told["leads"][0]), stage[_key(told, applicant)]
    questions = sheet(stage.session, stage.actor(told["assessors"][0]), round_id, application_id).questions
    agreed = {one.id: (points, "") for one, points in zip(questions, applicant["agreed"], strict=True)}
    agree_marks(stage.session, lead, round_id, application_id, agreed)


def _key(told: dict[str, Any], applicant: dict[str, Any]) -> str:
    return f"{told['key']}/{applicant['key']}"
