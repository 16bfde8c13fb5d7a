"""Agreements over HTTP: one, to read, print, sign, countersign or hold, and those of a framework that are not complete."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refusal
from app.frameworks.policy import framework_leads
from app.memberships import policy
from app.memberships.signing import commands, queries
from app.memberships.signing.forms import HoldForm, SignForm
from app.memberships.signing.rules import STAGE_WORDS
from app.web.forms import M, Posted, blank, posted
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router
from app.web.steps import NOTHING, take

router = Router()


@router.get("/frameworks/{framework_id}/agreements", allow=policy.lead_people)
def framework_agreements(
    request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID, after: UUID | None = None
) -> Response:
    with db.read() as session:
        listed = queries.unfinished(session, actor, framework_id, after)
    return page(
        request,
        "memberships/agreements.html",
        framework_id=framework_id,
        name=listed.framework_name,
        found=listed.found,
        listed=listed,
        words=STAGE_WORDS,
    )


@router.get("/memberships/{membership_id}/agreement", allow=policy.agreement_readers)
def show_agreement(request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID) -> Response:
    return _page(request, actor, db, membership_id, blank())


@router.post("/memberships/{membership_id}/sign", allow=policy.providers)
def sign_agreement(
    request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[SignForm] = posted(SignForm)
) -> Response:
    return _step(
        request,
        actor,
        db,
        membership_id,
        form,
        lambda session, given: commands.sign_agreement(session, actor, membership_id, given.sha256),
    )


@router.post("/memberships/{membership_id}/countersign", allow=framework_leads)
def countersign_agreement(
    request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[SignForm] = posted(SignForm)
) -> Response:
    return _step(
        request,
        actor,
        db,
        membership_id,
        form,
        lambda session, given: commands.countersign_agreement(session, actor, membership_id, given.sha256),
    )


@router.post("/memberships/{membership_id}/hold", allow=framework_leads)
def hold_agreement(
    request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[HoldForm] = posted(HoldForm)
) -> Response:
    return _step(
        request,
        actor,
        db,
        membership_id,
        form,
        lambda session, given: commands.hold_agreement(session, actor, membership_id, given.reason, given.review_on),
    )


@router.post("/memberships/{membership_id}/release", allow=framework_leads)
def release_agreement(request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID) -> Response:
    return _step(
        request,
        actor,
        db,
        membership_id,
        NOTHING,
        lambda session, _: commands.release_agreement(session, actor, membership_id),
    )


def _step(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    membership_id: UUID,
    form: Posted[M],
    step: Callable[[Session, M], object],
) -> Response:
    """A refused day is said beside its field."""
    again = partial(_page, request, actor, db, membership_id)
    return take(db, form, step, again, f"/memberships/{membership_id}/agreement", beside={"day": "review_on"})


def _page(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    membership_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        found = queries.agreement(session, actor, membership_id)
    return page(
        request,
        "memberships/agreement.html",
        status=409 if refusal else 422 if form.errors else 200,
        found=found,
        form=form,
        refusal=refusal,
        words=STAGE_WORDS,
    )
