"""The worker: delivers the mail that waits, scans the documents that wait, and once an hour sweeps the document store.

Nothing depends on it for correctness: what is late is late, and what is sealed is sealed, with the worker stopped for a day.
So it gives way to the web processes on the same machine: people wait for those, and shortly before a deadline many do.
"""

import os
import signal
import time
from contextlib import closing, suppress
from datetime import timedelta
from threading import Event
from types import FrameType
from typing import Any, Final

import structlog

from app.applications import duties as applications_duties
from app.bids import duties as bids_duties
from app.briefs import duties as briefs_duties
from app.briefs.queries import close_later_than_their_keys
from app.briefs.referral import duties as referral_duties
from app.briefs.referral.scanning import scan_waiting_referrals
from app.clarifications import duties as clarifications_duties
from app.core import mail
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.sealing import KeyholderAway
from app.core.sweeping import bury, sweep
from app.evidence import duties as evidence_duties
from app.evidence import scanning
from app.frameworks import duties as frameworks_duties
from app.main import connect
from app.memberships import duties as memberships_duties
from app.sealing.client import KeyholderClient
from app.settings import Settings
from app.web.pages import plain

PAUSE: Final = 2.0
GIVING_WAY: Final = 10
BETWEEN_SWEEPS: Final = 3600.0
log = structlog.get_logger("work")


def work_once(database: Database, blobs: Blobs, config: Settings) -> int:
    """One round: deliver what is due, then scan what waits, so that a store that is away holds up no mail; then the day's duties.

    Returns how many messages, documents and duties were dealt with.
    """
    sent = mail.deliver(database, mail.transport(config.mail_url), renderer(config), sender=config.mail_from)
    scanner = scanning.scanner_named(config.scanner)
    scanned = scanning.scan_waiting(database, blobs, scanner) + scan_waiting_referrals(database, blobs, scanner)
    gone = referral_duties.let_go(database)
    bury(database, blobs)
    keys_follow(database, config)
    duties = (
        gone
        + evidence_duties.daily(database, blobs)
        + frameworks_duties.daily(database)
        + memberships_duties.daily(database)
        + applications_duties.daily(database)
        + briefs_duties.daily(database)
        + briefs_duties.every_round(database)
        + bids_duties.every_round(database, drain=timedelta(seconds=config.opening_drain_seconds))
        + clarifications_duties.daily(database)
    )
    if scanned or sent or duties:
        log.info("round", scanned=scanned, sent=sent, duties=duties)
    return scanned + sent + duties


def keys_follow(database: Database, config: Settings) -> None:
    """Where a brief has come to close later, ask the keyholder to bind its key to that; where it is away, the next round does."""
    with database.read() as session:
        behind = close_later_than_their_keys(session)
    if behind:
        with (
            closing(KeyholderClient(config.keyholder_url, config.keyholder_token)) as keyholder,
            suppress(KeyholderAway),
        ):
            keyholder.follow_closes()


def renderer(config: Settings) -> mail.Render:
    """Templates learn here where the service is to be reached, which only the settings know."""

    def render(template: str, context: dict[str, Any]) -> tuple[str, str]:
        return plain(template, {"public_url": config.public_url, **context})

    return render


def work(config: Settings) -> None:
    """Rounds until SIGTERM or SIGINT, which let the round in hand finish. Two workers side by side do each thing once."""
    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    os.nice(GIVING_WAY)
    connect()
    database, blobs = Database(config.database_url, threads=1), Blobs(config.blob_url, config.document_keys)
    database.refuse_to_start_if_unsafe()
    log.info("started", database=database.engine.dialect.name)
    rounds(database, blobs, config, stop)
    database.close()
    log.info("stopped")


def rounds(database: Database, blobs: Blobs, config: Settings, stop: Event, *, pause: float = PAUSE) -> None:
    """Work until `stop` is set; rest only when there was nothing to do. A failed round is reported and tried again."""
    next_sweep = time.monotonic()
    while not stop.is_set():
        try:
            busy = work_once(database, blobs, config) > 0
            if time.monotonic() >= next_sweep:
                next_sweep = time.monotonic() + BETWEEN_SWEEPS
                sweep(database, blobs)
        except Exception:  # the database or the store is away, or one message is broken: the next round may fare better
            log.exception("round failed")
            busy = False
        if not busy:
            stop.wait(pause)
