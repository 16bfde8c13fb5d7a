"""What a lot asks for, as data: all of these or any one of those, some under a condition on the facts. Pure.

A rule is JSON: the slug of a kind of evidence; `{"all_of": […]}` or `{"any_of": […]}`; or a kind with conditions, as
`{"kind": "fmc_accreditation", "suffix": ["A", "P"]}`. One function weighs it, and every page and command asks that one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.evidence.rules.ofsted import Answer, Rating

_CONDITIONS: Final = frozenset({"kind", "suffix", "minimum_cover_pence", "answer", "floor", "where_held"})


class Malformed(ValueError):
    """A rule that cannot be read; the words say where."""


@dataclass(frozen=True, slots=True)
class Needs:
    """One kind of evidence. A rating below `floor` is for the lead to decide about and never an exit by itself."""

    kind: str
    suffixes: tuple[str, ...] = ()
    minimum_cover_pence: int | None = None
    answers: tuple[Answer, ...] = ()
    floor: Rating | None = None
    where_held: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: "tuple[Rule, ...]"


Rule = Needs | AllOf | AnyOf


def rule_of(data: Any, where: str = "the rule") -> Rule:
    """Read a rule from JSON. Raises `Malformed`."""
    if isinstance(data, str) and data:
        return Needs(data)
    if not isinstance(data, Mapping):
        raise Malformed(f"{where} must be a kind of evidence, “all_of” or “any_of”")
    for name, made in (("all_of", AllOf), ("any_of", AnyOf)):
        if set(data) == {name}:
            parts = data[name]
            if not isinstance(parts, list) or not parts:
                raise Malformed(f"“{name}” in {where} must list at least one part")
            return made(tuple(rule_of(part, f"“{name}” in {where}") for part in parts))
    return _needs(data, where)


def as_json(rule: Rule) -> Any:
    """The same rule as data; `rule_of(as_json(rule))` is the rule."""
    if isinstance(rule, AllOf | AnyOf):
        return {"all_of" if isinstance(rule, AllOf) else "any_of": [as_json(part) for part in rule.parts]}
    told = {
        "suffix": list(rule.suffixes),
        "minimum_cover_pence": rule.minimum_cover_pence,
        "answer": [answer.value for answer in rule.answers],
        "floor": rule.floor and rule.floor.value,
        "where_held": rule.where_held,
    }
    conditions = {name: value for name, value in told.items() if value}
    return {"kind": rule.kind, **conditions} if conditions else rule.kind


def clauses(rule: Rule) -> tuple[Rule, ...]:
    """What must each be met: the parts of the outermost “all of”, or the rule itself."""
    return tuple(c for part in rule.parts for c in clauses(part)) if isinstance(rule, AllOf) else (rule,)


def kinds_of(rule: Rule) -> tuple[str, ...]:
    """Every kind of evidence a rule names, once, in its order."""
    found = (rule.kind,) if isinstance(rule, Needs) else tuple(k for part in rule.parts for k in kinds_of(part))
    return tuple(dict.fromkeys(found))


def floors_of(rule: Rule) -> set[Rating]:
    """Every floor for a rating that a rule has, at whatever depth."""
    if isinstance(rule, Needs):
        return {rule.floor} if rule.floor else set()
    return {floor for part in rule.parts for floor in floors_of(part)}


def _needs(data: Mapping[str, Any], where: str) -> Needs:
    kind = data.get("kind")
    if not isinstance(kind, str) or not kind:
        raise Malformed(f"{where} must be a kind of evidence, “all_of” or “any_of”")
    if unknown := set(data) - _CONDITIONS:
        raise Malformed(f"“{min(unknown)}” of {kind} is no condition that is known")
    cover = data.get("minimum_cover_pence")
    if cover is not None and (not isinstance(cover, int) or isinstance(cover, bool) or cover <= 0):
        raise Malformed(f"“minimum_cover_pence” of {kind} must be a whole number of pence over 0")
    suffixes = tuple(str(suffix).upper() for suffix in _listed(data, "suffix", kind))
    try:
        answers = tuple(Answer(answer) for answer in _listed(data, "answer", kind))
        floor = Rating(data["floor"]) if data.get("floor") else None
    except ValueError as error:
        raise Malformed(f"{kind}: {error}") from None
    if floor is Rating.NOT_INSPECTED:
        raise Malformed(f"“floor” of {kind} must be a rating")
    return Needs(kind, suffixes, cover, answers, floor, bool(data.get("where_held", False)))


def _listed(data: Mapping[str, Any], name: str, kind: str) -> list[Any]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise Malformed(f"“{name}” of {kind} must be a list")
    return found
