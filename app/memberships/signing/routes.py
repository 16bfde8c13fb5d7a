"""Agreements over HTTP: one, to read, print, sign, countersign or hold, and those of a framework that are not complete."""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.frameworks.policy import framework_leads
from app.memberships import policy
from app.memberships.signing import commands, queries
from app.memberships.signing.forms import HoldForm, SignForm
from app.memberships.signing.rules import STAGE_WORDS
from app.web.forms import Form, Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()
Typed = TypeVar("Typed", bound=Form)
NOTHING: Final = Posted(Form())


@router.get("/frameworks/{framework_id}/agreements", allow=policy.lead_people)
def framework_agreements(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    with db.read() as session:
        name, found = queries.unfinished(session, actor, framework_id)
    return page(
        request, "memberships/agreements.html", framework_id=framework_id, name=name, found=found, words=STAGE_WORDS
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
    form: Posted[Typed],
    step: Callable[[Session, Typed], object],
) -> Response:
    """One step about an agreement; a refused day is said beside its field."""
    if form.value is None:
        return _page(request, actor, db, membership_id, form)
    try:
        with db.write() as session:
            step(session, form.value)
    except Refused as refused:
        if refused.refusal.code == "day":
            return _page(request, actor, db, membership_id, form.but(review_on=refused.refusal.words))
        return _page(request, actor, db, membership_id, form, refused.refusal)
    return see(f"/memberships/{membership_id}/agreement")


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
