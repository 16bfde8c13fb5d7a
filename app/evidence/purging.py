"""Letting go of names and files: the row, its key and its proof first, then the bytes, unless a living document has them too."""

from datetime import date

import structlog

from app.core.blobs import Blobs, StoreAway
from app.core.database import Database
from app.evidence import commands, queries
from app.evidence.queries.retention import Going, bytes_to_delete

log = structlog.get_logger("evidence")


def purge(database: Database, blobs: Blobs, on: date, *, automatic: bool = False) -> list[Going]:
    """Delete what the schedule ends by the London day `on`; what a store that is away keeps goes at the next try."""
    with database.write() as session:
        gone = commands.purge(session, on, automatic=automatic)
        commands.forget_due_people(session, on)
    delete_bytes(database, blobs)
    return gone


def delete_bytes(database: Database, blobs: Blobs) -> int:
    """Delete the bytes of purged documents that the store still has; returns how many are proved gone."""
    with database.read() as session:
        waiting = bytes_to_delete(session)
        free = [(document_id, key) for document_id, key in waiting if not queries.is_needed(session, key)]
    gone = [document_id for document_id, key in free if _delete(blobs, key)]
    if gone:
        with database.write() as session:
            commands.note_bytes_gone(session, gone)
    return len(gone)


def _delete(blobs: Blobs, key: str) -> bool:
    """Whether the store has no such bytes any more. The key tells nothing of the content."""
    try:
        blobs.delete(key)
    except StoreAway:
        log.warning("purged bytes remain", key=key)
        return False
    return True
