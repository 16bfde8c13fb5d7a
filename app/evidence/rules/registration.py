"""Which documents a provider that has just registered is asked for first, and how many of them it has supplied. Pure."""

from collections.abc import Iterable
from typing import Final

from app.evidence.rules.worth import Standing

ASKED_FIRST: Final = ("ins_public_liability", "ins_professional_indemnity", "safeguarding_policy", "dbs_enhanced")
"""What every published framework asks of everybody; each framework then sets its own list."""

_SUPPLIED: Final = (Standing.VERIFIED, Standing.AWAITING_CHECK)


def supplied(held: Iterable[tuple[str, Standing]]) -> int:
    """How many of those asked for first are with a checker or verified. `held`: each item's kind and standing."""
    return len({kind for kind, standing in held if kind in ASKED_FIRST and standing in _SUPPLIED})
