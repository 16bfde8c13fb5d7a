"""New versions of an agreement over HTTP: those of a framework, and one with what changes and every step about it."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.frameworks.policy import framework_leads
from app.memberships import policy
from app.memberships.rules.variations import DECLINERS_WORDS, SILENCE_WORDS
from app.memberships.variations import commands, queries
from app.memberships.variations.forms import AnswerForm, ProposalForm
from app.web.forms import M, Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router
from app.web.steps import NOTHING, take

router = Router()
MOST_BYTES: Final = 128 * 1024


@router.get("/frameworks/{framework_id}/variations", allow=policy.agreement_readers)
def framework_variations(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    return _list(request, actor, db, framework_id, None)


@router.post("/frameworks/{framework_id}/variations", allow=framework_leads, max_bytes=MOST_BYTES)
def propose_variation(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[ProposalForm] = posted(ProposalForm, most_bytes=MOST_BYTES),
) -> Response:
    if form.value is None:
        return _list(request, actor, db, framework_id, form)
    try:
        with db.write() as session:
            made = commands.propose_variation(session, actor, framework_id, **form.value.model_dump())
    except Refused as refused:
        if refused.refusal.code in ProposalForm.model_fields:
            form = form.but(**{refused.refusal.code: refused.refusal.words})
            return _list(request, actor, db, framework_id, form)
        return _list(request, actor, db, framework_id, form, refused.refusal)
    return see(f"/variations/{made}")


@router.get("/variations/{variation_id}", allow=policy.agreement_readers)
def show_variation(request: Request, actor: ActorDep, db: DatabaseDep, variation_id: UUID) -> Response:
    return _one(request, actor, db, variation_id, blank())


@router.post("/variations/{variation_id}/approve", allow=framework_leads)
def approve_variation(request: Request, actor: ActorDep, db: DatabaseDep, variation_id: UUID) -> Response:
    return _step(
        request,
        actor,
        db,
        variation_id,
        NOTHING,
        lambda session, _: commands.approve_variation(session, actor, variation_id),
    )


@router.post("/variations/{variation_id}/withdraw", allow=framework_leads)
def withdraw_variation(request: Request, actor: ActorDep, db: DatabaseDep, variation_id: UUID) -> Response:
    return _step(
        request,
        actor,
        db,
        variation_id,
        NOTHING,
        lambda session, _: commands.withdraw_variation(session, actor, variation_id),
    )


@router.post("/variations/{variation_id}/answer", allow=policy.providers)
def answer_variation(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    variation_id: UUID,
    form: Posted[AnswerForm] = posted(AnswerForm),
) -> Response:
    return _step(
        request,
        actor,
        db,
        variation_id,
        form,
        lambda session, given: commands.answer_variation(
            session, actor, variation_id, given.provider_id, agrees=given.answer == "agree", sha256=given.sha256
        ),
    )


def _step(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    variation_id: UUID,
    form: Posted[M],
    step: Callable[[Session, M], object],
) -> Response:
    return take(db, form, step, partial(_one, request, actor, db, variation_id), f"/variations/{variation_id}")


def _list(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[ProposalForm] | None,
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        found = queries.history(session, actor, framework_id)
    return page(
        request,
        "memberships/variations.html",
        status=409 if refusal else 422 if form and form.errors else 200,
        found=found,
        form=form or blank(text=found.newest.text),
        refusal=refusal,
        silences=list(SILENCE_WORDS.items()),
        fates=list(DECLINERS_WORDS.items()),
    )


def _one(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    variation_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        found = queries.new_version(session, actor, variation_id)
    return page(
        request,
        "memberships/variation.html",
        status=409 if refusal else 422 if form.errors else 200,
        found=found,
        form=form,
        refusal=refusal,
        silences=SILENCE_WORDS,
        fates=DECLINERS_WORDS,
    )
