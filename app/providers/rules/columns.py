"""The columns of the practitioners' spreadsheet, and how each cell is read. Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from app.providers.rules.practice import DBS_LEVELS, FREQUENCIES, WORKFORCES

Cell = object
"""What a reader of spreadsheets finds in one: text, a number, a day, yes or no, or nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the cells are compared with: bodies and therapies by slug, and the people who are here already."""

    bodies: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    therapies: Mapping[str, str] = field(default_factory=dict)
    people: Collection[tuple[str, str]] = ()


Reader = Callable[[Cell, Known], Any]
"""A cell that is not empty -> its value, ready for JSON. Raises `ValueError` with what is wrong, in words."""


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    heading: str
    how: str
    read: Reader
    choices: tuple[str, ...] = ()
    needed: bool = False
    day: bool = False


def text_of(cell: Cell) -> str:
    """A cell as one line of text: numbers without a decimal point they never had, days as 27/03/2027."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", str(cell)).strip().encode("utf-8", "ignore").decode()
    return line[1:] if re.match(r"'[=+\-@]", line) else line  # the mark with which our own exports disarm a formula


def line_of(most: int) -> Reader:
    def read(cell: Cell, known: Known) -> str:
        line = text_of(cell)
        if len(line) > most:
            raise ValueError(f"must be {most} characters or fewer")
        return line

    return read


_FORMS: Final = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d/%m/%y")


def day_of(cell: Cell, known: Known) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    typed = text_of(cell)
    for form in _FORMS:
        try:
            found = datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if found.year >= 1940:
            return found.isoformat()
    raise ValueError("must be a real date, like 27/03/2027")


def _year(cell: Cell, known: Known) -> int:
    typed = text_of(cell)
    if not re.fullmatch(r"(19[4-9]|20\d|2100)\d?", typed) or not 1940 <= int(typed) <= 2100:
        raise ValueError("must be a year, like 2019")
    return int(typed)


def _yes(cell: Cell, known: Known) -> bool:
    typed = text_of(cell).casefold()
    if typed not in _YES | _NO:
        raise ValueError("must be yes or no")
    return typed in _YES


_YES: Final = {"yes", "y", "true", "1"}
_NO: Final = {"no", "n", "false", "0"}


def choice_of(choices: Mapping[Any, str]) -> Reader:
    accepted = {plain(words): value.value for value, words in choices.items()}
    accepted |= {plain(value.value): value.value for value in choices}

    def read(cell: Cell, known: Known) -> str:
        found = accepted.get(plain(text_of(cell)))
        if found is None:
            raise ValueError(f"must be one of: {', '.join(choices.values())}")
        return str(found)

    return read


def _body(cell: Cell, known: Known) -> str:
    typed = plain(text_of(cell))
    for slug, (name, _) in known.bodies.items():
        if typed in (plain(slug), plain(name)):
            return slug
    if typed in ("other", "another body"):
        return ""
    raise ValueError(f"is not a body we know. Use one of {', '.join(sorted(known.bodies))}, or Other")


def _therapies(cell: Cell, known: Known) -> list[str]:
    by_name = {plain(name): slug for slug, name in known.therapies.items()} | {plain(s): s for s in known.therapies}
    typed = [part.strip() for part in text_of(cell).split(";") if part.strip()]
    strange = [part for part in typed if plain(part) not in by_name]
    if strange:
        raise ValueError(f"does not know {', '.join(strange)}. Use the names on the second sheet, with ; between")
    return sorted({by_name[plain(part)] for part in typed})


def plain(words: str) -> str:
    """Headings and choices are compared by their letters and figures alone."""
    return re.sub(r"[^a-z0-9]+", " ", words.casefold().replace("’", "").replace("'", "")).strip()


_BODY_HOW: Final = "The short name, like HCPC, or Other"
COLUMNS: Final = (
    Column("full_name", "Full name", "As on their registration", line_of(200), needed=True),
    Column("profession", "Profession", "For example, child and adolescent psychotherapist", line_of(120), needed=True),
    Column("body", "Professional body", _BODY_HOW, _body),
    Column("number", "Registration number", "As it stands on the body’s register", line_of(40)),
    Column("registered_until", "Registration expires", "A date, like 27/03/2027", day_of, day=True),
    Column("second_body", "Second professional body", _BODY_HOW, _body),
    Column("second_number", "Second registration number", "As it stands on that register", line_of(40)),
    Column("second_until", "Second registration expires", "A date, like 27/03/2027", day_of, day=True),
    Column("qualification", "Qualification", "For example, DDP level 2", line_of(200)),
    Column("awarding_body", "Awarded by", "Who gave the qualification", line_of(200)),
    Column("year", "Year awarded", "Four figures", _year),
    Column("therapies", "Therapies", "Names from the list below, with ; between", _therapies),
    Column("supervisor", "Supervisor", "Full name of the clinical supervisor", line_of(200)),
    Column("supervisor_body", "Supervisor’s body", "For example, BACP", line_of(200)),
    Column(
        "frequency", "Supervision how often", "One of the choices", choice_of(FREQUENCIES), tuple(FREQUENCIES.values())
    ),
    Column("supervised_on", "Last supervision", "A date, like 27/03/2027", day_of, day=True),
    Column(
        "dbs_number",
        "DBS certificate number",
        "12 digits; format the cell as text to keep leading noughts",
        line_of(40),
    ),
    Column("dbs_issued_on", "DBS issued", "A date, like 27/03/2027", day_of, day=True),
    Column("dbs_level", "DBS level", "One of the choices", choice_of(DBS_LEVELS), tuple(DBS_LEVELS.values())),
    Column("dbs_workforce", "DBS workforce", "One of the choices", choice_of(WORKFORCES), tuple(WORKFORCES.values())),
    Column("dbs_children", "Children’s barred list checked", "Yes or no", _yes, ("Yes", "No")),
    Column("dbs_adults", "Adults’ barred list checked", "Yes or no", _yes, ("Yes", "No")),
    Column("dbs_update_service", "DBS Update Service", "Yes or no", _yes, ("Yes", "No")),
    Column("dbs_consented_on", "Update Service consent", "The date of consent to status checks", day_of, day=True),
    Column("insurer", "Own insurer", "Only where your own insurance does not cover them", line_of(200)),
    Column("policy_number", "Own policy number", "As on the certificate", line_of(80)),
    Column("insured_until", "Own insurance expires", "A date, like 27/03/2027", day_of, day=True),
)
HEADINGS: Final = {column.key: column.heading for column in COLUMNS}
