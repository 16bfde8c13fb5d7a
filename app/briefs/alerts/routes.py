"""Alerts over HTTP."""

from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.briefs.alerts import commands, queries
from app.briefs.alerts.forms import AlertForm
from app.briefs.alerts.rules import Often
from app.briefs.policy import members
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.frameworks.rules import Service
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/alerts", allow=members)
def alerts(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework: str = "",
    service: str = "",
    therapy: str = "",
    region: str = "",
) -> Response:
    """The filters of the list of opportunities may be brought along, to be saved."""
    form = blank(framework=framework, service=service, therapy=therapy, region=region)
    return _page(request, actor, db, form=form)


@router.post("/alerts", allow=members)
def save_alert(
    request: Request, actor: ActorDep, db: DatabaseDep, form: Posted[AlertForm] = posted(AlertForm)
) -> Response:
    if form.value is None:
        return _page(request, actor, db, form=form, status=422)
    wanted = form.value
    try:
        with db.write() as session:
            commands.save_alert(
                session,
                actor,
                framework_id=wanted.framework,
                region_id=wanted.region,
                service=wanted.service or "",
                therapy=wanted.therapy or None,
                often=wanted.often,
            )
    except NotFound:
        form = form.but(framework="Select a framework, a region and a therapy for which your organisation is a member")
        return _page(request, actor, db, form=form, status=422)
    except Refused as refused:
        return _page(request, actor, db, form=form, refusal=refused.refusal, status=409)
    return see("/alerts")


@router.post("/alerts/{alert_id}/end", allow=members)
def end_alert(request: Request, actor: ActorDep, db: DatabaseDep, alert_id: UUID) -> Response:
    with db.write() as session:
        commands.end_alert(session, actor, alert_id)
    return see("/alerts")


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    *,
    form: Posted[Any],
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        own = queries.own_alerts(session, actor)
        choices = queries.choices(session, actor, clock.now(session))
    return page(
        request,
        "briefs/alerts.html",
        status=status,
        alerts=own,
        frameworks=list(choices.frameworks.items()),
        regions=list(choices.regions.items()),
        therapies=list(choices.therapies.items()),
        services=[(kind.value, kind.replace("_", " ").capitalize()) for kind in Service],
        often=[(one.value, one.words) for one in Often],
        form=form,
        refusal=refusal,
    )
