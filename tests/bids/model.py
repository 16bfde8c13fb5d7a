"""What may be done about a brief and its bids, and where they then stand: machines 7, 9 and 11 told once more.

It knows nothing of the product, so that the two can be compared.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests import NOON

CLOSES = NOON + timedelta(days=10)
DRAIN = timedelta(seconds=60)
OPENERS = ("chair", "commissioner", "approver")
BIDDERS = {"owner_a": "a", "writer_a": "a", "owner_b": "b"}
"""Who bids for whom. Anybody else is told that there is nothing."""


@dataclass
class Bid:
    """Letters are known by a number; nought is one that lacks its price. `receipts`: the version that each was given for."""

    state: str = "draft"
    draft: int | None = None
    sent: int | None = None
    receipts: list[int] = field(default_factory=list)

    def stands(self) -> bool:
        return self.state == "submitted"


@dataclass
class Change:
    """A change that was proposed. It waits until it is `over`: published or dropped, and by whom."""

    material: bool
    closes_at: datetime
    based_on: int
    over: tuple[str, str] | None = None

    @property
    def waits(self) -> bool:
        return self.over is None


@dataclass
class Model:
    now: datetime = NOON
    closes_at: datetime = CLOSES
    published: bool = False
    cancelled: bool = False
    opened: bool = False
    awarded: bool = False
    version: int = 1
    material_version: int = 1
    change: Change | None = None
    early_asked: bool = False
    early_tried: datetime | None = None
    approvals: list[str] = field(default_factory=list)
    declined: set[str] = field(default_factory=set)
    bids: dict[str, Bid] = field(default_factory=dict)
    scored: bool = False
    proposed: tuple[str, str] | None = None  # whose bid, by whom

    @property
    def phase(self) -> str:
        return self.phase_at(self.now)

    def phase_at(self, moment: datetime) -> str:
        for name, holds in (
            ("cancelled", self.cancelled),
            ("draft", not self.published),
            ("awarded", self.awarded),
            ("opened", self.opened),
            ("open", moment < self.closes_at),
        ):
            if holds:
                return name
        return "closed"

    @property
    def open(self) -> bool:
        return self.phase == "open"

    def unconfirmed(self, bid: Bid) -> bool:
        return bid.stands() and bid.receipts[-1] < self.material_version

    def answered(self, *, confirmed: bool = True) -> bool:
        """Whether each of the two has said no, or has a bid that stands; `confirmed`, for the brief as it is."""
        silent = {"a", "b"} - self.declined
        stand = {who for who, bid in self.bids.items() if bid.stands() and not (confirmed and self.unconfirmed(bid))}
        return silent <= stand

    @property
    def standing(self) -> dict[str, int]:
        """Whose bids are read once they are opened, and the letter of each: confirmed ones."""
        return {who: bid.sent or 0 for who, bid in self.bids.items() if bid.stands() and not self.unconfirmed(bid)}

    def submits(self, who: str, received_at: datetime) -> bool:
        bid = self.bids.get(BIDDERS.get(who, ""))
        if bid is None:
            return False
        if bid.stands() and bid.draft is None and not self.unconfirmed(bid):
            return True  # again: the same receipt
        latest = bid.draft if bid.draft is not None else bid.sent
        return self.phase_at(received_at) == "open" and bool(latest)

    def withdraws(self, who: str) -> bool:
        bid = self.bids.get(BIDDERS.get(who, ""))
        return bid is not None and (bid.state == "withdrawn" or (self.open and bid.stands()))

    def proposes(self, who: str, *, material: bool, hard: bool) -> bool:
        waits = self.change is not None and self.change.waits
        return who == "commissioner" and self.open and not waits and (material or not hard)

    def publishes_change(self, who: str) -> bool:
        if who != "approver" or self.change is None:
            return False
        if self.change.over:
            return self.change.over == ("published", who)  # again, by the same person
        return self.open and self.change.based_on == self.version

    def drops_change(self, who: str) -> bool:
        return (
            who in ("commissioner", "approver") and bool(self.change) and self.change.over in (None, ("dropped", who))
        )

    @property
    def shut_until(self) -> datetime:
        """The key is bound to the first deadline; an earlier one is believed where nobody could still have bid."""
        early = self.closes_at < CLOSES and not self.answered(confirmed=False)
        return (CLOSES if early else self.closes_at) + DRAIN

    def approves_opening(self, who: str) -> bool:
        if who not in OPENERS:
            return False
        if who in self.approvals:
            return True  # again: nothing happens
        return self.phase == "closed" and self.now >= self.shut_until and (bool(self.approvals) or who == "chair")

    def cancels(self, who: str) -> bool:
        if who not in OPENERS:
            return False
        late = self.phase in ("closed", "opened")
        by_two = who != "approver" if self.published else True
        return self.cancelled or (not self.awarded and by_two and (not late or who == "chair"))

    def proposes_award(self, who: str, of: str) -> bool:
        if who not in ("chair", "commissioner") or of not in self.bids:
            return False
        if self.proposed == (of, who):
            return True
        return self.phase == "opened" and self.scored and self.proposed is None and of in self.standing

    def approves_award(self, who: str) -> bool:
        return who == "approver" and self.proposed is not None and (self.awarded or self.phase == "opened")
