"""Uploading a document and opening one."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from app.core.refusals import NotFound
from app.evidence import commands, policy, queries, rules
from app.evidence.files import SHOWN_IN_THE_PAGE, UnfitFile, inspect
from app.evidence.forms import UploadForm
from app.evidence.models import Document
from app.evidence.queries.retention import files_switched_off
from app.evidence.routes.items import item_shown
from app.evidence.rules.dbs import why_not_upload
from app.evidence.scanning import scan, scanner_named
from app.web.forms import Posted, blank, posted
from app.web.pages import see
from app.web.routing import ActorDep, BlobsDep, DatabaseDep, Router, SettingsDep

UPLOAD_BYTES = rules.MOST_BYTES + 1024 * 1024  # the file and the form around it


STORE_AWAY = "The document store cannot be reached. Nothing was saved. Try again in a minute."


# A document is shown by the browser's own viewer, alone or beside a checker's form, and may do nothing else.
_DOWNLOAD = "default-src 'none'; sandbox"


_IN_THE_PAGE = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; frame-ancestors 'self'"
)

router = Router()


@router.post("/evidence/{item_id}/documents", allow=policy.members, max_bytes=UPLOAD_BYTES)
def upload(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    blobs: BlobsDep,
    actor: ActorDep,
    config: SettingsDep,
    form: Posted[UploadForm] = posted(UploadForm, files=1),
) -> Response:
    """The bytes first, then the row, then the scan in a write of its own: whatever fails, nothing unscanned opens."""
    with db.read() as session:
        item, _ = queries.own_item(session, actor, item_id, *policy.KEEPERS)
        refusal = rules.why_not_change(submitted=item.submitted_at is not None) or why_not_upload(
            file_off=item.kind_slug in files_switched_off(session)
        )
    if refusal:
        return item_shown(request, db, actor, config.scanner, item_id, blank(), refusal)
    if form.value is None:
        return item_shown(request, db, actor, config.scanner, item_id, form)
    try:
        fit = inspect(form.value.file.file, form.value.file.filename or "")
    except UnfitFile as unfit:
        return item_shown(request, db, actor, config.scanner, item_id, form.but(file=str(unfit)))
    try:
        blob = blobs.put(form.value.file.file, room="evidence")
    except OSError:
        answer = item_shown(request, db, actor, config.scanner, item_id, form.but(file=STORE_AWAY))
        answer.status_code = 503
        return answer
    with db.write() as session:
        document_id = commands.attach_document(
            session, actor, item_id, blob, media_type=fit.media_type, file_name=fit.file_name
        )
    scan(db, blobs, scanner_named(config.scanner), document_id)
    return see(f"/evidence/{item_id}")


@router.get("/documents/{document_id}/file", allow=policy.readers)
def document_file(
    document_id: UUID,
    db: DatabaseDep,
    blobs: BlobsDep,
    actor: ActorDep,
    view: Annotated[str | None, Query()] = None,
) -> Response:
    with db.read() as session:
        document, _ = queries.document_to_open(session, actor, document_id, narrow=False)
    return _file(blobs, document, in_the_page=view is not None)


@router.post("/documents/{document_id}/open", allow=policy.readers)
def open_document(document_id: UUID, db: DatabaseDep, blobs: BlobsDep, actor: ActorDep) -> Response:
    """A DBS file: a form and not a link, because each opening is written down."""
    with db.write() as session:
        document = commands.open_narrow_document(session, actor, document_id)
    return _file(blobs, document, in_the_page=False)


def _file(blobs: BlobsDep, document: Document, *, in_the_page: bool) -> Response:
    try:
        content = blobs.get(document.blob_key)
    except FileNotFoundError:
        raise NotFound from None
    inline = in_the_page and document.media_type in SHOWN_IN_THE_PAGE
    headers = {
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(document.file_name)}",
        "Content-Security-Policy": _IN_THE_PAGE if inline else _DOWNLOAD,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if inline:
        headers["X-Frame-Options"] = "SAMEORIGIN"
    return Response(content, media_type=document.media_type, headers=headers)
