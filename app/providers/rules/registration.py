"""What a provider says of itself, which numbers each kind is asked for, and what it has still to do. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

from app.core.refusals import Refusal
from app.providers.rules.identifiers import IDENTIFIERS

TERMS_VERSION: Final = "2026-11"


class ProviderKind(StrEnum):
    SOLE_PRACTITIONER = "sole_practitioner"
    COMPANY = "company"
    CHARITY = "charity"
    NHS = "nhs"
    SUPPORT_AGENCY = "support_agency"


KINDS: Final = {
    ProviderKind.SOLE_PRACTITIONER: "Sole practitioner",
    ProviderKind.COMPANY: "Company",
    ProviderKind.CHARITY: "Charity",
    ProviderKind.NHS: "NHS body",
    ProviderKind.SUPPORT_AGENCY: "Adoption support agency or voluntary adoption agency",
}


NUMBERS_ASKED: Final[dict[ProviderKind, tuple[str, ...]]] = {
    ProviderKind.SOLE_PRACTITIONER: ("ofsted_urn", "ico_number", "ppon"),
    ProviderKind.COMPANY: ("company_number", "ofsted_urn", "ico_number", "ppon"),
    ProviderKind.CHARITY: ("charity_number", "company_number", "ofsted_urn", "ico_number", "ppon"),
    ProviderKind.NHS: ("ico_number", "ppon"),
    ProviderKind.SUPPORT_AGENCY: ("company_number", "charity_number", "ofsted_urn", "ico_number", "ppon"),
}
"""Which official numbers each kind is asked for; nobody else sees the question."""


NUMBERS_NEEDED: Final = {ProviderKind.COMPANY: "company_number", ProviderKind.CHARITY: "charity_number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a provider says about itself."""

    name: str
    summary: str = ""
    telephone: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(About):
    """The same with the numbers by which it is known."""

    company_number: str | None = None
    charity_number: str | None = None
    ppon: str | None = None
    ofsted_urn: str | None = None
    ico_number: str | None = None
    share_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers alone, with the code that opens the provider's record on the central digital platform."""

    company_number: str | None = None
    charity_number: str | None = None
    ppon: str | None = None
    ofsted_urn: str | None = None
    ico_number: str | None = None
    share_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Facts):
    """The facts on the first day, with what kind of provider it is; sending it accepts the terms."""

    kind: ProviderKind


F = TypeVar("F", bound=Facts | Numbers)


class Status(StrEnum):
    COMPLETED = "Completed"
    INCOMPLETE = "Incomplete"
    CANNOT_START = "Cannot start yet"


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task list. `path` is below the provider's own; `warnings` point out what looks odd and hold nothing up."""

    key: str
    name: str
    hint: str
    path: str
    status: Status
    warnings: tuple[str, ...] = ()


def unfinished(*, summary: str, therapies: int, areas: int, practitioners: int) -> tuple[str, ...]:
    """What the core profile still lacks before the provider is active, in words."""
    asked = (
        (bool(summary), "a summary of what you do"),
        (therapies > 0, "the therapies you offer"),
        (areas > 0, "the areas you cover"),
        (practitioners > 0, "a practitioner"),
    )
    return tuple(words for held, words in asked if not held)


def tasks(
    *,
    kind: ProviderKind,
    summary: str,
    numbers_told: bool,
    odd_numbers: Collection[str],
    therapies: int,
    areas: int,
    practitioners: int,
) -> tuple[Task, ...]:
    """What there is to do after the first page, and how far each has come. Documents are the evidence room's to count.

    `odd_numbers` are the names of those that look mistyped, `practitioners` counts those whose profession is told.
    """
    people = ("Practitioners", "Those who work with families")
    if kind is ProviderKind.SOLE_PRACTITIONER:
        people = ("Your own record", "Your profession and registration: your name is there already")
    rows = (
        ("about", "About you", "What you do, and how agencies reach you", "edit", bool(summary)),
        ("numbers", "Official numbers", "Those you have: nobody has all of them", "numbers", numbers_told),
        (
            "therapies",
            "Therapies you offer",
            "Tick what you, or those who work with you, are trained to give",
            "therapies",
            therapies,
        ),
        ("areas", "Areas you cover", "The authorities whose families you can serve", "areas", areas),
        ("practitioners", *people, "practitioners/add", practitioners),
    )
    odd = {"numbers": tuple(f"Check the {name}: it does not look as usual." for name in odd_numbers)}
    return tuple(
        Task(key, name, hint, path, Status.COMPLETED if told else Status.INCOMPLETE, odd.get(key, ()))
        for key, name, hint, path, told in rows
    )


def documents_task(*, practitioners: int, supplied: int, wanting: Collection[str]) -> Task:
    """Most documents are one person's, so somebody is named first. `wanting` names those asked for most and not supplied."""
    name, path = "Documents", "evidence"
    if practitioners == 0:
        return Task(
            "documents", name, "Add a practitioner first: most documents are one person’s", path, Status.CANNOT_START
        )
    hint = f"{supplied} of the {supplied + len(wanting)} asked for most are supplied"
    if not wanting:
        return Task("documents", name, hint, path, Status.COMPLETED)
    return Task("documents", name, f"{hint}. Still to come: {'; '.join(wanting)}", path, Status.INCOMPLETE)


def as_asked(kind: ProviderKind, facts: F) -> F:
    """Without the numbers this kind is never asked for."""
    unasked = set(IDENTIFIERS) - set(NUMBERS_ASKED[kind])
    nothing: dict[str, Any] = dict.fromkeys(unasked)
    return replace(facts, **nothing)


def why_not_facts(kind: ProviderKind, facts: Facts | Numbers) -> Refusal | None:
    """A company or charity gives the number by which it is known to all; without one there is no telling two apart."""
    needed = NUMBERS_NEEDED.get(kind)
    if needed is None or getattr(facts, needed):
        return None
    return Refusal(f"{needed}_missing", f"Enter the {IDENTIFIERS[needed].label.lower()}")


def taken(field: str) -> Refusal:
    """Says that the number is registered, and not whose it is."""
    return Refusal(
        f"{field}_taken",
        f"A provider with this {short_label(field)} is already registered. Ask to join it.",
        ("/providers/join", "Ask to join a provider that is registered"),
    )


def short_label(field: str) -> str:
    """How a number is named in the middle of a sentence."""
    return _SHORT[field]


_SHORT: Final[Mapping[str, str]] = {
    "company_number": "company number",
    "charity_number": "charity number",
    "ppon": "PPON",
    "ofsted_urn": "Ofsted URN",
    "ico_number": "ICO registration number",
    "share_code": "share code",
}


def unknown(chosen: Collection[object], known: Collection[object]) -> Refusal | None:
    """Something was chosen that the list no longer holds."""
    if set(chosen) <= set(known):
        return None
    return Refusal("unknown_choice", "The list changed while you were choosing. Check your choices and save again.")
