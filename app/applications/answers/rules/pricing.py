"""The prices of the lots an application asks for: which are asked, which stand, and the most each may be. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from app.core.money import pounds
from app.core.refusals import Refusal
from app.frameworks.rules import UNITS, Mechanism, PriceUnit, RateFacts


class Pricing(StrEnum):
    """What becomes of one price: asked of the applicant, fixed by the framework, or quoted in each bid."""

    ASKED = "asked"
    FIXED = "fixed"
    QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Priced:
    """A lot with its headline price and its further rates, as its framework states them."""

    id: UUID
    number: int
    name: str
    mechanism: Mechanism
    rates: tuple[RateFacts, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """One price of one lot; `most_pence` is what it is where it is fixed, `pence` what the applicant asks."""

    lot_id: UUID
    number: int
    lot: str
    unit: PriceUnit
    pricing: Pricing
    most_pence: int
    pence: int | None = None

    @property
    def field(self) -> str:
        """Its name in a form."""
        return f"r{self.number}_{self.unit}"

    @property
    def each(self) -> str:
        return UNITS[self.unit]

    @property
    def is_missing(self) -> bool:
        return self.pricing is Pricing.ASKED and self.pence is None


def prices(lots: Sequence[Priced], given: Mapping[tuple[UUID, PriceUnit], int]) -> tuple[Price, ...]:
    """Every price of these lots, the headline price of each first, with what the applicant asks where it is asked."""
    card = (
        Price(lot.id, lot.number, f"Lot {lot.number}: {lot.name}", rate.unit, _pricing(lot, rate), rate.pence)
        for lot in lots
        for rate in lot.rates
    )
    return tuple(
        replace(one, pence=given.get((one.lot_id, one.unit))) if one.pricing is Pricing.ASKED else one for one in card
    )


def why_not_price(price: Price, pence: int) -> Refusal | None:
    if price.pricing is not Pricing.ASKED:
        return Refusal("price_not_asked", f"{price.lot}: the price for each {price.each} is not asked for.")
    if pence > price.most_pence:
        return Refusal(
            "above_ceiling",
            f"{price.lot}: {pounds(pence)} for each {price.each} is above the most it may be, {pounds(price.most_pence)}.",
        )
    return None


def missing(card: Sequence[Price], base: str) -> tuple[Refusal, ...]:
    """Each price that keeps an application from being submitted, with its link; `base` is the application's own path."""
    return tuple(
        Refusal(
            "price_missing",
            f"There is no price for each {one.each} in {one.lot}.",
            (f"{base}/prices#{one.field}", "Go to your prices"),
        )
        for one in card
        if one.is_missing
    )


def _pricing(lot: Priced, rate: RateFacts) -> Pricing:
    if rate.is_fixed or lot.mechanism is Mechanism.FIXED_PRICE:
        return Pricing.FIXED
    return Pricing.ASKED if lot.mechanism is Mechanism.RATE_CARD else Pricing.QUOTED
