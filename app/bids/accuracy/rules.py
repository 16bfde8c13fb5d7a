"""How an invitation went against what was stated on its day, counted and told. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.bids.rules import BidState
from app.briefs.rules import DeclineReason
from app.memberships.capacity.rules import stale

FEW: Final = 3
"""Below this many invitations figures say little, and the page says so."""


class Went(StrEnum):
    BID = "It bid"
    PARTNER = "It was a partner in another’s bid"
    WITHDREW = "It took its bid back"
    FULL = "It said that it is full"
    OTHERWISE = "It declined for another reason"
    SILENT = "It did not answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """One invitation: where and when, what was stated then (None: nothing), how old that was, and how it went."""

    lot: str
    region: str
    invited_at: datetime
    places: int | None
    weeks: int | None
    as_of: datetime | None
    went: Went

    @property
    def out_of_date(self) -> bool:
        return self.as_of is not None and stale(self.as_of, self.invited_at)

    @property
    def differs(self) -> bool:
        """Full although it stated places, or a bid although it stated none."""
        if self.places is None:
            return False
        return self.went is Went.FULL if self.places else self.went is Went.BID


def went(*, bid: BidState | None, partner: bool, declined: bool, reason: str) -> Went:
    """A bid counts whatever was said before it, and so does another's that was sent with it as a partner; a draft is none."""
    if bid is BidState.SUBMITTED:
        return Went.BID
    if partner:
        return Went.PARTNER
    if declined:
        return Went.FULL if reason == DeclineReason.FULL else Went.OTHERWISE
    if bid is BidState.WITHDRAWN:
        return Went.WITHDREW
    return Went.SILENT


def told(asked: Collection[Asked]) -> tuple[str, ...]:
    """The record in sentences about "it", the best known first."""
    if not asked:
        return ("It has not been invited to a brief whose bids have been opened, so there is nothing to compare yet.",)
    with_places = [one for one in asked if one.places]
    without = [one for one in asked if one.places == 0]
    lines = []
    if with_places:
        counts = {kind: sum(one.went is kind for one in with_places) for kind in Went}
        lines.append(
            f"{_invited(len(with_places))} while it stated places: {counts[Went.BID]} answered with a bid, "
            f"{counts[Went.FULL]} turned down because it was full, {counts[Went.OTHERWISE]} declined for another reason, "
            f"{counts[Went.WITHDREW]} answered with a bid that was taken back, "
            f"{counts[Went.PARTNER]} answered as a partner in another’s bid, {counts[Went.SILENT]} not answered."
        )
    if without:
        bids = sum(one.went is Went.BID for one in without)
        lines.append(f"{_invited(len(without))} while it stated no places: it bid all the same {_times(bids)}.")
    if silent := sum(one.places is None for one in asked):
        lines.append(f"{_invited(silent)} when it had stated nothing.")
    if old := sum(one.out_of_date for one in asked):
        lines.append(f"{_invited(old)} when the figures were more than 28 days old.")
    if len(asked) < FEW:
        lines.append("That is too little to judge by.")
    return tuple(lines)


def _invited(count: int) -> str:
    return f"{count} {'invitation' if count == 1 else 'invitations'}"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
