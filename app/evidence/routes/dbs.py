"""The record of a DBS certificate: for those who may open its file, and nobody else."""

from dataclasses import asdict
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import Refusal, Refused
from app.evidence import commands, policy, queries
from app.evidence.forms import CorrectionForm, DbsForm
from app.evidence.queries.dbs import item_with_record, told_before, told_of_certificate
from app.evidence.rules.dbs import LEVELS, STATUS_RESULTS, WORKFORCES, DbsFacts
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

_BESIDE = {
    "barred_list_needs_enhanced": "level",
    "status_half_told": "status_result",
    "no_consent": "update_service",
    "seen_half_told": "seen_by",
    "in_the_future": "seen_on",
}

router = Router()


@router.get("/evidence/{item_id}/dbs", allow=policy.readers)
def show_record(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _page(request, item_id, db, actor, None)


@router.post("/evidence/{item_id}/dbs", allow=policy.readers)
def save_record(
    request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep, form: Posted[DbsForm] = posted(DbsForm)
) -> Response:
    if form.value is None:
        return _page(request, item_id, db, actor, form)
    try:
        with db.write() as session:
            commands.record_dbs(session, actor, item_id, form.value.facts())
            keeper = policy.may_keep(actor, item_with_record(session, actor, item_id)[0].provider_id)
    except Refused as refused:
        beside = _BESIDE.get(refused.refusal.code)
        if beside:
            return _page(request, item_id, db, actor, form.but(**{beside: refused.refusal.words}))
        return _page(request, item_id, db, actor, form, refused.refusal)
    return see(f"/{'evidence' if keeper else 'checks'}/{item_id}#record")


@router.post("/evidence/{item_id}/dbs/correct", allow=policy.checkers)
def correct_status(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[CorrectionForm] = posted(CorrectionForm),
) -> Response:
    if form.value is None:
        return _page(request, item_id, db, actor, None, correcting=form)
    try:
        with db.write() as session:
            commands.correct_status(session, actor, item_id, form.value.result, form.value.reason)
    except Refused as refused:
        return _page(request, item_id, db, actor, None, refused.refusal, correcting=form)
    return see(f"/checks/{item_id}#record")


def _page(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: Actor,
    form: Posted[DbsForm] | None,
    refusal: Refusal | None = None,
    correcting: Posted[CorrectionForm] | None = None,
) -> HTMLResponse:
    with db.read() as session:
        item_with_record(session, actor, item_id)
        item = queries.item_page(session, item_id, london_day(clock.now(session)))
        known, checks = told_of_certificate(session, item_id)
        told = {} if known else told_before(session, item.facts.practitioner_id)
    form = form or (_typed(known) if known else blank(**told))
    correcting = correcting or blank()
    return page(
        request,
        "evidence/dbs.html",
        status=409 if refusal else 422 if form.errors or correcting.errors else 200,
        item=item,
        form=form,
        correcting=correcting,
        refusal=refusal,
        known=known,
        checks=checks,
        checking=not policy.may_keep(actor, item.provider_id),
        levels=list(LEVELS.items()),
        workforces=list(WORKFORCES.items()),
        results=list(STATUS_RESULTS.items()),
        result_words=STATUS_RESULTS,
    )


def _typed(facts: DbsFacts) -> Posted[DbsForm]:
    boxes: dict[str, object] = {}
    for name, value in asdict(facts).items():
        if name.endswith("_on"):
            boxes.update({f"{name}-{part}": getattr(value, part) if value else "" for part in ("day", "month", "year")})
        else:
            boxes[name] = value or ""
    return blank(**boxes)
