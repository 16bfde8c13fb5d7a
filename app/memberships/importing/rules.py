"""An approved list as a spreadsheet: a row is a provider with its lots, its regions and when its papers run out. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from app.core.refusals import Refusal
from app.frameworks.rules import Phase
from app.providers.rules import IDENTIFIERS, KINDS, short_label
from app.providers.rules.columns import Cell, Column, Known, choice_of, day_of, line_of, plain, text_of
from app.providers.rules.identifiers import Identifier
from app.providers.rules.sheets import MOST_ROWS, Fault, cells, filled, headed

NEW: Final = "new"
"""Said of a row: whatever it looks like, it is a provider that is not here yet."""

_EVERY: Final = "all"
_KNOWN: Final = Known()


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is right: `values` by column, ready for JSON."""

    row: int
    values: dict[str, Any]

    @property
    def numbers(self) -> dict[str, str]:
        """Its official numbers, by field."""
        return {field: self.values[field] for field in IDENTIFIERS if field in self.values}

    @property
    def expiries(self) -> dict[str, str]:
        """By kind of evidence, the day as in JSON."""
        return {key[len(_EXPIRES) :]: day for key, day in self.values.items() if key.startswith(_EXPIRES)}


@dataclass(frozen=True, slots=True)
class Listing:
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


_EXPIRES: Final = "expires:"


@dataclass(frozen=True, slots=True)
class Room:
    """How many members a lot takes in a region at most, and how many it has."""

    most: int
    taken: int


