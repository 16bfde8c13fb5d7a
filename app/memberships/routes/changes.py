"""Facts that changed, for the agencies that rely on them: the difference, and still content or a question."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.evidence.rules.changes import CHANGE_WORDS
from app.memberships import commands, policy
from app.memberships.forms import QuestionForm
from app.memberships.queries.changes import MOST, change, changes
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/changes", allow=policy.buyers)
def list_changes(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        rows = changes(session, actor)
    return page(request, "memberships/changes.html", rows=rows, words=CHANGE_WORDS, most=MOST)


@router.get("/changes/{notice_id}", allow=policy.buyers)
def show_change(request: Request, actor: ActorDep, db: DatabaseDep, notice_id: UUID) -> Response:
    return _page(request, actor, db, notice_id, blank())


@router.post("/changes/{notice_id}/content", allow=policy.reliers)
def accept_change(actor: ActorDep, db: DatabaseDep, notice_id: UUID) -> Response:
    with db.write() as session:
        commands.accept_change(session, actor, notice_id)
    return see(f"/changes/{notice_id}")


@router.post("/changes/{notice_id}/ask", allow=policy.reliers)
def ask_about_change(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    notice_id: UUID,
    form: Posted[QuestionForm] = posted(QuestionForm),
) -> Response:
    if form.value is None:
        return _page(request, actor, db, notice_id, form)
    with db.write() as session:
        commands.ask_about_change(session, actor, notice_id, form.value.question)
    return see(f"/changes/{notice_id}")


def _page(request: Request, actor: ActorDep, db: DatabaseDep, notice_id: UUID, form: Posted[QuestionForm]) -> Response:
    with db.read() as session:
        found = change(session, actor, notice_id)
    return page(
        request,
        "memberships/change.html",
        status=422 if form.errors else 200,
        found=found,
        notice=found.notice,
        words=CHANGE_WORDS,
        form=form,
        answers=policy.answers_for(actor, found.notice.agency_id),
    )
