"""Closing a brief early, over HTTP. The page says nothing of answers; trying it says one thing, once a day."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.bids.closing import commands, queries, rules
from app.briefs.policy import approvers, commissioners, menders, sits_there
from app.briefs.queries import brief_of_buyer, facts, phase_of
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.organisations.rules import Role
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/briefs/{brief_id}/early-close", allow=menders)
def early_close(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _page(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/early-close", allow=commissioners)
def ask(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.ask_early_close(session, actor, brief_id)
    except Refused as refused:
        return _page(request, actor, db, brief_id, refusal=refused.refusal)
    return see(f"/briefs/{brief_id}/early-close")


@router.post("/briefs/{brief_id}/early-close/agree", allow=approvers)
def agree(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    try:
        with db.write() as session:
            refusal = commands.agree_early_close(session, actor, brief_id)
    except Refused as refused:
        return _page(request, actor, db, brief_id, refusal=refused.refusal)
    return _page(request, actor, db, brief_id, refusal=refusal) if refusal else see(f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/early-close/drop", allow=menders)
def drop(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    with db.write() as session:
        commands.drop_early_close(session, actor, brief_id)
    return see(f"/briefs/{brief_id}")


def _page(request: Request, actor: Actor, db: Database, brief_id: UUID, *, refusal: Refusal | None = None) -> Response:
    with db.read() as session:
        brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, Role.APPROVER), clock.now(session)
        seen, asked = facts(session, brief, now), queries.asked(session, brief_id)
    phase = phase_of(brief, now)
    return page(
        request,
        "bids/early_close.html",
        status=409 if refusal else 200,
        brief=seen,
        asked=asked,
        why_not_ask=rules.why_not_ask(phase=phase, waiting=False, closes_at=brief.closes_at, now=now),
        early=rules.closes_early(now),
        may_ask=sits_there(actor, brief.raa_id, Role.COMMISSIONER),
        may_agree=sits_there(actor, brief.raa_id, Role.APPROVER)
        and asked is not None
        and asked.asked_by != actor.person_id,
        tried_today=asked is not None and rules.tried_today(asked.tried_at, now),
        refusal=refusal,
    )
