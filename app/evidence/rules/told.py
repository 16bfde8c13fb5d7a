"""What a page of the profile holds already of a fact that evidence proves: told once, shown in both places. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal
from app.evidence.rules.changes import Difference, side_by_side
from app.evidence.rules.facts import NARROW, ItemFacts, KindFacts
from app.providers.rules import bare


class Part(StrEnum):
    """Where in a provider's profile a fact is told."""

    NUMBER = "number"
    REGISTRATION = "registration"
    QUALIFICATION = "qualification"
    SUPERVISION = "supervision"
    INSURANCE = "insurance"
    DBS = "dbs"


NUMBERS: Final = {
    "ppon": "ppon",
    "cdp_share_code": "share_code",
    "company_registration": "company_number",
    "charity_registration": "charity_number",
    "ofsted_asa": "ofsted_urn",
    "ofsted_vaa": "ofsted_urn",
    "ico_registration": "ico_number",
}
"""The official number of the profile that each kind of evidence proves."""

_PARTS: Final = {
    "professional_registration": Part.REGISTRATION,
    "fmc_accreditation": Part.REGISTRATION,
    "modality_qualification": Part.QUALIFICATION,
    "clinical_supervision": Part.SUPERVISION,
    "ins_professional_indemnity": Part.INSURANCE,
}
_COMPARED: Final[dict[Part, tuple[str, ...]]] = {
    Part.NUMBER: ("reference",),
    Part.REGISTRATION: ("reference", "expires_on"),
    Part.QUALIFICATION: ("issuer",),
    Part.SUPERVISION: ("issuer",),
    Part.INSURANCE: ("issuer", "expires_on"),
    Part.DBS: ("reference", "starts_on"),
}
_CARRIED: Final = (
    "practitioner_id",
    "issuer",
    "reference",
    "starts_on",
    "expires_on",
    "registration_id",
    "qualification_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One fact as a page of the profile holds it. `known_at`: since when, where that is kept; `whose` is its practitioner."""

    part: Part
    words: str
    page: str
    page_name: str
    facts: ItemFacts
    whose: UUID | None = None
    known_at: datetime | None = None

    @property
    def key(self) -> UUID | None:
        """What tells it from others of its kind: an entry in a person's record, or the person."""
        return self.facts.registration_id or self.facts.qualification_id or self.whose


def part_of(kind: KindFacts) -> Part | None:
    """The part of the profile that tells what this kind of evidence proves, if one does."""
    if kind.slug in NUMBERS:
        return Part.NUMBER
    return Part.DBS if kind.sensitivity == NARROW else _PARTS.get(kind.slug)


def started(facts: ItemFacts, told: Told) -> ItemFacts:
    """An item's facts with everything in them that is told already."""
    return replace(facts, **{name: value for name in _CARRIED if (value := getattr(told.facts, name))})


def same(told: Told, facts: ItemFacts) -> bool:
    """Whether an item proves this very fact: the entry it names, or else the same number of the same person."""
    if told.part is Part.NUMBER:
        return True
    if told.part in (Part.SUPERVISION, Part.DBS):
        return told.whose == facts.practitioner_id
    if told.facts.qualification_id:
        return told.facts.qualification_id == facts.qualification_id
    if facts.registration_id:
        return told.facts.registration_id == facts.registration_id
    number = bare(facts.reference)
    mine = told.part is Part.INSURANCE or told.whose == facts.practitioner_id
    return mine and bool(number) and number == bare(told.facts.reference)


def found(told: Iterable[Told], facts: ItemFacts) -> Told | None:
    """What is told already of the fact that an item proves."""
    return next((one for one in told if same(one, facts)), None)


def chosen(told: Collection[Told], held: Iterable[ItemFacts], *, of: UUID | None, entry: UUID | None) -> Told | None:
    """What an item starts from: the entry asked for, or the person's first of which nothing is held yet."""
    if entry:
        return next((one for one in told if one.key == entry), None)
    theirs = [one for one in told if one.whose in (None, of)]
    proven = tuple(held)
    fresh = [one for one in theirs if not any(same(one, facts) for facts in proven)]
    return next(iter(fresh or theirs), None)


def differing(kind: KindFacts, told: Told, facts: ItemFacts) -> tuple[Difference, ...]:
    """Where the two places say different things; what the profile does not say it does not deny."""
    said = {name: value for name in _COMPARED[told.part] if (value := getattr(told.facts, name))}
    if "reference" in said and bare(said["reference"]) == bare(facts.reference):
        del said["reference"]
    return side_by_side(kind, replace(facts, **said), facts)


def why_not_correct(told: Told, facts: ItemFacts) -> Refusal | None:
    """A page of the profile is not emptied by an item that leaves a box empty."""
    if all(getattr(facts, name) for name in _COMPARED[told.part] if getattr(told.facts, name)):
        return None
    return Refusal("nothing_to_tell", f"This evidence leaves empty what {told.page_name} says. Fill it in first.")
