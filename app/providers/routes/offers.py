"""Choosing therapies and areas."""

from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.providers import commands, policy, queries
from app.providers.forms import AreasForm, TherapiesForm
from app.providers.routes.profile import onward
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")


@router.get("/{provider_id}/therapies", allow=policy.members)
def therapies(
    request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, tasks: bool = False
) -> HTMLResponse:
    with db.read() as session:
        _, organisation = queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        groups, chosen = queries.therapy_groups(session), queries.chosen_therapies(session, provider_id)
        name = organisation.name
    return _choose(request, "therapies", provider_id, name, groups, blank(therapies=sorted(chosen)), tasks)


@router.post("/{provider_id}/therapies", allow=policy.members)
def save_therapies(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[TherapiesForm] = posted(TherapiesForm),
    tasks: bool = False,
) -> Response:
    with db.write() as session:
        commands.choose_therapies(session, actor, provider_id, form.value.therapies if form.value else [])
    return see(onward(provider_id, tasks))


@router.get("/{provider_id}/areas", allow=policy.members)
def areas(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, tasks: bool = False) -> HTMLResponse:
    with db.read() as session:
        _, organisation = queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        groups, chosen = queries.area_groups(session), queries.chosen_areas(session, provider_id)
        name = organisation.name
    return _choose(request, "areas", provider_id, name, groups, blank(areas=sorted(chosen)), tasks)


@router.post("/{provider_id}/areas", allow=policy.members)
def save_areas(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[AreasForm] = posted(AreasForm),
    tasks: bool = False,
) -> Response:
    if form.value is None:
        with db.read() as session:
            _, organisation = queries.own_provider(session, actor, provider_id, *policy.EDITORS)
            groups, name = queries.area_groups(session), organisation.name
        return _choose(request, "areas", provider_id, name, groups, form, tasks)
    with db.write() as session:
        given = form.value
        commands.choose_areas(session, actor, provider_id, given.areas, regions=given.regions, were=given.were)
    return see(onward(provider_id, tasks))


def _choose(
    request: Request,
    what: str,
    provider_id: UUID,
    name: str,
    groups: tuple[queries.Group, ...],
    form: Posted[Any],
    tasks: bool,
) -> HTMLResponse:
    return page(
        request,
        "providers/choose.html",
        status=422 if form.errors else 200,
        what=what,
        provider_id=provider_id,
        name=name,
        groups=groups,
        form=form,
        tasks=tasks,
    )
