"""What a commissioner may type about a brief. Only a title, a place and a closing time are needed to save a draft."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import count
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field, create_model, field_validator

from app.briefs.building.queries import Offer
from app.briefs.forms import Pounds
from app.briefs.identity import Guarded, guarded
from app.briefs.queries import BriefFacts
from app.briefs.rules import CLOSING_HOURS, TEXTS, AgeBand, Facts, closing
from app.briefs.terms.rules import (
    MOST_DATES,
    MOST_QUESTIONS,
    BriefQuestion,
    Delivery,
    Funding,
    KeyDate,
    Route,
    Setting,
    Source,
    Terms,
)
from app.briefs.terms.templates import closes_on, start_by, weights
from app.core.london import LONDON
from app.core.money import pounds
from app.core.rows import new_id
from app.core.scoring import PriceFormula
from app.web.forms import Form

USUAL_WORDS: Final = 250
MOST_TEXT: Final = 4000


class BriefForm(Form):
    """One brief; `brief_form` adds the rows of its lists. `place` is a region's id and an area of it.

    The sentences ticked in `need_ready` and `outcomes_ready` are added to the words; the framework's questions ticked in
    `carried` to the questions. `seen` is the digest of the draft that the page began from, None where there was none.
    """

    seen: str | None = Field(default=None, max_length=64)
    title: str = Field(title="a title", min_length=5, max_length=120)
    place: str = Field(title="where the family lives")
    lot: UUID = Field(title="a lot")
    route: Route | None = Field(default=None, title="how the provider is found")
    route_reason: str = Field(default="", title="the reason", max_length=1000)
    need: str = Field(default="", title="the need", max_length=MOST_TEXT)
    need_ready: list[str] = Field(default=[], max_length=20)
    outcomes: str = Field(default="", title="the outcomes", max_length=MOST_TEXT)
    outcomes_ready: list[str] = Field(default=[], max_length=20)
    age_band: AgeBand | None = Field(default=None, title="an age band")
    children: int = Field(default=1, title="the number of children", ge=1, le=60)
    sessions: int | None = None
    therapies: list[str] = Field(default=[], max_length=60)
    delivery: Delivery | None = Field(default=None, title="how it is delivered")
    settings: list[Setting] = Field(default=[], title="the kinds of place")
    awards: int = Field(default=1, title="the number of bids that may win", ge=1, le=20)
    places: int | None = Field(default=None, title="the number of places", ge=1, le=500)
    start_by: date | None = Field(default=None, title="the day to start by")
    ends_by: date | None = Field(default=None, title="the day the work ends")
    budget: Pounds | None = Field(default=None, title="the budget")
    funding: list[Source] = Field(default=[], title="where the money comes from")
    assessed_on: date | None = Field(default=None, title="the day of the assessment")
    applied: str = Field(default="", title="the reference of the application", max_length=80)
    panel: str = Field(default="", title="the reference of the decision", max_length=80)
    panel_on: date | None = Field(default=None, title="the day of the decision")
    price_formula: PriceFormula = Field(default=PriceFormula.LOWEST_SHARE, title="a price formula")
    two_envelopes: Literal["true"] | None = None
    carried: list[UUID] = Field(default=[], max_length=MOST_QUESTIONS)
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

    def faults(self) -> dict[str, str]:
        """What is wrong only once the ticked sentences are added, and rows of which one half is missing."""
        found = {
            name: f"With the ticked sentences this is longer than {MOST_TEXT:,} characters"
            for name in ("need", "outcomes")
            if len(self._written(name)) > MOST_TEXT
        }
        for n in range(1, MOST_DATES + 1):
            on, what = getattr(self, f"key_date_{n}"), getattr(self, f"key_date_{n}_what")
            if what and not on:
                found[f"key_date_{n}"] = "Enter the day of this key date"
            if on and not what:
                found[f"key_date_{n}_what"] = "Say what happens on this day"
        return found

    def facts(self) -> Facts:
        region, _, area = self.place.partition("/")
        return Facts(
            lot_id=self.lot,
            region_id=UUID(region),
            title=self.title,
            need=self._written("need"),
            outcomes=self._written("outcomes"),
            age_band=self.age_band,
            area=area,
            sessions=self.sessions,
            start_by=self.start_by,
            budget_pence=self.budget,
            closes_at=closing(self.closes_on, int(self.closing_hour)),
            weights=tuple(getattr(self, name) for name in type(self).model_fields if name.startswith("weight_")),
        )

    def terms(self, offer: Offer, before: Terms) -> Terms:
        """`before` is what the brief said: a question whose words stay keeps its id, and advice that was left stays left."""
        names = dict(offer.therapies)
        return Terms(
            route=self.route,
            route_reason=self.route_reason,
            children=self.children,
            therapies=tuple((slug, names[slug]) for slug in self.therapies if slug in names),
            delivery=self.delivery,
            settings=tuple(self.settings),
            ends_by=self.ends_by,
            key_dates=tuple(
                sorted(
                    (
                        KeyDate(on, getattr(self, f"key_date_{n}_what"))
                        for n in range(1, MOST_DATES + 1)
                        if (on := getattr(self, f"key_date_{n}"))
                    ),
                    key=lambda one: one.on,
                )
            ),
            review_dates=tuple(sorted(on for n in range(1, MOST_DATES + 1) if (on := getattr(self, f"review_{n}")))),
            awards=self.awards,
            places=self.places,
            price_formula=self.price_formula,
            two_envelopes=self.two_envelopes is not None,
            funding=Funding(tuple(self.funding), self.assessed_on, self.applied, self.panel, self.panel_on),
            questions=tuple(self._questions(offer, before))[:MOST_QUESTIONS],
            left=before.left,
        )

    def _written(self, name: str) -> str:
        words, ready = getattr(self, name), getattr(self, f"{name}_ready")
        return "\n".join(filter(None, (words, *(one for one in ready if one not in words))))

    def _questions(self, offer: Offer, before: Terms) -> Iterator[BriefQuestion]:
        known = {one.text: one for one in before.questions}
        asked = {
            text: BriefQuestion(
                id=known[text].id if text in known else new_id(),
                text=text,
                max_words=getattr(self, f"question_{n}_words") or USUAL_WORDS,
                criterion=getattr(self, f"question_{n}_criterion"),
                asked_as=known[text].asked_as if text in known else None,
            )
            for n in range(1, MOST_QUESTIONS + 1)
            if (text := getattr(self, f"question_{n}"))
        }
        yield from asked.values()
        first = next((one.position for one in offer.criteria if not one.is_price), None)
        for question in offer.questions:
            if question.id in self.carried and question.text not in asked:
                yield BriefQuestion(new_id(), question.text, question.max_words or USUAL_WORDS, first, question.id)


def brief_form(offer: Offer) -> type[BriefForm]:
    """The form of one lot: weights are `weight_1` and on, in per cent, nought when left empty; lists have numbered rows."""
    counted = Field(default=None, title=f"the number of {offer.quantity}", ge=1, le=200)
    rows: dict[str, Any] = {"sessions": (int | None, counted)} | {
        f"weight_{n}": (int, Field(default=0, ge=0, le=100, title=f"the weight of {criterion.name}"))
        for n, criterion in enumerate(offer.criteria, start=1)
    }
    for n in range(1, MOST_DATES + 1):
        rows[f"key_date_{n}"] = (date | None, Field(default=None, title=f"key date {n}"))
        rows[f"key_date_{n}_what"] = (str, Field(default="", title=f"what happens on key date {n}", max_length=120))
        rows[f"review_{n}"] = (date | None, Field(default=None, title=f"review {n}"))
    for n in range(1, MOST_QUESTIONS + 1):
        words = Field(default=None, title=f"the most words for question {n}", ge=20, le=1000)
        rows[f"question_{n}"] = (str, Field(default="", title=f"question {n}", max_length=600))
        rows[f"question_{n}_words"] = (int | None, words)
        rows[f"question_{n}_criterion"] = (int | None, Field(default=None, title=f"the criterion of question {n}"))
    return create_model("LotBriefForm", __base__=BriefForm, **rows)


def proposed(offer: Offer, today: date) -> dict[str, Any]:
    """What the form shows before anything is written: the template's proposals, and no word of a family."""
    made = offer.template
    criteria = [(one.position, one.name, one.is_price) for one in offer.criteria]
    shares = weights([(one.weight_min, one.weight_max) for one in offer.criteria])
    return (
        _terms(made.terms(criteria, today))
        | {"lot": str(offer.lot_id), "sessions": str(made.sessions), "closing_hour": str(CLOSING_HOURS[1])}
        | _day("start_by", start_by(today))
        | _day("closes_on", closes_on(today))
        | {f"weight_{n}": str(share) for n, share in enumerate(shares, start=1)}
    )


