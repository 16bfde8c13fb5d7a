"""What a provider is, what its profile still lacks, and when it may pause. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from app.core.refusals import Refusal

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
    ProviderKind.SOLE_PRACTITIONER: (),
    ProviderKind.COMPANY: ("company_number",),
    ProviderKind.CHARITY: ("charity_number", "company_number"),
    ProviderKind.NHS: (),
    ProviderKind.SUPPORT_AGENCY: ("company_number", "charity_number"),
}
"""Which official numbers each kind is asked for; nobody else sees the question."""


NUMBERS_NEEDED: Final = {ProviderKind.COMPANY: "company_number", ProviderKind.CHARITY: "charity_number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a provider says about itself."""

    name: str
    summary: str = ""
    telephone: str = ""
    website: str = ""
    company_number: str | None = None
    charity_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Facts):
    """The same on the first day, with what kind of provider it is; sending it accepts the terms."""

    kind: ProviderKind


F = TypeVar("F", bound=Facts)


class State(StrEnum):
    REGISTERED = "registered"
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


MOVES: Final = {
    ("pause", State.REGISTERED): State.PAUSED,
    ("pause", State.ACTIVE): State.PAUSED,
    ("return", State.PAUSED): State.ACTIVE,
}


def state(*, paused_at: datetime | None, archived_at: datetime | None, complete: bool) -> State:
    if archived_at:
        return State.ARCHIVED
    if paused_at:
        return State.PAUSED
    return State.ACTIVE if complete else State.REGISTERED


def why_not_move(verb: str, now: State) -> Refusal | None:
    if (verb, now) in MOVES:
        return None
    return Refusal(f"not_{verb}", f"This provider is {now.value}, so it cannot {verb}.")


def unfinished(*, summary: str, therapies: int, areas: int, practitioners: int) -> tuple[str, ...]:
    """What the core profile still lacks before the provider is active, in words."""
    asked = (
        (bool(summary), "a summary of what you do"),
        (therapies > 0, "the therapies you offer"),
        (areas > 0, "the areas you cover"),
        (practitioners > 0, "a practitioner"),
    )
    return tuple(words for held, words in asked if not held)


def as_asked(kind: ProviderKind, facts: F) -> F:
    """Without the numbers this kind is never asked for."""
    unasked: set[str] = {"company_number", "charity_number"} - set(NUMBERS_ASKED[kind])
    nothing: dict[str, Any] = dict.fromkeys(unasked)
    return replace(facts, **nothing)


def why_not_facts(kind: ProviderKind, facts: Facts) -> Refusal | None:
    """A company or charity gives the number by which it is known to all; without one there is no telling two apart."""
    needed = NUMBERS_NEEDED.get(kind)
    if needed is None or getattr(facts, needed):
        return None
    return Refusal(f"{needed}_missing", f"Enter the {needed.replace('_', ' ')}")


def unknown(chosen: Collection[object], known: Collection[object]) -> Refusal | None:
    """Something was chosen that the list no longer holds."""
    if set(chosen) <= set(known):
        return None
    return Refusal("unknown_choice", "The list changed while you were choosing. Check your choices and save again.")
