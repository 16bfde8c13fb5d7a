"""Where a member states its capacity: all lots at a glance, one lot at once, one region by itself; and "still right"."""

from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refused
from app.memberships import policy
from app.memberships.capacity import commands, queries
from app.memberships.capacity.forms import RenewForm, capacity_form, figures, typed
from app.web.forms import Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/capacity", allow=policy.providers)
def lots(request: Request, actor: ActorDep, db: DatabaseDep, saved: int | None = None) -> Response:
    with db.read() as session:
        told = queries.statement(session, actor)
    return page(request, "memberships/capacity.html", told=told, saved=saved)


@router.post("/capacity/renew", allow=policy.providers)
def renew(actor: ActorDep, db: DatabaseDep, form: Posted[RenewForm] = posted(RenewForm)) -> Response:
    if form.value is None:
        return see("/capacity")
    with db.write() as session:
        saved = commands.renew_capacity(session, actor, provider_id=form.value.provider, lot_id=form.value.lot)
    return see(f"/capacity?saved={saved}")


@router.get("/capacity/{provider_id}/{lot_id}", allow=policy.providers)
def lot(request: Request, provider_id: UUID, lot_id: UUID, actor: ActorDep, db: DatabaseDep) -> Response:
    return _lot(request, db, actor, provider_id, lot_id, None)


@router.post("/capacity/{provider_id}/{lot_id}", allow=policy.providers)
def state_lot(
    request: Request, provider_id: UUID, lot_id: UUID, actor: ActorDep, db: DatabaseDep, sent: Received = received()
) -> Response:
    with db.read() as session:
        lines = queries.lot_statement(session, actor, provider_id, lot_id).lines
    form, said = figures(sent.into(capacity_form(lines)), lines)
    if form.value is None or form.errors:
        return _lot(request, db, actor, provider_id, lot_id, form, status=422)
    apart: list[UUID] = form.value.apart  # type: ignore[attr-defined]
    try:
        with db.write() as session:
            saved = commands.state_lot(session, actor, provider_id, lot_id, said, apart=apart)
    except Refused as refused:
        return _lot(request, db, actor, provider_id, lot_id, form.but(apart=refused.refusal.words), status=409)
    return see(f"/capacity?saved={saved}")


@router.get("/memberships/{membership_id}/capacity", allow=policy.providers)
def region(request: Request, membership_id: UUID, actor: ActorDep, db: DatabaseDep) -> Response:
    return _region(request, db, actor, membership_id, None)


@router.post("/memberships/{membership_id}/capacity", allow=policy.providers)
def state_region(
    request: Request, membership_id: UUID, actor: ActorDep, db: DatabaseDep, sent: Received = received()
) -> Response:
    with db.read() as session:
        told = queries.region_statement(session, actor, membership_id)
    form, said = figures(sent.into(capacity_form(told.lines)), told.lines)
    if form.errors:
        return _region(request, db, actor, membership_id, form, status=422)
    try:
        with db.write() as session:
            commands.state_capacity(session, actor, {(membership_id, slug): one for slug, one in said.items()})
    except Refused as refused:
        return _region(request, db, actor, membership_id, form.but(form=refused.refusal.words), status=409)
    return see(f"/capacity/{told.provider_id}/{told.lot_id}")


def _lot(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    lot_id: UUID,
    form: Posted[Any] | None,
    *,
    status: int = 200,
) -> Response:
    with db.read() as session:
        told = queries.lot_statement(session, actor, provider_id, lot_id)
    apart = [region.membership_id for region in told.left_alone]
    form = form or blank(**typed(told.lines), apart=apart)
    return page(request, "memberships/capacity_lot.html", status=status, told=told, form=form)


def _region(
    request: Request, db: DatabaseDep, actor: Actor, membership_id: UUID, form: Posted[Any] | None, *, status: int = 200
) -> Response:
    with db.read() as session:
        told = queries.region_statement(session, actor, membership_id)
    form = form or blank(**typed(told.lines))
    return page(request, "memberships/capacity_region.html", status=status, told=told, form=form)
