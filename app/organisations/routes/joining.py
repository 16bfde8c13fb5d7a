"""Answering those who ask to join, and leaving."""

from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.organisations import commands, queries
from app.organisations.forms import AcceptForm, RefuseForm
from app.organisations.routes.people import _people_page
from app.organisations.rules import FITTING, ROLE_WORDS, OrganisationKind, Role
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, signed_in

router = Router(prefix="/organisations/{organisation_id}")


@router.get("/requests/{request_id}", allow=signed_in)
def request_to_join(
    request: Request, db: DatabaseDep, actor: ActorDep, organisation_id: UUID, request_id: UUID
) -> Response:
    return _request_page(request, db, actor, organisation_id, request_id, blank())


@router.post("/requests/{request_id}/accept", allow=signed_in)
def accept(
    request: Request,
    db: DatabaseDep,
    actor: ActorDep,
    organisation_id: UUID,
    request_id: UUID,
    form: Posted[AcceptForm] = posted(AcceptForm),
) -> Response:
    if form.value is None:
        return _request_page(request, db, actor, organisation_id, request_id, form)
    try:
        with db.write() as session:
            commands.accept_join(session, actor, request_id, role=form.value.role)
    except Refused as refused:
        return _request_page(request, db, actor, organisation_id, request_id, form, refused.refusal)
    return see(f"/organisations/{organisation_id}?done=accepted")


@router.post("/requests/{request_id}/refuse", allow=signed_in)
def refuse(
    request: Request,
    db: DatabaseDep,
    actor: ActorDep,
    organisation_id: UUID,
    request_id: UUID,
    form: Posted[RefuseForm] = posted(RefuseForm),
) -> Response:
    if form.value is None:
        return _request_page(request, db, actor, organisation_id, request_id, form)
    try:
        with db.write() as session:
            commands.refuse_join(session, actor, request_id, reason=form.value.reason)
    except Refused as refused:
        return _request_page(request, db, actor, organisation_id, request_id, form, refused.refusal)
    return see(f"/organisations/{organisation_id}?done=refused")


@router.post("/leave", allow=signed_in)
def leave(request: Request, db: DatabaseDep, actor: ActorDep, organisation_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.leave_organisation(session, actor, organisation_id)
    except Refused as refused:
        return _people_page(request, db, actor, organisation_id, blank(), status=409, refusal=refused.refusal)
    return see("/")


def _request_page(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    organisation_id: UUID,
    request_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        asked = queries.asked(session, actor, organisation_id, request_id)
    return page(
        request,
        "organisations/request.html",
        status=409 if refusal else 422 if form.errors else 200,
        asked=asked,
        form=form,
        refusal=refusal,
        given=ROLE_WORDS[Role(asked.role)][0] if asked.role else "",
        choices=[(role.value, *ROLE_WORDS[role]) for role in FITTING[OrganisationKind(asked.kind)]],
    )