def typed(brief: BriefFacts) -> dict[str, Any]:
    """What the form shows of a brief already written."""
    closes = brief.closes_at.astimezone(LONDON)
    return (
        _terms(brief.terms)
        | {
            "title": brief.title,
            "lot": str(brief.lot_id),
            "place": f"{brief.region_id}/{brief.area}",
            "age_band": brief.age_band,
            "need": brief.need,
            "outcomes": brief.outcomes,
            "sessions": _number(brief.sessions),
            "budget": pounds(brief.budget_pence).removeprefix("£") if brief.budget_pence else "",
            "closing_hour": str(closes.hour) if closes.hour in CLOSING_HOURS else "",
        }
        | _day("start_by", brief.start_by)
        | _day("closes_on", closes.date())
        | {f"weight_{n}": str(c.weight) for n, c in enumerate(brief.criteria, start=1)}
    )


def changes(typed: Mapping[str, Any], saved: Mapping[str, Any]) -> set[str]:
    """The fields in which something else is typed than was saved; one that neither names is empty."""
    return {name for name in typed if _plain(typed[name]) != _plain(saved.get(name, ""))}


def _plain(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value or ""


def as_read(typed: Mapping[str, Any], offer: Offer, saved: Iterable[Guarded]) -> tuple[Guarded, ...]:
    """The texts as they were typed, as the identity guard reads them beside what was let through of those `saved`."""
    fields = [
        *((label, name) for name, label in TEXTS),
        *((f"question {n}", f"question_{n}") for n in range(1, MOST_QUESTIONS + 1)),
        *((f"key date {n}", f"key_date_{n}_what") for n in range(1, MOST_DATES + 1)),
    ]
    return guarded(
        [(label, str(typed.get(name, ""))) for label, name in fields],
        near=offer.near(str(typed.get("place", ""))),
        released={excerpt for one in saved for excerpt in one.released},
    )


def rows_shown(typed: Mapping[str, Any], pattern: str, *, least: int, most: int) -> int:
    """How many numbered rows the page shows: those in use and one more."""
    used = next(n for n in count(most, -1) if n == 0 or typed.get(pattern.format(n)))
    return min(most, max(least, used + 1))


def _terms(terms: Terms) -> dict[str, Any]:
    funding = terms.funding
    known: dict[str, Any] = {
        "route": terms.route or "",
        "route_reason": terms.route_reason,
        "children": str(terms.children),
        "therapies": [slug for slug, _ in terms.therapies],
        "delivery": terms.delivery or "",
        "settings": list(terms.settings),
        "awards": str(terms.awards),
        "places": _number(terms.places),
        "price_formula": terms.price_formula,
        "two_envelopes": "true" if terms.two_envelopes else "",
        "funding": list(funding.sources),
        "applied": funding.applied,
        "panel": funding.panel,
    }
    for name, on in (("ends_by", terms.ends_by), ("assessed_on", funding.assessed_on), ("panel_on", funding.panel_on)):
        known |= _day(name, on)
    for n, one in enumerate(terms.key_dates, start=1):
        known |= _day(f"key_date_{n}", one.on) | {f"key_date_{n}_what": one.what}
    for n, on in enumerate(terms.review_dates, start=1):
        known |= _day(f"review_{n}", on)
    for n, question in enumerate(terms.questions, start=1):
        known |= {
            f"question_{n}": question.text,
            f"question_{n}_words": str(question.max_words),
            f"question_{n}_criterion": _number(question.criterion),
        }
    return known


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _day(name: str, day: date | None) -> dict[str, str]:
    parts = (str(day.day), str(day.month), str(day.year)) if day else ("", "", "")
    return dict(zip((f"{name}-day", f"{name}-month", f"{name}-year"), parts, strict=True))
