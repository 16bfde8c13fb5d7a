"""Encrypting documents that were stored before documents were encrypted: the same content under a key of its own."""

from sqlmodel import col, select, update

from app.core.blobs import Blobs, StoredBlob, condemn, known, remember
from app.core.database import Database
from app.core.sweeping import bury
from app.evidence.models import Document


def encrypt_plain(database: Database, blobs: Blobs) -> tuple[int, list[str]]:
    """How many were encrypted, and which have lost their bytes. One at a time, so that it can be stopped anywhere."""
    plain = select(StoredBlob).where(col(StoredBlob.wrapped_key).is_(None), col(StoredBlob.condemned_at).is_(None))
    with database.read() as session:
        rows = session.exec(plain.order_by(StoredBlob.key)).all()
    lost = []
    for row in rows:
        try:
            _encrypt(database, blobs, row)
        except FileNotFoundError:
            lost.append(row.key)
    bury(database, blobs)
    return len(rows) - len(lost), lost


def _encrypt(database: Database, blobs: Blobs, row: StoredBlob) -> None:
    with blobs.draft() as draft:
        for piece in blobs.read(known(row)):
            draft.write(piece)
        blob = blobs.keep(draft, room="evidence")
    with database.write() as session:
        now = session.exec(select(StoredBlob).where(StoredBlob.key == row.key).with_for_update()).first()
        if now is None or now.condemned_at or now.wrapped_key:
            return  # purged, or encrypted by another, meanwhile: what was stored here no row names, and it is swept
        remember(session, blob)
        session.exec(update(Document).where(col(Document.blob_key) == row.key).values(blob_key=blob.key))
        condemn(session, row.key)
