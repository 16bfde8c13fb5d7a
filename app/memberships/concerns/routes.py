"""Concerns over HTTP: those about one membership, those of a framework, and one with all that can be done about it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.frameworks.policy import framework_leads
from app.memberships import policy
from app.memberships.concerns import commands, queries
from app.memberships.concerns.forms import (
    CloseForm,
    ConcernForm,
    LiftForm,
    PlanForm,
    Proposal,
    ProposalForm,
    ReplyForm,
)
from app.memberships.rules.concerns import KIND_WORDS
from app.web.forms import M, Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router
from app.web.steps import NOTHING, take

router = Router()


@router.get("/frameworks/{framework_id}/concerns", allow=policy.concern_deciders)
def framework_concerns(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    with db.read() as session:
        name, found = queries.framework_concerns(session, actor, framework_id)
    return page(
        request,
        "memberships/concerns_framework.html",
        framework_id=framework_id,
        name=name,
        found=found,
        kinds=KIND_WORDS,
    )


@router.get("/memberships/{membership_id}/concerns", allow=policy.concern_readers)
def membership_concerns(request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID) -> Response:
    return _list(request, actor, db, membership_id, blank())


@router.post("/memberships/{membership_id}/concerns", allow=framework_leads)
def raise_concern(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    membership_id: UUID,
    form: Posted[ConcernForm] = posted(ConcernForm),
) -> Response:
    if form.value is None:
        return _list(request, actor, db, membership_id, form)
    try:
        with db.write() as session:
            concern_id = commands.raise_concern(session, actor, membership_id, form.value.kind, form.value.words)
    except Refused as refused:
        return _list(request, actor, db, membership_id, form, refused.refusal)
    return see(f"/concerns/{concern_id}")


@router.get("/concerns/{concern_id}", allow=policy.concern_readers)
def show_concern(request: Request, actor: ActorDep, db: DatabaseDep, concern_id: UUID) -> Response:
    return _one(request, actor, db, concern_id, blank())


@router.post("/concerns/{concern_id}/reply", allow=policy.providers)
def reply(
    request: Request, actor: ActorDep, db: DatabaseDep, concern_id: UUID, form: Posted[ReplyForm] = posted(ReplyForm)
) -> Response:
    return _step(
        request,
        actor,
        db,
        concern_id,
        form,
        lambda session, given: commands.reply_to_concern(session, actor, concern_id, given.reply),
    )


@router.post("/concerns/{concern_id}/plan", allow=framework_leads)
def plan(
    request: Request, actor: ActorDep, db: DatabaseDep, concern_id: UUID, form: Posted[PlanForm] = posted(PlanForm)
) -> Response:
    return _step(
        request,
        actor,
        db,
        concern_id,
        form,
        lambda session, given: commands.write_plan(session, actor, concern_id, given.plan, given.review_on),
        day="review_on",
    )


@router.post("/concerns/{concern_id}/propose", allow=framework_leads)
def propose(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    concern_id: UUID,
    form: Posted[ProposalForm] = posted(ProposalForm),
) -> Response:
    return _step(
        request,
        actor,
        db,
        concern_id,
        form,
        lambda session, given: commands.propose_decision(
            session,
            actor,
            concern_id,
            given.decision,
            given.reason,
            given.day,
            review=given.choice is Proposal.REVIEW,
        ),
        day="day",
    )


@router.post("/concerns/{concern_id}/close", allow=framework_leads)
def close(
    request: Request, actor: ActorDep, db: DatabaseDep, concern_id: UUID, form: Posted[CloseForm] = posted(CloseForm)
) -> Response:
    return _step(
        request,
        actor,
        db,
        concern_id,
        form,
        lambda session, given: commands.close_concern(session, actor, concern_id, given.outcome),
    )


@router.post("/concern-decisions/{decision_id}/agree", allow=policy.concern_deciders)
def agree(request: Request, actor: ActorDep, db: DatabaseDep, decision_id: UUID) -> Response:
    return _step(
        request,
        actor,
        db,
        _concern_of(db, decision_id),
        NOTHING,
        lambda session, _: commands.agree_decision(session, actor, decision_id),
    )


@router.post("/concern-decisions/{decision_id}/decline", allow=policy.concern_deciders)
def decline(request: Request, actor: ActorDep, db: DatabaseDep, decision_id: UUID) -> Response:
    return _step(
        request,
        actor,
        db,
        _concern_of(db, decision_id),
        NOTHING,
        lambda session, _: commands.decline_decision(session, actor, decision_id),
    )


@router.post("/concern-decisions/{decision_id}/lift", allow=framework_leads)
def lift(
    request: Request, actor: ActorDep, db: DatabaseDep, decision_id: UUID, form: Posted[LiftForm] = posted(LiftForm)
) -> Response:
    return _step(
        request,
        actor,
        db,
        _concern_of(db, decision_id),
        form,
        lambda session, given: commands.lift_suspension(session, actor, decision_id, given.lift_reason),
    )


def _concern_of(db: DatabaseDep, decision_id: UUID) -> UUID:
    with db.read() as session:
        return queries.decision_row(session, decision_id).concern_id


def _step(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    concern_id: UUID,
    form: Posted[M],
    step: Callable[[Session, M], object],
    **beside: str,
) -> Response:
    again = partial(_one, request, actor, db, concern_id)
    return take(db, form, step, again, f"/concerns/{concern_id}", beside=beside)


def _list(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    membership_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        whose, found = queries.concerns_of(session, actor, membership_id)
    return page(
        request,
        "memberships/concerns.html",
        status=409 if refusal else 422 if form.errors else 200,
        whose=whose,
        found=found,
        form=form,
        refusal=refusal,
        kinds=KIND_WORDS,
    )


def _one(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    concern_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        told = queries.concern(session, actor, concern_id)
    return page(
        request,
        "memberships/concern.html",
        status=409 if refusal else 422 if form.errors else 200,
        told=told,
        whose=told.reach,
        form=form,
        refusal=refusal,
        kinds=KIND_WORDS,
    )
