"""Adding lots and regions to what a provider is a member of, from one of its memberships."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications import commands, policy, queries
from app.applications.forms import AddForm
from app.core import clock
from app.core.refusals import Refusal, Refused
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/memberships/{membership_id}/add", allow=policy.providers)
def show_adding(request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID) -> Response:
    return _page(request, actor, db, membership_id, blank())


@router.post("/memberships/{membership_id}/add", allow=policy.providers)
def add_parts(
    request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[AddForm] = posted(AddForm)
) -> Response:
    if form.value is None:
        return _page(request, actor, db, membership_id, form, status=422)
    try:
        with db.write() as session:
            asked = form.value
            application_id = commands.add_parts(session, actor, membership_id, asked.round_id, asked.parts)
    except Refused as refused:
        return _page(request, actor, db, membership_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.post("/memberships/{membership_id}/tell", allow=policy.providers)
def ask_to_be_told(actor: ActorDep, db: DatabaseDep, membership_id: UUID) -> Response:
    with db.write() as session:
        commands.ask_to_be_told(session, actor, membership_id)
    return see(f"/memberships/{membership_id}/add")


def _page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    membership_id: UUID,
    form: Posted[AddForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view, now = queries.adding(session, actor, membership_id), clock.now(session)
    return page(
        request,
        "applications/adding.html",
        status=status,
        view=view,
        now=now,
        form=form,
        refusal=refusal,
        writes=policy.writes_for(actor, view.provider_id),
    )
