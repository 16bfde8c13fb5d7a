"""The questions of an application over HTTP, a page for each section, and the prices of its lots on one page."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications import commands, policy, queries, rules
from app.applications.answer_forms import faults, read_answers, read_prices, shared_units, typed_answers, typed_prices
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.frameworks.rules import UNITS, answers_to
from app.web.forms import Posted, Received, blank, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/applications/{application_id}/questions/{section}", allow=policy.providers)
def show_section(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, section: int) -> Response:
    return _section_page(request, actor, db, application_id, section, None)


@router.post("/applications/{application_id}/questions/{section}", allow=policy.providers)
def answer_section(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    section: int,
    sent: Received = received(),
) -> Response:
    """What can be kept is kept, even where something else is wrong."""
    form, typed = read_answers(sent)
    if form.value is None:
        return _section_page(request, actor, db, application_id, section, form, status=422)
    confirm, seen = (str(sent.data.get(name, "")) if sent.data else "" for name in ("confirm", "seen"))
    try:
        with db.write() as session:
            asked = commands.answer_section(
                session, actor, application_id, section, typed, confirm=bool(confirm), seen=seen
            )
    except Refused as refused:
        return _section_page(request, actor, db, application_id, section, form, refusal=refused.refusal, status=409)
    form = faults(form, asked, typed)
    if form.errors:
        return _section_page(request, actor, db, application_id, section, form, status=422)
    return see(f"/applications/{application_id}")


@router.get("/applications/{application_id}/prices", allow=policy.providers)
def show_prices(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    with db.read() as session:
        view = queries.asked(session, actor, application_id, prices_alone=True)
    return _prices_page(request, view, None)


@router.post("/applications/{application_id}/prices", allow=policy.providers)
def write_prices(
    request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, sent: Received = received()
) -> Response:
    with db.read() as session:
        view = queries.asked(session, actor, application_id, prices_alone=True)
    form, typed = read_prices(sent, view.sheet.asked_prices)
    if form.errors:
        return _prices_page(request, view, form, status=422)
    try:
        with db.write() as session:
            commands.write_prices(session, actor, application_id, typed)
    except Refused as refused:
        return _prices_page(request, view, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


def _section_page(
    request: Request,
    actor: Actor,
    db: Database,
    application_id: UUID,
    number: int,
    form: Posted[Any] | None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """What was typed shows again, even when it can no longer be kept."""
    with db.read() as session:
        view = queries.section(session, actor, application_id, number)
    section, why_not = view.section, _why_not_edit(view.application)
    as_it_stands = blank(**typed_answers(section))
    if form is None and why_not is None:
        form = faults(as_it_stands, section, {one.at: one.value for one in section.asked})
    return page(
        request,
        "applications/section.html",
        status=status,
        view=view.application,
        section=section,
        known=view.known,
        form=replace(form, typed={**as_it_stands.typed, **form.typed}) if form else as_it_stands,
        saved=status == 422,
        refusal=refusal or why_not,
        editing=form is not None,
        choices={one.id: [(answer, answer) for answer in answers_to(one.facts)] for one in section.asked},
    )


def _prices_page(
    request: Request,
    view: queries.AskedView,
    form: Posted[Any] | None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    asked, why_not = view.sheet.asked_prices, _why_not_edit(view)
    shared = shared_units(asked)
    lots = list(dict.fromkeys((one.number, one.lot) for one in view.sheet.prices))
    return page(
        request,
        "applications/prices.html",
        status=status,
        view=view,
        lots=[(lot, [one for one in view.sheet.prices if one.number == number]) for number, lot in lots],
        shared=[(field, UNITS[unit]) for field, unit in shared],
        form=form or blank(**typed_prices(asked), **{field: "" for field, _ in shared}),
        refusal=refusal or why_not,
        editing=form is not None or why_not is None,
    )


def _why_not_edit(view: queries.AskedView) -> Refusal | None:
    return rules.why_not_edit(view.phase, view.cancelled)
