"""What a checker looks at for each kind of evidence, and the official registers, from the files beside this one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from app.core.refusals import NotFound
from app.evidence.rules import REGISTER, KindFacts, Point, Tick

_DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Register:
    """An official register: its public address, what to type there and what to compare."""

    key: str
    name: str
    address: str
    type: tuple[str, ...]
    compare: tuple[str, ...]
    kinds: tuple[str, ...]


def checklist(kind: KindFacts) -> tuple[Point, ...]:
    """Every point of this kind, in the order in which to look. A declaration has no paper to look genuine."""
    told = _told("checklists.json")
    own = told["kinds"].get(kind.slug) or told["categories"].get(kind.category, {})
    every = told["every"] if kind.capture in ("file", "either") else {"holder": told["every"]["holder"]}
    points = tuple(Point(key, words) for key, words in (every | own).items())
    if registers_for(kind.slug):
        points += (Point(REGISTER, "The official register shows it, looked up on the day of this check"),)
    return points


def kept(points: Iterable[Point], ticks: Mapping[str, Tick]) -> dict[str, dict[str, Any]]:
    """A checklist as it is kept: the words of each point beside its tick, since the file may change later."""
    return {point.key: {"words": point.words, **asdict(ticks[point.key])} for point in points}


def registers_for(kind: str) -> tuple[Register, ...]:
    """The registers on which this kind of evidence can be looked up."""
    return tuple(register for register in registers() if kind in register.kinds)


def register(key: str) -> Register:
    """Raises `NotFound`."""
    found = next((register for register in registers() if register.key == key), None)
    if found is None:
        raise NotFound
    return found


@lru_cache
def registers() -> tuple[Register, ...]:
    return tuple(
        Register(row["key"], row["name"], row["address"], *(tuple(row[part]) for part in ("type", "compare", "kinds")))
        for row in _told("registers.json")["registers"]
    )


@lru_cache
def _told(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((_DATA / name).read_text(encoding="utf-8"))
    return told
