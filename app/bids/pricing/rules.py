"""The lines of a price, their exact total, and what the lot and the member's own card allow. Pure. Source: row 7.11."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.money import pounds
from app.core.refusals import Refusal
from app.core.words import listed
from app.frameworks.rules import UNITS, PriceUnit
from app.memberships.rates.rules import Limit

MOST_LINES: Final = 20
MOST_QUANTITY: Final = 9_999_99
"""In hundredths."""


class LineKind(StrEnum):
    """What a line is the price of; all but the last two are units in which a lot may set a limit."""

    SESSION = "session"
    HOUR = "hour"
    DAY = "day"
    PLACE = "place"
    OVERNIGHT = "overnight"
    ASSESSMENT = "assessment"
    REPORT = "report"
    MILE = "mile"
    CANCELLATION = "cancellation"
    NO_SHOW = "no_show"
    TRAVEL = "travel"
    OTHER = "other"

    @property
    def unit(self) -> PriceUnit | None:
        return PriceUnit(self.value) if self.value in set(PriceUnit) else None


LINES: Final = {
    LineKind.SESSION: "Sessions",
    LineKind.HOUR: "Hours",
    LineKind.DAY: "Days",
    LineKind.PLACE: "Places in a group",
    LineKind.OVERNIGHT: "Overnight stays",
    LineKind.ASSESSMENT: "Assessments",
    LineKind.REPORT: "Reports",
    LineKind.MILE: "Travel, by the mile",
    LineKind.CANCELLATION: "Cancelled with less than 48 hours’ notice",
    LineKind.NO_SHOW: "Missed appointments",
    LineKind.TRAVEL: "Travel, as one sum",
    LineKind.OTHER: "Something else, which you name",
}
IF_IT_HAPPENS: Final = frozenset({LineKind.CANCELLATION, LineKind.NO_SHOW})
"""Charged only when it happens: a quantity of nought says the rate and adds nothing."""


class Vat(StrEnum):
    NONE = "none"
    INCLUDED = "included"


VATS: Final = {
    Vat.NONE: "No VAT is charged: the work is exempt, or we are not registered",
    Vat.INCLUDED: "Every rate includes the VAT that will be charged",
}
"""Either way the total is what the agency pays, so that bids are compared alike."""


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` is in hundredths. `label` names it where its kind does not say enough."""

    kind: LineKind
    quantity: int
    rate_pence: int
    label: str = ""

    @property
    def pence(self) -> int:
        """Quantity times rate, half a penny rounded up."""
        return (self.quantity * self.rate_pence + 50) // 100

    @property
    def name(self) -> str:
        if self.kind is LineKind.OTHER:
            return self.label
        return f"{LINES[self.kind]}: {self.label}" if self.label else LINES[self.kind]

    @property
    def contingent(self) -> bool:
        return self.kind in IF_IT_HAPPENS

    @property
    def counted(self) -> str:
        """'20', '1.5'."""
        whole, part = divmod(self.quantity, 100)
        return f"{whole}.{part:02d}".rstrip("0") if part else str(whole)


def total_pence(lines: Sequence[Line]) -> int:
    return sum(line.pence for line in lines)


def against(line: Line, limits: Mapping[PriceUnit, Limit]) -> str:
    """What speaks against its rate, in the words beside it; nothing where it may stand."""
    unit = line.kind.unit
    limit = limits.get(unit) if unit else None
    if unit is None or limit is None:
        return ""
    each, most = UNITS[unit], pounds(limit.pence)
    if limit.exact:
        return "" if line.rate_pence == limit.pence else f"The framework sets the price of each {each}: {most}."
    if line.rate_pence <= limit.pence:
        return ""
    if limit.own:
        return f"Your rate card has {most} for each {each}. You may ask for less, and not for more."
    return f"The most for each {each} in this lot is {most}."


def why_not_price(
    lines: Sequence[Line], vat: Vat | None, *, limits: Mapping[PriceUnit, Limit], unit: PriceUnit, bid_id: UUID
) -> Refusal | None:
    """`unit` is the one in which the lot is priced: every price says what one costs, or it could not be held to its limit."""
    mend = (f"/bids/{bid_id}#price", "Change your price")
    said = [f"{line.name}: {words}" for line in lines if (words := against(line, limits))]
    open_lines = [line.name for line in lines if not line.rate_pence or not (line.quantity or line.contingent)]
    if open_lines:
        return Refusal("line", f"Your price does not say how many, and what each costs: {listed(open_lines)}.", mend)
    if said:
        return Refusal("rate", " ".join(said), mend)
    if not any(line.kind.unit is unit and line.quantity for line in lines):
        return Refusal("headline", f"Your price does not say what each {UNITS[unit]} costs.", mend)
    if vat is None:
        return Refusal("vat", "Your price does not say whether VAT is in it.", mend)
    return None


def fewer_than_asked(lines: Sequence[Line], unit: PriceUnit, asked: int | None) -> str:
    """A warning, never a refusal: a bid may be for less than the brief asks, and says so."""
    priced = sum(line.quantity for line in lines if line.kind.unit is unit)
    if asked is None or not priced or priced >= asked * 100:
        return ""
    counted = Line(LineKind.OTHER, priced, 0).counted
    each = UNITS[unit]
    return f"The brief asks for {asked} (by the {each}), and you price {counted}. The agency sees it when it compares prices."


def unnamed(lines: Sequence[Line]) -> str:
    """Hidden charges are named lines."""
    found = [str(n) for n, line in enumerate(lines, 1) if line.kind is LineKind.OTHER and not line.label]
    return f"Say what line {listed(tuple(found))} is for" if found else ""
