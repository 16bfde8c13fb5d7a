"""A framework as plain facts: what its file says, what a draft is written from and what its approval freezes. Pure.

`FILE` reads the facts from JSON; what no single field can tell is found by `faults`. Money is in pence, days are London days.
An organisation is named by its slug in the directory, or by its id in this portal where it has none.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, WithJsonSchema

from app.evidence.rules import as_json, clauses, rule_of
from app.frameworks.rules.entitlement import Period
from app.frameworks.rules.kinds import Admission, Answering, Carry, Mechanism, PriceUnit, Service, Way
from app.frameworks.rules.known import Known


def _requirement(data: Any) -> Any:
    """The one way of writing a rule of evidence. Raises `Malformed`, which is a `ValueError`."""
    return as_json(rule_of(data))


_CONFIG: Final = ConfigDict(extra="forbid", str_strip_whitespace=True)
_RULE: Final = {
    "description": "The slug of a kind of evidence; {“all_of”: […]} or {“any_of”: […]}; or a kind with conditions",
    "type": ["string", "object"],
}

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Note = Annotated[str, StringConstraints(max_length=300)]
Paragraph = Annotated[str, StringConstraints(max_length=2000)]
Text = Annotated[str, StringConstraints(max_length=4000)]
Agreement = Annotated[str, StringConstraints(max_length=20000)]
Version = Annotated[str, StringConstraints(max_length=20)]
Lines = Annotated[tuple[Line, ...], Field(max_length=40)]
Pence = Annotated[int, Field(ge=1, le=10**12)]
Percent = Annotated[int, Field(ge=0, le=100)]
Code = Annotated[UUID | str, Field(union_mode="left_to_right")]
Evidence = Annotated[Any, AfterValidator(_requirement), WithJsonSchema(_RULE)]


@dataclass(frozen=True, slots=True)
class RateFacts:
    """The most for one further unit of a lot; where `is_fixed`, the price itself."""

    __pydantic_config__ = _CONFIG

    unit: PriceUnit
    pence: Pence
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class LotFacts:
    """`requires` are rules of evidence that must all be met: slugs, or `evidence.rules.rule_of` data.

    `ceiling_pence` is the most a `price_unit` may cost, or its price where the mechanism is a fixed price. `pass_mark` is the
    least share of the weighted points, in per cent; `max_members` the most members in each region, for ranked admission.
    """

    __pydantic_config__ = _CONFIG

    number: Annotated[int, Field(ge=1, le=999)]
    name: Name
    service: Service
    description: Text
    price_unit: PriceUnit
    ceiling_pence: Pence
    requires: tuple[Evidence, ...]
    mechanism: Mechanism = Mechanism.QUOTE_UNDER_CEILING
    rates: tuple[RateFacts, ...] = ()
    therapies: tuple[str, ...] = ()
    topics: Lines = ()
    outcomes: Lines = ()
    monitoring: Lines = ()
    admission: Admission = Admission.PASS_MARK
    pass_mark: Percent | None = None
    max_members: Annotated[int, Field(ge=1, le=9999)] | None = None


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """A part of the framework's area and the authorities in it; its pan-region by its slug or id."""

    __pydantic_config__ = _CONFIG

    name: Name
    authorities: tuple[Code, ...]
    pan_region_id: Code | None = None


