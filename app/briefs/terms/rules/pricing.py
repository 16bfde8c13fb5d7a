"""A price formula worked through with a brief's own numbers, by the arithmetic that scores the bids. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from app.core.scoring import PriceFormula, price_score


@dataclass(frozen=True, slots=True)
class Example:
    """A bid of the whole budget beside one a fifth below it, in pence, and what each price is worth of `weight`."""

    weight: int
    low_pence: int
    low_score: Decimal
    high_pence: int
    high_score: Decimal


def worked_example(formula: PriceFormula, budget_pence: int, weight: int) -> Example:
    """What two bids would have of the price criterion's weight, in per cent."""
    low = budget_pence * 4 // 5
    return Example(
        weight=weight,
        low_pence=low,
        low_score=price_score(low, low, weight, formula),
        high_pence=budget_pence,
        high_score=price_score(budget_pence, low, weight, formula),
    )
