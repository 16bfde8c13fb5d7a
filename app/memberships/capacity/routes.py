"""The page on which a member states its capacity everywhere at once, and the button that says it is still right."""

from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from app.core.actor import Actor
from app.core.refusals import Refused
from app.memberships import policy
from app.memberships.capacity import commands, queries
from app.memberships.capacity.forms import capacity_form, figures, typed
from app.memberships.capacity.queries import Statement
from app.web.forms import Form, Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


class RenewForm(Form):
    membership: list[UUID] = Field(default=[], title="the memberships")


@router.get("/capacity", allow=policy.providers)
def show(
    request: Request, actor: ActorDep, db: DatabaseDep, lot: UUID | None = None, saved: int | None = None
) -> Response:
    told = _told(db, actor, lot)
    return _page(request, told, blank(**typed(told.lines)), saved=saved)


@router.post("/capacity", allow=policy.providers)
def state(
    request: Request, actor: ActorDep, db: DatabaseDep, lot: UUID | None = None, sent: Received = received()
) -> Response:
    told = _told(db, actor, lot)
    lines = [line for group in told.groups if group.may_state for line in group.lines]
    form, said = figures(sent.into(capacity_form(lines)), lines)
    if form.errors:
        return _page(request, told, form, status=422)
    try:
        with db.write() as session:
            saved = commands.state_capacity(session, actor, said)
    except Refused as refused:
        return _page(request, _told(db, actor, lot), form.but(form=refused.refusal.words), status=409)
    return see(_back(told, saved))


@router.post("/capacity/renew", allow=policy.providers)
def renew(
    actor: ActorDep,
    db: DatabaseDep,
    lot: UUID | None = None,
    form: Posted[RenewForm] = posted(RenewForm),
) -> Response:
    with db.write() as session:
        wanted = frozenset(form.value.membership if form.value else ())
        saved = commands.renew_capacity(session, actor, wanted)
    return see(_back(_told(db, actor, lot), saved))


def _told(db: DatabaseDep, actor: Actor, lot: UUID | None) -> Statement:
    with db.read() as session:
        return queries.statement(session, actor, lot)


def _back(told: Statement, saved: int) -> str:
    return f"/capacity?saved={saved}" + (f"&lot={told.lot_id}" if told.lot_id else "")


def _page(
    request: Request, told: Statement, form: Posted[Any], *, status: int = 200, saved: int | None = None
) -> Response:
    return page(request, "memberships/capacity.html", status=status, told=told, form=form, saved=saved)
