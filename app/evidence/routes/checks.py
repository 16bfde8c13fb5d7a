"""The checkers’ queue and the page of one check."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.evidence import commands, policy, queries, rules
from app.evidence.files import SHOWN_IN_THE_PAGE
from app.evidence.forms import ReturnForm, VerifyForm
from app.evidence.queries.dbs import dbs_record
from app.evidence.rules.dbs import DBS_WORDS
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

_PAGE_WITH_VIEWER = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; frame-src 'self'"
)

router = Router()


@router.get("/checks", allow=policy.checkers)
def checks(request: Request, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        waiting = queries.checks(session, actor, rules.london_day(clock.now(session)))
    return page(request, "evidence/checks.html", waiting=waiting, target=rules.TARGET_DAYS, most=queries.QUEUE)


@router.get("/checks/{item_id}", allow=policy.checkers)
def check(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _check(request, db, actor, item_id)


@router.post("/checks/{item_id}/verify", allow=policy.checkers)
def verify(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[VerifyForm] = posted(VerifyForm),
) -> Response:
    if form.value is None:
        return _check(request, db, actor, item_id, verifying=form)
    try:
        with db.write() as session:
            commands.verify_item(session, actor, item_id, how=form.value.how, saw_original=form.value.saw_original)
    except Refused as refused:
        return _check(request, db, actor, item_id, verifying=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/return", allow=policy.checkers)
def give_back(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ReturnForm] = posted(ReturnForm),
) -> Response:
    if form.value is None:
        return _check(request, db, actor, item_id, returning=form)
    try:
        with db.write() as session:
            commands.return_item(session, actor, item_id, form.value.reason, form.value.fix)
    except Refused as refused:
        return _check(request, db, actor, item_id, returning=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


def _check(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    item_id: UUID,
    *,
    verifying: Posted[VerifyForm] | None = None,
    returning: Posted[ReturnForm] | None = None,
    refusal: Refusal | None = None,
) -> HTMLResponse:
    with db.read() as session:
        queries.item_for_check(session, actor, item_id)
        item = queries.item_page(session, item_id, rules.london_day(clock.now(session)))
        documents = queries.documents(session, actor, item)
        history = queries.history(session, item_id)
        record = dbs_record(session, item_id) if item.kind.narrow else None
    verifying, returning = verifying or blank(), returning or blank()
    answer = page(
        request,
        "evidence/check.html",
        status=409 if refusal else 422 if verifying.errors or returning.errors else 200,
        item=item,
        documents=documents,
        history=history,
        verifying=verifying,
        returning=returning,
        refusal=refusal,
        why_not=rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()),
        reasons=list(rules.REASONS.items()),
        shown=SHOWN_IN_THE_PAGE,
        record=record,
        dbs_words=DBS_WORDS,
    )
    answer.headers["Content-Security-Policy"] = _PAGE_WITH_VIEWER
    return answer
