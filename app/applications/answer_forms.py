"""Forms made from the questions of a section and from the prices of the lots chosen: empty boxes wait, and are no errors."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BeforeValidator, Field, create_model

from app.applications.answers.rules import Price, Section, fault, why_not_price
from app.core.money import pounds, to_pence
from app.frameworks.rules import PriceUnit
from app.web.forms import Form, Posted, Received

_ANSWER: Final = re.compile(r"q\d{1,4}")


def _pence(typed: object) -> int:
    try:
        pence = to_pence(str(typed))
    except ValueError:
        pence = 0
    if not pence:
        raise ValueError("Enter an amount in pounds, like 62.50")
    return pence


def read_answers(sent: Received) -> tuple[Posted[Any], dict[int, str]]:
    """What was typed, by the place of each question among those of its round."""
    boxes: dict[str, Any] = {name: (str, "") for name in sent.data or () if _ANSWER.fullmatch(name)}
    form = sent.into(create_model("Answers", __base__=Form, **boxes))
    return form, {int(name[1:]): getattr(form.value, name) for name in boxes} if form.value else {}


def faults(form: Posted[Any], section: Section, typed: Mapping[int, str]) -> Posted[Any]:
    """The form with what is wrong with each answer beside its field, and an empty box for what was not sent."""
    wrong = {one.field: fault(one.facts, typed.get(one.at, "")) for one in section.asked}
    blank = {one.field: "" for one in section.asked}
    return replace(form, typed=blank | dict(form.typed)).but(
        **{field: words for field, words in wrong.items() if words}
    )


def typed_answers(section: Section) -> dict[str, Any]:
    """The answers as they stand in the form."""
    return {one.field: one.value for one in section.asked}


def shared_units(card: Sequence[Price]) -> list[tuple[str, PriceUnit]]:
    """The units that several lots ask a price of, each with the name of the box that fills all of them."""
    units = [one.unit for one in card]
    return [(f"all_{unit}", unit) for unit in dict.fromkeys(units) if units.count(unit) > 1]


def read_prices(sent: Received, card: Sequence[Price]) -> tuple[Posted[Any], dict[tuple[UUID, PriceUnit], int | None]]:
    """What was typed, in pence by lot and unit; a box for all lots fills those of its unit that were left empty."""
    money = Annotated[int | None, BeforeValidator(_pence)]
    shared = shared_units(card)
    boxes: dict[str, Any] = {field: (money, Field(default=None)) for field, _ in shared}
    boxes |= {one.field: (money, Field(default=None)) for one in card}
    form = sent.into(create_model("Prices", __base__=Form, **boxes))
    if form.value is None:
        return form, {}
    for_all = {unit: (field, getattr(form.value, field)) for field, unit in shared}
    typed: dict[tuple[UUID, PriceUnit], int | None] = {}
    errors: dict[str, str] = {}
    for one in card:
        own = getattr(form.value, one.field)
        field, filled = for_all.get(one.unit, ("", None))
        pence = typed[one.lot_id, one.unit] = own or filled
        if pence and (refusal := why_not_price(one, pence)):
            errors.setdefault(one.field if own else field, refusal.words)
    return form.but(**errors), typed


def read_changed_prices(sent: Received, card: Sequence[Price]) -> tuple[Posted[Any], dict[PriceUnit, int]]:
    """The prices of one lot by unit, none of which may be left empty."""
    form, typed = read_prices(sent, card)
    empty = {
        one.field: f"Enter your price for each {one.each}" for one in card if not typed.get((one.lot_id, one.unit))
    }
    errors = {field: words for field, words in empty.items() if field not in form.errors}
    return form.but(**errors), {unit: pence for (_, unit), pence in typed.items() if pence}


def typed_prices(card: Sequence[Price]) -> dict[str, Any]:
    """The prices as they stand in the form."""
    return {one.field: pounds(one.pence).removeprefix("£") if one.pence else "" for one in card}
