"""Which kind a change of the directory is, what it needs, and how a party to a contract is named. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.core.london import day_in_words
from app.core.refusals import Refusal
from app.organisations.rules import ChangeKind, LegalForm

FORM_WORDS: Final = {
    LegalForm.COUNCIL: "A council that hosts the agency",
    LegalForm.TRUST: "A children’s trust",
    LegalForm.COMPANY: "A company",
    LegalForm.VOLUNTARY_AGENCY: "A voluntary adoption agency",
}


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """Whole `agencies` and single `authorities` go to the agency `into`, or to a new one called `new_name`, on a day."""

    agencies: frozenset[UUID]
    authorities: frozenset[UUID]
    into: UUID | None
    new_name: str
    effective_on: date
    source: str


def stands(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """From its first day, and no longer on the day it ends; a day that is not known bounds nothing."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on < valid_to)


def change_kind(*, ended: int, into_new: bool) -> ChangeKind:
    """`ended` counts the agencies that end with it; `into_new` when the authorities go to an agency that is new."""
    if ended:
        return ChangeKind.SUCCESSION if into_new and ended == 1 else ChangeKind.MERGER
    return ChangeKind.SPLIT if into_new else ChangeKind.MOVE


def why_not_change(
    *, moving: Collection[tuple[str, date | None]], into_ends: date | None, taken: bool, on: date
) -> Refusal | None:
    """`moving` are the authorities that go, each with the day from which its agency serves it now, if that is known.

    `into_ends` is the day on which the agency they go to ends, `taken` says that a new agency's name is in use already.
    """
    if not moving:
        return Refusal(
            "nothing_moves", "Choose at least one agency or authority that is not with the new agency already."
        )
    if taken:
        return Refusal("name_taken", "There is an agency of this name already. Choose it from the list instead.")
    if into_ends is not None and into_ends <= on:
        return Refusal("agency_ended", f"The agency they would go to ends on {day_in_words(into_ends)}.")
    early = sorted(name for name, since in moving if since is not None and on <= since)
    if early:
        return Refusal("too_early", f"{early[0]} has been with its agency only since that day or a later one.")
    return None


def why_not_sign(*, since: date | None, on: date) -> Refusal | None:
    """A new signing body follows the one before it. `since` is the first day of that one, if it is known."""
    if since is not None and on <= since:
        return Refusal("too_early", f"The body that signs now has done so only since {day_in_words(since)}.")
    return None


def party(agency: str, signs: str | None, *, own_body: bool) -> str:
    """Who is named as party to a contract. `own_body`: the organisation is a legal body itself, as every council is."""
    if own_body or signs == agency:
        return agency
    return f"{signs} for {agency}" if signs else f"{agency} (the body that signs for it is not recorded)"
