"""Reading a spreadsheet by the columns of a template: what each cell says, or what is wrong with it, by row and column. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.providers.rules.columns import Cell, Column, Known, plain, text_of

MOST_ROWS: Final = 500
MOST_FAULTS: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell. `row` is the spreadsheet's own number, with the headings in row 1."""

    row: int
    column: str
    words: str
    typed: str = ""


def filled(rows: Sequence[Sequence[Cell]]) -> list[tuple[int, Sequence[Cell]]]:
    """The rows below the headings in which anything stands, each with the spreadsheet's own number."""
    return [(number, row) for number, row in enumerate(rows[1:], start=2) if any(text_of(cell) for cell in row)]


def headed(headings: Sequence[Cell], template: Sequence[Column]) -> tuple[list[Column | None], list[Fault]]:
    """The column of the template under each heading, and what is wrong with the headings."""
    by_name = {plain(column.heading): column for column in template}
    found: list[Column | None] = []
    faults = []
    for cell in headings:
        typed = text_of(cell)
        column = by_name.get(plain(typed)) if typed else None
        if typed and column is None:
            faults.append(Fault(1, typed[:60], "This heading is not in the template. Remove the column or rename it"))
        if column and column in found:
            faults.append(Fault(1, column.heading, "This heading is there twice"))
        found.append(column)
    missing = [column for column in template if column.needed and column not in found]
    faults += [Fault(1, column.heading, "This column is missing") for column in missing]
    return found, faults


def cells(
    number: int, row: Sequence[Cell], columns: Sequence[Column | None], known: Known
) -> tuple[dict[str, Any], list[Fault]]:
    """What the filled cells of a row say, by column, and what is wrong with the others."""
    values: dict[str, Any] = {}
    faults = []
    for position, cell in enumerate(row):
        typed, column = text_of(cell), columns[position] if position < len(columns) else None
        if not typed:
            continue
        if column is None:
            faults.append(Fault(number, f"Column {position + 1}", "There is no heading above this", typed[:60]))
            continue
        try:
            values[column.key] = column.read(cell, known)
        except ValueError as error:
            faults.append(Fault(number, column.heading, f"{column.heading} {error}", typed[:60]))
    return values, faults
