"""Whom a brief considered, over HTTP: for the agency, to print; a member's own lines; and the value above which two approve."""

from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.briefs.inviting import commands, queries
from app.briefs.matching.forms import LimitForm
from app.briefs.policy import approvers, buyers, members, sits_there
from app.core.actor import Actor
from app.core.database import Database
from app.core.money import pounds
from app.core.refusals import NotFound
from app.organisations.rules import Role
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/briefs/{brief_id}/match", allow=buyers)
def match_report(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    with db.read() as session:
        report = queries.report(session, actor, brief_id)
    return page(request, "briefs/match.html", report=report)


@router.get("/opportunities/not-invited", allow=members)
def not_invited(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        lines = queries.not_invited(session, actor)
    return page(request, "briefs/not_invited.html", lines=lines)


@router.get("/agencies/{agency_id}/approval", allow=buyers)
def approval_limit(request: Request, actor: ActorDep, db: DatabaseDep, agency_id: UUID) -> Response:
    return _limit_page(request, actor, db, agency_id)


@router.post("/agencies/{agency_id}/approval", allow=approvers)
def set_approval_limit(
    request: Request, actor: ActorDep, db: DatabaseDep, agency_id: UUID, form: Posted[LimitForm] = posted(LimitForm)
) -> Response:
    if form.value is None:
        return _limit_page(request, actor, db, agency_id, form=form, status=422)
    with db.write() as session:
        commands.set_approval_limit(session, actor, agency_id, form.value.limit)
    return see(f"/agencies/{agency_id}/approval")


def _limit_page(
    request: Request,
    actor: Actor,
    db: Database,
    agency_id: UUID,
    *,
    form: Posted[Any] | None = None,
    status: int = 200,
) -> Response:
    if not sits_there(actor, agency_id):
        raise NotFound
    with db.read() as session:
        limit = queries.limit_of(session, agency_id)
    return page(
        request,
        "briefs/approval.html",
        status=status,
        agency_id=agency_id,
        limit=limit,
        may_set=sits_there(actor, agency_id, Role.APPROVER),
        form=form or blank(limit=pounds(limit).removeprefix("£")),
    )
