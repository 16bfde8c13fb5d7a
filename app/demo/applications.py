"""Applications: what providers asked to join, what the leads decided, and the agreements signed."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from app.applications.commands import (
    accept_part,
    answer_section,
    ask_to_look_again,
    choose_lots,
    confirm_refusal,
    decide_review,
    propose_refusal,
    request_change,
    start_application,
    submit_application,
    write_statement,
)
from app.applications.queries import asked, parts_of
from app.applications.rules import RefusalReason, Review
from app.applications.rules.returning import STATEMENT
from app.core import clock
from app.core.london import london_day
from app.demo.data import table
from app.demo.frameworks import parts
from app.demo.stage import Stage
from app.demo.telling import Story
from app.frameworks.rules import answers_to
from app.memberships.queries import held
from app.memberships.signing.commands import countersign_agreement, hold_agreement, sign_agreement
from app.memberships.signing.queries import agreement

APPLIED: Final = 119  # working days ago, the first of them; the round closed when all had
DECIDED: Final = 97
ASKED_AGAIN: Final = 96
ANSWERED: Final = 90
SIGNED: Final = 93
EVERY_AREA: Final = ("West Yorkshire", "North and Humber", "South Yorkshire")


def joining(stage: Stage, number: int, provider: dict[str, Any], framework: str) -> Story:
    """From an application in the first round to a signed agreement."""
    owner, ago, wanted = f"{provider['key']}-owner", stage.calendar.ago, provider["joins"][framework]
    began = ago(APPLIED - number, 15, number)
    yield began
    application_id = _apply(stage, provider, framework, "First round", wanted["lots"], wanted["regions"])
    yield began + _a_while(stage, provider, framework)
    _submit(stage, provider, application_id)
    yield ago(DECIDED, 10, number)
    refused = _refusal(stage, provider, framework)
    _accept(stage, framework, application_id, refused)
    if refused:
        yield ago(DECIDED, 16, number)
        _refuse(stage, framework, application_id, provider["key"])
        yield ago(ASKED_AGAIN, 10, number)
        _ask_again(stage, application_id, refused, provider["key"])
    yield ago(SIGNED, 12, number)
    membership_id = _first_membership(stage, provider, framework)
    sign_agreement(stage.session, stage.actor(owner), membership_id)
    yield ago(SIGNED, 15, number)
    _countersign(stage, framework, provider["key"], membership_id)
    if refused:
        yield ago(ANSWERED, 15, number)
        _answer(stage, framework, application_id, refused, provider["key"])


def _countersign(stage: Stage, framework: str, provider: str, membership_id: UUID) -> None:
    """By the framework’s second lead, but for one agreement that still waits and one that is on hold."""
    lead = stage.actor(table("frameworks")[framework]["leads"][1])
    unfinished = table("applications")["unfinished"].get(f"{framework} {provider}")
    if unfinished is None:
        sha256 = agreement(stage.session, lead, membership_id).sha256
        countersign_agreement(stage.session, lead, membership_id, sha256)
    elif "held" in unfinished:
        again = stage.calendar.day(unfinished["look_again_in"])
        hold_agreement(stage.session, lead, membership_id, unfinished["held"], again)


def waiting(stage: Stage, provider: dict[str, Any]) -> Story:
    """The newcomer who has applied for every lot in every area, and who is asked for a word more before anything is decided."""
    began = stage.calendar.ago(1, 16, 20)
    yield began
    application_id = _apply(stage, provider, "yorkshire", "Second round", [1, 2, 3, 4, 5], list(EVERY_AREA))
    submitted = began + _a_while(stage, provider, "yorkshire")
    yield submitted
    _submit(stage, provider, application_id)
    yield submitted + timedelta(minutes=25)
    lead, words = stage.actor(table("frameworks")["yorkshire"]["leads"][0]), table("applications")["change"]
    request_change(stage.session, lead, application_id, STATEMENT, words)


def writing(stage: Stage, provider: dict[str, Any]) -> Story:
    """Who was refused a lot in the first round tries again in the second: what was answered then waits to be confirmed."""
    yield stage.calendar.ago(1, 10, 25)
    owner, refusal = stage.actor(f"{provider['key']}-owner"), table("applications")["refusal"][provider["key"]]
    again = start_application(stage.session, owner, stage["yorkshire Second round"], stage[provider["key"]])
    wanted = parts(stage, "yorkshire", refusal["lots"], provider["joins"]["yorkshire"]["regions"])
    choose_lots(stage.session, owner, again, wanted)


def _apply(
    stage: Stage, provider: dict[str, Any], framework: str, round_name: str, lots: list[int], regions: list[str]
) -> UUID:
    actor, words = stage.actor(f"{provider['key']}-owner"), table("applications")["statements"][provider["key"]]
    round_id = stage[f"{framework} {round_name}"]
    application_id = start_application(stage.session, actor, round_id, stage[provider["key"]])
    choose_lots(stage.session, actor, application_id, parts(stage, framework, lots, regions))
    write_statement(stage.session, actor, application_id, words)
    _answer_questions(stage, provider["key"], application_id)
    return application_id


def _answer_questions(stage: Stage, provider: str, application_id: UUID) -> None:
    """In the provider's own words where words are asked for, and with the first of the answers to choose from."""
    actor, words = stage.actor(f"{provider}-owner"), table("applications")["answers"]
    for section in asked(stage.session, actor, application_id).sheet.sections:
        typed = {
            one.at: next(iter(answers_to(one.facts)), words.get(section.name, {}).get(provider, ""))
            for one in section.asked
        }
        answer_section(stage.session, actor, application_id, section.number, typed, confirm=True)


