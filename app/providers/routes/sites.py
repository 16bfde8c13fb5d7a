"""A provider’s sites over HTTP."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core.actor import Actor
from app.core.refusals import Refused
from app.providers import commands, policy, queries
from app.providers.forms import SiteForm
from app.providers.rules.sites import STEP_FREE_WORDS, USE_WORDS
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers/{provider_id}/sites")


@router.get("/add", allow=policy.members)
def new_site(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _site(request, db, actor, provider_id, None, blank(uses=[]))


@router.post("/add", allow=policy.members)
def add_site(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[SiteForm] = posted(SiteForm),
) -> Response:
    if form.value is None:
        return _site(request, db, actor, provider_id, None, form)
    try:
        with db.write() as session:
            commands.add_site(session, actor, provider_id, form.value.facts())
    except Refused as refused:
        return _site(request, db, actor, provider_id, None, form.but(name=refused.refusal.words))
    return see(f"/providers/{provider_id}#sites")


@router.get("/{site_id}", allow=policy.members)
def edit_site(request: Request, provider_id: UUID, site_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _site(request, db, actor, provider_id, site_id, None)


@router.post("/{site_id}", allow=policy.members)
def save_site(
    request: Request,
    provider_id: UUID,
    site_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[SiteForm] = posted(SiteForm),
) -> Response:
    if form.value is None:
        return _site(request, db, actor, provider_id, site_id, form)
    try:
        with db.write() as session:
            commands.update_site(session, actor, provider_id, site_id, form.value.facts())
    except Refused as refused:
        return _site(request, db, actor, provider_id, site_id, form.but(name=refused.refusal.words))
    return see(f"/providers/{provider_id}#sites")


@router.post("/{site_id}/close", allow=policy.members)
def close_site(provider_id: UUID, site_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    with db.write() as session:
        commands.close_site(session, actor, provider_id, site_id)
    return see(f"/providers/{provider_id}#sites")


def _site(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    site_id: UUID | None,
    form: Posted[Any] | None,
) -> HTMLResponse:
    """The form of a new site, or of one there is; with no form given, filled in with what is known."""
    with db.read() as session:
        name = queries.own_provider(session, actor, provider_id, *policy.EDITORS)[1].name
        known = queries.site(session, provider_id, site_id) if site_id else None
    if form is None:
        form = blank(**asdict(known.facts)) if known else blank(uses=[])
    return page(
        request,
        "providers/site.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        known=known,
        form=form,
        uses=list(USE_WORDS.items()),
        step_free=list(STEP_FREE_WORDS.items()),
    )
