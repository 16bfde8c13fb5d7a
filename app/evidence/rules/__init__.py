"""What an item of evidence is worth on a day, and who may do what with it. Pure.

A day is a London day: what expires on 30 June counts until the end of that day and has expired at 00:00 London on 1 July.
"""

from app.evidence.rules.checking import (
    REASONS,
    TARGET_DAYS,
    Outcome,
    Reason,
    why_not_check,
    why_not_verify,
    working_days,
)
from app.evidence.rules.documents import MOST_BYTES, SCAN_MOVES, WAITING, ScanState, may_serve
from app.evidence.rules.facts import (
    COMMON,
    LONDON,
    NARROW,
    ItemFacts,
    KindFacts,
    lacking,
    london_day,
    reference_warning,
    why_not_change,
    why_not_facts,
    why_not_submit,
)
from app.evidence.rules.worth import EXPIRES_SOON, Standing, best, expires_soon, standing, weakest

__all__ = [
    "COMMON",
    "EXPIRES_SOON",
    "LONDON",
    "MOST_BYTES",
    "NARROW",
    "REASONS",
    "SCAN_MOVES",
    "TARGET_DAYS",
    "WAITING",
    "ItemFacts",
    "KindFacts",
    "Outcome",
    "Reason",
    "ScanState",
    "Standing",
    "best",
    "expires_soon",
    "lacking",
    "london_day",
    "may_serve",
    "reference_warning",
    "standing",
    "weakest",
    "why_not_change",
    "why_not_check",
    "why_not_facts",
    "why_not_submit",
    "why_not_verify",
    "working_days",
]
