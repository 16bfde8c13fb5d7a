"""Returning one thing to be changed over HTTP: the framework's lead asks, the provider makes that change and no other."""

from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications import commands, policy, queries
from app.applications.answer_forms import read_changed_prices, typed_prices
from app.applications.forms import ChangeForm, RequestForm
from app.applications.queries.returned import returnable
from app.applications.rules.returning import STATEMENT, lot_of, why_not_change, why_not_request
from app.core.refusals import NotFound, Refusal, Refused
from app.frameworks.rules import answers_to
from app.web.forms import Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/decisions/{application_id}/changes", allow=policy.deciders)
def show_request(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _request_page(request, actor, db, application_id, blank())


@router.post("/decisions/{application_id}/changes", allow=policy.deciders)
def request_change(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[RequestForm] = posted(RequestForm),
) -> Response:
    if form.value is None:
        return _request_page(request, actor, db, application_id, form, status=422)
    try:
        with db.write() as session:
            commands.request_change(session, actor, application_id, form.value.item, form.value.words)
    except Refused as refused:
        return _request_page(request, actor, db, application_id, form, refusal=refused.refusal, status=409)
    return see(f"/decisions/{application_id}")


@router.get("/applications/{application_id}/changes/{returned_id}", allow=policy.providers)
def show_change(
    request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, returned_id: UUID
) -> Response:
    return _change_page(request, actor, db, application_id, returned_id, None)


@router.post("/applications/{application_id}/changes/{returned_id}", allow=policy.providers)
def make_change(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    returned_id: UUID,
    form: Posted[ChangeForm] = posted(ChangeForm),
) -> Response:
    if form.value is None:
        return _change_page(request, actor, db, application_id, returned_id, form, status=422)
    try:
        with db.write() as session:
            commands.make_change(session, actor, application_id, returned_id, form.value.change)
    except Refused as refused:
        if refused.refusal.code == "wrong":
            form = form.but(change=refused.refusal.words)
            return _change_page(request, actor, db, application_id, returned_id, form, status=422)
        return _change_page(request, actor, db, application_id, returned_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.post("/applications/{application_id}/changes/{returned_id}/prices", allow=policy.providers)
def change_prices(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    returned_id: UUID,
    sent: Received = received(),
) -> Response:
    with db.read() as session:
        card = queries.returned_card(session, actor, application_id, returned_id)
    form, typed = read_changed_prices(sent, card)
    if form.errors:
        return _change_page(request, actor, db, application_id, returned_id, form, status=422)
    try:
        with db.write() as session:
            commands.change_prices(session, actor, application_id, returned_id, typed)
    except Refused as refused:
        return _change_page(request, actor, db, application_id, returned_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


def _request_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[RequestForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = queries.decision(session, actor, application_id)
    open_ones = {one.item for one in view.returned if one.made_at is None}
    own_provider = policy.belongs_to(actor, view.provider_id)
    return page(
        request,
        "applications/request.html",
        status=status,
        view=view,
        form=form,
        refusal=refusal or why_not_request(phase=view.phase, own_provider=own_provider, requested=False),
        choices=[(item, name) for item, name in returnable(view.snapshot).items() if item not in open_ones],
    )


def _change_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    returned_id: UUID,
    form: Posted[Any] | None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = queries.application(session, actor, application_id)
        one = next((one for one in view.returned if one.id == returned_id), None)
        if one is None:
            raise NotFound
        question = queries.returned_question(session, view, one.item)
        card = queries.returned_prices(session, view.id, lot_of(one.item))
    owner = policy.submits_for(actor, view.provider_id)
    why_not = why_not_change(phase=view.phase, owner=owner, made=one.made_at is not None)
    kept = view.snapshot["statement"] if one.item == STATEMENT else question.value if question else ""
    return page(
        request,
        "applications/change.html",
        status=status,
        view=view,
        one=one,
        is_statement=one.item == STATEMENT,
        question=question,
        choices=[(answer, answer) for answer in answers_to(question.facts)] if question else [],
        card=card,
        form=form or blank(change=kept, **typed_prices(card)),
        refusal=refusal or why_not,
        may_change=why_not is None,
    )
