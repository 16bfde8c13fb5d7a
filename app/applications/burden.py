"""How much an application asked of its provider, and how much it took from what was held already. Pure.

A question is a thing the provider has to tell: each fact of its profile that is shared, each kind of evidence that the chosen
lots need, the lots, the statement, each question of the round that the profile does not answer, and each price. It is re-used
when the answer was there before the application was started, in an earlier application, as evidence or on a page of the profile
from which evidence added since was begun; the document of such an item is still asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Burden:
    """`minutes` are those between starting and submitting, whatever was done meanwhile."""

    asked: int
    reused: int
    uploads: int
    uploads_avoided: int
    minutes: int

    @property
    def new(self) -> int:
        return self.asked - self.reused


def profile_facts(profile: Mapping[str, Any]) -> int:
    """How many facts of the profile are shared: each that is told, and each practitioner."""
    practitioners = profile.get("practitioners") or ()
    told = sum(bool(value) for name, value in profile.items() if name != "practitioners")
    return told + len(practitioners)


def count(
    *,
    profile: int,
    practitioners_since: int,
    kinds: Mapping[str, bool],
    statement_kept: bool,
    answers: int,
    answers_carried: int,
    prices: int,
    uploads_before: int,
    uploads_since: int,
    started_at: datetime,
    submitted_at: datetime,
) -> Burden:
    """`kinds` says of each kind needed whether it was held before the start; `statement_kept` that an earlier one was used.

    `answers_carried` counts the questions whose earlier answer was left as it was; a price is never re-used.
    """
    lots_and_statement = 2
    return Burden(
        asked=profile + len(kinds) + lots_and_statement + answers + prices,
        reused=profile - practitioners_since + sum(kinds.values()) + statement_kept + answers_carried,
        uploads=uploads_since,
        uploads_avoided=uploads_before,
        minutes=max(0, int((submitted_at - started_at).total_seconds() // 60)),
    )


def total(burdens: Iterable[Burden]) -> Burden:
    rows = list(burdens)
    return Burden(
        sum(row.asked for row in rows),
        sum(row.reused for row in rows),
        sum(row.uploads for row in rows),
        sum(row.uploads_avoided for row in rows),
        sum(row.minutes for row in rows),
    )
