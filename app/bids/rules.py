"""What may happen to a bid, and what its letter says. Pure: no database, no request, no clock."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.briefs.rules import Phase
from app.core.london import LONDON
from app.core.refusals import Refusal
from app.core.words import listed
from app.evidence.rules import Standing
from app.memberships.rules import why_not_relied_on

MOST_WORDS: Final = 4000


class BidState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


MOVES: Final = {
    ("submit", BidState.DRAFT): BidState.SUBMITTED,
    ("submit", BidState.SUBMITTED): BidState.SUBMITTED,
    ("submit", BidState.WITHDRAWN): BidState.SUBMITTED,
    ("withdraw", BidState.SUBMITTED): BidState.WITHDRAWN,
}
"""Submitting over a submitted bid replaces it; a withdrawn bid comes back by being submitted again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a bidder says. While it is a draft a part may be empty; a price of nought is one not yet given.

    `salt` is given as it is sealed, for nobody to find by guessing of what it is the digest; the bidder is shown it.
    """

    approach: str = ""
    experience: str = ""
    practitioner: str = ""
    price_pence: int = 0
    salt: str = field(default="", compare=False)

    def canonical(self) -> bytes:
        """The one way to write it down, over which its digest is taken: JSON in UTF-8, keys sorted, no spaces."""
        said = {name: value for name, value in asdict(self).items() if name != "salt" or value}
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def read(cls, canonical: bytes) -> "Letter":
        return cls(**json.loads(canonical))


RECEIPT_FIELDS: Final = frozenset(
    ("reference", "received_at", "brief", "brief_version", "content_sha256", "snapshot_sha256")
)


def statement(
    *,
    reference: str,
    received_at: datetime,
    brief: str,
    brief_version: int,
    content_sha256: str,
    snapshot_sha256: str,
) -> dict[str, str | int]:
    """What a receipt says and its signature is over; the moment to the microsecond, in UTC."""
    return {
        "reference": reference,
        "received_at": received_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "brief": brief,
        "brief_version": brief_version,
        "content_sha256": content_sha256,
        "snapshot_sha256": snapshot_sha256,
    }


def missing(letter: Letter) -> tuple[str, ...]:
    """What it still has to say, in the words of the page."""
    return tuple(
        label
        for given, label in (
            (letter.approach, "your approach"),
            (letter.experience, "your experience"),
            (letter.practitioner, "the practitioner who would do the work"),
            (letter.price_pence, "your price"),
        )
        if not given
    )


def why_not_start(*, phase: Phase, eligible: Collection[Refusal]) -> Refusal | None:
    """A member bids for an open brief, and only while it may act in the brief's lot and region."""
    if phase is not Phase.OPEN:
        return _closed(phase)
    return next(iter(eligible), None)


def why_not_submit(
    *,
    state: BidState,
    phase: Phase,
    eligible: Collection[Refusal],
    bid_id: UUID,
    letter: Letter,
    named: Refusal | None = None,
) -> Refusal | None:
    """`phase` is the brief's at the time of receipt, asked under the brief's lock. The deadline is said before all else.

    `named` is what speaks against the practitioner whom the letter names.
    """
    if phase is not Phase.OPEN:
        return _closed(phase)
    if ("submit", state) not in MOVES:
        return Refusal("state", f"A bid that is {state} cannot be submitted.")
    if eligible:
        return next(iter(eligible))
    if lacking := missing(letter):
        return Refusal("missing", f"Your bid does not yet say {listed(lacking)}.", (f"/bids/{bid_id}", "Complete it"))
    return named


def why_not_named(
    name: str, people: Collection[Mapping[str, tuple[Standing, str]]], *, provider_id: UUID, bid_id: UUID
) -> Refusal | None:
    """Why this practitioner cannot be relied on: `people` are the provider's current ones of that name.

    Each comes with the standing of every kind of evidence that the lot wants of a person, by the kind's name, and what is
    against it, if anything is known. Another
    person's certificate says nothing of this one.
    """
    if not people:
        words = f"{name} is not one of the provider’s current practitioners."
        return Refusal("practitioner", words, (f"/bids/{bid_id}", "Name another practitioner"))
    lacking = min(
        ([held for held in person.items() if held[1][0] is not Standing.VERIFIED] for person in people), key=len
    )
    return next((why_not_relied_on(provider_id, f"{kind} of {name}", *stands) for kind, stands in lacking), None)


def why_not_as_seen(seen: str | None, digest: str) -> Refusal | None:
    """Nobody sends what they did not read. `seen` is the digest of the letter on their page, None where nobody looked."""
    if seen in (None, digest):
        return None
    return Refusal("changed", "The bid has changed since you opened this page. Read it again before you submit it.")


def needs_confirming(received_for: int | None, material_version: int) -> bool:
    """Whether what was received for a version of the brief no longer answers what it asks for (state machine 9)."""
    return received_for is not None and received_for < material_version


def why_not_as_amended(read: int | None, material_version: int) -> Refusal | None:
    """Nobody answers a brief that they did not read. `read` is the version on their page, None where nobody looked.

    A material change leaves working days, so nobody is refused for it at the deadline.
    """
    if read is None or read >= material_version:
        return None
    return Refusal(
        "amended", "The brief has changed since you opened this page. Read what changed before you send your bid."
    )


def why_not_overwrite(seen: str | None, digest: str, *, bid_id: UUID) -> Refusal | None:
    """Nobody writes over what they did not read, in an older window or beside a colleague."""
    if seen in (None, digest):
        return None
    words = (
        "This bid was saved in another window, or by a colleague, after you opened this page. Your words are still here, not "
        "saved yet. Save again to put them in place of what is saved."
    )
    return Refusal("saved_meanwhile", words, (f"/bids/{bid_id}/check", "Read what is saved"))


def why_not_withdraw(*, state: BidState, phase: Phase) -> Refusal | None:
    if phase is not Phase.OPEN:
        return _closed(phase)
    if ("withdraw", state) not in MOVES:
        return Refusal("state", f"A bid that is {state} cannot be withdrawn.")
    return None


def why_not_save(*, phase: Phase) -> Refusal | None:
    return None if phase is Phase.OPEN else _closed(phase)


def above_budget(letter: Letter, budget_pence: int | None) -> bool:
    """A warning, never a refusal: the agency decides what it can pay."""
    return budget_pence is not None and letter.price_pence > budget_pence


def to_the_second(moment: datetime) -> str:
    """'Monday 23 November 2026, 11:59:59 London time'."""
    local = moment.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M:%S} London time"


def _closed(phase: Phase) -> Refusal:
    words = {
        Phase.DRAFT: "This brief is not published.",
        Phase.CANCELLED: "This brief has been cancelled.",
    }.get(phase, "This brief has closed. Bids can no longer be sent, replaced or withdrawn.")
    return Refusal("closed", words)