def _a_while(stage: Stage, provider: dict[str, Any], framework: str) -> timedelta:
    """From starting an application to sending it."""
    return timedelta(minutes=stage.dice(f"{provider['key']} applies to {framework}").randint(11, 44))


def _submit(stage: Stage, provider: dict[str, Any], application_id: UUID) -> None:
    submit_application(stage.session, stage.actor(f"{provider['key']}-owner"), application_id)


def _refusal(stage: Stage, provider: dict[str, Any], framework: str) -> set[UUID]:
    """The lots in which this provider was refused."""
    refusal = table("applications")["refusal"].get(provider["key"])
    if refusal is None:
        return set()
    return {lot_id for lot_id, _ in parts(stage, framework, refusal["lots"], list(EVERY_AREA))}


def _accept(stage: Stage, framework: str, application_id: UUID, refused: set[UUID]) -> None:
    lead = stage.actor(table("frameworks")[framework]["leads"][0])
    for part in parts_of(stage.session, application_id):
        if part.lot_id not in refused:
            accept_part(stage.session, lead, application_id, part.id)


def _refuse(stage: Stage, framework: str, application_id: UUID, provider: str) -> None:
    """What is left undecided: one lead proposes, the other confirms."""
    first, second = (stage.actor(lead) for lead in table("frameworks")[framework]["leads"][:2])
    refusal = table("applications")["refusal"][provider]
    for part in parts_of(stage.session, application_id):
        if part.decision is None:
            code = RefusalReason(refusal["code"])
            propose_refusal(stage.session, first, application_id, part.id, code, refusal["reason"])
            confirm_refusal(stage.session, second, application_id, part.id)


def _ask_again(stage: Stage, application_id: UUID, refused: set[UUID], provider: str) -> None:
    """About the first of the regions, as an example for the others."""
    words = table("applications")["refusal"][provider]["again"]
    ask_to_look_again(
        stage.session,
        stage.actor(f"{provider}-owner"),
        application_id,
        _first_of(stage, application_id, refused),
        words,
    )


def _answer(stage: Stage, framework: str, application_id: UUID, refused: set[UUID], provider: str) -> None:
    """By the lead who took no part in it."""
    third, words = table("frameworks")[framework]["leads"][2], table("applications")["refusal"][provider]["answer"]
    part_id = _first_of(stage, application_id, refused)
    decide_review(stage.session, stage.actor(third), application_id, part_id, Review.UPHELD, words)


def _first_of(stage: Stage, application_id: UUID, lots: set[UUID]) -> UUID:
    return next(part.id for part in parts_of(stage.session, application_id) if part.lot_id in lots)


def _first_membership(stage: Stage, provider: dict[str, Any], framework: str) -> UUID:
    """Signing one signs them all: it is one agreement."""
    on = london_day(clock.now(stage.session))
    return next(iter(held(stage.session, stage[provider["key"]], stage[framework], on).values()))
