"""What is kept how long, what is held back, and the proofs of what is gone: for the platform's people."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence import commands, policy
from app.evidence.forms import HoldForm, LiftForm, SwitchForm
from app.evidence.queries.retention import (
    MOST,
    going,
    holds,
    narrow_kinds,
    proofs,
    providers_to_hold,
    schedule,
)
from app.evidence.rules.retention import COUNTED_FROM
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/retention", allow=policy.overseers_of_retention)
def retention(request: Request, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _page(request, db, actor, blank())


@router.post("/retention/holds", allow=policy.administers)
def set_hold(request: Request, db: DatabaseDep, actor: ActorDep, form: Posted[HoldForm] = posted(HoldForm)) -> Response:
    if form.value is None:
        return _page(request, db, actor, form)
    with db.write() as session:
        commands.set_legal_hold(session, actor, form.value.provider_id, form.value.reason)
    return see("/retention#holds")


@router.post("/retention/holds/{hold_id}/lift", allow=policy.administers)
def lift_hold(
    request: Request, hold_id: UUID, db: DatabaseDep, actor: ActorDep, form: Posted[LiftForm] = posted(LiftForm)
) -> Response:
    if form.value is None:
        return _page(request, db, actor, form)
    with db.write() as session:
        commands.lift_legal_hold(session, actor, hold_id, form.value.lifted_reason)
    return see("/retention#holds")


@router.post("/retention/files/{kind_slug}", allow=policy.administers)
def switch_file(
    request: Request, kind_slug: str, db: DatabaseDep, actor: ActorDep, form: Posted[SwitchForm] = posted(SwitchForm)
) -> Response:
    with db.write() as session:
        commands.switch_file(session, actor, kind_slug, asked=form.value is not None and form.value.asked)
    return see("/retention#files")


def _page(request: Request, db: DatabaseDep, actor: Actor, form: Posted[HoldForm] | Posted[LiftForm]) -> HTMLResponse:
    with db.read() as session:
        due = going(session, london_day(clock.now(session)))
        held, gone, kinds = holds(session), proofs(session), narrow_kinds(session)
        providers = providers_to_hold(session)
    return page(
        request,
        "evidence/retention.html",
        status=422 if form.errors else 200,
        schedule=schedule().values(),
        counted_from=COUNTED_FROM,
        due=due,
        holds=held,
        proofs=gone,
        kinds=kinds,
        providers=providers,
        most=MOST,
        form=form,
        administers=policy.administers(actor),
    )
