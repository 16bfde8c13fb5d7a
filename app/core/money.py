"""Money in whole pence, exact; shown as people in Britain write it."""

import re
from decimal import Decimal
from typing import Final

MOST_PENCE: Final = 100_000_000_00
_AMOUNT: Final = re.compile(r"\d{1,12}(\.\d{0,2}0*)?|\.\d{1,2}0*", re.ASCII)
_BETWEEN_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))", re.ASCII)


def pounds(pence: int) -> str:
    """125000 -> '£1,250.00'."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def to_pence(typed: str) -> int:
    """'£1,250.5' -> 125050. Raises `ValueError` for anything that is not an exact, non-negative amount.

    A comma stands between thousands: '12,50' is refused, for it may well mean £12.50.
    """
    bare = without_commas(re.sub(r"[£\s]", "", typed))
    pence = int(Decimal(bare) * 100) if _AMOUNT.fullmatch(bare) else -1
    if not 0 <= pence <= MOST_PENCE:
        raise ValueError("not an amount of money")
    return pence


def without_commas(number: str) -> str:
    """'1,250' -> '1250'; a comma that does not stand before three digits is left where it is."""
    whole, point, rest = number.partition(".")
    return _BETWEEN_THOUSANDS.sub("", whole) + point + rest
