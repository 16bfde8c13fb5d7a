"""When an application to an intake that is always open is decided: on the first of its named days. Pure."""

from collections.abc import Collection
from datetime import date

from app.core.london import day_in_words
from app.core.refusals import Refusal


def batch_of(on: date, days: Collection[date]) -> date | None:
    """The first of the days of decision that is not over on the day it was submitted; None when it waits for none."""
    return min((day for day in days if day >= on), default=None)


def why_not_yet(batch: date | None, on: date) -> Refusal | None:
    """Nothing is decided before its day, so that those who applied in time are decided together. Days are London's."""
    if batch and on < batch:
        return Refusal(
            "before_batch", f"This application is decided with its batch on {day_in_words(batch)}, and no earlier."
        )
    return None
