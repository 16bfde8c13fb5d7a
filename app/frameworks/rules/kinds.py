"""What a framework may be made of, as closed lists, and how each is called on a page. Pure."""

from enum import StrEnum
from typing import Final


class Service(StrEnum):
    TRAINING = "training"
    SPECIALIST_ASSESSMENT = "specialist_assessment"
    MEDIATION = "mediation"
    THERAPEUTIC_INTERVENTION = "therapeutic_intervention"
    SHORT_BREAKS = "short_breaks"


class PriceUnit(StrEnum):
    HOUR = "hour"
    SESSION = "session"
    ASSESSMENT = "assessment"
    DAY = "day"
    PLACE = "place"
    OVERNIGHT = "overnight"
    MILE = "mile"
    CANCELLATION = "cancellation"
    REPORT = "report"
    NO_SHOW = "no_show"


UNITS: Final = {
    PriceUnit.HOUR: "hour",
    PriceUnit.SESSION: "session",
    PriceUnit.ASSESSMENT: "assessment",
    PriceUnit.DAY: "day",
    PriceUnit.PLACE: "place in a group",
    PriceUnit.OVERNIGHT: "overnight stay",
    PriceUnit.MILE: "mile of travel",
    PriceUnit.CANCELLATION: "late cancellation",
    PriceUnit.REPORT: "report",
    PriceUnit.NO_SHOW: "missed appointment",
}
"""'The most for each …'."""


class Mechanism(StrEnum):
    QUOTE_UNDER_CEILING = "quote_under_ceiling"
    RATE_CARD = "rate_card"
    FIXED_PRICE = "fixed_price"


MECHANISMS: Final = {
    Mechanism.QUOTE_UNDER_CEILING: "Each bid quotes its price, up to the ceiling",
    Mechanism.RATE_CARD: "Each member keeps a rate card, every rate up to its ceiling",
    Mechanism.FIXED_PRICE: "The framework sets the price",
}


class Way(StrEnum):
    MINI_COMPETITION = "mini_competition"
    PROVIDER_LIST = "provider_list"


WAYS: Final = {
    Way.MINI_COMPETITION: "Work is awarded by mini-competition",
    Way.PROVIDER_LIST: "A list of approved providers to choose from, without a competition",
}


class Admission(StrEnum):
    PASS_MARK = "pass_mark"  # noqa: S105 - a mark to reach, and no word to enter by
    RANKED = "ranked"


ADMISSIONS: Final = {
    Admission.PASS_MARK: "Everybody who meets the requirements and any pass mark",
    Admission.RANKED: "The best scored, up to a number of members in each region",
}


class Answering(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    YES_NO = "yes_no"
    NUMBER = "number"
    CHOICE = "choice"
    DECLARATION = "declaration"


ANSWERINGS: Final = {
    Answering.TEXT: "In words",
    Answering.YES_NO: "Yes or no",
    Answering.NUMBER: "A number",
    Answering.CHOICE: "One of a list",
    Answering.DECLARATION: "A declaration to agree to",
}


class Carry(StrEnum):
    """What becomes of an answer given before."""

    CARRY = "carry"
    CONFIRM = "confirm"
    FRESH = "fresh"


CARRYING: Final = {
    Carry.CARRY: "Carried over from an earlier application",
    Carry.CONFIRM: "Carried over, and confirmed by the provider",
    Carry.FRESH: "Always answered afresh",
}


class StandstillKind(StrEnum):
    MANDATORY = "mandatory"
    VOLUNTARY = "voluntary"
    NONE = "none"


def standstill_in_words(kind: StandstillKind, days: int | None, calendar: bool) -> str:
    """'8 working days, which may be left out'; `calendar` is days in a row instead of working days."""
    if kind is StandstillKind.NONE or days is None:
        return "None"
    return f"{days} {'days' if calendar else 'working days'}" + (
        ", which may be left out" if kind is StandstillKind.VOLUNTARY else ""
    )
