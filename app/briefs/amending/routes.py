"""Changing a published brief over HTTP. What changed is shown on the brief's own pages."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.briefs.amending import commands, queries, rules
from app.briefs.amending.forms import HOURS, REVIEWS, AmendForm, typed
from app.briefs.policy import approvers, commissioners, menders
from app.briefs.queries import brief_of_buyer, facts, phase_of
from app.briefs.terms.rules import DELIVERIES
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, refuse_if
from app.organisations.rules import Role
from app.web.forms import Form, Posted, blank, posted
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router
from app.web.steps import NOTHING, take

router = Router()


@router.get("/briefs/{brief_id}/amend", allow=commissioners)
def amend(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _form_page(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/amend", allow=commissioners)
def propose(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[Any] = posted(AmendForm)
) -> Response:
    def step(session: Session, wanted: Any) -> None:
        terms = wanted.terms(queries.terms_of(brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER)))
        commands.propose_amendment(
            session, actor, brief_id, wanted.proposed(), terms, wanted.reason, seen=wanted.version
        )

    return take(db, form, step, partial(_form_page, request, actor, db, brief_id), f"/briefs/{brief_id}/changes")


@router.get("/briefs/{brief_id}/changes", allow=menders)
def changes(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _changes_page(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/changes/{amendment_id}/publish", allow=approvers)
def publish(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, amendment_id: UUID) -> Response:
    def step(session: Session, _: Form) -> None:
        commands.publish_amendment(session, actor, brief_id, amendment_id)

    return take(db, NOTHING, step, partial(_changes_page, request, actor, db, brief_id), f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/changes/{amendment_id}/drop", allow=menders)
def drop(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, amendment_id: UUID) -> Response:
    def step(session: Session, _: Form) -> None:
        commands.drop_amendment(session, actor, brief_id, amendment_id)

    return take(db, NOTHING, step, partial(_changes_page, request, actor, db, brief_id), f"/briefs/{brief_id}")


def _form_page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER), clock.now(session)
        if refusal is None:
            refuse_if(rules.why_not_change(phase=phase_of(brief, now)))
        seen, terms = facts(session, brief, now), queries.terms_of(brief)
    shown = form or blank(version=seen.version, **typed(terms))
    return page(
        request,
        "briefs/amend.html",
        status=409 if refusal else 422 if form else 200,
        brief=seen,
        form=shown,
        deliveries=list(DELIVERIES.items()),
        reviews=[n for n in REVIEWS if n <= 2 or shown.typed.get(f"review_{n - 1}-day")],
        refusal=refusal,
        hours=HOURS,
    )


def _changes_page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    _: Posted[Form] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """What waits, as it is and as it would be, with the deadline as it would be if it were published now."""
    with db.read() as session:
        brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, Role.APPROVER), clock.now(session)
        seen, versions = facts(session, brief, now), queries.versions(session, brief_id)
        waiting = queries.waiting(versions)
        advice = queries.advice(session, brief, waiting.terms, now) if waiting and waiting.terms else ()
    deadline = (
        rules.deadline(waiting.kind, waiting.terms.closes_at, now) if waiting and waiting.terms else brief.closes_at
    )
    return page(
        request,
        "briefs/changes.html",
        status=409 if refusal else 200,
        brief=seen,
        waiting=waiting,
        deadline=deadline,
        advice=advice,
        published=[one for one in versions if one.published_at],
        may_publish=approvers(actor) and brief.raa_id in actor.where(Role.APPROVER),
        own=waiting is not None and waiting.proposed_by == actor.person_id,
        refusal=refusal,
    )
