"""Scanning documents for viruses. Until a scanner has found nothing, a document stays in quarantine and nobody opens it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

import structlog

from app.core import clock
from app.core.blobs import Blobs, StoreAway, find
from app.core.crypto import Unreadable
from app.core.database import Database
from app.core.refusals import NotFound
from app.core.sweeping import bury
from app.evidence import commands, queries
from app.evidence.clamd import Clamd
from app.evidence.models import Document
from app.evidence.rules import WAITING, ScanState

log = structlog.get_logger("evidence")

# The harmless string that every scanner agrees to call a virus (eicar.org), in two parts, so that none finds it here.
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


_TURNS: Final = threading.BoundedSemaphore(2)


class Scanner(Protocol):
    """Something that gives a verdict on a document's bytes, clean or infected, or raises `OSError` when it has none."""

    @property
    def name(self) -> str: ...

    def verdict(self, content: Iterator[bytes]) -> ScanState: ...


@dataclass(frozen=True, slots=True)
class DevelopmentScanner:
    """Knows the EICAR test string and nothing else. Settings refuse it in production."""

    name: str = "development scanner"

    def verdict(self, content: Iterator[bytes]) -> ScanState:
        found, end = False, b""
        for piece in content:
            found = found or EICAR in end + piece
            end = (end + piece)[-len(EICAR) :]
        return ScanState.INFECTED if found else ScanState.CLEAN


def scanner_named(name: str) -> Scanner | None:
    """The scanner of the settings; None where there is none, and then every document stays in quarantine."""
    if name.startswith("clamd"):
        return Clamd(name)
    return DevelopmentScanner() if name == "development" else None


def scan_at_once(database: Database, blobs: Blobs, scanner: Scanner | None, document_id: UUID) -> None:
    """What the web does once it has answered an upload. Where two are at it already, or it fails, it is left to the worker."""
    if not _TURNS.acquire(blocking=False):
        return
    try:
        scan(database, blobs, scanner, document_id)
    except Exception:
        log.exception("left to the worker", document=str(document_id))
    finally:
        _TURNS.release()


def scan(database: Database, blobs: Blobs, scanner: Scanner | None, document_id: UUID) -> ScanState:
    """Scan one stored document that waits for it and write the verdict down; infected bytes are then deleted, unless needed.

    While the store or the scanner cannot be reached it stays in quarantine: only bytes that are gone are a failed scan.
    """
    if scanner is None:
        return ScanState.QUARANTINED
    with database.read() as session:
        state = ScanState(session.get_one(Document, document_id).scan_state)
    if state not in WAITING:
        return state
    verdict = _verdict(database, blobs, scanner, document_id)
    with database.write() as session:
        if verdict is None:
            commands.note_no_answer(session, document_id, scanner=scanner.name)
        else:
            commands.record_scan(session, document_id, verdict, scanner=scanner.name)
    if verdict is ScanState.INFECTED:
        bury(database, blobs)
    return verdict or ScanState.QUARANTINED


def scan_waiting(database: Database, blobs: Blobs, scanner: Scanner | None, *, most: int = 20) -> int:
    """What the worker does for documents that are due; returns how many got a verdict."""
    if scanner is None:
        return 0
    with database.read() as session:
        waiting = queries.unscanned(session, most, clock.now(session))
    verdicts = [scan(database, blobs, scanner, document_id) for document_id in waiting]
    return sum(verdict not in WAITING for verdict in verdicts)


def _verdict(database: Database, blobs: Blobs, scanner: Scanner, document_id: UUID) -> ScanState | None:
    with database.read() as session:
        key = session.get_one(Document, document_id).blob_key
    return verdict_of(database, blobs, scanner, key)


def verdict_of(database: Database, blobs: Blobs, scanner: Scanner, key: str) -> ScanState | None:
    """None when the scanner does not answer; a store that is away leaves the document as it was."""
    try:
        with database.read() as session:
            blob = find(session, key)
        return scanner.verdict(blobs.read(blob))
    except (FileNotFoundError, NotFound):
        return ScanState.SCAN_FAILED
    except Unreadable as unreadable:
        log.error("unreadable", key=key, why=str(unreadable))
        return ScanState.SCAN_FAILED
    except StoreAway:
        return ScanState.QUARANTINED
    except OSError as error:
        log.warning("no verdict", key=key, why=str(error))
        return None
