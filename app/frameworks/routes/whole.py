"""Frameworks over HTTP: the list, a framework's page, its approval and the extension of its term."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core import clock
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused
from app.frameworks import commands, policy, queries
from app.frameworks.forms import DbsFileForm, ExtensionForm
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, signed_in

router = Router(prefix="/frameworks")


@router.get("", allow=signed_in)
def list_frameworks(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        now = clock.now(session)
        rows = queries.frameworks(session, actor, now)
    return page(request, "frameworks/list.html", rows=rows, now=now, leads=policy.framework_leads(actor))


@router.get("/{framework_id}", allow=signed_in)
def show_framework(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    return _framework_page(request, actor, db, framework_id)


@router.post("/{framework_id}/approve", allow=policy.framework_leads)
def approve_framework(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.approve_framework(session, actor, framework_id)
    except Refused as refused:
        return _framework_page(request, actor, db, framework_id, refused.refusal)
    return see(f"/frameworks/{framework_id}")


@router.post("/{framework_id}/dbs-file", allow=policy.framework_leads)
def ask_for_dbs_file(
    actor: ActorDep, db: DatabaseDep, framework_id: UUID, form: Posted[DbsFileForm] = posted(DbsFileForm)
) -> Response:
    with db.write() as session:
        commands.ask_for_dbs_file(session, actor, framework_id, wanted=form.value is not None and form.value.wanted)
    return see(f"/frameworks/{framework_id}#dbs")


@router.get("/{framework_id}/extension", allow=policy.framework_leads)
def show_extension(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    return _extension_page(request, actor, db, framework_id, blank())


@router.post("/{framework_id}/extension", allow=policy.framework_leads)
def propose_extension(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[ExtensionForm] = posted(ExtensionForm),
) -> Response:
    if form.value is None:
        return _extension_page(request, actor, db, framework_id, form, status=422)
    try:
        with db.write() as session:
            commands.propose_extension(session, actor, framework_id, form.value.until, form.value.reason)
    except Refused as refused:
        return _extension_page(request, actor, db, framework_id, form.but(until=refused.refusal.words), status=409)
    return see(f"/frameworks/{framework_id}/extension")


@router.post("/{framework_id}/extension/approve", allow=policy.framework_leads)
def approve_extension(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.approve_extension(session, actor, framework_id)
    except Refused as refused:
        return _extension_page(request, actor, db, framework_id, blank(), refusal=refused.refusal, status=409)
    return see(f"/frameworks/{framework_id}")


def _framework_page(
    request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID, refusal: Refusal | None = None
) -> Response:
    with db.read() as session:
        now = clock.now(session)
        framework = queries.framework(session, actor, framework_id)
    return page(
        request,
        "frameworks/framework.html",
        status=409 if refusal else 200,
        framework=framework,
        now=now,
        today=london_day(now),
        leads=policy.leads(actor, framework.lead_id),
        oversees=policy.oversees(
            actor, framework.lead_id, [body.organisation_id for body in framework.call_off if body.entitled]
        ),
        wrote=framework.created_by == actor.person_id,
        applying_for=policy.applying_for(actor),
        refusal=refusal,
    )


def _extension_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[ExtensionForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        row = queries.framework_row(session, actor, framework_id)
        if not policy.leads(actor, row.lead_id):
            raise NotFound
        extension = queries.extension(session, row)
    return page(
        request,
        "frameworks/extension.html",
        status=status,
        extension=extension,
        proposed=extension.proposed_by == actor.person_id,
        form=form,
        refusal=refusal,
    )
