"""Cancelling a published brief over HTTP, once somebody has asked for it on the brief's own page."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.briefs.cancelling import commands, queries
from app.briefs.cancelling.forms import DeclineCancelling, SeenCancelling
from app.briefs.policy import CANCELLERS, approvers, cancellers, sits_there
from app.briefs.queries import facts
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal
from app.organisations.rules import Role
from app.web.forms import Posted, blank, posted
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router
from app.web.steps import take

router = Router()


@router.get("/briefs/{brief_id}/cancellation", allow=cancellers)
def cancellation(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _page(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/cancellation/agree", allow=approvers)
def agree(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    brief_id: UUID,
    form: Posted[SeenCancelling] = posted(SeenCancelling),
) -> Response:
    def step(session: Session, read: SeenCancelling) -> None:
        commands.agree_cancellation(session, actor, brief_id, read.cancellation_id)

    return take(db, form, step, partial(_page, request, actor, db, brief_id), f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/cancellation/decline", allow=approvers)
def decline(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    brief_id: UUID,
    form: Posted[DeclineCancelling] = posted(DeclineCancelling),
) -> Response:
    def step(session: Session, told: DeclineCancelling) -> None:
        commands.decline_cancellation(session, actor, brief_id, told.why, told.cancellation_id)

    return take(db, form, step, partial(_page, request, actor, db, brief_id), f"/briefs/{brief_id}/cancellation")


@router.post("/briefs/{brief_id}/cancellation/drop", allow=cancellers)
def drop(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    brief_id: UUID,
    form: Posted[SeenCancelling] = posted(SeenCancelling),
) -> Response:
    def step(session: Session, read: SeenCancelling) -> None:
        commands.drop_cancellation(session, actor, brief_id, read.cancellation_id)

    return take(db, form, step, partial(_page, request, actor, db, brief_id), f"/briefs/{brief_id}")


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        brief = queries.published(session, actor, brief_id, *CANCELLERS)
        seen = facts(session, brief, clock.now(session))
        waits, declined = queries.asked(session, brief_id), queries.declined(session, brief_id)
    return page(
        request,
        "briefs/cancellation.html",
        status=409 if refusal else 422 if form else 200,
        brief=seen,
        asked=waits,
        declined=declined,
        own=waits is not None and waits.asked_by == actor.person_id,
        may_decide=waits is not None
        and waits.asked_by != actor.person_id
        and sits_there(actor, brief.raa_id, Role.APPROVER),
        form=form or blank(),
        refusal=refusal,
    )
