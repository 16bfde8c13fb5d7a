"""What the Adoption and Special Guardianship Support Fund pays, and by when it must be asked. Pure.

Source: funding_rules.json, `periods` and `application`: one article says four months, the guidance three.
"""

from datetime import date
from typing import Final

from app.core.london import day_in_words
from app.evidence.rules.retention import add_months

APPLY_WITHIN_MONTHS: Final = 3
FUND_DECIDES_IN: Final = 20
"""Working days from an application to the Fund's decision."""


def apply_by(assessed_on: date) -> date:
    """The last day on which the Fund takes an application that rests on this assessment of support needs."""
    return add_months(assessed_on, APPLY_WITHIN_MONTHS)


def countdown(assessed_on: date, today: date) -> str:
    """'Apply to the Fund by 5 December 2026: 9 days left.'"""
    last = apply_by(assessed_on)
    days = (last - today).days
    if days < 0:
        return f"The three months to apply to the Fund ended on {day_in_words(last)}."
    left = {0: "today is the last day", 1: "1 day left"}.get(days, f"{days} days left")
    return f"Apply to the Fund by {day_in_words(last)}: {left}."


def above_limit(budget_pence: int, limit_pence: int, children: int) -> int:
    """By how many pence a budget is above what the Fund pays for so many children; nought when it is within."""
    return max(0, budget_pence - limit_pence * children)
