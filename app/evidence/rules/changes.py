"""What differs between an older fact and a newer one, field by field, in words. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from app.core.london import day_in_words
from app.core.money import pounds
from app.evidence.rules.facts import ItemFacts, KindFacts


class Change(StrEnum):
    REPLACED = "replaced"
    RETURNED = "returned"
    EXPIRED = "expired"
    UNDONE = "undone"
    REINSTATED = "reinstated"
    UNFIT = "unfit"


CHANGE_WORDS: Final = {
    Change.REPLACED: "A newer one has been verified in its place",
    Change.RETURNED: "A checker has returned it to the provider",
    Change.EXPIRED: "It has expired",
    Change.UNDONE: "A second checker disagreed, so it no longer counts as verified",
    Change.REINSTATED: "It counts as verified again",
    Change.UNFIT: "A status check says that a new certificate is needed, so it no longer counts",
}

AT_ONCE: Final = frozenset({Change.UNDONE, Change.REINSTATED, Change.UNFIT})
"""What an agency is written to about at once, and not with the next daily message."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what it said, and what it says now."""

    field: str
    before: str
    after: str


def difference(kind: KindFacts, before: ItemFacts, after: ItemFacts) -> tuple[Difference, ...]:
    """Only what differs. A DBS certificate's number is said to differ, and not what it is."""
    hidden = ("another number", "a new number")
    return tuple(
        replace(one, before=hidden[0], after=hidden[1]) if kind.narrow and one.field == kind.reference_label else one
        for one in side_by_side(kind, before, after)
    )


def side_by_side(kind: KindFacts, before: ItemFacts, after: ItemFacts) -> tuple[Difference, ...]:
    """Only what differs, as it is told: for those who keep the item."""
    pairs = zip(_lines(kind, before), _lines(kind, after), strict=True)
    return tuple(Difference(field, old or "none", new or "none") for (field, old), (_, new) in pairs if old != new)


def _lines(kind: KindFacts, facts: ItemFacts) -> tuple[tuple[str, str], ...]:
    return (
        ("Insurer" if kind.insurance else "Issued by", facts.issuer),
        (kind.reference_label or "Reference", facts.reference),
        ("Cover", _money(facts.cover_pence)),
        ("Started or issued", _day(facts.starts_on)),
        ("Expires", _day(facts.expires_on)),
    )


def lapse(expires_on: date) -> tuple[Difference, ...]:
    return (Difference("Expires", _day(expires_on), "expired, and nothing newer is verified"),)


def undone(*, verified_by: str, looked_by: str, words: str) -> tuple[Difference, ...]:
    """Who had verified it, who disagreed at the second look, and what is wrong."""
    return (Difference("Check", f"verified by {verified_by}", f"undone at a second look by {looked_by}: {words}"),)


def verified_again(*, verified_by: str) -> tuple[Difference, ...]:
    return (Difference("Check", "undone at a second look", f"verified anew by {verified_by}"),)


def needs_new(*, corrected: bool = False) -> tuple[Difference, ...]:
    """What a status check of a DBS certificate means, and nothing of what the certificate says."""
    counts, needed = "the certificate counts", "a new certificate is needed"
    return (
        Difference("Status check", needed, f"that was written down wrongly: {counts}")
        if corrected
        else Difference("Status check", counts, needed),
    )


def _money(pence: int | None) -> str:
    return "" if pence is None else pounds(pence)


def _day(value: date | None) -> str:
    return day_in_words(value) if value else ""
