"""The four answers about Ofsted, and its ratings. Pure."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Answer(StrEnum):
    """The four answers about Ofsted, since December 2023. Source: SI 2005/2720 as amended in 2023."""

    REGISTERED = "registered"
    EXEMPT_AGENCY = "exempt_agency"
    EXEMPT_ADULTS = "exempt_adults"
    APPLIED = "applied"


ANSWERS: Final = {
    Answer.REGISTERED: "Registered",
    Answer.EXEMPT_AGENCY: "Exempt: all work is under contract with an adoption agency",
    Answer.EXEMPT_ADULTS: "Exempt: adults only",
    Answer.APPLIED: "Applied, not registered yet",
}


class Rating(StrEnum):
    OUTSTANDING = "outstanding"
    GOOD = "good"
    REQUIRES_IMPROVEMENT = "requires_improvement"
    INADEQUATE = "inadequate"
    NOT_INSPECTED = "not_inspected"


RATINGS: Final = {
    Rating.OUTSTANDING: "Outstanding",
    Rating.GOOD: "Good",
    Rating.REQUIRES_IMPROVEMENT: "Requires improvement to be good",
    Rating.INADEQUATE: "Inadequate",
    Rating.NOT_INSPECTED: "Not inspected yet",
}
_BEST_FIRST: Final = (Rating.OUTSTANDING, Rating.GOOD, Rating.REQUIRES_IMPROVEMENT, Rating.INADEQUATE)


def below(rating: Rating, floor: Rating) -> bool:
    """What was not inspected yet is below nothing."""
    return rating in _BEST_FIRST and _BEST_FIRST.index(rating) > _BEST_FIRST.index(floor)


def below_any(floors: Collection[Rating]) -> tuple[Rating, ...]:
    """The ratings that are below one of these floors."""
    return tuple(rating for rating in Rating if any(below(rating, floor) for floor in floors))
