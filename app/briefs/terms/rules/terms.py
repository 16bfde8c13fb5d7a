"""A brief's terms as one value, and what each of its small lists holds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from app.briefs.terms.rules.kinds import ROUTES, Delivery, Route, Setting, Source
from app.core.refusals import Refusal
from app.core.scoring import PriceFormula

MOST_QUESTIONS: Final = 10
MOST_DATES: Final = 6
LEAST_REASON: Final = 20


@dataclass(frozen=True, slots=True)
class BriefQuestion:
    """Every bid answers it. `criterion` is the position of the criterion it is scored under; `asked_as` the framework's own."""

    id: UUID
    text: str
    max_words: int
    criterion: int | None = None
    asked_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeyDate:
    on: date
    what: str


@dataclass(frozen=True, slots=True)
class Funding:
    """Where the money comes from. `applied` and `panel` are the references of decisions: the family's, never copied."""

    sources: tuple[Source, ...] = ()
    assessed_on: date | None = None
    applied: str = ""
    panel: str = ""
    panel_on: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a brief asks for beside its words; `left` are the codes of advice that was left as it is.

    `therapies` are (slug, name on the day it was written); `awards` is how many bids may win, `places` what each of them
    then provides.
    """

    route: Route | None = None
    route_reason: str = ""
    children: int = 1
    therapies: tuple[tuple[str, str], ...] = ()
    delivery: Delivery | None = None
    settings: tuple[Setting, ...] = ()
    ends_by: date | None = None
    key_dates: tuple[KeyDate, ...] = ()
    review_dates: tuple[date, ...] = ()
    awards: int = 1
    places: int | None = None
    price_formula: PriceFormula = PriceFormula.LOWEST_SHARE
    two_envelopes: bool = False
    funding: Funding = Funding()
    questions: tuple[BriefQuestion, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """What is written in a person's own words and read by members: (its name on the page, the words)."""
        return (
            *((f"question {n}", q.text) for n, q in enumerate(self.questions, start=1)),
            *((f"key date {n}", k.what) for n, k in enumerate(self.key_dates, start=1)),
        )


def copied(terms: Terms) -> Terms:
    """The terms without the dates, what is the family's, and the decisions about its money."""
    return replace(
        terms,
        route_reason="",
        children=1,
        ends_by=None,
        key_dates=(),
        review_dates=(),
        funding=Funding(sources=terms.funding.sources),
        left=(),
    )


def why_not_route(route: Route | None) -> Refusal | None:
    """Only a mini-competition goes out to members. Without a route nobody could say under which law it was bought."""
    if route is None:
        return Refusal("route", "Choose how the provider is found.")
    if route.is_recorded:
        return Refusal("route", f"This brief is recorded as “{ROUTES[route].name}”, so no member is invited to it.")
    return None


def why_not_leave(code: str, advice: Sequence[str]) -> Refusal | None:
    """Advice may be left as it is; what stops a publication may not."""
    if code in advice:
        return None
    return Refusal("advice", "Only advice that stands on this brief can be left as it is.")
