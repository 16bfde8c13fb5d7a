"""Rounds over HTTP: set up, extended before they close, cancelled."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.london import at_london
from app.core.refusals import NotFound, Refusal, Refused
from app.frameworks import commands, policy, queries, rules
from app.frameworks.forms import RoundCancelForm, RoundExtensionForm, RoundForm
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

_FIELDS: Final = {
    "opens_in_the_past": "opens_on",
    "window": "closes_on",
    "past": "closes_on",
    "decisions": "decisions",
    "decisions_outside": "decisions",
}
"""Which box holds what a new round is refused for."""

router = Router(prefix="/frameworks/{framework_id}/rounds")


@router.get("/new", allow=policy.framework_leads)
def new_round(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    return _new_page(request, actor, db, framework_id, blank())


@router.post("", allow=policy.framework_leads)
def open_round(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[RoundForm] = posted(RoundForm),
) -> Response:
    if form.value is None:
        return _new_page(request, actor, db, framework_id, form, status=422)
    given = form.value
    try:
        with db.write() as session:
            commands.open_round(
                session,
                actor,
                framework_id,
                given.name,
                at_london(given.opens_on, rules.ROUND_OPENS),
                at_london(given.closes_on, rules.ROUND_CLOSES) if given.closes_on else None,
                [(lot, region) for lot in given.lots for region in given.regions],
                given.days(),
            )
    except Refused as refused:
        field = _FIELDS.get(refused.refusal.code)
        told = form.but(**{field: refused.refusal.words}) if field else form
        return _new_page(request, actor, db, framework_id, told, refusal=None if field else refused.refusal, status=409)
    return see(f"/frameworks/{framework_id}")


@router.get("/{round_id}", allow=policy.framework_leads)
def change_page(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID, round_id: UUID) -> Response:
    return _change_page(request, actor, db, framework_id, round_id, blank())


@router.post("/{round_id}/extend", allow=policy.framework_leads)
def extend_round(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    round_id: UUID,
    form: Posted[RoundExtensionForm] = posted(RoundExtensionForm),
) -> Response:
    if form.value is None:
        return _change_page(request, actor, db, framework_id, round_id, form, status=422)
    until = at_london(form.value.until, rules.ROUND_CLOSES)
    try:
        with db.write() as session:
            commands.extend_round(session, actor, framework_id, round_id, until, form.value.reason)
    except Refused as refused:
        told = form.but(until=refused.refusal.words)
        return _change_page(request, actor, db, framework_id, round_id, told, status=409)
    return see(f"/frameworks/{framework_id}")


@router.post("/{round_id}/cancel", allow=policy.framework_leads)
def cancel_round(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    round_id: UUID,
    form: Posted[RoundCancelForm] = posted(RoundCancelForm),
) -> Response:
    if form.value is None:
        return _change_page(request, actor, db, framework_id, round_id, form, status=422)
    try:
        with db.write() as session:
            commands.cancel_round(session, actor, framework_id, round_id, form.value.cancel_reason)
    except Refused as refused:
        told = form.but(cancel_reason=refused.refusal.words)
        return _change_page(request, actor, db, framework_id, round_id, told, status=409)
    return see(f"/frameworks/{framework_id}")


def _new_page(
    request: Request,
    actor: Actor,
    db: Database,
    framework_id: UUID,
    form: Posted[RoundForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        framework = queries.framework(session, actor, framework_id)
    if not policy.leads(actor, framework.lead_id):
        raise NotFound
    return page(request, "frameworks/round.html", status=status, framework=framework, form=form, refusal=refusal)


def _change_page(
    request: Request,
    actor: Actor,
    db: Database,
    framework_id: UUID,
    round_id: UUID,
    form: Posted[Any],
    *,
    status: int = 200,
) -> Response:
    with db.read() as session:
        framework = queries.framework_row(session, actor, framework_id)
        found = next(
            (one for one in queries.rounds(session, framework_id, clock.now(session)) if one.id == round_id), None
        )
    if found is None or not policy.leads(actor, framework.lead_id):
        raise NotFound
    return page(request, "frameworks/round_change.html", status=status, framework=framework, round=found, form=form)
