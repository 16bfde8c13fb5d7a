"""What an item of evidence is worth today, and who may do what with it. Pure."""

from enum import StrEnum


class ScanState(StrEnum):
    QUARANTINED = "quarantined"
    CLEAN = "clean"
    INFECTED = "infected"
    SCAN_FAILED = "scan_failed"


class Outcome(StrEnum):
    VERIFIED = "verified"
    RETURNED = "returned"