def template(lots: Mapping[int, str], regions: Sequence[str], kinds: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns for a framework: its lots by number, its regions, and the kinds of evidence its lots require, by slug."""
    return (
        Column("name", "Provider", "As it is registered", line_of(200), needed=True),
        *(
            Column(field, _label(field), f"{known.hint}. Give at least one official number", _number(known))
            for field, known in IDENTIFIERS.items()
        ),
        Column("kind", "Kind of provider", "Needed where it is not here yet", choice_of(KINDS), tuple(KINDS.values())),
        Column("email", "Contact e-mail", "Needed where it is not here yet: this address is invited", _email),
        Column("lots", "Lots", f"Numbers with ; between, or All. {_told(lots)}", _lots(lots), needed=True),
        Column("regions", "Regions", f"Names with ; between, or All. {'; '.join(regions)}", _of(regions), needed=True),
        *(
            Column(f"{_EXPIRES}{slug}", f"{name} expires", "A date, like 27/03/2027", day_of, day=True)
            for slug, name in kinds.items()
        ),
    )


def read_listing(rows: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> Listing:
    """Read the headings and every cell beneath them; what is wrong is told by row and column. `lines` are those that name a
    provider and a number of it, so that more may be said of them.
    """
    if not any(text_of(cell) for cell in (rows[0] if rows else ())):
        return Listing((), (Fault(1, "Headings", "The first row is empty. Put the template’s headings there."),))
    found, faults = headed(rows[0], columns)
    listed = filled(rows)
    if faults:
        return Listing((), tuple(faults))
    if not listed:
        return Listing((), (Fault(2, "Provider", "There is nobody below the headings."),))
    if len(listed) > MOST_ROWS:
        words = f"There are {len(listed)} rows. Send at most {MOST_ROWS} in one spreadsheet."
        return Listing((), (Fault(MOST_ROWS + 2, "Provider", words),))
    lines = []
    for number, row in listed:
        values, wrong = cells(number, row, found, _KNOWN)
        lines.append(Line(number, values))
        faults += [*wrong, *_lacking(number, values, {fault.column for fault in wrong}, columns)]
    told = [line for line in lines if line.numbers and line.values.get("name")]
    return Listing(tuple(told), in_one_wave(faults, _apart(told)))


def in_one_wave(faults: Iterable[Fault], more: Iterable[Fault]) -> tuple[Fault, ...]:
    """What is wrong, row by row, each cell once and as it was said first: a sheet is put right in one go."""
    found = {(fault.row, fault.column): fault for fault in reversed((*faults, *more))}
    return tuple(sorted(found.values(), key=lambda fault: fault.row))


def why_not_match(line: Line, matched: Collection[tuple[UUID, str]], *, closed: Collection[UUID]) -> Fault | None:
    """What stands against a row, given the providers, by id and name, that hold one of its numbers."""
    first = _label(next(iter(line.numbers)))
    if len(matched) > 1:
        names = " and ".join(sorted(name for _, name in matched))
        return Fault(line.row, first, f"These numbers belong to several providers: {names}. Keep those of one")
    if any(provider_id in closed for provider_id, _ in matched):
        return Fault(line.row, first, "The provider with this number has closed its registration. Take the row out")
    if not matched:
        for key, heading in (("kind", "Kind of provider"), ("email", "Contact e-mail")):
            if key not in line.values:
                return Fault(line.row, heading, "Nobody here has these numbers yet, so this is needed")
    return None


def why_no_room(line: Line, opens: Sequence[tuple[int, str]], room: dict[tuple[int, str], Room]) -> tuple[Fault, ...]:
    """What stands against a row that would open one membership too many. What it opens is taken from the `room`."""
    for part in opens:
        if part in room:
            room[part] = replace(room[part], taken=room[part].taken + 1)
    return tuple(
        Fault(line.row, "Lots", f"Lot {number} takes no more than {room[number, region].most} in {region}")
        for number, region in opens
        if (number, region) in room and room[number, region].taken > room[number, region].most
    )


def why_not_import(phase: Phase) -> Refusal | None:
    if phase in (Phase.APPROVED, Phase.LIVE):
        return None
    return Refusal("framework_not_approved", f"Members are listed in an approved framework; this one is {phase}.")


def why_not_agree(*, read_by: UUID, person: UUID | None, undecided: int, faults: Sequence[Fault]) -> Refusal | None:
    """A list counts by the word of two. `faults`: what stands against it by now, once it is said whom every row means."""
    if faults and not undecided:
        return Refusal("changed", f"Row {faults[0].row}: {faults[0].words}. Send a corrected list.")
    if read_by == person:
        return Refusal("second_person", "You sent this list, so another lead must approve it.")
    if undecided:
        return Refusal(
            "undecided", "Say first of every row that looks like somebody who is here whether it is the same."
        )
    return None


def _label(field: str) -> str:
    words = short_label(field)
    return words[:1].upper() + words[1:]


def _number(known: Identifier) -> Callable[[Cell, Known], str]:
    def read(cell: Cell, _: Known) -> str:
        tidy = known.tidy(text_of(cell))
        if len(tidy) > known.most:
            raise ValueError(f"must be {known.most} characters or fewer")
        return tidy

    return read


def _email(cell: Cell, _: Known) -> str:
    typed = text_of(cell).lower()
    name, at, host = typed.partition("@")
    if not (name and at and "." in host.strip(".")) or " " in typed or "@" in host or len(typed) > 254:
        raise ValueError("must be an e-mail address, like name@example.org")
    return typed


def _lots(lots: Mapping[int, str]) -> Callable[[Cell, Known], list[int]]:
    def read(cell: Cell, _: Known) -> list[int]:
        typed = [part.lower().removeprefix("lot").strip() for part in text_of(cell).split(";") if part.strip()]
        if typed == [_EVERY]:
            return sorted(lots)
        strange = [part for part in typed if not part.isdecimal() or int(part) not in lots]
        if strange:
            raise ValueError(f"does not know {', '.join(strange)}. Use the numbers of the lots, with ; between")
        return sorted({int(part) for part in typed})

    return read


def _of(regions: Sequence[str]) -> Callable[[Cell, Known], list[str]]:
    by_name = {plain(name): name for name in regions}

    def read(cell: Cell, _: Known) -> list[str]:
        typed = [part.strip() for part in text_of(cell).split(";") if part.strip()]
        if [plain(part) for part in typed] == [_EVERY]:
            return sorted(regions)
        strange = [part for part in typed if plain(part) not in by_name]
        if strange:
            raise ValueError(f"does not know {', '.join(strange)}. Use the framework’s own names, with ; between")
        return sorted({by_name[plain(part)] for part in typed})

    return read


def _told(lots: Mapping[int, str]) -> str:
    return "; ".join(f"{number} is {name}" for number, name in lots.items())


def _lacking(number: int, values: dict[str, Any], wrong: Collection[str], columns: Sequence[Column]) -> Iterator[Fault]:
    for column in columns:
        if column.needed and not values.get(column.key) and column.heading not in wrong:
            yield Fault(number, column.heading, "This is needed")
    labels = set(map(_label, IDENTIFIERS))
    if not any(field in values for field in IDENTIFIERS) and not labels & set(wrong):
        yield Fault(number, _label("company_number"), "Give at least one official number")


def _apart(lines: Sequence[Line]) -> Iterator[Fault]:
    """Rows of one name are of one provider, and say so by a number that they share."""
    first: dict[str, Line] = {}
    for line in lines:
        known = first.setdefault(plain(line.values["name"]), line)
        if known is not line and not set(known.numbers.items()) & set(line.numbers.items()):
            words = f"Row {known.row} has this name with other numbers. Give the same number in both, or tell the names apart"
            yield Fault(line.row, "Provider", words, line.values["name"])
