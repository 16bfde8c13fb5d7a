"""The arithmetic of points, exact to the hundredth, shared by all that people score: bids and applications. Pure.

All sums are decimal; each question's score is rounded half up to two places, and a total is the sum of rounded scores, so that
what a letter shows adds up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

Key = TypeVar("Key")

MOST_POINTS: Final = 5
LEAST_REASON: Final = 20
_HUNDREDTH: Final = Decimal("0.01")

POINTS: Final = (
    (0, "0: no answer, or it does not meet the need"),
    (1, "1: poor, with serious concerns"),
    (2, "2: partly meets the need, with concerns"),
    (3, "3: meets the need"),
    (4, "4: good, with confidence"),
    (5, "5: excellent, in every part"),
)


class PriceFormula(StrEnum):
    """How a price becomes a share of its criterion's weight."""

    LOWEST_SHARE = "lowest_share"
    STRAIGHT_LINE = "straight_line"


@dataclass(frozen=True, slots=True)
class Mark:
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something comes, the best first; `tied` when something else shares the rank."""

    rank: int
    tied: bool


def quality_score(points: Sequence[int], weight: int) -> Decimal:
    """The mean of the assessors' points, as a share of the most there are, of `weight`."""
    return rounded(Decimal(sum(points) * weight) / (len(points) * MOST_POINTS))


def price_score(
    price_pence: int, lowest_pence: int, weight: int, formula: PriceFormula = PriceFormula.LOWEST_SHARE
) -> Decimal:
    """What a price is worth of `weight`, beside the lowest of all prices, which has the full weight by every formula.

    Lowest share: lowest price / this price x weight. Straight line: as many per cent of the weight are lost as the price
    is above the lowest, and all of it at double the lowest.
    """
    if price_pence == lowest_pence:
        return rounded(Decimal(weight))
    if formula is PriceFormula.LOWEST_SHARE:
        return rounded(Decimal(lowest_pence * weight) / price_pence)
    left = 2 * lowest_pence - price_pence
    return rounded(Decimal(left * weight) / lowest_pence if left > 0 else Decimal(0))


def formula_in_words(formula: PriceFormula, weight: int) -> str:
    if formula is PriceFormula.LOWEST_SHARE:
        return f"lowest price ÷ this price × {weight}"
    return f"(2 × lowest price − this price) ÷ lowest price × {weight}, and never less than 0"


def rounded(value: Decimal) -> Decimal:
    """Half up, to the hundredth."""
    return value.quantize(_HUNDREDTH, ROUND_HALF_UP)


def places(keys: Mapping[Key, Any]) -> dict[Key, Place]:
    """The place of each by what it is compared by, the lowest first; those that compare equal share a rank."""
    in_order = sorted(keys.values())
    return {key: Place(in_order.index(value) + 1, in_order.count(value) > 1) for key, value in keys.items()}
