"""What a framework lead types about each part of a draft, and how it becomes the facts of the framework's file.

Every field has the name of the fact it tells, so that a fault in the facts is shown beside its field.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from pydantic import BeforeValidator, Field, create_model
from starlette.datastructures import UploadFile

from app.core.money import to_pence
from app.core.refusals import NotFound
from app.evidence.rules import Rating, as_json, rule_of
from app.frameworks import rules
from app.frameworks.rules import (
    Admission,
    Answering,
    CallOffFacts,
    Carry,
    CriterionFacts,
    Fault,
    FrameworkFacts,
    Known,
    LotFacts,
    Mechanism,
    PriceUnit,
    QuestionFacts,
    RateFacts,
    RegionFacts,
    Service,
    Way,
)
from app.web.forms import Form


def _pence(typed: Any) -> Any:
    """'£158.50' as 15850; nothing stays nothing."""
    if not isinstance(typed, str) or not typed:
        return typed
    try:
        return to_pence(typed)
    except ValueError:
        raise ValueError("Enter an amount of money, like 158 or 158.50") from None


def _basis_points(typed: Any) -> Any:
    """'0.5' per cent as 50; nothing stays nothing."""
    if not isinstance(typed, str) or not typed:
        return typed
    bare = typed.removesuffix("%").strip()
    points = int(Decimal(bare) * 100) if _PER_CENT.fullmatch(bare) else -1
    if not 0 <= points <= 1000:
        raise ValueError("Enter a percentage from 0 to 10 with at most two decimals, like 0.5")
    return points


Needs = tuple[Any, ...]
_PER_CENT: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?")
Pence = Annotated[int, BeforeValidator(_pence)]
BasisPoints = Annotated[int, BeforeValidator(_basis_points)]


class DraftForm(Form):
    """`seen` is the digest of the draft that the page was drawn from."""

    LINES: ClassVar[tuple[str, ...]] = ()
    seen: str = ""

    def told(self) -> dict[str, Any]:
        """The values by the names of their facts; a field of `LINES` is a line each."""
        values = self.model_dump(exclude={"seen"})
        for name in self.LINES:
            values[name] = tuple(line.strip() for line in values[name].splitlines() if line.strip())
        return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


class FactsForm(DraftForm):
    WORDS: ClassVar[dict[str, str]] = {"slug": "Enter small letters, digits and hyphens, like our-framework"}

    name: str = Field(title="the name of the framework", max_length=200)
    slug: str = Field(title="its name in addresses", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    rule_set_slug: str = Field(title="the rules it stands under")
    way: Way = Field(title="how work is given")
    starts_on: date = Field(title="the first day")
    ends_on: date = Field(title="the last day")
    extendable_to: date | None = Field(default=None, title="the last day an extension may reach")
    follows: str | None = Field(default=None, title="the framework before it in its scheme")
    scheme_ends_on: date | None = Field(default=None, title="the last day of the scheme")
    summary: str = Field(default="", title="what it buys", max_length=4000)
    estimated_value_pence: Pence | None = Field(default=None, title="the estimated value")
    fee_basis_points: BasisPoints = Field(default=0, title="the fee")
    source: str = Field(default="", title="what it is based on", max_length=300)


class SelectionForm(DraftForm):
    selection_process: str = Field(default="", title="how members are chosen for work", max_length=2000)
    direct_award: str = Field(default="", title="how work is awarded without competition", max_length=2000)


class AgreementForm(DraftForm):
    agreement_version: str = Field(default="", title="the version", max_length=20)
    agreement_text: str = Field(default="", title="the agreement", max_length=20000)
    countersigned: bool = Field(default=False, title="who signs")


class LotFieldsForm(DraftForm):
    LINES = ("topics", "outcomes", "monitoring")

    number: int = Field(title="the number of the lot", ge=1, le=999)
    name: str = Field(title="the name of the lot", max_length=120)
    service: Service = Field(title="the service")
    description: str = Field(default="", title="the description", max_length=4000)
    mechanism: Mechanism = Field(title="how its price is set")
    price_unit: PriceUnit = Field(title="the unit of its price")
    ceiling_pence: Pence = Field(title="the price of a unit")
    fixed: list[PriceUnit] = Field(default=[], title="units at a set price")
    therapies: list[str] = Field(default=[], title="therapies and kinds of support")
    topics: str = Field(default="", title="what it covers")
    outcomes: str = Field(default="", title="what it works towards")
    monitoring: str = Field(default="", title="what members report")
    admission: Admission = Field(title="who is admitted")
    pass_mark: int | None = Field(default=None, title="the pass mark", ge=0, le=100)
    max_members: int | None = Field(default=None, title="the most members in a region", ge=1)


_RATES: Final[dict[str, Any]] = {
    f"rate_{unit.value}": (Pence | None, Field(default=None, title=f"the price of a {words}"))
    for unit, words in rules.UNITS.items()
}
LotForm: Final[type[LotFieldsForm]] = create_model("LotForm", __base__=LotFieldsForm, **_RATES)


class RegionForm(DraftForm):
    name: str = Field(title="the name of the region", max_length=120)
    pan_region_id: str | None = Field(default=None, title="the pan-region")
    authorities: list[str] = Field(default=[], title="authorities")


class CallOffForm(DraftForm):
    organisation_id: str = Field(title="the agency")
    entitled_from: date = Field(title="the first day")
    entitled_to: date | None = Field(default=None, title="the last day")


class CriterionForm(DraftForm):
    name: str = Field(title="the name of the criterion", max_length=120)
    guidance: str = Field(default="", title="what is looked for", max_length=1000)
    weight_min: int = Field(title="the least weight", ge=0, le=100)
    weight_max: int = Field(title="the most weight", ge=0, le=100)
    is_price: bool = Field(default=False, title="price")


class QuestionForm(DraftForm):
    LINES = ("options", "passes", "descriptors")

    section: str = Field(title="the section", max_length=120)
    text: str = Field(title="the question", max_length=1000)
    guidance: str = Field(default="", title="the guidance", max_length=2000)
    kind: Answering = Field(title="how it is answered")
    options: str = Field(default="", title="the answers to choose from")
    required: bool = Field(default=False, title="required")
    max_words: int | None = Field(default=None, title="the most words", ge=1)
    carry: Carry = Field(title="what becomes of an earlier answer")
    known_as: Known | None = Field(default=None, title="what the portal knows already")
    reason: str = Field(default="", title="why it is asked all the same", max_length=300)
    passes: str = Field(default="", title="answers that pass by themselves")
    weight: int | None = Field(default=None, title="the weight", ge=1, le=100)
    threshold: int | None = Field(default=None, title="the least points", ge=0, le=5)
    descriptors: str = Field(default="", title="what the points mean")
    lots: list[int] = Field(default=[], title="the lots it is for")


class NeedForm(DraftForm):
    """One thing that members of a lot must hold: a kind of evidence, or any one of several."""

    WORDS: ClassVar[dict[str, str]] = {"kinds": "Select at least one kind of evidence"}

    kinds: list[str] = Field(min_length=1, title="the kinds of evidence")
    suffix: str = Field(default="", title="the suffixes", max_length=40)
    minimum_cover_pence: Pence | None = Field(default=None, title="the least cover")
    floor: Rating | None = Field(default=None, title="the lowest rating")
    where_held: bool = Field(default=False, title="only where it is held")

    def rule(self, insurance: frozenset[str]) -> Any:
        """The rule of evidence: each condition goes with the kinds that can have it; `insurance` are those with a cover."""
        parts = [self._need(kind, kind in insurance) for kind in self.kinds]
        return as_json(rule_of({"any_of": parts} if len(parts) > 1 else parts[0]))

    def _need(self, kind: str, insured: bool) -> Any:
        found: dict[str, Any] = {"kind": kind}
        if kind == Known.MEDIATION and self.suffix:
            found["suffix"] = [one for one in self.suffix.replace(",", " ").split() if one]
        if insured and self.minimum_cover_pence:
            found["minimum_cover_pence"] = self.minimum_cover_pence
        if kind == Known.OFSTED:
            found |= {"floor": self.floor and self.floor.value, "where_held": self.where_held}
        return found


class SeenForm(Form):
    """Removing a part says only from which draft."""

    seen: str = ""


class StartForm(Form):
    """How a draft begins: from a template, or empty where none is chosen."""

    lead_id: UUID = Field(title="who leads the framework")
    name: str = Field(title="the name of the framework", min_length=3, max_length=200)
    template: str | None = Field(default=None, title="the template")


class FileForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"file": "Select the file"}

    lead_id: UUID = Field(title="who leads the framework")
    file: UploadFile = Field(title="the file")


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of the draft whose parts are written one by one: `attribute` of the facts, what a part is called and made of."""

    attribute: str
    one: str
    form: type[DraftForm]
    make: Callable[[dict[str, Any], Any], Any]


