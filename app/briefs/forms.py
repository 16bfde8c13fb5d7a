"""What a commissioner may type about a brief, and what a member may answer."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, create_model, field_validator

from app.briefs.identity import Guarded
from app.briefs.queries import BriefFacts
from app.briefs.rules import CLOSING_HOURS, TEXTS, AgeBand, DeclineReason, Facts, closing, why_not_say
from app.core.london import LONDON
from app.core.money import pounds, to_pence
from app.frameworks.queries import Criterion
from app.web.forms import Form

MOST_POUNDS: Final = 1_000_000


def _pence(typed: object) -> int:
    try:
        pence = to_pence(str(typed))
    except ValueError:
        raise ValueError("Enter an amount in pounds, like 1,250.00") from None
    if not 0 < pence <= MOST_POUNDS * 100:
        raise ValueError(f"Enter an amount above £0 and up to £{MOST_POUNDS:,}")
    return pence


Pounds = Annotated[int, BeforeValidator(_pence)]
"""An amount of money, typed in pounds, held in pence."""


class BriefForm(Form):
    """One brief; `brief_form` adds a weight for each criterion of its framework. `place` is a region's id and an area of it."""

    title: str = Field(title="a title", min_length=5, max_length=120)
    lot: UUID = Field(title="a lot")
    place: str = Field(title="where the family lives")
    age_band: AgeBand = Field(title="an age band")
    need: str = Field(default="", title="the need", max_length=4000)
    outcomes: str = Field(default="", title="the outcomes", max_length=4000)
    sessions: int = Field(title="the number of sessions", ge=1, le=200)
    start_by: date = Field(title="the day to start by")
    budget: Pounds = Field(title="the budget")
    closes_on: date = Field(title="the closing date")
    closing_hour: Literal["10", "12", "14", "16"] = Field(title="a closing time")

    WORDS = {"place": "Select where the family lives", "lot": "Select a lot"}  # noqa: RUF012 - declared in Form

    @field_validator("place")
    @classmethod
    def _a_region_and_an_area(cls, place: str) -> str:
        region, _, area = place.partition("/")
        UUID(region)
        if not area:
            raise ValueError("Select where the family lives")
        return place

    def facts(self) -> Facts:
        region, _, area = self.place.partition("/")
        return Facts(
            lot_id=self.lot,
            region_id=UUID(region),
            title=self.title,
            need=self.need,
            outcomes=self.outcomes,
            age_band=self.age_band,
            area=area,
            sessions=self.sessions,
            start_by=self.start_by,
            budget_pence=self.budget,
            closes_at=closing(self.closes_on, int(self.closing_hour)),
            weights=tuple(getattr(self, name) for name in type(self).model_fields if name.startswith("weight_")),
        )


def brief_form(criteria: Sequence[Criterion]) -> type[BriefForm]:
    """The form of one framework: its criteria's weights are `weight_1` and on, in per cent, nought when left empty."""
    weights: dict[str, Any] = {
        f"weight_{number}": (int, Field(default=0, ge=0, le=100, title=f"the weight of {criterion.name}"))
        for number, criterion in enumerate(criteria, start=1)
    }
    return create_model("FrameworkBriefForm", __base__=BriefForm, **weights)


def typed(brief: BriefFacts) -> dict[str, Any]:
    """What the form shows of a brief already written."""
    closes = brief.closes_at.astimezone(LONDON)
    known: dict[str, Any] = {
        "title": brief.title,
        "lot": str(brief.lot_id),
        "place": f"{brief.region_id}/{brief.area}",
        "age_band": brief.age_band,
        "need": brief.need,
        "outcomes": brief.outcomes,
        "sessions": str(brief.sessions),
        "budget": pounds(brief.budget_pence).removeprefix("£"),
        "closing_hour": str(closes.hour) if closes.hour in CLOSING_HOURS else "",
    }
    for name, day in (("start_by", brief.start_by), ("closes_on", closes.date())):
        known |= {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
    return known | {f"weight_{number}": str(c.weight) for number, c in enumerate(brief.criteria, start=1)}


def findings(texts: Iterable[Guarded]) -> dict[str, str]:
    """What the identity guard finds and nobody has let through, beside each field."""
    fields = {label: name for name, label in TEXTS}
    found = {fields[one.label]: " ".join(f.words for f in one.unreleased) for one in texts}
    return {name: words for name, words in found.items() if words}


class PublishForm(Form):
    """`seen` is the digest of the brief that the page showed."""

    agreed: Literal["true"] = Field(title="your confirmation")
    seen: str | None = None

    WORDS = {"agreed": "Confirm that you have read the brief and that no child can be known by it"}  # noqa: RUF012


class CancelForm(Form):
    reason: str = Field(title="the reason", min_length=10, max_length=1000)

    @field_validator("reason")
    @classmethod
    def _tells_nobody_who_the_child_is(cls, reason: str) -> str:
        if refusal := why_not_say(reason):
            raise ValueError(refusal.words)
        return reason


class DeclineForm(Form):
    provider: UUID = Field(title="your organisation")
    reason: DeclineReason = Field(title="a reason")
