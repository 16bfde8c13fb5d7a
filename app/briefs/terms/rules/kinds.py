"""The closed lists of a brief's terms, and how each is called on a page. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.core.scoring import PriceFormula
from app.frameworks.rules import PriceUnit


class Route(StrEnum):
    """How the provider is found: one field, because the law, the record and what the service does next hang on it."""

    MINI_COMPETITION = "mini_competition"
    FAMILY_CHOICE = "family_choice"
    DIRECT = "direct"
    BLOCK = "block"
    SPOT = "spot"

    @property
    def is_recorded(self) -> bool:
        """Whether the brief is only kept on record, and goes out to nobody."""
        return self is not Route.MINI_COMPETITION


@dataclass(frozen=True, slots=True)
class RouteWords:
    """`guidance` is when the route fits, with the source of law where one rules; `next` what this service does then."""

    name: str
    guidance: str
    next: str


ROUTES: Final = {
    Route.MINI_COMPETITION: RouteWords(
        "Mini-competition",
        "Every eligible member is invited, bids are sealed, and the best against your criteria wins. The usual way under a "
        "framework (Procurement Act 2023 s45(3) and s46).",
        "A second person publishes it, and every eligible member of the lot and region is invited.",
    ),
    Route.FAMILY_CHOICE: RouteWords(
        "The family’s choice",
        "The family chooses from members at the prices the framework sets. It needs a framework that says how the choice is "
        "made: without that it is a direct award (Procurement Act 2023 s45(4)).",
        "Nobody is invited. Show the family the members of this lot and region, and keep here why they chose as they did.",
    ),
    Route.DIRECT: RouteWords(
        "Direct award",
        "One member, without a competition. Only where the framework has one supplier, or sets the core terms and an objective "
        "way to choose (Procurement Act 2023 s45(4)).",
        "Nobody is invited. Check that the framework says how a direct award is made, and agree the work with that member.",
    ),
    Route.BLOCK: RouteWords(
        "A block contract you have",
        "The work is within a contract that is already paid for, so nothing new is bought.",
        "Nobody is invited. Refer the family to the provider of your block contract.",
    ),
    Route.SPOT: RouteWords(
        "Spot purchase",
        "Bought outside the framework, because no member can do it. It is the dearest way to buy and the hardest to plan: say "
        "why no member fits.",
        "Nobody is invited. Buy it under your own contract rules; the reason stays here for whoever plans the market.",
    ),
}


class Delivery(StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    EITHER = "either"


DELIVERIES: Final = {
    Delivery.IN_PERSON: "In person",
    Delivery.ONLINE: "Online",
    Delivery.EITHER: "Either, as suits the family",
}


class Setting(StrEnum):
    """A kind of place, never a place."""

    HOME = "home"
    CLINIC = "clinic"
    SCHOOL = "school"
    COMMUNITY = "community"
    VENUE = "venue"


SETTINGS: Final = {
    Setting.HOME: "The family’s home",
    Setting.CLINIC: "The provider’s clinic",
    Setting.SCHOOL: "School or nursery",
    Setting.COMMUNITY: "A community place",
    Setting.VENUE: "The agency’s venue",
}


class Source(StrEnum):
    """Where the money comes from."""

    FUND = "fund"
    MATCH = "match"
    AUTHORITY = "authority"
    PANEL = "panel"


SOURCES: Final = {
    Source.FUND: "Adoption and Special Guardianship Support Fund",
    Source.MATCH: "Match funding by the council",
    Source.AUTHORITY: "The council’s or agency’s own budget",
    Source.PANEL: "Money a funding panel has agreed",
}

QUANTITIES: Final = {
    PriceUnit.SESSION: "sessions",
    PriceUnit.HOUR: "hours",
    PriceUnit.ASSESSMENT: "assessments",
    PriceUnit.DAY: "days",
    PriceUnit.PLACE: "places in a group",
    PriceUnit.OVERNIGHT: "overnight stays",
}
"""What a brief counts, by the unit in which its lot is priced; the other units are never all of a price."""

FORMULAS: Final = {
    PriceFormula.LOWEST_SHARE: (
        "Lowest price divided by this price",
        "The lowest price has the whole weight. Every other has the lowest price, divided by its own, times the weight.",
    ),
    PriceFormula.STRAIGHT_LINE: (
        "Straight line from the lowest price to its double",
        "The lowest price has the whole weight. A price 10% above it loses 10% of the weight, and one at its double has none.",
    ),
}
"""A formula's name, and the formula in words."""
