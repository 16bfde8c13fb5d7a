"""When a body may join a call-off list or leave it. Pure."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from app.core.london import day_in_words
from app.core.refusals import Refusal
from app.frameworks.rules import Period, Phase


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


def why_not_join(
    periods: Sequence[Period], *, phase: Phase, waiting: bool, ends_on: date, on: date, today: date
) -> Refusal | None:
    """Why a body may not join from the day `on`. `waiting`: something is asked of it already; `ends_on`: the framework's end."""
    if refusal := _why_not_change(phase=phase, waiting=waiting, on=on, today=today):
        return refusal
    if on > ends_on:
        return Refusal("after_the_end", f"The framework ends on {day_in_words(ends_on)}.")
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
