"""Writing a brief over HTTP: choose a framework and a lot, write on one page, copy another brief, leave advice as it is."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from app.briefs import commands, queries
from app.briefs.building import commands as building
from app.briefs.building.checklists import SECTIONS, standing, to_mend, unchanged
from app.briefs.building.forms import BriefForm, as_read, brief_form, changes, proposed, rows_shown, typed
from app.briefs.building.queries import Offer, Saved, lot_choices, offer, saved_draft
from app.briefs.forms import findings
from app.briefs.models import Brief
from app.briefs.policy import commissioners
from app.briefs.queries import BriefFacts, CallOffChoice
from app.briefs.rules import AgeBand
from app.briefs.terms.models import terms_of
from app.briefs.terms.rules import (
    DELIVERIES,
    FORMULAS,
    MOST_DATES,
    MOST_QUESTIONS,
    ROUTES,
    SETTINGS,
    SOURCES,
    Terms,
    countdown,
    worked_example,
)
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.london import london_day
from app.core.money import pounds
from app.core.refusals import NotFound, Refusal, Refused, refuse_if
from app.core.scoring import PriceFormula
from app.organisations.rules import Role
from app.web.forms import Form, Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, received_at
from app.web.typed import give_back

router = Router()

CLOSING_HOURS: Final = (("10", "10:00"), ("12", "12:00 noon"), ("14", "14:00"), ("16", "16:00"))


class LeaveForm(Form):
    code: str = Field(title="the advice", max_length=60)


@router.get("/briefs/new", allow=commissioners)
def new_brief(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework: UUID | None = None,
    agency: UUID | None = None,
    lot: UUID | None = None,
) -> Response:
    with db.read() as session:
        now = clock.now(session)
        choices = queries.call_off_choices(session, actor, now)
        fitting = [c for c in choices if c.framework_id == framework and agency in (None, c.raa_id)]
        lots = lot_choices(session, framework) if framework and len(fitting) == 1 and lot is None else None
        offered = offer(session, framework, lot, now) if framework and len(fitting) == 1 and lot else None
    if offered:
        return _form_page(request, offered, blank(**proposed(offered, london_day(now))), now=now, choice=fitting[0])
    if lots is not None:
        return page(request, "briefs/choose_lot.html", choice=fitting[0], lots=lots, refusal=None)
    return page(request, "briefs/choose.html", choices=fitting or choices)


@router.post("/briefs/new", allow=commissioners)
def draft_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, framework: UUID, agency: UUID, body: Received = received()
) -> Response:
    now = received_at(request, body.arrived)
    with db.read() as session:
        choices = queries.call_off_choices(session, actor, now)
        choice = next((c for c in choices if (c.framework_id, c.raa_id) == (framework, agency)), None)
        if choice is None:
            raise NotFound
        lot = _lot(body)
        lots = lot_choices(session, framework) if lot is None else ()
        offered = offer(session, framework, lot, now) if lot else None
    if offered is None:
        missing = Refusal("lot", "Choose a lot.")
        return page(request, "briefs/choose_lot.html", status=422, choice=choice, lots=lots, refusal=missing)
    form = _read(body, offered)
    if form.value is None or form.errors:
        return _form_page(request, offered, form, now=now, choice=choice, status=422)
    terms = form.value.terms(offered, Terms())
    try:
        with db.write() as session:
            brief_id = commands.draft_brief(session, actor, agency, framework, form.value.facts(), terms, at=now)
    except Refused as refused:
        return _form_page(request, offered, form, now=now, choice=choice, refusal=refused.refusal, status=409)
    return _saved(body, brief_id)


@router.get("/briefs/{brief_id}/edit", allow=commissioners)
def edit_brief(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    with db.read() as session:
        now = clock.now(session)
        brief, offered = _own_brief(session, actor, brief_id, now)
        refuse_if(queries.why_not_revise(brief, now))
        saved = saved_draft(session, brief, now)
    form = blank(**typed(saved.facts)).but(**findings(saved.texts))
    return _form_page(request, offered, form, now=now, saved=saved)


@router.post("/briefs/{brief_id}/edit", allow=commissioners)
def revise_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, body: Received = received()
) -> Response:
    now = received_at(request, body.arrived)
    with db.read() as session:
        brief, offered = _own_brief(session, actor, brief_id, now)
    form = _read(body, offered)
    if form.value is None or form.errors:
        return _again(request, actor, db, brief_id, offered, form, now)
    terms = form.value.terms(offered, terms_of(brief))
    try:
        with db.write() as session:
            commands.revise_brief(session, actor, brief_id, form.value.facts(), terms, seen=form.value.seen, at=now)
    except Refused as refused:
        return _again(request, actor, db, brief_id, offered, form, now, refusal=refused.refusal)
    return _saved(body, brief_id)


@router.post("/briefs/{brief_id}/copy", allow=commissioners)
def copy_brief(actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    with db.write() as session:
        made = building.copy_brief(session, actor, brief_id)
    return see(f"/briefs/{made}/edit")


@router.post("/briefs/{brief_id}/advice", allow=commissioners)
def leave_advice(
    actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[LeaveForm] = posted(LeaveForm)
) -> Response:
    with db.write() as session:
        building.leave_advice(session, actor, brief_id, form.value.code if form.value else "")
    return see(f"/briefs/{brief_id}")


def _saved(body: Received, brief_id: UUID) -> Response:
    """Back to the section with which its writer goes on, else to the brief."""
    on = next((one.id for one in SECTIONS if body.data and body.data.get("on") == one.id), "")
    return see(f"/briefs/{brief_id}/edit#{on}" if on else f"/briefs/{brief_id}")


def _lot(body: Received) -> UUID | None:
    """The lot whose form was posted."""
    try:
        return UUID(str(body.data.get("lot"))) if body.data else None
    except ValueError:
        return None


def _read(body: Received, offered: Offer) -> Posted[BriefForm]:
    form = body.into(brief_form(offered))
    return form.but(**form.value.faults()) if form.value else form


def _own_brief(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> tuple[Brief, Offer]:
    """A brief, and what the page offers on which it is written. Raises `NotFound`."""
    brief = queries.brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER)
    return brief, offer(session, brief.framework_id, brief.lot_id, now)


def _again(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    offered: Offer,
    form: Posted[Any],
    now: datetime,
    refusal: Refusal | None = None,
) -> Response:
    """The page as it was typed; where the brief is a draft no more, what was typed, to be copied."""
    with db.read() as session:
        brief = queries.brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER)
        gone = queries.why_not_revise(brief, now)
        saved = None if gone else saved_draft(session, brief, now)
    if gone:
        return give_back(request, brief_form(offered), form.typed, gone)
    return _form_page(request, offered, form, now=now, saved=saved, refusal=refusal, status=409 if refusal else 422)


def _form_page(
    request: Request,
    offered: Offer,
    form: Posted[Any],
    *,
    now: datetime,
    choice: CallOffChoice | None = None,
    saved: Saved | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    shown, today, brief = form.typed, london_day(now), saved.facts if saved else None
    changed = changes(shown, typed(saved.facts)) if saved else ()
    notes = unchanged(saved.notes, changed) if saved else None
    return page(
        request,
        "briefs/edit.html",
        status=status,
        offer=offered,
        form=form,
        choice=choice,
        brief=brief,
        refusal=refusal,
        notes=notes or {},
        saved=saved,
        guarded=as_read(shown, offered, saved.texts if saved else ()),
        sections=[(one, standing(one, notes, form.errors, changed), to_mend(one, notes or {})) for one in SECTIONS],
        routes=[(route.value, words.name, words.guidance) for route, words in ROUTES.items()],
        age_bands=[(band, band.capitalize()) for band in AgeBand],
        deliveries=list(DELIVERIES.items()),
        settings=list(SETTINGS.items()),
        sources=list(SOURCES.items()),
        formulas=[(formula, name, _explained(formula, words, brief)) for formula, (name, words) in FORMULAS.items()],
        hours=CLOSING_HOURS,
        asked_of=[(one.position, one.name) for one in offered.criteria if not one.is_price],
        sum=sum(int(share) for name, share in shown.items() if name.startswith("weight_") and share.isdecimal()),
        key_dates=rows_shown(shown, "key_date_{}-day", least=2, most=MOST_DATES),
        reviews=rows_shown(shown, "review_{}-day", least=2, most=MOST_DATES),
        questions=rows_shown(shown, "question_{}", least=3, most=MOST_QUESTIONS),
        countdown=countdown(brief.terms.funding.assessed_on, today)
        if brief and brief.terms.funding.assessed_on
        else "",
        today=today,
    )


def _explained(formula: PriceFormula, words: str, brief: BriefFacts | None) -> str:
    """The formula in words, worked through with the saved brief's own budget and weight."""
    weight = sum(one.weight for one in brief.criteria if one.is_price) if brief else 0
    if not brief or not brief.budget_pence or not weight:
        return f"{words} Save a budget and the weight of price to see an example."
    made = worked_example(formula, brief.budget_pence, weight)
    return (
        f"{words} With your numbers: where the lowest bid is {pounds(made.low_pence)}, it has {made.low_score} of "
        f"{made.weight}, and a bid of your whole budget, {pounds(made.high_pence)}, has {made.high_score}."
    )
