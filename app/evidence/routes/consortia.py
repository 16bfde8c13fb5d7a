"""Consortia over HTTP: here because their page tells how the members' evidence stands."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused
from app.evidence.queries.consortia import weakest_evidence
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers import commands, policy, queries
from app.providers.forms import ConsortiumForm, MemberForm
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/providers/{provider_id}/consortia", allow=policy.members)
def consortia(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _list(request, db, actor, provider_id, blank())


@router.post("/providers/{provider_id}/consortia", allow=policy.members)
def start(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ConsortiumForm] = posted(ConsortiumForm),
) -> Response:
    if form.value is None:
        return _list(request, db, actor, provider_id, form)
    with db.write() as session:
        made = commands.start_consortium(session, actor, provider_id, name=form.value.name)
    return see(f"/consortia/{made}")


@router.get("/consortia/{consortium_id}", allow=policy.members)
def show(request: Request, consortium_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _consortium(request, db, actor, consortium_id, blank())


@router.post("/consortia/{consortium_id}/members", allow=policy.members)
def invite(
    request: Request,
    consortium_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[MemberForm] = posted(MemberForm),
) -> Response:
    if form.value is None:
        return _consortium(request, db, actor, consortium_id, form)
    try:
        with db.write() as session:
            commands.invite_member(session, actor, consortium_id, known_as=form.value.known_as)
    except Refused as refused:
        return _consortium(request, db, actor, consortium_id, form.but(known_as=refused.refusal.words))
    return see(f"/consortia/{consortium_id}")


@router.post("/consortia/{consortium_id}/members/{member_id}/accept", allow=policy.members)
def accept(request: Request, consortium_id: UUID, member_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _moved(request, db, actor, consortium_id, commands.accept_membership, member_id)


@router.post("/consortia/{consortium_id}/members/{member_id}/decline", allow=policy.members)
def decline(request: Request, consortium_id: UUID, member_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _moved(request, db, actor, consortium_id, commands.decline_membership, member_id)


@router.post("/consortia/{consortium_id}/members/{member_id}/leave", allow=policy.members)
def leave(request: Request, consortium_id: UUID, member_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _moved(request, db, actor, consortium_id, commands.leave_consortium, member_id)


@router.post("/consortia/{consortium_id}/end", allow=policy.members)
def end(request: Request, consortium_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _moved(request, db, actor, consortium_id, commands.end_consortium)


def _moved(
    request: Request, db: DatabaseDep, actor: Actor, consortium_id: UUID, move: Callable[..., None], *which: UUID
) -> Response:
    """The page it was asked from, while one may still see it; else their own list."""
    try:
        with db.write() as session:
            move(session, actor, consortium_id, *which)
    except Refused as refused:
        return _consortium(request, db, actor, consortium_id, blank(), refused.refusal)
    try:
        with db.read() as session:
            queries.visible_consortium(session, actor, consortium_id)
    except NotFound:
        return see(f"/providers/{min(provider_ids(actor))}/consortia")
    return see(f"/consortia/{consortium_id}")


def _list(request: Request, db: DatabaseDep, actor: Actor, provider_id: UUID, form: Posted[Any]) -> HTMLResponse:
    with db.read() as session:
        name = queries.own_provider(session, actor, provider_id)[1].name
        lines = queries.consortia_of(session, provider_id)
    return page(
        request,
        "evidence/consortia.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        lines=lines,
        form=form,
        owns=policy.may_pause(actor, provider_id),
    )


def _consortium(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    consortium_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> HTMLResponse:
    with db.read() as session:
        told = queries.consortium(session, actor, consortium_id)
        evidence = weakest_evidence(session, told, london_day(clock.now(session)))
    owned = provider_ids(actor, Role.OWNER)
    return page(
        request,
        "evidence/consortium.html",
        status=409 if refusal else 422 if form.errors else 200,
        told=told,
        evidence=evidence,
        form=form,
        refusal=refusal,
        leads=told.lead_id in owned,
        owned=owned,
        mine=next((m.provider_id for m in told.members if m.provider_id in provider_ids(actor)), told.lead_id),
    )
