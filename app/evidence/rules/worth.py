"""What an item of evidence, and a kind of it, is worth on a London day. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.evidence.rules.checking import Outcome

EXPIRES_SOON: Final = timedelta(days=60)


class Standing(StrEnum):
    MISSING = "missing"
    PROMISED = "promised"
    AWAITING_CHECK = "awaiting_check"
    RETURNED = "returned"
    VERIFIED = "verified"
    EXPIRED = "expired"
    REFUSED = "refused"
    UNACCEPTED = "unaccepted"  # to an agency: verified, but by nobody whose check it accepts
    UNFIT = "unfit"  # held, but not what a rule asks for; or a DBS certificate in whose place a new one is needed


_BEST_FIRST: Final = (
    Standing.VERIFIED,
    Standing.UNACCEPTED,
    Standing.AWAITING_CHECK,
    Standing.PROMISED,
    Standing.RETURNED,
    Standing.EXPIRED,
    Standing.REFUSED,
    Standing.UNFIT,
    Standing.MISSING,
)


_DECIDED_AGAINST: Final = {Outcome.RETURNED: Standing.RETURNED, Outcome.REFUSED: Standing.REFUSED}


def standing(
    *,
    promisable: bool,
    submitted: bool,
    outcome: Outcome | None,
    starts_on: date | None,
    expires_on: date | None,
    on: date,
    needs_new: bool = False,
) -> Standing:
    """What one item is worth on a London day. Verified cover that has not begun yet is still only a promise.

    `needs_new`: a status check of the DBS says that a new certificate is needed, and that outdoes the verification.
    """
    if expires_on is not None and on > expires_on:
        return Standing.EXPIRED
    if outcome in _DECIDED_AGAINST:
        return _DECIDED_AGAINST[outcome]
    if needs_new:
        return Standing.UNFIT
    if outcome is Outcome.VERIFIED and (starts_on is None or starts_on <= on):
        return Standing.VERIFIED
    if submitted and outcome is None:
        return Standing.AWAITING_CHECK
    return Standing.PROMISED if promisable else Standing.MISSING


def best(found: Iterable[Standing]) -> Standing:
    """The standing of a kind of evidence, from those of its items."""
    return min(found, key=_BEST_FIRST.index, default=Standing.MISSING)


def weakest(found: Iterable[Standing]) -> Standing:
    """The standing of several that are all needed, or who answer for one another: the weakest document governs."""
    return max(found, key=_BEST_FIRST.index, default=Standing.MISSING)


def expires_soon(expires_on: date | None, on: date) -> bool:
    return expires_on is not None and on <= expires_on < on + EXPIRES_SOON
