"""Who may call off: a framework's list, the forms that change it, and the frameworks of one's own agency."""

from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.frameworks import policy
from app.frameworks.calling_off import commands, queries
from app.frameworks.calling_off.forms import AccedeForm, ListForm
from app.frameworks.calling_off.queries import CallOffPage
from app.frameworks.calling_off.rules import AccessionKind
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, signed_in

router = Router()


@router.get("/call-off", allow=policy.buyers)
def own_frameworks(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        bodies = queries.frameworks_of(session, actor, clock.now(session))
    return page(request, "frameworks/own_call_off.html", bodies=bodies)


@router.get("/frameworks/{framework_id}/call-off", allow=signed_in)
def call_off(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    return _list_page(request, actor, db, framework_id)


@router.get("/frameworks/{framework_id}/call-off/{kind}", allow=policy.framework_leads)
def new_change(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID, kind: AccessionKind) -> Response:
    return _change_page(request, actor, db, framework_id, kind, blank())


@router.post("/frameworks/{framework_id}/call-off/{kind}", allow=policy.framework_leads)
def ask(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    kind: AccessionKind,
    form: Posted[ListForm] = posted(ListForm),
) -> Response:
    if form.value is None:
        return _change_page(request, actor, db, framework_id, kind, form, status=422)
    given = form.value
    command = commands.ask_to_add if kind is AccessionKind.JOINS else commands.ask_to_remove
    try:
        with db.write() as session:
            command(session, actor, framework_id, given.organisation_id, given.effective_on, given.evidence)
    except Refused as refused:
        return _change_page(request, actor, db, framework_id, kind, form, refusal=refused.refusal, status=409)
    return see(f"/frameworks/{framework_id}/call-off")


@router.post("/frameworks/{framework_id}/accessions/{accession_id}/confirm", allow=policy.framework_leads)
def confirm(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID, accession_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.confirm_accession(session, actor, framework_id, accession_id)
    except Refused as refused:
        return _list_page(request, actor, db, framework_id, refused.refusal)
    return see(f"/frameworks/{framework_id}/call-off")


@router.post("/frameworks/{framework_id}/accessions/{accession_id}/withdraw", allow=policy.framework_leads)
def withdraw(actor: ActorDep, db: DatabaseDep, framework_id: UUID, accession_id: UUID) -> Response:
    with db.write() as session:
        commands.withdraw_accession(session, actor, framework_id, accession_id)
    return see(f"/frameworks/{framework_id}/call-off")


@router.get("/frameworks/{framework_id}/accede", allow=policy.signers)
def new_accession(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    return _accede_page(request, actor, db, framework_id, blank())


@router.post("/frameworks/{framework_id}/accede", allow=policy.signers)
def accede(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[AccedeForm] = posted(AccedeForm),
) -> Response:
    if form.value is None:
        return _accede_page(request, actor, db, framework_id, form, status=422)
    given = form.value
    try:
        with db.write() as session:
            commands.accede(session, actor, framework_id, given.organisation_id, given.effective_on, given.evidence)
    except Refused as refused:
        return _accede_page(request, actor, db, framework_id, form, refusal=refused.refusal, status=409)
    return see(f"/frameworks/{framework_id}/call-off")


def _found(db: Database, actor: Actor, framework_id: UUID) -> CallOffPage:
    with db.read() as session:
        return queries.call_off_page(session, actor, framework_id, clock.now(session))


def _list_page(
    request: Request, actor: Actor, db: Database, framework_id: UUID, refusal: Refusal | None = None
) -> Response:
    found = _found(db, actor, framework_id)
    return page(request, "frameworks/call_off.html", status=409 if refusal else 200, found=found, refusal=refusal)


def _change_page(
    request: Request,
    actor: Actor,
    db: Database,
    framework_id: UUID,
    kind: AccessionKind,
    form: Posted[Any],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    found = _found(db, actor, framework_id)
    if not found.leads:
        raise NotFound
    return page(
        request, "frameworks/call_off_change.html", status=status, found=found, kind=kind, form=form, refusal=refusal
    )


def _accede_page(
    request: Request,
    actor: Actor,
    db: Database,
    framework_id: UUID,
    form: Posted[Any],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    found = _found(db, actor, framework_id)
    if len(found.own) == 1 and not form.typed:
        form = blank(organisation_id=found.own[0][0])
    return page(request, "frameworks/accede.html", status=status, found=found, form=form, refusal=refusal)
