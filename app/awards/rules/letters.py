"""What an outcome letter says: the bidder's own scores and reasons, and beside them the winner's.

Source: Procurement Act 2023 s50(3) and Procurement Regulations 2024 reg 31, the assessment summary. It is private to the
bidder; no letter names an assessor, and none tells of any bid but its own and the winner's. Where the winner was not alone at
the top, the scores do not explain the award: its letter and those of the bidders it was preferred to give the reason.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from app.awards.rules import LetterOutcome

_NEXT: Final = {
    LetterOutcome.SUCCESSFUL: (
        "The full referral, which says who the family is, comes once an owner of your organisation has signed for it. The "
        "agency will send you the contract of engagement, made from your bid. Please start nothing before it is signed."
    ),
    LetterOutcome.UNSUCCESSFUL: (
        "You need do nothing. Your membership of the framework is as it was, and you will be invited to the next brief "
        "that fits it. If you think something went wrong, write to the agency, which must answer you."
    ),
}


_NEXT_EXCLUDED: Final = (
    "Put right what is named above, so that you can bid for the next brief. If you think something went wrong, write to the "
    "agency, which must answer you."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion's score out of its weight, and the reason of each assessor, in no order that tells whose it is.

    A price has a `formula` in words instead.
    """

    name: str
    weight: int
    is_price: bool
    score: Decimal
    reasons: tuple[str, ...]
    formula: str = ""


@dataclass(frozen=True, slots=True)
class BidResult:
    """A ranked bid with all its scores; `tied` when another has the same total at the same price."""

    bid_id: UUID
    provider_id: UUID
    provider_name: str
    price_pence: int
    rank: int
    tied: bool
    total: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    """A bid with its scores of quality alone, while its price is sealed."""

    bid_id: UUID
    provider_name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ExcludedBid:
    """A bid that the opening put aside, with the reason; it was never read or scored."""

    bid_id: UUID
    provider_id: UUID
    provider_name: str
    reason: str


def letter(
    own: BidResult, winner: BidResult, *, reason: str, brief: str, title: str, agency: str, party: str
) -> dict[str, Any]:
    """The letter's content as JSON: scores as text, so that no reader rounds them again. `reason` is the proposer's."""
    outcome = outcome_of(own, winner)
    return {
        "brief": brief,
        "title": title,
        "agency": agency,
        "party": party,
        "provider": own.provider_name,
        "price_pence": own.price_pence,
        "outcome": outcome.value,
        "own": _summary(own),
        "winner": _summary(winner),
        "next": _NEXT[outcome],
    } | _out_of_rank(own, winner, reason)


def letter_of_excluded(
    own: ExcludedBid, winner: BidResult, *, brief: str, title: str, agency: str, party: str
) -> dict[str, Any]:
    """The content for a bidder whose bid was excluded: why, and who won; there are no scores to tell."""
    return {
        "brief": brief,
        "title": title,
        "agency": agency,
        "party": party,
        "provider": own.provider_name,
        "outcome": LetterOutcome.UNSUCCESSFUL.value,
        "excluded": own.reason,
        "winner": {"provider": winner.provider_name},
        "next": _NEXT_EXCLUDED,
    }


def outcome_of(own: BidResult, winner: BidResult) -> LetterOutcome:
    return LetterOutcome.SUCCESSFUL if own.bid_id == winner.bid_id else LetterOutcome.UNSUCCESSFUL


def _out_of_rank(own: BidResult, winner: BidResult, reason: str) -> dict[str, str]:
    """Where the winner stood, and why it was chosen, for itself and whoever ranked above it or level with it."""
    if own.rank > winner.rank or not (winner.tied or winner.rank > 1):
        return {}
    return {"standing": "was not ranked first" if winner.rank > 1 else "shared the first place", "reason": reason}


def fingerprint(content: dict[str, Any]) -> str:
    """The SHA-256 of the canonical JSON, in hexadecimal."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _summary(bid: BidResult) -> dict[str, Any]:
    return {"provider": bid.provider_name, "total": str(bid.total), "criteria": _criteria(bid.lines)}


def _criteria(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [
        {"name": line.name, "weight": line.weight, "price": line.is_price, "score": str(line.score)}
        | {"reasons": list(line.reasons)}
        | ({"formula": line.formula} if line.formula else {})
        for line in lines
    ]