@dataclass(frozen=True, slots=True)
class CallOffFacts:
    """A time in which an agency or authority may call off, both days included (Procurement Act 2023 s45(5)(f))."""

    __pydantic_config__ = _CONFIG

    organisation_id: Code
    entitled_from: date
    entitled_to: date | None = None


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """The weight a brief gives it lies between `weight_min` and `weight_max`, in per cent."""

    __pydantic_config__ = _CONFIG

    name: Name
    guidance: Annotated[str, StringConstraints(max_length=1000)]
    weight_min: Percent
    weight_max: Percent
    is_price: bool = False


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A question to applicants for these `lots`, by number: none named is every lot.

    `passes` are answers that pass by themselves; any other goes to a person, and none is refused by itself. `known_as` is what
    the portal knows already and `reason` why it is asked all the same. `weight` makes it scored, from 0 to 5: the share in per
    cent among the scored questions of a lot, with the least points in `threshold` and what each point means in `descriptors`.
    """

    __pydantic_config__ = _CONFIG

    section: Name
    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    guidance: Paragraph = ""
    kind: Answering = Answering.TEXT
    options: Lines = ()
    required: bool = True
    max_words: Annotated[int, Field(ge=1, le=5000)] | None = None
    carry: Carry = Carry.CONFIRM
    known_as: Known | None = None
    reason: Note = ""
    passes: Lines = ()
    weight: Annotated[int, Field(ge=1, le=100)] | None = None
    threshold: Annotated[int, Field(ge=0, le=5)] | None = None
    descriptors: Lines = ()
    lots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameworkFacts:
    """All that a framework states (Procurement Act 2023 s45(5)). Who leads it is not in the file: whoever writes it.

    `extendable_to` is the last day the term may reach. `follows` names, by slug, the framework before it in an open framework
    scheme that ends on `scheme_ends_on` (s49). `direct_award` is the objective mechanism for an award without competition
    (s45(4)). `fee_basis_points` are hundredths of a per cent of each contract (s45(7)).

    `may_accede` are organisations that may join the call-off list themselves later, and `open_regions` pan-regions all of whose
    agencies and authorities may. `wants_dbs_file` says that the file of a DBS certificate is asked for beside its record.
    `countersigned` says that somebody of the lead signs each agreement after its provider, and only then the membership opens.
    """

    __pydantic_config__ = _CONFIG

    slug: Slug
    name: Title
    rule_set_slug: str
    starts_on: date
    ends_on: date
    summary: Text = ""
    selection_process: Paragraph = ""
    agreement_text: Agreement = ""
    agreement_version: Version = ""
    lots: tuple[LotFacts, ...] = ()
    regions: tuple[RegionFacts, ...] = ()
    call_off: tuple[CallOffFacts, ...] = ()
    criteria: tuple[CriterionFacts, ...] = ()
    questions: tuple[QuestionFacts, ...] = ()
    estimated_value_pence: Pence | None = None
    extendable_to: date | None = None
    way: Way = Way.MINI_COMPETITION
    direct_award: Paragraph = ""
    fee_basis_points: Annotated[int, Field(ge=0, le=1000)] = 0
    follows: Slug | None = None
    scheme_ends_on: date | None = None
    source: Note = ""
    may_accede: tuple[Code, ...] = ()
    open_regions: tuple[Code, ...] = ()
    wants_dbs_file: bool = True
    countersigned: bool = False


_CHANGING: Final = {"call_off", "ends_on", "wants_dbs_file"}
FILE: Final = TypeAdapter(FrameworkFacts)
"""Reads facts from JSON or plain values, and writes them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a path in the file, like `lots[0].requires[2]`; the path is empty for the file as a whole."""

    path: str
    words: str

    def __str__(self) -> str:
        return f"{self.path}: {self.words}" if self.path else self.words


def read(text: str | bytes) -> FrameworkFacts | list[Fault]:
    """The facts that a file states, or everything that is wrong with it by itself."""
    try:
        facts = FILE.validate_json(text)
    except ValidationError as error:
        return [_fault(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors(include_url=False)]
    if "\\u0000" in written(facts):
        return [Fault("", "it holds a character that no database keeps (U+0000)")]
    return list(faults(facts)) or facts


def in_order(facts: FrameworkFacts) -> FrameworkFacts:
    """The same facts in the one order of those lists that have none of their own, so that equal frameworks are equal."""
    return replace(
        facts,
        lots=tuple(_lot_in_order(lot) for lot in sorted(facts.lots, key=lambda lot: lot.number)),
        regions=tuple(
            replace(region, authorities=tuple(sorted(region.authorities, key=str)))
            for region in sorted(facts.regions, key=lambda region: region.name)
        ),
        call_off=tuple(sorted(facts.call_off, key=lambda body: (str(body.organisation_id), body.entitled_from))),
        may_accede=tuple(sorted(facts.may_accede, key=str)),
        open_regions=tuple(sorted(facts.open_regions, key=str)),
        questions=tuple(replace(question, lots=tuple(sorted(question.lots))) for question in facts.questions),
    )


def _lot_in_order(lot: LotFacts) -> LotFacts:
    parts = (clause for need in lot.requires for clause in clauses(rule_of(need)))
    return replace(lot, requires=tuple(as_json(part) for part in parts), therapies=tuple(sorted(lot.therapies)))


def checked(facts: FrameworkFacts) -> FrameworkFacts | list[Fault]:
    """The same facts as a file would bring them, rules of evidence in the one way of writing, or all that is wrong."""
    return read(written(facts))


def written(facts: FrameworkFacts) -> str:
    """The file: what is as usual is left out, so that it can be read."""
    told = FILE.dump_python(facts, mode="json", exclude_defaults=True)
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def frozen_text(facts: FrameworkFacts) -> str:
    """What approval freezes, as one text in one way of writing, without what may change after it.

    That is the call-off list, the last day, and whether the file of a DBS certificate is asked for.

    What is as usual is left out, as in the file, so that a field added later changes no digest of before.
    """
    told = FILE.dump_python(facts, mode="json", exclude=_CHANGING, exclude_defaults=True)
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def questions_text(facts: FrameworkFacts) -> str:
    """What freezing a set of questions freezes, as one text in one way of writing."""
    told = FILE.dump_python(facts, mode="json", include={"questions"}, exclude_defaults=True)
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def schema() -> dict[str, Any]:
    """The JSON Schema of the file (2020-12)."""
    made = FILE.json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A framework", **made}


def faults(facts: FrameworkFacts) -> Iterator[Fault]:
    """What is wrong between one field and another; a draft may lack anything, but say nothing that cannot be."""
    if facts.ends_on <= facts.starts_on:
        yield Fault("ends_on", "the last day must be after the first")
    if facts.extendable_to and facts.extendable_to < facts.ends_on:
        yield Fault("extendable_to", "the term cannot be extended to a day before its end")
    if facts.scheme_ends_on and facts.scheme_ends_on < facts.ends_on:
        yield Fault("scheme_ends_on", "the scheme cannot end before its framework does")
    if facts.follows and facts.scheme_ends_on is None:
        yield Fault("scheme_ends_on", "a framework that follows another needs the day on which their scheme ends")
    numbers = [lot.number for lot in facts.lots]
    yield from _twice("lots", "number", numbers)
    yield from _twice("regions", "name", [region.name for region in facts.regions])
    yield from _twice("may_accede", "", facts.may_accede)
    yield from _twice("open_regions", "", facts.open_regions)
    yield from _call_off(facts.call_off)
    yield from _twice("criteria", "name", [criterion.name for criterion in facts.criteria])
    for at, lot in enumerate(facts.lots):
        yield from _lot(f"lots[{at}]", lot)
    for at, region in enumerate(facts.regions):
        yield from _twice(f"regions[{at}].authorities", "", region.authorities)
    for at, criterion in enumerate(facts.criteria):
        if criterion.weight_min > criterion.weight_max:
            yield Fault(f"criteria[{at}].weight_max", "the most cannot be less than the least")
    for at, question in enumerate(facts.questions):
        yield from _question(f"questions[{at}]", question, numbers)


def _call_off(bodies: Sequence[CallOffFacts]) -> Iterator[Fault]:
    """Who leaves and comes back has two times on the list, and they do not meet."""
    for at, body in enumerate(bodies):
        if body.entitled_to and body.entitled_to < body.entitled_from:
            yield Fault(f"call_off[{at}].entitled_to", "it cannot end before it begins")
        others = [one for one in bodies[:at] if one.organisation_id == body.organisation_id]
        if any(_time(one).covers(body.entitled_from) or _time(body).covers(one.entitled_from) for one in others):
            yield Fault(f"call_off[{at}].organisation_id", f"{body.organisation_id} is there already")


def _time(body: CallOffFacts) -> Period:
    return Period(body.entitled_from, body.entitled_to)


def _lot(path: str, lot: LotFacts) -> Iterator[Fault]:
    yield from _twice(f"{path}.rates", "unit", [rate.unit for rate in lot.rates])
    yield from _twice(f"{path}.therapies", "", lot.therapies)
    for at, rate in enumerate(lot.rates):
        if rate.unit is lot.price_unit:
            yield Fault(f"{path}.rates[{at}].unit", "this is the lot's own unit, whose price is “ceiling_pence”")
    if (lot.admission is Admission.RANKED) != (lot.max_members is not None):
        yield Fault(f"{path}.max_members", "ranked admission needs the most members in a region, and no other has it")


def _question(path: str, question: QuestionFacts, numbers: Collection[int]) -> Iterator[Fault]:
    options = {Answering.YES_NO: ("Yes", "No"), Answering.CHOICE: question.options}.get(question.kind)
    if (question.kind is Answering.CHOICE) != (len(question.options) > 1):
        yield Fault(f"{path}.options", "one of a list needs at least two answers, and no other question has them")
    for at, answer in enumerate(question.passes):
        if options is None or answer not in options:
            yield Fault(f"{path}.passes[{at}]", "this is none of the answers that can be given")
    for at, number in enumerate(question.lots):
        if number not in numbers:
            yield Fault(f"{path}.lots[{at}]", f"there is no lot {number}")
    yield from _twice(f"{path}.lots", "", question.lots)
    if question.max_words and question.kind is not Answering.TEXT:
        yield Fault(f"{path}.max_words", "only an answer in words has a number of words")
    if question.weight is None:
        if question.threshold is not None or question.descriptors:
            yield Fault(f"{path}.weight", "a question with a threshold or descriptors needs a weight")
        return
    if question.kind is not Answering.TEXT:
        yield Fault(f"{path}.kind", "only an answer in words is scored")
    if len(question.descriptors) not in (0, 6):
        yield Fault(f"{path}.descriptors", "say what each of the six points from 0 to 5 means, or leave them all out")


def _twice(path: str, name: str, values: Collection[Any]) -> Iterator[Fault]:
    counts = Counter(values)
    seen: set[Any] = set()
    for at, value in enumerate(values):
        if counts[value] > 1 and value in seen:
            yield Fault(f"{path}[{at}]{'.' if name else ''}{name}", f"{value} is there already")
        seen.add(value)


def _fault(where: tuple[int | str, ...], kind: str, words: str) -> Fault:
    """Pydantic's words at the place of the fault, without its own names for the parts of a union."""
    unknown = kind in ("unexpected_keyword_argument", "extra_forbidden")
    steps = [step for step in where if isinstance(step, int) or step in _NAMES or (unknown and step == where[-1])]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    return Fault(path, "the file has no such field" if unknown else words.removeprefix("Value error, "))


_NAMES: Final = {
    field.name
    for part in (FrameworkFacts, LotFacts, RateFacts, RegionFacts, CallOffFacts, CriterionFacts, QuestionFacts)
    for field in fields(part)
}
