"""Scanning the documents of referrals: until a scanner has found nothing, nobody opens one."""

from uuid import UUID

import structlog

from app.briefs.referral import commands, queries
from app.briefs.referral.models import ReferralDocument
from app.core import clock
from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence.rules import WAITING, ScanState
from app.evidence.scanning import Scanner, verdict_of

log = structlog.get_logger("briefs")


def scan_referral(database: Database, blobs: Blobs, scanner: Scanner | None, document_id: UUID) -> ScanState:
    """Scan one document that waits for it and write the verdict down."""
    if scanner is None:
        return ScanState.QUARANTINED
    with database.read() as session:
        row = session.get_one(ReferralDocument, document_id)
        state, key = ScanState(row.scan_state), row.blob_key
    if state not in WAITING:
        return state
    verdict = verdict_of(database, blobs, scanner, key)
    with database.write() as session:
        commands.record_referral_scan(session, document_id, verdict)
    return verdict or state


def scan_referral_at_once(database: Database, blobs: Blobs, scanner: Scanner | None, document_id: UUID) -> None:
    """What the web does once it has answered an upload; where it fails, it is left to the worker."""
    try:
        scan_referral(database, blobs, scanner, document_id)
    except Exception:
        log.exception("left to the worker", document=str(document_id))


def scan_waiting_referrals(database: Database, blobs: Blobs, scanner: Scanner | None, *, most: int = 20) -> int:
    """What the worker does for documents that are due; returns how many got a verdict."""
    if scanner is None:
        return 0
    with database.read() as session:
        waiting = queries.unscanned(session, most, clock.now(session))
    verdicts = [scan_referral(database, blobs, scanner, document_id) for document_id in waiting]
    return sum(verdict not in WAITING for verdict in verdicts)
