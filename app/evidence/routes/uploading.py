"""Taking a document in, the same for every form that has one: looked at, stored, named in a row, and scanned after the answer."""

from typing import Final, Protocol, cast
from uuid import UUID

from fastapi.responses import Response
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile

from app.core.actor import Actor
from app.core.blobs import Blob, Blobs
from app.core.database import Database
from app.evidence import queries, rules
from app.evidence.files import Intake
from app.evidence.scanning import scan_at_once, scanner_named
from app.web.uploads import afterwards

UPLOAD_BYTES: Final = rules.MOST_BYTES + 1024 * 1024  # the file and the form around it
STORE_AWAY: Final = "The document store cannot be reached. Nothing was saved. Try again in a minute."


class Attach(Protocol):
    """The command that names stored bytes as a document of an item."""

    def __call__(
        self, session: Session, actor: Actor, item_id: UUID, blob: Blob, *, media_type: str, file_name: str
    ) -> UUID: ...


def intake(blobs: Blobs) -> Intake:
    """Where the bytes of a form's document go as they arrive."""
    return Intake(blobs.draft)


def taken(db: Database, blobs: Blobs, actor: Actor, item_id: UUID, file: UploadFile, attach: Attach) -> UUID:
    """The bytes first, then the row: whatever fails, no row misses its bytes. The same content again is the same document.

    Raises `UnfitFile`, `StoreAway`, and what `attach` raises.
    """
    with cast(Intake, file.file) as arrived:
        fit = arrived.fit(file.filename or "")
        with db.read() as session:
            if already := queries.same_content(session, item_id, fit.content.sha256):
                return already
        blob = blobs.keep(fit.content, room="evidence")
    with db.write() as session:
        return attach(session, actor, item_id, blob, media_type=fit.media_type, file_name=fit.file_name)


def then_scan(answer: Response, db: Database, blobs: Blobs, scanner: str, document_id: UUID) -> Response:
    """The same answer; the scan begins once it has been sent, and has a write of its own."""
    answer.background = BackgroundTask(afterwards, scan_at_once, db, blobs, scanner_named(scanner), document_id)
    return answer
