"""How far an agency relies on a check that somebody else has made. Pure."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.london import day_in_words
from app.evidence.rules.worth import Standing


class Reliance(StrEnum):
    ACCEPT_ANY = "accept_any"
    ACCEPT_LEAD = "accept_lead"
    OWN_CHECK = "own_check"


RELIANCE_WORDS: Final = {
    Reliance.ACCEPT_ANY: ("Accept any", "A check by any agency or lead is enough"),
    Reliance.ACCEPT_LEAD: ("Accept the lead’s", "A check by the lead of a framework we call off from is enough"),
    Reliance.OWN_CHECK: ("Check our own", "We look ourselves as well, and rely on it only then"),
}


class Relied(StrEnum):
    """What an item is worth to one agency on a day."""

    YES = "relied on"
    OWN_CHECK_MISSING = "own check missing"
    NOT_BY_LEAD = "not checked by a lead"
    NOT_CURRENT = "not current"


def policy_for(kind: str, policies: Mapping[str | None, Reliance]) -> Reliance:
    """What an agency says of this kind, else of every kind, else that any check will do. `policies` are its own, by kind."""
    return policies.get(kind) or policies.get(None) or Reliance.ACCEPT_ANY


def relied_on(
    policy: Reliance,
    standing: Standing,
    *,
    checked_by: UUID | None,
    agency: UUID,
    by_lead: bool,
    own_check: bool,
) -> Relied:
    """`checked_by` is the organisation that verified, `by_lead` whether it leads a framework of the agency's.

    Its own check always does.
    """
    if standing is not Standing.VERIFIED:
        return Relied.NOT_CURRENT
    if policy is Reliance.ACCEPT_ANY or own_check or checked_by == agency:
        return Relied.YES
    if policy is Reliance.OWN_CHECK:
        return Relied.OWN_CHECK_MISSING
    return Relied.YES if by_lead else Relied.NOT_BY_LEAD


AWAITED: Final = (Relied.OWN_CHECK_MISSING, Relied.NOT_BY_LEAD)
"""What is verified and current, and still waits for a look by the agency itself."""


def awaited(relied: Relied, agency: str, since: date | None) -> str:
    """Whose check an agency awaits, and since when; nothing where it relies on the item, or nobody could."""
    if relied not in AWAITED or since is None:
        return ""
    whose = "checks this itself" if relied is Relied.OWN_CHECK_MISSING else "takes a lead’s check or its own"
    return f"{agency} {whose}, and that check is awaited since {day_in_words(since)}"
