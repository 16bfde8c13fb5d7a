"""Scanning documents for viruses. Until a scanner has found nothing, a document stays in quarantine and nobody opens it."""

from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

import structlog

from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence import commands, queries
from app.evidence.models import Document
from app.evidence.rules import WAITING, ScanState

log = structlog.get_logger("evidence")

# The harmless string that every scanner agrees to call a virus (eicar.org), in two parts, so that none finds it here.
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanner(Protocol):
    """Something that gives a verdict on a document's bytes: clean, infected or scan_failed."""

    @property
    def name(self) -> str: ...

    def verdict(self, content: bytes) -> ScanState: ...


@dataclass(frozen=True, slots=True)
class DevelopmentScanner:
    """Knows the EICAR test string and nothing else. Settings refuse it in production."""

    name: str = "development scanner"

    def verdict(self, content: bytes) -> ScanState:
        return ScanState.INFECTED if EICAR in content else ScanState.CLEAN


def scanner_named(name: str) -> Scanner | None:
    """The scanner of the settings; None where there is none, and then every document stays in quarantine."""
    return DevelopmentScanner() if name == "development" else None


def scan(database: Database, blobs: Blobs, scanner: Scanner | None, document_id: UUID) -> ScanState:
    """Scan one stored document and write the verdict down; infected bytes are deleted after that, unless still needed.

    While the store cannot be reached the document stays as it was: only bytes that are gone are a failed scan.
    """
    if scanner is None:
        return ScanState.QUARANTINED
    with database.read() as session:
        key = session.get_one(Document, document_id).blob_key
    verdict = _verdict(blobs, scanner, key)
    with database.write() as session:
        commands.record_scan(session, document_id, verdict, scanner=scanner.name)
        needed = queries.is_needed(session, key)
    if verdict is ScanState.INFECTED and not needed:
        _delete(blobs, key)
    return verdict


def scan_waiting(database: Database, blobs: Blobs, scanner: Scanner | None, *, most: int = 20) -> int:
    """What the worker does for documents that still wait, or whose scan failed; returns how many got a verdict."""
    if scanner is None:
        return 0
    with database.read() as session:
        waiting = queries.unscanned(session, most)
    verdicts = [scan(database, blobs, scanner, document_id) for document_id in waiting]
    return sum(verdict not in WAITING for verdict in verdicts)


def _verdict(blobs: Blobs, scanner: Scanner, key: str) -> ScanState:
    try:
        content = blobs.get(key)
    except FileNotFoundError:
        return ScanState.SCAN_FAILED
    except OSError:
        return ScanState.QUARANTINED
    try:
        return scanner.verdict(content)
    except OSError:
        return ScanState.SCAN_FAILED


def _delete(blobs: Blobs, key: str) -> None:
    """Nobody opens an infected document, so bytes that outlive a store's outage are told of and harm nobody."""
    try:
        blobs.delete(key)
    except FileNotFoundError:
        return
    except OSError:
        log.warning("infected bytes remain", key=key)
