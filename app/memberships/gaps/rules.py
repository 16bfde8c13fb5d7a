"""How many members are enough for a competition, and what follows where they are not. Pure."""

from enum import StrEnum
from typing import Final

FEW: Final = 3
"""Up to this many is few: one or two who decline leave no competition. A judgement of this service, not law."""


LOOKED_AT: Final = 8
"""Of so many members of a lot in a region it is worked out whether they could be invited, before all others are looked at."""


class Coverage(StrEnum):
    NONE = "none"
    ONE = "one"
    FEW = "few"
    ENOUGH = "enough"


WORDS: Final = {
    Coverage.NONE: "Nobody",
    Coverage.ONE: "One provider only",
    Coverage.FEW: "Few",
    Coverage.ENOUGH: "Enough",
}

CONSEQUENCES: Final = {
    Coverage.NONE: "Nobody can be invited, so no brief can be published here.",
    Coverage.ONE: (
        "There is no competition: one provider would bid alone. A direct award is possible only where the framework itself "
        "provides for it (Procurement Act 2023 s45(4))."
    ),
    Coverage.FEW: "Competition is thin: one or two who decline leave a single bid or none.",
}
"""What follows for a brief in this lot and region. Source of the direct award: Procurement Act 2023 s45(3) and (4)."""


def is_told(*, eligible: int, looked_at: int, members: int) -> bool:
    """Whether enough is known of a lot in a region: all of its members, or that those looked at are enough already."""
    return looked_at >= members or coverage(eligible) is Coverage.ENOUGH


def coverage(eligible: int) -> Coverage:
    """`eligible` counts the members that could be invited today."""
    if eligible <= 1:
        return Coverage.ONE if eligible else Coverage.NONE
    return Coverage.FEW if eligible <= FEW else Coverage.ENOUGH
