"""Money in whole pence, exact; shown as people in Britain write it."""

import re
from decimal import Decimal, InvalidOperation

MOST_PENCE = 100_000_000_00


def pounds(pence: int) -> str:
    """125000 -> '£1,250.00'."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def to_pence(typed: str) -> int:
    """'£1,250.5' -> 125050. Raises `ValueError` for anything that is not an exact, non-negative amount."""
    bare = re.sub(r"[£,\s]", "", typed)
    try:
        pence = Decimal(bare) * 100
    except InvalidOperation:
        raise ValueError("not an amount of money") from None
    if not pence.is_finite() or pence != pence.to_integral_value() or not 0 <= pence <= MOST_PENCE:
        raise ValueError("not an amount of money")
    return int(pence)
