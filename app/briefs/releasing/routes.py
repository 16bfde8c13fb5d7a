"""What the guard found in a brief, in place, and the steps by which it is let through or not."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.briefs.policy import approvers, buyers, commissioners
from app.briefs.releasing import commands
from app.briefs.releasing.forms import AskForm, DecideForm
from app.briefs.releasing.queries import words_page
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal
from app.web.forms import Posted, blank, posted
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router
from app.web.steps import take

router = Router()


@router.get("/briefs/{brief_id}/words", allow=buyers)
def show_words(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _page(request, actor, db, brief_id, blank())


@router.post("/briefs/{brief_id}/words/ask", allow=commissioners)
def ask_release(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[AskForm] = posted(AskForm)
) -> Response:
    def ask(session: Session, given: AskForm) -> None:
        commands.ask_release(session, actor, brief_id, given.words, why=given.why)

    return take(db, form, ask, partial(_page, request, actor, db, brief_id), f"/briefs/{brief_id}/words")


@router.post("/briefs/{brief_id}/words/release", allow=approvers)
def release_words(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[DecideForm] = posted(DecideForm)
) -> Response:
    def release(session: Session, given: DecideForm) -> None:
        commands.release_words(session, actor, brief_id, given.asked, reason=given.reason)

    return take(db, form, release, partial(_page, request, actor, db, brief_id), f"/briefs/{brief_id}/words")


@router.post("/briefs/{brief_id}/words/decline", allow=approvers)
def decline_words(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[DecideForm] = posted(DecideForm)
) -> Response:
    def decline(session: Session, given: DecideForm) -> None:
        commands.decline_words(session, actor, brief_id, given.asked, reason=given.reason)

    return take(db, form, decline, partial(_page, request, actor, db, brief_id), f"/briefs/{brief_id}/words")


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        view = words_page(session, actor, brief_id, clock.now(session))
    status = 409 if refusal else 422 if form.errors else 200
    return page(request, "briefs/words.html", status=status, view=view, form=form, refusal=refusal)
