"""What a checker looks at for each kind of evidence, and the official registers, from the files beside this one."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from app.core.refusals import NotFound
from app.evidence.rules import REGISTER, KindFacts, Point, Tick

_LISTS: Final = ("type", "compare", "kinds", "providers", "issuers")
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
    providers: tuple[str, ...]
    issuers: tuple[str, ...]

    def names(self, issuer: str) -> bool:
        return any(name.casefold() in issuer.casefold() for name in self.issuers)


def checklist(kind: KindFacts, fitting: Collection[Register]) -> tuple[Point, ...]:
    """Every point of this kind, in the order in which to look. A declaration has no paper to look genuine.

    `fitting` are the registers on which the item can be looked up, by `registers_for`.
    """
    told = _told("checklists.json")
    own = told["kinds"].get(kind.slug) or told["categories"].get(kind.category, {})
    every = told["every"] if kind.capture in ("file", "either") else {"holder": told["every"]["holder"]}
    points = tuple(Point(key, words) for key, words in (every | own).items())
    if fitting:
        points += (Point(REGISTER, "The official register shows it, looked up for this check"),)
    return points


def registers_for(kind: str, *, issuer: str, provider: str) -> tuple[Register, ...]:
    """The registers on which evidence of this kind, from this issuer, of this kind of provider, can be looked up.

    An issuer whose own register is not among several leaves them all: its checker knows where else to look.
    """
    found = [one for one in registers() if kind in one.kinds and (not one.providers or provider in one.providers)]
    return tuple([one for one in found if one.names(issuer)] or found)


def kept(points: Iterable[Point], ticks: Mapping[str, Tick]) -> dict[str, dict[str, Any]]:
    """A checklist as it is kept: the words of each point beside its tick, since the file may change later."""
    return {point.key: {"words": point.words, **asdict(ticks[point.key])} for point in points}


def register(key: str) -> Register:
    """Raises `NotFound`."""
    found = next((register for register in registers() if register.key == key), None)
    if found is None:
        raise NotFound
    return found


@lru_cache
def registers() -> tuple[Register, ...]:
    return tuple(
        Register(row["key"], row["name"], row["address"], *(tuple(row.get(part, ())) for part in _LISTS))
        for row in _told("registers.json")["registers"]
    )


@lru_cache
def _told(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((_DATA / name).read_text(encoding="utf-8"))
    return told
