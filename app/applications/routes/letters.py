"""The letter about one lot in one region, to the provider, from which it may ask for a refusal to be looked at again."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications import commands, policy, queries, rules
from app.applications.forms import LookAgainForm
from app.core import clock
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/applications/{application_id}/parts/{part_id}", allow=policy.providers)
def show_letter(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, part_id: UUID) -> Response:
    return _letter_page(request, actor, db, application_id, part_id, blank())


@router.post("/applications/{application_id}/parts/{part_id}/look-again", allow=policy.providers)
def ask_to_look_again(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    part_id: UUID,
    form: Posted[LookAgainForm] = posted(LookAgainForm),
) -> Response:
    if form.value is None:
        return _letter_page(request, actor, db, application_id, part_id, form, status=422)
    try:
        with db.write() as session:
            commands.ask_to_look_again(session, actor, application_id, part_id, form.value.words)
    except Refused as refused:
        return _letter_page(request, actor, db, application_id, part_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}/parts/{part_id}")


def _letter_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    part_id: UUID,
    form: Posted[LookAgainForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view, now = queries.application(session, actor, application_id), clock.now(session)
    part = next((part for part in view.parts if part.id == part_id), None)
    if part is None:
        raise NotFound
    why_not = rules.why_not_look_again(
        state=part.state,
        refused_on=london_day(part.decided_at) if part.decided_at else None,
        on=london_day(now),
        owner=policy.submits_for(actor, view.provider_id),
    )
    return page(
        request,
        "applications/letter.html",
        status=status,
        view=view,
        part=part,
        form=form,
        refusal=refusal,
        why_not=why_not,
        reasons=rules.REASONS,
        days=rules.LOOK_AGAIN_DAYS,
    )
