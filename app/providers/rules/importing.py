"""A spreadsheet of practitioners, every cell of it right or said to be wrong by row and column. Pure.

All or nothing: while one cell is wrong nobody is imported. Numbers that merely look odd are warned of, never refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.providers.rules.columns import COLUMNS, HEADINGS, Cell, Known, text_of
from app.providers.rules.identifiers import bare, registration_warning
from app.providers.rules.practice import dbs_warning
from app.providers.rules.sheets import MOST_ROWS, Fault, cells, filled, headed


@dataclass(frozen=True, slots=True)
class Person:
    """A row that is right. `values` by column, ready for JSON; `already` when the person is here, by name and number."""

    row: int
    values: dict[str, Any]
    already: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    people: tuple[Person, ...]
    faults: tuple[Fault, ...]


def read_sheet(rows: Sequence[Sequence[Cell]], known: Known, *, on: date) -> Sheet:
    """Read headings and every cell beneath them. `on` is today, by which what has expired is warned of."""
    if not any(text_of(cell) for cell in (rows[0] if rows else ())):
        return Sheet((), (Fault(1, "Headings", "The first row is empty. Put the template’s headings there."),))
    columns, faults = headed(rows[0], COLUMNS)
    people_in = filled(rows)
    if faults:
        return Sheet((), tuple(faults))
    if not people_in:
        return Sheet((), (Fault(2, "Full name", "There is nobody below the headings."),))
    if len(people_in) > MOST_ROWS:
        words = f"There are {len(people_in)} people. Send at most {MOST_ROWS} in one spreadsheet."
        return Sheet((), (Fault(MOST_ROWS + 2, "Full name", words),))
    people, seen = [], dict[tuple[str, str], int]()
    for number, row in people_in:
        values, wrong = cells(number, row, columns, known)
        wrong += _whole(number, values, {fault.column for fault in wrong})
        who = identity(values)
        if who in seen and not wrong:
            words = f"This is the same person, with the same number, as in row {seen[who]}"
            wrong.append(Fault(number, "Full name", words, values["full_name"]))
        seen.setdefault(who, number)
        faults += sorted(wrong, key=_place)
        people.append(Person(number, values, who in known.people, tuple(warnings(values, known, on))))
    return Sheet(tuple(people), tuple(faults))


def identity(values: dict[str, Any]) -> tuple[str, str]:
    """By what two people are the same: the name in small letters and the bare registration number."""
    return values.get("full_name", "").casefold(), bare(values.get("number", ""))


_PLACES: Final = {column.heading: place for place, column in enumerate(COLUMNS)}


def _place(fault: Fault) -> int:
    """Faults of a row are told from left to right."""
    return _PLACES.get(fault.column, len(COLUMNS))


_TOGETHER: Final = (
    ("number", ("body", "registered_until"), "Enter the registration number"),
    ("second_number", ("second_body", "second_until"), "Enter the second registration number"),
    ("number", ("second_number",), "Put their first registration here, and only a second one further right"),
    ("qualification", ("awarding_body", "year"), "Enter the name of the qualification"),
    ("supervisor", ("supervisor_body", "frequency", "supervised_on"), "Enter the supervisor’s name"),
    ("frequency", ("supervisor",), "Say how often they meet"),
    ("insurer", ("policy_number", "insured_until"), "Enter the insurer"),
    ("insured_until", ("insurer",), "Enter the date on which the insurance expires"),
    *(
        (needed, ("dbs_number", "dbs_issued_on", "dbs_level", "dbs_workforce", "dbs_consented_on"), words)
        for needed, words in (
            ("dbs_number", "Enter the certificate number"),
            ("dbs_issued_on", "Enter the date of issue"),
            ("dbs_level", "Say which level"),
            ("dbs_workforce", "Say which workforce"),
        )
    ),
    ("dbs_update_service", ("dbs_consented_on",), "Say yes here where there is a date of consent"),
)
"""A column that may not be empty where one of the others is filled, and what is said of it."""


def _whole(number: int, values: dict[str, Any], wrong: set[str]) -> list[Fault]:
    """What a row lacks as a whole; a cell that is wrong already is not also missing."""
    faults = [
        Fault(number, column.heading, f"Enter the {column.heading[:1].lower()}{column.heading[1:]}")
        for column in COLUMNS
        if column.needed and not values.get(column.key) and column.heading not in wrong
    ]
    for needed, others, words in _TOGETHER:
        heading = HEADINGS[needed]
        if not values.get(needed) and heading not in wrong and any(values.get(other) for other in others):
            faults.append(Fault(number, heading, words))
            wrong = wrong | {heading}
    if values.get("therapies") and not (values.get("number") or values.get("qualification")):
        words = "Give a registration or a qualification that allows these therapies"
        faults.append(Fault(number, HEADINGS["therapies"], words))
    return faults


def warnings(values: dict[str, Any], known: Known, on: date) -> Iterable[str]:
    """What looks odd in a row that is right: pointed out, never refused."""
    for body, number in (("body", "number"), ("second_body", "second_number")):
        slug = values.get(body, "")
        pattern = known.bodies.get(slug, ("", ""))[1]
        if odd := registration_warning(pattern or "", values.get(number, ""), slug):
            yield f"{HEADINGS[number]}: {odd}"
    if odd := dbs_warning(values.get("dbs_number", "")):
        yield f"{HEADINGS['dbs_number']}: {odd}"
    for key in ("registered_until", "second_until", "insured_until"):
        if values.get(key) and date.fromisoformat(values[key]) < on:
            yield f"{HEADINGS[key]}: this date has passed."
    name, number = identity(values)
    if (name, number) not in known.people and any(name == other for other, _ in known.people):
        yield "Full name: somebody of this name is here already, under another number."