def _lot(told: dict[str, Any], before: LotFacts | None) -> LotFacts:
    """`before` is the lot as it was: its evidence is written on pages of its own."""
    fixed = told.pop("fixed")
    prices = {unit: told.pop(f"rate_{unit.value}") for unit in PriceUnit}
    rates = tuple(RateFacts(unit, pence, unit in fixed) for unit, pence in prices.items() if pence)
    return LotFacts(**told, rates=rates, requires=before.requires if before else ())


ROWS: Final = {
    "lots": Rows("lots", "lot", LotForm, _lot),
    "regions": Rows("regions", "region", RegionForm, lambda told, _: RegionFacts(**told)),
    "call-off": Rows("call_off", "agency", CallOffForm, lambda told, _: CallOffFacts(**told)),
    "questions": Rows("questions", "question", QuestionForm, lambda told, _: QuestionFacts(**told)),
    "criteria": Rows("criteria", "criterion", CriterionForm, lambda told, _: CriterionFacts(**told)),
}
PAGES: Final[dict[str, type[DraftForm]]] = {
    "facts": FactsForm,
    "selection": SelectionForm,
    "agreement": AgreementForm,
}


def form_of(task: str) -> type[DraftForm]:
    """Raises `NotFound` for what is no task."""
    return PAGES[task] if task in PAGES else rows_of(task).form


