"""The sections of the page on which a brief is written, and how each stands by what the checker found. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.briefs.terms.rules import Finding
from app.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Section:
    """`fields` are how the names of its fields begin."""

    id: str
    name: str
    fields: tuple[str, ...]


SECTIONS: Final = (
    Section("finding", "Title, place and route", ("title", "place", "route")),
    Section("needs", "The need", ("need",)),
    Section("wanted", "The outcomes", ("outcomes",)),
    Section("who", "Who", ("age_band", "children")),
    Section("work", "The work", ("sessions", "therapies", "delivery", "settings", "awards", "places")),
    Section("dates", "Dates", ("start_by", "ends_by", "key_date", "review", "closes_on", "closing_hour")),
    Section("money", "Money", ("budget", "funding", "assessed_on", "applied", "panel")),
    Section("scoring", "How bids are scored", ("weight", "price_formula", "two_envelopes")),
    Section("questions", "Questions", ("question", "carried")),
)


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside a field."""

    words: str
    blocking: bool


def beside(to_mend: Iterable[Refusal], advice: Iterable[Finding]) -> Mapping[str, Sequence[Note]]:
    """What was found, by the field it stands beside; what the identity guard found is the field's error already."""
    notes = defaultdict[str, list[Note]](list)
    for refusal in to_mend:
        if refusal.fix and refusal.code != "identifying":
            notes[refusal.fix[0].partition("#")[2]].append(Note(refusal.words, blocking=True))
    for finding in advice:
        notes[finding.field].append(Note(finding.words, blocking=False))
    return notes


def unchanged(notes: Mapping[str, Sequence[Note]], changed: Collection[str]) -> Mapping[str, Sequence[Note]]:
    """The notes on what is saved, but of those fields that say something else by now."""
    return {field: some for field, some in notes.items() if not any(name.startswith(field) for name in changed)}


def to_mend(section: Section, notes: Mapping[str, Sequence[Note]]) -> tuple[tuple[str, str], ...]:
    """What must be mended in a section, as (field, words)."""
    return tuple(
        (field, note.words)
        for field, some in notes.items()
        if field.startswith(section.fields)
        for note in some
        if note.blocking
    )


def standing(
    section: Section,
    notes: Mapping[str, Sequence[Note]] | None,
    errors: Iterable[str],
    changed: Iterable[str] = (),
) -> tuple[str, str] | None:
    """How a section stands, in words and as a colour; None where nothing is said against it and nobody looked.

    Nobody has looked at the fields `changed` since.
    """
    found = [note for field, some in (notes or {}).items() if field.startswith(section.fields) for note in some]
    if any(field.startswith(section.fields) for field in errors) or any(note.blocking for note in found):
        return "To mend", "red"
    if notes is None or any(field.startswith(section.fields) for field in changed):
        return None
    return ("Worth a look", "yellow") if found else ("Done", "green")
