"""What the guard found in a brief, in place, and the two steps that let it through."""

from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.briefs.policy import approvers, buyers, commissioners
from app.briefs.releasing import commands
from app.briefs.releasing.forms import AskForm, ReleaseForm
from app.briefs.releasing.queries import words_page
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/briefs/{brief_id}/words", allow=buyers)
def show_words(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _page(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/words/ask", allow=commissioners)
def ask_release(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[AskForm] = posted(AskForm)
) -> Response:
    if form.value is None:
        return _page(request, actor, db, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            commands.ask_release(session, actor, brief_id, form.value.words, why=form.value.why)
    except Refused as refused:
        return _page(request, actor, db, brief_id, form=form, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}/words")


@router.post("/briefs/{brief_id}/words/release", allow=approvers)
def release_words(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[ReleaseForm] = posted(ReleaseForm)
) -> Response:
    if form.value is None:
        return _page(request, actor, db, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            commands.release_words(session, actor, brief_id, form.value.asked, reason=form.value.reason)
    except Refused as refused:
        return _page(request, actor, db, brief_id, form=form, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}/words")


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    *,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = words_page(session, actor, brief_id, clock.now(session))
    return page(request, "briefs/words.html", status=status, view=view, form=form or blank(), refusal=refusal)
