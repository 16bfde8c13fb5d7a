"""Adding a practitioner, and saying that one has left."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core.actor import Actor
from app.providers import commands, policy, queries
from app.providers.forms import PractitionerForm
from app.providers.routes.profile import onward
from app.providers.rules import ProviderKind
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")


@router.get("/{provider_id}/practitioners/add", allow=policy.members)
def new_practitioner(
    request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, tasks: bool = False
) -> Response:
    """From the task list a sole practitioner comes to their own record, once it is begun."""
    with db.read() as session:
        kind = queries.own_provider(session, actor, provider_id, *policy.EDITORS)[0].kind
        people = queries.practitioners(session, provider_id) if tasks and kind == ProviderKind.SOLE_PRACTITIONER else ()
    if people and people[0].profession:
        return see(f"/practitioners/{people[0].id}")
    return _practitioner(request, db, actor, provider_id, None, tasks)


@router.post("/{provider_id}/practitioners/add", allow=policy.members)
def add_practitioner(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[PractitionerForm] = posted(PractitionerForm),
    tasks: bool = False,
) -> Response:
    if form.value is None:
        return _practitioner(request, db, actor, provider_id, form, tasks)
    with db.write() as session:
        commands.add_practitioner(session, actor, provider_id, **form.value.model_dump())
    return see(onward(provider_id, tasks, "#practitioners"))


@router.post("/{provider_id}/practitioners/{practitioner_id}/left", allow=policy.members)
def practitioner_left(provider_id: UUID, practitioner_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    with db.write() as session:
        commands.mark_practitioner_left(session, actor, provider_id, practitioner_id)
    return see(f"/providers/{provider_id}#practitioners")


def _practitioner(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    form: Posted[PractitionerForm] | None,
    tasks: bool,
) -> HTMLResponse:
    with db.read() as session:
        _, organisation = queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        bodies, name = queries.bodies(session), organisation.name
        own = queries.unfinished_self(session, provider_id)
        form = form or blank(full_name=own.full_name if own else "")
    return page(
        request,
        "providers/practitioner.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        bodies=[(body.value, body.label) for body in bodies],
        form=form,
        own=own is not None,
        tasks=tasks,
    )
