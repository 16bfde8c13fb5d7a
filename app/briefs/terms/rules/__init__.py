"""What a brief's terms may be, how the Fund's limits and clocks bear on them, and what the checker finds in them. Pure."""

from app.briefs.terms.rules.checking import DECIDED_IN, Checked, CheckedCriterion, Finding, LotPrice, advice, check
from app.briefs.terms.rules.funding import FUND_DECIDES_IN, above_limit, apply_by, countdown
from app.briefs.terms.rules.kinds import (
    DELIVERIES,
    FORMULAS,
    QUANTITIES,
    ROUTES,
    SETTINGS,
    SOURCES,
    Delivery,
    Route,
    RouteWords,
    Setting,
    Source,
)
from app.briefs.terms.rules.pricing import Example, worked_example
from app.briefs.terms.rules.terms import (
    MOST_DATES,
    MOST_QUESTIONS,
    BriefQuestion,
    Funding,
    KeyDate,
    Terms,
    copied,
    why_not_leave,
    why_not_route,
)
from app.briefs.terms.rules.words import in_words

__all__ = [
    "DECIDED_IN",
    "DELIVERIES",
    "FORMULAS",
    "FUND_DECIDES_IN",
    "MOST_DATES",
    "MOST_QUESTIONS",
    "QUANTITIES",
    "ROUTES",
    "SETTINGS",
    "SOURCES",
    "BriefQuestion",
    "Checked",
    "CheckedCriterion",
    "Delivery",
    "Example",
    "Finding",
    "Funding",
    "KeyDate",
    "LotPrice",
    "Route",
    "RouteWords",
    "Setting",
    "Source",
    "Terms",
    "above_limit",
    "advice",
    "apply_by",
    "check",
    "copied",
    "countdown",
    "in_words",
    "why_not_leave",
    "why_not_route",
    "worked_example",
]
