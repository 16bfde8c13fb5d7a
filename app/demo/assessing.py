"""From the close of a brief to its letters: assessors, declarations, two people's opening, scores, an award."""

from typing import Any

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.awards.queries.assessment import criteria_of
from app.core.scoring import Mark
from app.demo.sealing import approve_opening, approve_prices, finish_quality
from app.demo.stage import Stage
from app.demo.telling import Story

CHAIRS = {"adopt-east": "nadia"}
THE_JOINT_PANEL = "delphine"


def story(stage: Stage, brief: dict[str, Any]) -> Story:
    """As far as the brief's own moments go."""
    if "assessors" not in brief:
        return
    ago, chair, secret = stage.calendar.ago, _chair(brief), stage.config.secret_key
    brief_id, declared = stage[brief["key"]], brief.get("closed", 1)
    yield ago(declared + 1, 15)
    for assessor in brief["assessors"]:
        add_assessor(stage.session, stage.actor(chair), brief_id, stage[assessor])
    yield ago(declared, 15, 30)
    for assessor in brief["assessors"]:
        declare_interests(stage.session, stage.actor(assessor), brief_id, _interests(stage, brief, assessor))
    if "opened" not in brief:
        return
    yield from _opening(stage, brief)
    for number, assessor in enumerate(brief.get("finished", brief["assessors"])):
        yield ago(brief.get("scored", brief["opened"] - 2), 14, 10 * number)
        _score(stage, brief, assessor)
    if "prices" in brief:
        yield from _prices(stage, brief)
    if "proposed" not in brief:
        return
    yield ago(brief["proposed"], 11, 15)
    winner = stage[f"{brief['key']}/{brief['winner']}"]
    propose_award(stage.session, stage.actor(chair), brief_id, winner, reason="", secret=secret)
    if "decided" in brief:
        yield ago(brief["decided"], 15, 45)
        approve_award(stage.session, stage.actor(brief["publisher"]), brief_id, secret=secret)


def _opening(stage: Stage, brief: dict[str, Any]) -> Story:
    """The chair first, then the commissioner."""
    for person, minute in ((_chair(brief), 5), (brief["author"], 20)):
        yield stage.calendar.ago(brief["opened"], 10, minute)
        approve_opening(stage, stage.actor(person), stage[brief["key"]])


def _prices(stage: Stage, brief: dict[str, Any]) -> Story:
    """Of two envelopes: the chair puts quality on record, then the chair and the commissioner open the prices."""
    yield stage.calendar.ago(brief["prices"], 9, 40)
    finish_quality(stage, stage.actor(_chair(brief)), stage[brief["key"]])
    for person, minute in ((_chair(brief), 50), (brief["author"], 55)):
        yield stage.calendar.ago(brief["prices"], 9, minute)
        approve_prices(stage, stage.actor(person), stage[brief["key"]])


def _score(stage: Stage, brief: dict[str, Any], assessor: str) -> None:
    actor, brief_id, secret = stage.actor(assessor), stage[brief["key"]], stage.config.secret_key
    criteria = [one.id for one in criteria_of(stage.session, brief_id) if not one.is_price]
    open_bids(stage.session, actor, brief_id, secret=secret)
    for bid in brief["bid"]:
        marks = {
            criterion: Mark(points, reason)
            for criterion, (points, reason) in zip(criteria, bid["scores"][assessor], strict=True)
        }
        save_scores(stage.session, actor, brief_id, stage[f"{brief['key']}/{bid['provider']}"], marks, secret=secret)
    submit_scores(stage.session, actor, brief_id, secret=secret)


def _interests(stage: Stage, brief: dict[str, Any], assessor: str) -> dict[Any, str]:
    declared = brief.get("conflicts", {}).get(assessor)
    return {stage[declared[0]]: declared[1]} if declared else {}


def _chair(brief: dict[str, Any]) -> str:
    return CHAIRS.get(brief["agency"], THE_JOINT_PANEL)