def rows_of(task: str) -> Rows:
    """Raises `NotFound` for what is no list of parts."""
    if task not in ROWS:
        raise NotFound
    return ROWS[task]


def place_of(facts: FrameworkFacts, task: str, place: str) -> int | None:
    """The index of a part that is counted from 1; None for “new”. Raises `NotFound` where there is no such part."""
    if place == "new":
        return None
    if not place.isascii() or not place.isdigit() or not 0 < int(place) <= len(getattr(facts, rows_of(task).attribute)):
        raise NotFound
    return int(place) - 1


def with_needs(facts: FrameworkFacts, place: str, change: Callable[[Needs], Needs]) -> FrameworkFacts:
    """The facts with what a lot requires changed. Raises `NotFound` where there is no such lot."""
    at = place_of(facts, "lots", place)
    if at is None:
        raise NotFound
    lot = facts.lots[at]
    return replace(facts, lots=(*facts.lots[:at], replace(lot, requires=change(lot.requires)), *facts.lots[at + 1 :]))


def with_part(facts: FrameworkFacts, task: str, place: int | None, form: DraftForm) -> FrameworkFacts:
    """The facts with one part of a list written: the one at `place`, from 0, or another at the end."""
    rows = ROWS[task]
    parts = list(getattr(facts, rows.attribute))
    made = rows.make(form.told(), None if place is None else parts[place])
    parts[len(parts) if place is None else place : None if place is None else place + 1] = [made]
    changed: dict[str, Any] = {rows.attribute: tuple(parts)}
    if task == "lots" and place is not None:
        changed["questions"] = _renumbered(facts.questions, facts.lots[place].number, made.number)
    return replace(facts, **changed)


def without_part(facts: FrameworkFacts, task: str, place: int) -> FrameworkFacts:
    """The facts without one part; questions that were for a removed lot alone go with it."""
    rows = ROWS[task]
    parts = getattr(facts, rows.attribute)
    changed: dict[str, Any] = {rows.attribute: (*parts[:place], *parts[place + 1 :])}
    left = replace(facts, **changed)
    if task != "lots":
        return left
    gone = parts[place].number
    kept = (question for question in facts.questions if question.lots != (gone,))
    return replace(
        left, questions=tuple(replace(q, lots=tuple(number for number in q.lots if number != gone)) for q in kept)
    )


def _renumbered(questions: tuple[QuestionFacts, ...], old: int, new: int) -> tuple[QuestionFacts, ...]:
    """Questions that were for a lot stay with it when its number changes."""
    return tuple(replace(q, lots=tuple(new if number == old else number for number in q.lots)) for q in questions)


def as_typed(form: type[DraftForm], part: Any) -> dict[str, Any]:
    """A part of the facts as the boxes of its form show it."""
    boxes: dict[str, Any] = {}
    for field in fields(part):
        if field.name in form.model_fields:
            boxes |= _box(field.name, getattr(part, field.name), form.LINES)
    if isinstance(part, LotFacts):
        boxes["fixed"] = [rate.unit.value for rate in part.rates if rate.is_fixed]
        boxes |= {f"rate_{rate.unit.value}": _of_hundredths(rate.pence) for rate in part.rates}
    return boxes


def beside(faults: tuple[Fault, ...], form: type[DraftForm]) -> dict[str, str]:
    """Each fault beside the field that tells it, or over the form where none does."""
    found: dict[str, str] = {}
    for fault in faults:
        steps = [step.split("[")[0] for step in fault.path.split(".")]
        name = next((step for step in reversed(steps) if step in form.model_fields), "form")
        found.setdefault(name, fault.words[:1].upper() + fault.words[1:])
    return found


def _box(name: str, value: Any, lines: tuple[str, ...]) -> dict[str, Any]:
    if isinstance(value, date):
        return {f"{name}-{part}": getattr(value, part) for part in ("day", "month", "year")}
    if isinstance(value, bool):
        return {name: "true" if value else ""}
    if name.endswith(("_pence", "_basis_points")) and value is not None:
        return {name: _of_hundredths(value)}
    if isinstance(value, tuple):
        return {name: "\n".join(value) if name in lines else [str(one) for one in value]}
    return {name: value.value if isinstance(value, StrEnum) else "" if value is None else str(value)}


def _of_hundredths(value: int) -> str:
    """Pence as pounds, basis points as per cent."""
    return f"{Decimal(value) / 100:.2f}"
