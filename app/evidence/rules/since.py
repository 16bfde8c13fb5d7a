"""What differs between the evidence a provider shared and what it holds now, item by item, in words. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final

from app.core.london import day_in_words
from app.core.money import pounds
from app.providers.rules.since import NOTHING, Changed

_FIELDS: Final = ("standing", "issuer", "reference", "cover_pence", "starts_on", "expires_on")
STANDS: Final = {
    "missing": "Not sent yet",
    "promised": "Promised",
    "awaiting_check": "Waiting for a checker",
    "returned": "Returned to the provider",
    "verified": "Verified",
    "expired": "Expired",
    "refused": "Refused",
    "unfit": "A new one is needed",
}

Item = Mapping[str, Any]


def changes(
    before: Iterable[Item], now: Iterable[Item], *, names: Mapping[str, str], narrow: Collection[str]
) -> tuple[Changed, ...]:
    """Between two snapshots of evidence (`queries.snapshot`). `names` are those of kinds; of `narrow` ones no number is said."""
    pairs: dict[tuple[str, str, str], tuple[list[Item], list[Item]]] = defaultdict(lambda: ([], []))
    for side, items in enumerate((before, now)):
        for item in items:
            pairs[item["kind"], item["practitioner"], item.get("qualification", "")][side].append(item)
    found: list[Changed] = []
    for (kind, whose, qualification), (old, new) in sorted(pairs.items()):
        label = ", ".join(part for part in (names.get(kind, kind), qualification, whose) if part)
        found += _of_one(label, *_unlike(old, new), hidden=kind in narrow)
    return tuple(found)


def _unlike(old: list[Item], new: list[Item]) -> tuple[list[Item], list[Item]]:
    """Without those that are there on both sides."""
    facts_of = [[tuple(item.get(name) for name in _FIELDS) for item in side] for side in (old, new)]
    return (
        [item for item, facts in zip(old, facts_of[0], strict=True) if facts not in facts_of[1]],
        [item for item, facts in zip(new, facts_of[1], strict=True) if facts not in facts_of[0]],
    )


def _of_one(label: str, old: list[Item], new: list[Item], *, hidden: bool) -> Iterable[Changed]:
    if len(old) == len(new) == 1:
        yield Changed(label, *_apart(old[0], new[0], hidden=hidden))
        return
    for item in old:
        yield Changed(label, _said(item, _FIELDS, hidden=hidden), "no longer held")
    for item in new:
        yield Changed(label, "not held", _said(item, _FIELDS, hidden=hidden))


def _apart(old: Item, new: Item, *, hidden: bool) -> tuple[str, str]:
    fields = tuple(name for name in _FIELDS if old.get(name) != new.get(name))
    return _said(old, fields, hidden=hidden), _said(new, fields, hidden=hidden)


def _said(item: Item, fields: Iterable[str], *, hidden: bool) -> str:
    return "; ".join(words for name in fields if (words := _word(name, item.get(name), hidden=hidden))) or NOTHING


def _word(name: str, value: Any, *, hidden: bool) -> str:
    if not value:
        return ""
    if name == "standing":
        return STANDS.get(value, str(value))
    if name == "reference":
        return "another number" if hidden else f"number {value}"
    if name == "cover_pence":
        return f"cover {pounds(value)}"
    if name == "issuer":
        return str(value)
    on = date.fromisoformat(value)
    return f"{'from' if name == 'starts_on' else 'until'} {day_in_words(on)}"
