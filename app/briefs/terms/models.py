"""The terms of a brief as columns of its row: `Brief` inherits them, and `app.briefs.terms.rules.Terms` is their value."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.briefs.terms.rules import (
    BriefQuestion,
    Delivery,
    Funding,
    KeyDate,
    Route,
    Setting,
    Source,
    Terms,
)
from app.core.rows import json_column, lines_column, one_of
from app.core.scoring import PriceFormula

CONSTRAINTS = (
    one_of("route", Route),
    one_of("delivery", Delivery),
    one_of("price_formula", PriceFormula),
    CheckConstraint("published_at IS NULL OR route = 'mini_competition'", name="published_route"),
    CheckConstraint(
        "published_at IS NULL OR (sessions IS NOT NULL AND start_by IS NOT NULL AND budget_pence IS NOT NULL)",
        name="published_whole",
    ),
    CheckConstraint("children > 0", name="children"),
    CheckConstraint("awards > 0", name="awards"),
    CheckConstraint("places > 0", name="places"),
)
"""Of the table `brief`."""


class TermsColumns(SQLModel):
    """`fund_apply_by` is the last day to apply to the Fund, as it stood on the day of publication."""

    route: str | None = Field(default=None, max_length=20)
    route_reason: str = Field(default="", max_length=1000)
    children: int = 1
    therapies: dict[str, str] = json_column()
    delivery: str | None = Field(default=None, max_length=20)
    settings: list[str] = lines_column()
    ends_by: date | None = None
    key_dates: list[dict[str, str]] = lines_column()
    review_dates: list[str] = lines_column()
    awards: int = 1
    places: int | None = None
    price_formula: str = Field(default=PriceFormula.LOWEST_SHARE, max_length=20)
    two_envelopes: bool = False
    funding: list[str] = lines_column()
    assessed_on: date | None = None
    fund_application: str = Field(default="", max_length=80)
    panel_reference: str = Field(default="", max_length=80)
    panel_on: date | None = None
    fund_apply_by: date | None = None
    questions: list[dict[str, Any]] = lines_column()
    advice_left: list[str] = lines_column()


def terms_of(row: TermsColumns) -> Terms:
    """The terms that a row holds."""
    return Terms(
        route=Route(row.route) if row.route else None,
        route_reason=row.route_reason,
        children=row.children,
        therapies=tuple(row.therapies.items()),
        delivery=Delivery(row.delivery) if row.delivery else None,
        settings=tuple(map(Setting, row.settings)),
        ends_by=row.ends_by,
        key_dates=tuple(KeyDate(date.fromisoformat(one["on"]), one["what"]) for one in row.key_dates),
        review_dates=tuple(map(date.fromisoformat, row.review_dates)),
        awards=row.awards,
        places=row.places,
        price_formula=PriceFormula(row.price_formula),
        two_envelopes=row.two_envelopes,
        funding=Funding(
            tuple(map(Source, row.funding)), row.assessed_on, row.fund_application, row.panel_reference, row.panel_on
        ),
        questions=questions_of(row),
        left=tuple(row.advice_left),
    )


def questions_of(row: TermsColumns) -> tuple[BriefQuestion, ...]:
    """Of those terms, only what a bid answers."""
    return tuple(_question(one) for one in row.questions)


def columns_of(terms: Terms) -> dict[str, Any]:
    """The columns that hold these terms."""
    return {
        "route": terms.route,
        "route_reason": terms.route_reason,
        "children": terms.children,
        "therapies": dict(terms.therapies),
        "delivery": terms.delivery,
        "settings": list(terms.settings),
        "ends_by": terms.ends_by,
        "key_dates": [{"on": one.on.isoformat(), "what": one.what} for one in terms.key_dates],
        "review_dates": [on.isoformat() for on in terms.review_dates],
        "awards": terms.awards,
        "places": terms.places,
        "price_formula": terms.price_formula,
        "two_envelopes": terms.two_envelopes,
        "funding": list(terms.funding.sources),
        "assessed_on": terms.funding.assessed_on,
        "fund_application": terms.funding.applied,
        "panel_reference": terms.funding.panel,
        "panel_on": terms.funding.panel_on,
        "questions": [
            {
                "id": str(one.id),
                "text": one.text,
                "max_words": one.max_words,
                "criterion": one.criterion,
                "asked_as": str(one.asked_as) if one.asked_as else None,
            }
            for one in terms.questions
        ],
        "advice_left": list(terms.left),
    }


def _question(told: dict[str, Any]) -> BriefQuestion:
    asked_as = told["asked_as"]
    return BriefQuestion(
        UUID(told["id"]), told["text"], told["max_words"], told["criterion"], UUID(asked_as) if asked_as else None
    )
