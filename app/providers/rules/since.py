"""What differs between a provider's record as it was shared and as it is now, in words. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that differs: what it said when it was shared, and what it says now."""

    what: str
    before: str
    now: str


_FACTS: Final = {
    "name": "Name",
    "summary": "What they do",
    "telephone": "Telephone",
    "website": "Website",
    "company_number": "Company number",
    "charity_number": "Charity number",
    "ppon": "PPON",
    "ofsted_urn": "Ofsted URN",
    "ico_number": "ICO registration number",
    "share_code": "Share code",
    "record_confirmed_on": "Record confirmed current",
}
_LISTS: Final = {"therapies": "Therapies", "areas": "Areas covered"}
_PLACES: Final = {"practitioners": ("profession", "body", "number"), "sites": ("postcode", "step_free")}
_PLACE_WORDS: Final = {"practitioners": "Practitioner", "sites": "Site"}
NOTHING: Final = "none"


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Changed, ...]:
    """Between two snapshots of a profile (`queries.snapshot`): facts, then lists, then who works there and where."""
    return (*_facts(before, now), *_lists(before, now), *_named(before, now))


def _facts(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[Changed]:
    for field, label in _FACTS.items():
        old, new = before.get(field) or NOTHING, now.get(field) or NOTHING
        if old != new:
            yield Changed(label, str(old), str(new))


def _lists(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[Changed]:
    for field, label in _LISTS.items():
        old, new = set(before.get(field, ())), set(now.get(field, ()))
        if gone := sorted(old - new):
            yield Changed(label, ", ".join(gone), "no longer")
        if added := sorted(new - old):
            yield Changed(label, "not yet", ", ".join(added))


def _named(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[Changed]:
    for field, told in _PLACES.items():
        old, new = (_words(found.get(field, ()), told) for found in (before, now))
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                label = f"{_PLACE_WORDS[field]} {name}"
                yield Changed(label, old.get(name, "not there"), new.get(name, "no longer there"))


def _words(rows: Iterable[Mapping[str, Any]], told: tuple[str, ...]) -> dict[str, str]:
    return {row["name"]: ", ".join(str(row[key]) for key in told if row.get(key)) or "there" for row in rows}
