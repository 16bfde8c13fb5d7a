"""Keeping the store and its rows in step: what no row names is deleted, what a row misses is told, old keys are changed for new.

Each of these can be stopped anywhere and begun again, and two at once do no harm.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from sqlmodel import col, select, update

from app.core import clock
from app.core.blobs import Blobs, StoreAway, StoredBlob
from app.core.database import Database

GRACE: Final = timedelta(hours=24)  # bytes are stored before their row is: no upload takes as long
_BATCH: Final = 200

log = structlog.get_logger("store")


@dataclass
class Swept:
    """What a sweep found. `missing` are rows whose bytes are gone: nothing mends that but a backup."""

    stored: int = 0
    deleted: list[str] = field(default_factory=list)
    buried: int = 0
    missing: list[str] = field(default_factory=list)


def bury(database: Database, blobs: Blobs, *, most: int = 100) -> int:
    """Delete the bytes of what was condemned, then its row; how many. Those the store does not let go wait for the next time."""
    with database.read() as session:
        condemned = select(StoredBlob.key).where(col(StoredBlob.condemned_at).is_not(None))
        keys = session.exec(condemned.order_by(col(StoredBlob.condemned_at)).limit(most)).all()
    gone = []
    for key in keys:
        try:
            blobs.delete(key)
        except StoreAway:
            log.warning("condemned bytes remain", key=key)
            break
        gone.append(key)
    if gone:
        with database.write() as session:
            for row in session.exec(select(StoredBlob).where(col(StoredBlob.key).in_(gone))):
                session.delete(row)
    return len(gone)


def sweep(database: Database, blobs: Blobs) -> Swept:
    """Raises `StoreAway`. The store is listed before the rows are read, so that whatever has a row by then is kept."""
    swept = Swept(buried=bury(database, blobs))
    stored = dict(blobs.listing())
    with database.read() as session:
        before = clock.now(session) - GRACE
        rows = session.exec(select(StoredBlob.key, StoredBlob.condemned_at, StoredBlob.stored_at)).all()
    named = {key for key, _, _ in rows}
    swept.stored = len(stored)
    for key in sorted(key for key, at in stored.items() if key not in named and at < before):
        blobs.delete(key)
        swept.deleted.append(key)
    swept.missing = sorted(
        key for key, condemned, at in rows if condemned is None and key not in stored and at < before
    )
    if swept.deleted or swept.missing:
        log.warning("swept", deleted=len(swept.deleted), missing=len(swept.missing))
    return swept


def rewrap(database: Database, blobs: Blobs) -> int:
    """Wrap every data key that another key wraps by the current one, some at a time; how many. No stored byte changes.

    Raises `Unreadable` when a key that is still needed is not among the settings' keys.
    """
    keyring, done = blobs.keyring, 0
    old = select(StoredBlob).where(col(StoredBlob.wrapped_key).is_not(None), StoredBlob.key_id != keyring.current)
    while True:
        with database.read() as session:
            rows = session.exec(old.order_by(StoredBlob.key).limit(_BATCH)).all()
        if not rows:
            return done
        with database.write() as session:
            for row in rows:
                bound_to = row.bound_to.bytes
                key = keyring.unwrap(row.wrapped_key or b"", key_id=row.key_id, bound_to=bound_to)
                same = (StoredBlob.key == row.key, StoredBlob.key_id == row.key_id)
                wrapped = keyring.wrap(key, bound_to=bound_to)
                session.exec(update(StoredBlob).where(*same).values(wrapped_key=wrapped, key_id=keyring.current))  # type: ignore[arg-type]
        done += len(rows)
