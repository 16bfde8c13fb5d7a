"""Briefs: each told from its first draft to the stage at which the data leaves it."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final

from app.briefs.amending.commands import propose_amendment, publish_amendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind
from app.briefs.cancelling.commands import agree_cancellation, ask_cancellation
from app.briefs.commands import draft_brief
from app.briefs.inviting.commands import ask_approval
from app.briefs.models import Brief
from app.briefs.referral.commands import attach_referral
from app.briefs.referral.rules import Content
from app.briefs.rules import AgeBand, Facts
from app.briefs.terms.rules import Funding, Route, Source, Terms
from app.briefs.terms.templates import template
from app.core.scoring import PriceFormula
from app.demo import assessing, bidding
from app.demo.frameworks import parts
from app.demo.sealing import publish_brief
from app.demo.stage import Stage
from app.demo.telling import SATURDAY, Story
from app.frameworks import queries as frameworks
from app.frameworks.models import Lot
from app.frameworks.rules import Service
from app.providers.models import Therapy

CLOSING_IN: Final = timedelta(minutes=12)
STARTS_AFTER: Final = timedelta(days=35)
PENCE: Final = 100


def story(stage: Stage, brief: dict[str, Any]) -> Story:
    ago, key = stage.calendar.ago, brief["key"]
    closes_at = _closes_at(stage, brief)
    yield ago(brief["started"], 10, 10)
    actor = stage.actor(brief["author"])
    stage.ids[key] = draft_brief(
        stage.session,
        actor,
        stage[brief["agency"]],
        stage[brief["framework"]],
        _facts(stage, brief, closes_at),
        _terms(stage, brief, closes_at),
    )
    if "referral" in brief:
        _attach_referral(stage, brief)
    if brief["stage"] == "draft":
        if brief.get("asked"):
            yield ago(brief["asked"], 16)
            ask_approval(stage.session, actor, stage[key])
        return
    yield ago(brief["published"], 9)
    ask_approval(stage.session, actor, stage[key])
    yield ago(brief["published"], 9, 30)
    publish_brief(stage, stage.actor(brief["publisher"]), stage[key])
    if brief["stage"] == "cancelled":
        yield ago(brief["cancelled"], 11)
        ask_cancellation(stage.session, stage.actor(brief["author"]), stage[key], brief["reason"])
        yield ago(brief["cancelled"], 14, 30)
        agree_cancellation(stage.session, stage.actor(brief["publisher"]), stage[key])
        return
    yield from bidding.story(stage, brief)
    if change := brief.get("change"):
        yield ago(change["when"], 16)
        _change(stage, brief, change)
    yield from assessing.story(stage, brief)


def _change(stage: Stage, brief: dict[str, Any], change: dict[str, Any]) -> None:
    """What its commissioner proposes and its publisher publishes: the number of sessions, which asks bidders to confirm."""
    brief_id = stage[brief["key"]]
    terms = replace(terms_of(stage.session.get_one(Brief, brief_id)), sessions=change["sessions"])
    author, publisher = stage.actor(brief["author"]), stage.actor(brief["publisher"])
    amendment = propose_amendment(stage.session, author, brief_id, Kind.MATERIAL, terms, change["reason"])
    publish_amendment(stage.session, publisher, brief_id, amendment)


def _attach_referral(stage: Stage, brief: dict[str, Any]) -> None:
    """What the winner needs to know, and nobody else ever reads; the worker scans it."""
    blob = stage.blobs.put(BytesIO(brief["referral"].strip().encode()), room="referrals")
    actor = stage.actor(brief["author"])
    attach_referral(stage.session, actor, stage[brief["key"]], blob, content=Content.WORDS, media_type="text/plain")


def _closes_at(stage: Stage, brief: dict[str, Any]) -> datetime:
    calendar = stage.calendar
    if brief["stage"] == "closing":
        return (calendar.now + CLOSING_IN).replace(second=0, microsecond=0) + timedelta(minutes=1)
    if "closed" in brief:
        return calendar.ago(brief["closed"], 12)
    if "closes_in" in brief:
        return calendar.ahead(brief["closes_in"])
    if "closes_after" in brief:
        return calendar.ago(brief["published"] - brief["closes_after"], 12)
    return _noon_after(stage, brief["closes_in_days"])


def _noon_after(stage: Stage, days: int) -> datetime:
    """The first noon of a working day by which so many whole days have passed."""
    calendar = stage.calendar
    day = calendar.today + timedelta(days=days)
    while calendar.on(day, 12) < calendar.now + timedelta(days=days) or day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return calendar.on(day, 12)


def _terms(stage: Stage, brief: dict[str, Any], closes_at: datetime) -> Terms:
    """What the lot's template proposes, with the brief's own route, therapies, questions and money."""
    ((lot_id, _),) = parts(stage, brief["framework"], [brief["lot"]], [brief["region"]])
    made = template(Service(stage.session.get_one(Lot, lot_id).service))
    starts = closes_at.date() + STARTS_AFTER
    criteria = [(c.position, c.name, c.is_price) for c in frameworks.criteria(stage.session, stage[brief["framework"]])]
    money = brief.get("funding", {})
    return replace(
        made.terms(criteria, starts),
        route=Route(brief.get("route", Route.MINI_COMPETITION)),
        route_reason=brief.get("route_reason", ""),
        therapies=tuple((slug, stage.session.get_one(Therapy, slug).name) for slug in brief.get("therapies", ())),
        ends_by=starts + timedelta(weeks=made.weeks),
        review_dates=tuple(starts + timedelta(weeks=weeks) for weeks in made.reviews_after_weeks),
        places=brief.get("places"),
        two_envelopes=brief.get("two_envelopes", False),
        price_formula=PriceFormula(brief.get("price_formula", PriceFormula.LOWEST_SHARE)),
        funding=Funding(
            sources=tuple(Source(one) for one in money.get("sources", ["fund"])),
            assessed_on=closes_at.date() - timedelta(days=money.get("assessed", 30)),
            panel=money.get("panel", ""),
        ),
    )


def _facts(stage: Stage, brief: dict[str, Any], closes_at: datetime) -> Facts:
    ((lot_id, region_id),) = parts(stage, brief["framework"], [brief["lot"]], [brief["region"]])
    return Facts(
        lot_id=lot_id,
        region_id=region_id,
        title=brief["title"],
        need=brief["need"].strip(),
        outcomes=brief["outcomes"].strip(),
        age_band=AgeBand(brief["age_band"]),
        area=brief["area"],
        sessions=brief["sessions"],
        start_by=closes_at.date() + STARTS_AFTER,
        budget_pence=brief["budget"] * PENCE,
        closes_at=closes_at,
        weights=tuple(brief["weights"]),
    )
