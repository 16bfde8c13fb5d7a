"""A fact on which an agency relies: its page and its documents, and the agency's own checks."""

from functools import partial
from uuid import UUID

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.blobs import find
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.evidence.files import SHOWN_IN_THE_PAGE
from app.evidence.forms import VerifyForm, name_unanswered, ticks, verify_form
from app.evidence.queries import checklist_of
from app.evidence.routes.documents import sent_file
from app.evidence.rules.reliance import RELIANCE_WORDS
from app.memberships import commands, policy
from app.memberships.queries.facts import fact
from app.memberships.queries.reliance import PAGE, own_checks
from app.memberships.queries.relying import document_relied_on
from app.web.downloads import PAGE_WITH_VIEWER
from app.web.forms import Posted, Received, blank, received
from app.web.pages import page, see
from app.web.routing import ActorDep, BlobsDep, DatabaseDep, Router

router = Router()


@router.get("/own-checks", allow=policy.lookers)
def list_own_checks(request: Request, actor: ActorDep, db: DatabaseDep, agency: UUID | None = None) -> Response:
    with db.read() as session:
        found, lines = own_checks(session, actor, agency, *policy.LOOKERS, at=clock.now(session))
    return page(request, "memberships/own_checks.html", agency=found, lines=lines, words=RELIANCE_WORDS, most=PAGE)


@router.get("/agencies/{agency_id}/facts/{item_id}", allow=policy.buyers)
def show_fact(request: Request, actor: ActorDep, db: DatabaseDep, agency_id: UUID, item_id: UUID) -> Response:
    return _page(request, actor, db, agency_id, item_id)


@router.post("/agencies/{agency_id}/own-checks/{item_id}", allow=policy.lookers)
def save_own_check(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    agency_id: UUID,
    item_id: UUID,
    sent: Received = received(),
) -> Response:
    with db.read() as session:
        points = checklist_of(session, item_id)
    form = sent.into(verify_form(points))
    told = ticks(form.typed, points)
    again = partial(_page, request, actor, db, agency_id, item_id)
    if form.value is None:
        return again(name_unanswered(form, points, told))
    try:
        with db.write() as session:
            commands.check_ourselves(session, actor, agency_id, item_id, how=form.value.how, ticks=told)
    except Refused as refused:
        if refused.refusal.code == "checklist":
            return again(name_unanswered(form, points, told))
        return again(form, refused.refusal)
    return see(f"/agencies/{agency_id}/facts/{item_id}")


@router.post("/relied-on/documents/{document_id}/open", allow=policy.openers)
def open_relied_document(
    request: Request, document_id: UUID, db: DatabaseDep, blobs: BlobsDep, actor: ActorDep
) -> Response:
    """A form and not a link, because each opening is written down; not where the store is away."""
    with db.read() as session:
        document, _, _ = document_relied_on(session, actor, document_id)
        blob = find(session, document.blob_key)
    answer = sent_file(request, blobs, document, blob, in_the_page=False)
    with db.write() as session:
        commands.open_relied_document(session, actor, document_id)
    return answer


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    agency_id: UUID,
    item_id: UUID,
    form: Posted[VerifyForm] | None = None,
    refusal: Refusal | None = None,
) -> HTMLResponse:
    with db.read() as session:
        found, points = fact(session, actor, agency_id, item_id), checklist_of(session, item_id)
    form = form or blank()
    answer = page(
        request,
        "memberships/fact.html",
        status=409 if refusal else 422 if form.errors else 200,
        found=found,
        item=found.item,
        form=form,
        refusal=refusal,
        points=points,
        words=RELIANCE_WORDS,
        looks=policy.looks_for(actor, found.agency_id),
        opens=found.opens and policy.openers(actor),
        shown=SHOWN_IN_THE_PAGE,
    )
    answer.headers["Content-Security-Policy"] = PAGE_WITH_VIEWER
    return answer
