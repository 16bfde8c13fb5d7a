"""The score of a price, the ranking of bids, and who may score and see scores when."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.awards.rules.prices import FIXED
from app.briefs.rules import Phase
from app.core.refusals import Refusal
from app.core.scoring import Mark, PriceFormula, places, price_score, quality_score


@dataclass(frozen=True, slots=True)
class Criterion:
    id: UUID
    name: str
    guidance: str
    is_price: bool
    weight: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A bid to be ranked: its price, and the points its assessors gave it on each criterion but price."""

    bid_id: UUID
    price_pence: int
    points: Mapping[UUID, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """`scores` by criterion; `tied` when another bid has the same total and the same price."""

    bid_id: UUID
    rank: int
    tied: bool
    scores: Mapping[UUID, Decimal]
    total: Decimal


def is_scored(entry: Entry, criteria: Iterable[Criterion]) -> bool:
    """Whether at least one assessor has scored this bid on every criterion but price."""
    return all(criterion.is_price or entry.points.get(criterion.id) for criterion in criteria)


def ranking(
    criteria: Sequence[Criterion], entries: Sequence[Entry], formula: PriceFormula = PriceFormula.LOWEST_SHARE
) -> tuple[Ranked, ...]:
    """Best first: by total, then by the lower price; the same total at the same price is a tie, and shares its rank.

    Every entry must be scored (`is_scored`). The order of `entries` makes no difference to any rank or score.
    """
    lowest = min((entry.price_pence for entry in entries), default=0)
    scored = [(entry, _scores(entry, lowest, criteria, formula)) for entry in entries]
    keys = {entry.bid_id: (-sum(scores.values(), Decimal(0)), entry.price_pence) for entry, scores in scored}
    placed = places(keys)
    ranked = [
        Ranked(
            bid_id=entry.bid_id,
            rank=placed[entry.bid_id].rank,
            tied=placed[entry.bid_id].tied,
            scores=scores,
            total=-keys[entry.bid_id][0],
        )
        for entry, scores in scored
    ]
    return tuple(sorted(ranked, key=lambda bid: (bid.rank, bid.bid_id)))


def fingerprint(ranked: Iterable[Ranked]) -> str:
    """The SHA-256 of who stands where, with which total, in hexadecimal."""
    return hashlib.sha256("".join(f"{bid.rank} {bid.bid_id} {bid.total}\n" for bid in ranked).encode()).hexdigest()


def _scores(
    entry: Entry, lowest_pence: int, criteria: Sequence[Criterion], formula: PriceFormula
) -> dict[UUID, Decimal]:
    return {
        criterion.id: price_score(entry.price_pence, lowest_pence, criterion.weight, formula)
        if criterion.is_price
        else quality_score(entry.points[criterion.id], criterion.weight)
        for criterion in criteria
    }


def why_not_read(*, phase: Phase, declared: bool, brief_id: UUID) -> Refusal | None:
    """Whether an assessor may open the bids that are not conflicted for them."""
    if not declared:
        return Refusal(
            "undeclared",
            "Say first whom of the invited providers you have an interest in.",
            (f"/briefs/{brief_id}/declaration", "Declare your interests"),
        )
    if phase in (Phase.OPEN, Phase.CLOSED):
        return Refusal("sealed", "The bids are sealed. You can read them once two people have opened them.")
    if phase not in (Phase.OPENED, Phase.AWARDED):
        return Refusal("not_live", f"This brief is {phase.value}. There are no bids to read.")
    return None


def why_not_score(*, phase: Phase, opened: bool, submitted: bool, assessed: bool = False) -> Refusal | None:
    """Whether an assessor may write or change scores. `assessed`: it is on record that quality is."""
    if phase is not Phase.OPENED:
        return Refusal("not_open", "Scores are given after the opening and before the award.")
    if not opened:
        return Refusal("unread", "Open the bids before you score them.")
    if submitted:
        return Refusal("locked", "You have submitted your scores, so they are locked.")
    if assessed:
        return FIXED
    return None


def why_not_overwrite(seen: str | None, saved: Mapping[UUID, Mark], given: Mapping[UUID, Mark]) -> Refusal | None:
    """Nobody writes over marks that they did not read. `seen` is the digest of those on their page, None where nobody looked."""
    if seen in (None, marks_digest(saved)) or saved == given:
        return None
    words = (
        "You saved other scores of this bid in another window after you opened this page. Both are below: what is saved, and "
        "in the boxes what you have here, not saved yet. Save again to put it in place of what is saved."
    )
    return Refusal("saved_meanwhile", words)


def marks_digest(marks: Mapping[UUID, Mark]) -> str:
    """The SHA-256 of one assessor's marks of one bid, by criterion, in hexadecimal."""
    told = [[str(one), mark.points, mark.reason] for one, mark in sorted(marks.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def why_not_submit(*, phase: Phase, opened: bool, unscored: int, assessed: bool = False) -> Refusal | None:
    """Whether an assessor may submit: every bid they may see has a score and a reason on each criterion."""
    if refused := why_not_score(phase=phase, opened=opened, submitted=False, assessed=assessed):
        return refused
    if unscored:
        bids = "One bid still needs" if unscored == 1 else f"{unscored} bids still need"
        return Refusal("unscored", f"{bids} your scores. You submit them all together.")
    return None


def why_not_see_results(*, phase: Phase, waiting: int, conflicted: bool) -> Refusal | None:
    """Whether scores may be compared. Nobody sees another's before all are in; an interested person sees none at all.

    One bid's price score tells the lowest price of all, so an interest in one bidder closes the whole table.
    """
    if conflicted:
        return Refusal(
            "conflicted", "You have an interest in one of the providers, so the scores and prices are not shown to you."
        )
    if phase not in (Phase.OPENED, Phase.AWARDED):
        return Refusal("not_open", "There are no scores before the bids have been opened.")
    if waiting:
        who = "One assessor has" if waiting == 1 else f"{waiting} assessors have"
        return Refusal("waiting", f"{who} not yet submitted their scores. Nobody sees any until all are in.")
    return None
