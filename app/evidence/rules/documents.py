"""When a document may be opened, and how a scan moves it. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

MOST_BYTES: Final = 20 * 1024 * 1024
RETRY: Final = timedelta(minutes=1)  # a document that got no verdict is scanned again after so long
ATTEMPTS: Final = 5  # after so many without an answer its uploader and the platform are written to; it is tried on


class ScanState(StrEnum):
    QUARANTINED = "quarantined"
    CLEAN = "clean"
    INFECTED = "infected"
    SCAN_FAILED = "scan_failed"


WAITING: Final = (ScanState.QUARANTINED, ScanState.SCAN_FAILED)


SCAN_MOVES: Final = {
    (state, verdict): verdict
    for state in WAITING
    for verdict in (ScanState.CLEAN, ScanState.INFECTED, ScanState.SCAN_FAILED)
    if verdict is not state
}
"""A verdict is given once; only a failed scan is tried again."""


def may_serve(state: ScanState) -> bool:
    """Invariant 6: a file is served when its scan found nothing, and in no other state."""
    return state is ScanState.CLEAN
