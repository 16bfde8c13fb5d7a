"""What is kept how long, what is held back, and the proofs of what is gone: for the platform's people."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence import commands, policy
from app.evidence.forms import HoldForm, LiftForm
from app.evidence.queries.forgetting import forgotten, people_due
from app.evidence.queries.retention import (
    MOST,
    going_page,
    holds,
    people_schedule,
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
def retention(
    request: Request, db: DatabaseDep, actor: ActorDep, number: Annotated[int, Query(alias="page")] = 1
) -> HTMLResponse:
    return _page(request, db, actor, blank(), number)


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


def _page(
    request: Request, db: DatabaseDep, actor: Actor, form: Posted[HoldForm] | Posted[LiftForm], number: int = 1
) -> HTMLResponse:
    with db.read() as session:
        on = london_day(clock.now(session))
        due, people, nameless = going_page(session, on, number), people_due(session, on, MOST), forgotten(session)
        held, gone = holds(session), proofs(session)
        providers = providers_to_hold(session)
    return page(
        request,
        "evidence/retention.html",
        status=422 if form.errors else 200,
        schedule=[*schedule().values(), people_schedule()],
        counted_from=COUNTED_FROM,
        people_schedule=people_schedule(),
        due=due,
        people=people,
        nameless=nameless,
        holds=held,
        proofs=gone,
        providers=providers,
        form=form,
        administers=policy.administers(actor),
    )
