"""The agency's page of a full referral: attach, withdraw, open."""

import io
from typing import Any, cast
from uuid import UUID

from fastapi import Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from app.briefs.policy import commissioners, referral_readers
from app.briefs.queries import brief_of_buyer
from app.briefs.referral import commands, queries
from app.briefs.referral.forms import AttachForm, WordsForm
from app.briefs.referral.rules import Content
from app.briefs.referral.scanning import scan_referral_at_once
from app.core import clock
from app.core.actor import Actor
from app.core.blobs import Blob, Blobs, StoreAway, find
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.evidence.files import ACCEPT, Intake, UnfitFile
from app.evidence.rules import MOST_BYTES
from app.evidence.scanning import scanner_named
from app.organisations.rules import Role
from app.settings import Settings
from app.web.downloads import download
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, BlobsDep, DatabaseDep, Router, SettingsDep
from app.web.uploads import afterwards, uploaded

router = Router()

_UPLOAD_BYTES = MOST_BYTES + 1024 * 1024  # the file and the form around it
_STORE_AWAY = "The document store cannot be reached. Nothing was saved. Try again in a minute."


def intake(blobs: Blobs) -> Intake:
    """Where the bytes of a form's document go as they arrive."""
    return Intake(blobs.draft)


@router.get("/briefs/{brief_id}/referral", allow=referral_readers)
def show_referral(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _page(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/referral", allow=commissioners, max_bytes=_UPLOAD_BYTES)
def attach_file(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    blobs: BlobsDep,
    config: SettingsDep,
    brief_id: UUID,
    form: Posted[AttachForm] = uploaded(AttachForm, intake),
) -> Response:
    with db.read() as session:
        brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER)
    if form.value is None:
        return _page(request, actor, db, brief_id, form=form, status=422)
    try:
        with cast(Intake, form.value.file.file) as arrived:
            fit = arrived.fit(form.value.file.filename or "")
            blob = blobs.keep(fit.content, room="referrals")
    except UnfitFile as unfit:
        return _page(request, actor, db, brief_id, form=form.but(file=str(unfit)), status=422)
    except StoreAway:
        return _page(request, actor, db, brief_id, form=form.but(file=_STORE_AWAY), status=503)
    return _attached(request, actor, db, blobs, config, brief_id, blob, Content(form.value.content), fit.media_type)


@router.post("/briefs/{brief_id}/referral/words", allow=commissioners)
def attach_words(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    blobs: BlobsDep,
    config: SettingsDep,
    brief_id: UUID,
    form: Posted[WordsForm] = posted(WordsForm),
) -> Response:
    with db.read() as session:
        brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER)
    if form.value is None:
        return _page(request, actor, db, brief_id, form=form, status=422)
    try:
        blob = blobs.put(io.BytesIO(form.value.words.encode()), room="referrals")
    except StoreAway:
        return _page(request, actor, db, brief_id, form=form.but(words=_STORE_AWAY), status=503)
    return _attached(request, actor, db, blobs, config, brief_id, blob, Content.WORDS, "text/plain")


@router.post("/briefs/{brief_id}/referral/{referral_id}/withdraw", allow=commissioners)
def withdraw(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, referral_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.withdraw_referral(session, actor, brief_id, referral_id)
    except Refused as refused:
        return _page(request, actor, db, brief_id, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}/referral")


@router.post("/briefs/{brief_id}/referral/{referral_id}/open", allow=referral_readers)
def open_document(
    request: Request, actor: ActorDep, db: DatabaseDep, blobs: BlobsDep, brief_id: UUID, referral_id: UUID
) -> Response:
    """A form and not a link, because each opening is written down; not where the store is away."""
    with db.read() as session:
        brief, document = queries.document_of_agency(session, actor, brief_id, referral_id)
        name, blob = queries.name_of(brief.reference, document), find(session, document.blob_key)
    answer = sent(request, blobs, blob, media_type=document.media_type, file_name=name)
    with db.write() as session:
        commands.open_referral(session, actor, brief_id, referral_id)
    return answer


def sent(request: Request, blobs: Blobs, blob: Blob, *, media_type: str, file_name: str) -> Response:
    """A document whose reader has been asked for already, as an answer: to keep, never shown by the browser itself."""
    try:
        return download(
            request,
            lambda start, stop: blobs.read(blob, start, stop),
            size=blob.size,
            sha256=blob.sha256,
            media_type=media_type,
            file_name=file_name,
        )
    except FileNotFoundError:
        raise NotFound from None


def _attached(
    request: Request,
    actor: Actor,
    db: Database,
    blobs: Blobs,
    config: Settings,
    brief_id: UUID,
    blob: Blob,
    content: Content,
    media_type: str,
) -> Response:
    """The bytes are stored: name them, answer, and scan once the answer has been sent."""
    try:
        with db.write() as session:
            document_id = commands.attach_referral(
                session, actor, brief_id, blob, content=content, media_type=media_type
            )
    except Refused as refused:
        return _page(request, actor, db, brief_id, refusal=refused.refusal, status=409)
    answer = see(f"/briefs/{brief_id}/referral")
    answer.background = BackgroundTask(
        afterwards, scan_referral_at_once, db, blobs, scanner_named(config.scanner), document_id
    )
    return answer


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
        view = queries.referral_page(session, actor, brief_id, clock.now(session))
    contents = [(one.value, one.label) for one in Content if one is not Content.WORDS]
    return page(
        request,
        "briefs/referral.html",
        status=status,
        view=view,
        form=form or blank(),
        refusal=refusal,
        contents=contents,
        accept=ACCEPT,
    )
