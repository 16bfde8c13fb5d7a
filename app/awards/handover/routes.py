"""The winner's page of the full referral: what it signs, and then what it opens."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.awards.handover import commands, queries
from app.awards.handover.forms import SignForm
from app.awards.policy import receivers, signers
from app.briefs.referral.queries import name_of
from app.briefs.referral.routes import sent
from app.core import clock
from app.core.actor import Actor
from app.core.blobs import find
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.web.forms import Posted, blank, posted
from app.web.pages import page
from app.web.routing import ActorDep, BlobsDep, DatabaseDep, Router
from app.web.steps import take

router = Router()


@router.get("/letters/{won_id}/referral", allow=receivers)
def show_handover(request: Request, actor: ActorDep, db: DatabaseDep, won_id: UUID) -> Response:
    return _page(request, actor, db, won_id, blank())


@router.post("/letters/{won_id}/referral/sign", allow=signers)
def sign(
    request: Request, actor: ActorDep, db: DatabaseDep, won_id: UUID, form: Posted[SignForm] = posted(SignForm)
) -> Response:
    def step(session: Session, given: SignForm) -> None:
        commands.sign_for_referral(session, actor, won_id, given.seen)

    return take(db, form, step, partial(_page, request, actor, db, won_id), f"/letters/{won_id}/referral")


@router.post("/letters/{won_id}/referral/{referral_id}/open", allow=receivers)
def open_document(
    request: Request, actor: ActorDep, db: DatabaseDep, blobs: BlobsDep, won_id: UUID, referral_id: UUID
) -> Response:
    """A form and not a link, because each opening is written down; not where the store is away."""
    try:
        with db.read() as session:
            now = clock.now(session)
            brief, document = queries.document_to_hand_over(session, actor, won_id, referral_id, now)
            name, blob = name_of(brief.reference, document), find(session, document.blob_key)
    except Refused as refused:
        return _page(request, actor, db, won_id, blank(), refused.refusal)
    answer = sent(request, blobs, blob, media_type=document.media_type, file_name=name)
    with db.write() as session:
        commands.open_handed_over(session, actor, won_id, referral_id)
    return answer


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    won_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        view = queries.handover_page(session, actor, won_id, clock.now(session))
    status = 409 if refusal else 422 if form.errors else 200
    return page(request, "awards/handover.html", status=status, view=view, form=form, refusal=refusal)
