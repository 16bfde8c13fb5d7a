"""The list of restrictions, one provider's own page of them, and each step that two people take."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused
from app.memberships import policy
from app.memberships.restriction import commands, queries
from app.memberships.restriction.forms import LiftForm, ProposalForm
from app.organisations.policy import buyer_ids, provider_ids
from app.providers.rules.restriction import RESTRICTION_WORDS
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/restrictions", allow=policy.restriction_watchers)
def list_restrictions(request: Request, actor: ActorDep, db: DatabaseDep, known_as: str = "") -> Response:
    with db.read() as session:
        rows = queries.restrictions(session, actor)
        told = queries.notices(session, buyer_ids(actor))
        found = queries.to_restrict(session, actor, known_as[:200]) if known_as else []
    return page(
        request,
        "memberships/restrictions.html",
        rows=rows,
        notices=told,
        found=found,
        known_as=known_as[:200],
        words=RESTRICTION_WORDS,
        decides=policy.restricters(actor),
        oversees=policy.restricters(actor) or policy.audits(actor),
        most=queries.MOST,
    )


@router.get("/providers/{provider_id}/restriction", allow=policy.restriction_readers)
def show_restriction(request: Request, actor: ActorDep, db: DatabaseDep, provider_id: UUID) -> Response:
    return _page(request, actor, db, provider_id, blank(contact=actor.email))


@router.post("/providers/{provider_id}/restriction", allow=policy.restriction_readers)
def propose_restriction(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    provider_id: UUID,
    form: Posted[ProposalForm] = posted(ProposalForm),
) -> Response:
    if form.value is None:
        return _to_decide(request, actor, db, provider_id, form)
    proposal = form.value.proposal()
    try:
        with db.write() as session:
            commands.propose_restriction(session, actor, provider_id, proposal)
    except Refused as refused:
        return _page(request, actor, db, provider_id, form, refused.refusal)
    return see(f"/providers/{provider_id}/restriction")


@router.post("/restrictions/{restriction_id}/agree", allow=policy.restricters)
def agree_restriction(request: Request, actor: ActorDep, db: DatabaseDep, restriction_id: UUID) -> Response:
    return _step(request, actor, db, restriction_id, commands.agree_restriction)


@router.post("/restrictions/{restriction_id}/decline", allow=policy.restricters)
def decline_restriction(request: Request, actor: ActorDep, db: DatabaseDep, restriction_id: UUID) -> Response:
    return _step(request, actor, db, restriction_id, commands.decline_restriction)


@router.post("/restrictions/{restriction_id}/lift", allow=policy.restricters)
def propose_lift(
    request: Request, actor: ActorDep, db: DatabaseDep, restriction_id: UUID, form: Posted[LiftForm] = posted(LiftForm)
) -> Response:
    if form.value is None:
        return _to_decide(request, actor, db, _provider_of(db, restriction_id), form)
    reason = form.value.lift_reason

    def step(session: Session, actor: Actor, restriction_id: UUID) -> None:
        commands.propose_lift(session, actor, restriction_id, reason)

    return _step(request, actor, db, restriction_id, step)


@router.post("/restrictions/{restriction_id}/lift/agree", allow=policy.restricters)
def agree_lift(request: Request, actor: ActorDep, db: DatabaseDep, restriction_id: UUID) -> Response:
    return _step(request, actor, db, restriction_id, commands.agree_lift)


@router.post("/restrictions/{restriction_id}/lift/decline", allow=policy.restricters)
def decline_lift(request: Request, actor: ActorDep, db: DatabaseDep, restriction_id: UUID) -> Response:
    return _step(request, actor, db, restriction_id, commands.decline_lift)


@router.post("/restrictions/{restriction_id}/read", allow=policy.reliers)
def read_notice(actor: ActorDep, db: DatabaseDep, restriction_id: UUID) -> Response:
    with db.write() as session:
        commands.read_notice(session, actor, restriction_id)
    return see("/restrictions")


def _step(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    restriction_id: UUID,
    step: Callable[[Session, Actor, UUID], None],
) -> Response:
    provider_id = _provider_of(db, restriction_id)
    try:
        with db.write() as session:
            step(session, actor, restriction_id)
    except Refused as refused:
        return _page(request, actor, db, provider_id, blank(), refused.refusal)
    return see(f"/providers/{provider_id}/restriction")


def _provider_of(db: DatabaseDep, restriction_id: UUID) -> UUID:
    with db.read() as session:
        return queries.provider_of(session, restriction_id)


def _to_decide(request: Request, actor: ActorDep, db: DatabaseDep, provider_id: UUID, form: Posted[Any]) -> Response:
    """The page again, for those who may decide: a wrong form tells nobody else that the provider is there."""
    if provider_id in provider_ids(actor):
        raise NotAllowed
    with db.read() as session:
        if not queries.decides(session, actor, provider_id):
            raise NotFound
    return _page(request, actor, db, provider_id, form)


def _page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    provider_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        told = queries.restriction_page(session, actor, provider_id)
    return page(
        request,
        "memberships/restriction.html",
        status=409 if refusal else 422 if form.errors else 200,
        told=told,
        form=form,
        refusal=refusal,
        words=RESTRICTION_WORDS,
    )
