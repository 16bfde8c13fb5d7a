"""Who may call off on a day, and when a body may join the list or leave it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal
from app.frameworks.rules import Phase
from app.organisations.directory.rules import in_words
from app.organisations.rules import Role

SIGNERS: Final = (Role.OWNER, Role.APPROVER, Role.FRAMEWORK_LEAD)
"""Who may accede for an agency of its own."""


class AccessionKind(StrEnum):
    JOINS = "joins"
    LEAVES = "leaves"


class Way(StrEnum):
    """How an accession came about."""

    TWO_PEOPLE = "two_people"
    BEFORE_LIVE = "before_live"
    OWN = "own"


WAY_WORDS: Final = {
    Way.TWO_PEOPLE: "By the framework’s lead, two people",
    Way.BEFORE_LIVE: "By the framework’s lead, before the framework was live",
    Way.OWN: "By its own signature",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A time on the list, both days included; no last day means until it leaves or the framework ends."""

    first: date
    last: date | None

    def covers(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)


def why_not_entitled(periods: Sequence[Period], *, agency_ended: date | None, on: date, page: str) -> Refusal | None:
    """Why a body may not call off on a day. `agency_ended` is the day from which it no longer exists, `page` shows the list.

    Source: Procurement Act 2023 s45(5)(f).
    """
    fix = (page, "See who may call off, and how to join")
    if agency_ended is not None and agency_ended <= on:
        words = f"Your agency ended on {in_words(agency_ended)}. The agency that followed it must join the list itself."
        return Refusal("agency_ended", words, fix)
    if any(period.covers(on) for period in periods):
        return None
    if coming := [period.first for period in periods if period.first > on]:
        words = f"Your agency may call off from {in_words(min(coming))}. Publish on that day or later."
        return Refusal("not_yet_entitled", words, fix)
    if gone := [period.last for period in periods if period.last]:
        words = f"Your agency’s right to call off ended with {in_words(max(gone))}. It must join the list again first."
        return Refusal("no_longer_entitled", words, fix)
    words = "Your agency is not on this framework’s list of those that may call off. It must join the list first."
    return Refusal("not_entitled", words, fix)


def why_not_join(
    periods: Sequence[Period], *, phase: Phase, waiting: bool, ends_on: date, on: date, today: date
) -> Refusal | None:
    """Why a body may not join from the day `on`. `waiting`: something is asked of it already; `ends_on`: the framework's end."""
    if refusal := _why_not_change(phase=phase, waiting=waiting, on=on, today=today):
        return refusal
    if on > ends_on:
        return Refusal("after_the_end", f"The framework ends on {in_words(ends_on)}.")
    if any(period.last is None or on <= period.last for period in periods):
        return Refusal("on_the_list", "It is on the list for that day or a later one already.")
    return None


def why_not_leave(periods: Sequence[Period], *, phase: Phase, waiting: bool, on: date, today: date) -> Refusal | None:
    """Why `on` may not be a body's last day on the list."""
    if refusal := _why_not_change(phase=phase, waiting=waiting, on=on, today=today):
        return refusal
    if not any(period.covers(on) and period.last != on for period in periods):
        return Refusal("not_on_the_list", "It is not on the list on that day, or leaves on it already.")
    return None


def why_not_confirm(*, asker: bool, withdrawn: bool, on: date, today: date) -> Refusal | None:
    """Whoever asked does not say yes, and a yes is never for a day that has passed."""
    if withdrawn:
        return Refusal("withdrawn", "This has been withdrawn meanwhile.")
    if asker:
        return Refusal("second_person", "You asked for this, so a colleague who leads frameworks must confirm it.")
    return _past(on, today)


def why_not_accede(*, open_to_it: bool) -> Refusal | None:
    if open_to_it:
        return None
    return Refusal("not_open", "The framework does not say that this body may accede. Ask its lead to add it.")


def _why_not_change(*, phase: Phase, waiting: bool, on: date, today: date) -> Refusal | None:
    if phase not in (Phase.APPROVED, Phase.LIVE):
        return Refusal("framework", f"The list changes while a framework is approved or live; this one is {phase}.")
    if waiting:
        return Refusal("waiting", "Something is asked for this body already. Settle that first.")
    return _past(on, today)


def _past(on: date, today: date) -> Refusal | None:
    if on >= today:
        return None
    return Refusal(
        "past", "Nobody joins or leaves backwards: the day must be today or later. Ask again with a later day."
    )
