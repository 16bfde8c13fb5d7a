"""Uploading a document and opening one."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from app.core.blobs import Blob, StoreAway, find
from app.core.refusals import NotFound
from app.evidence import commands, policy, queries, rules
from app.evidence.asking import file_off
from app.evidence.files import SHOWN_IN_THE_PAGE, UnfitFile
from app.evidence.forms import UploadForm
from app.evidence.models import Document
from app.evidence.routes.items import item_shown
from app.evidence.routes.uploading import STORE_AWAY, UPLOAD_BYTES, intake, taken, then_scan
from app.evidence.rules.dbs import why_not_upload
from app.web.downloads import download
from app.web.forms import Posted, blank
from app.web.pages import see
from app.web.routing import ActorDep, BlobsDep, DatabaseDep, Router, SettingsDep
from app.web.uploads import uploaded

router = Router()


@router.post("/evidence/{item_id}/documents", allow=policy.members, max_bytes=UPLOAD_BYTES)
def upload(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    blobs: BlobsDep,
    actor: ActorDep,
    config: SettingsDep,
    form: Posted[UploadForm] = uploaded(UploadForm, intake),
) -> Response:
    with db.read() as session:
        item, kind = queries.own_item(session, actor, item_id, *policy.KEEPERS)
        refusal = rules.why_not_change(submitted=item.submitted_at is not None) or why_not_upload(
            file_off=file_off(session, kind, item.provider_id)
        )
    if refusal:
        return item_shown(request, db, actor, config.scanner, item_id, blank(), refusal)
    if form.value is None:
        return item_shown(request, db, actor, config.scanner, item_id, form)
    try:
        document_id = taken(db, blobs, actor, item_id, form.value.file, commands.attach_document)
    except UnfitFile as unfit:
        return item_shown(request, db, actor, config.scanner, item_id, form.but(file=str(unfit)))
    except StoreAway:
        answer = item_shown(request, db, actor, config.scanner, item_id, form.but(file=STORE_AWAY))
        answer.status_code = 503
        return answer
    return then_scan(see(f"/evidence/{item_id}"), db, blobs, config.scanner, document_id)


@router.get("/documents/{document_id}/file", allow=policy.readers)
def document_file(
    request: Request,
    document_id: UUID,
    db: DatabaseDep,
    blobs: BlobsDep,
    actor: ActorDep,
    view: Annotated[str | None, Query()] = None,
) -> Response:
    with db.read() as session:
        document, _ = queries.document_to_open(session, actor, document_id, narrow=False)
        blob = find(session, document.blob_key)
    return sent_file(request, blobs, document, blob, in_the_page=view is not None)


@router.post("/documents/{document_id}/open", allow=policy.readers)
def open_document(request: Request, document_id: UUID, db: DatabaseDep, blobs: BlobsDep, actor: ActorDep) -> Response:
    """A DBS file: a form and not a link, because each opening is written down; not where the store is away."""
    with db.read() as session:
        document, _ = queries.document_to_open(session, actor, document_id, narrow=True)
        blob = find(session, document.blob_key)
    answer = sent_file(request, blobs, document, blob, in_the_page=False)
    with db.write() as session:
        commands.open_narrow_document(session, actor, document_id)
    return answer


def sent_file(request: Request, blobs: BlobsDep, document: Document, blob: Blob, *, in_the_page: bool) -> Response:
    """A document whose reader has been asked for already, as an answer."""
    try:
        return download(
            request,
            lambda start, stop: blobs.read(blob, start, stop),
            size=document.size,
            sha256=document.sha256,
            media_type=document.media_type,
            file_name=document.file_name,
            inline=in_the_page and document.media_type in SHOWN_IN_THE_PAGE,
        )
    except FileNotFoundError:
        raise NotFound from None
