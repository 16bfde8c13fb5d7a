"""Who may sign, when, and in which order. Pure. Source: rows 2.11 and 2.16 of the catalogue, and state machine 6."""

from datetime import date
from enum import StrEnum
from typing import Final

from app.core.london import day_in_words
from app.core.refusals import Refusal
from app.frameworks.rules import Phase


class Stage(StrEnum):
    """How far an agreement is. What is held was not complete when it was put on hold, and lasts until it is released."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    HELD = "held"
    COMPLETE = "complete"


STAGE_WORDS: Final = {
    Stage.UNSIGNED: "Waits for the provider’s signature",
    Stage.SIGNED: "Waits for the countersignature",
    Stage.HELD: "On hold",
    Stage.COMPLETE: "Complete",
}


def stage(*, signed: bool, countersigned: bool, wanted: bool, held: bool) -> Stage:
    """`wanted`: the framework's lead signs, too."""
    if signed and (countersigned or not wanted):
        return Stage.COMPLETE
    if held:
        return Stage.HELD
    return Stage.SIGNED if signed else Stage.UNSIGNED


def why_not_sign(found: Stage, *, ended: bool, phase: Phase, review_on: date | None = None) -> Refusal | None:
    """The provider signs first. A framework that is approved but has not begun may be signed already."""
    if refusal := _why_not_now(found, ended=ended, phase=phase, review_on=review_on):
        return refusal
    return None if found is Stage.UNSIGNED else Refusal("signed", "The agreement is signed already.")


def why_not_countersign(
    found: Stage, *, ended: bool, phase: Phase, review_on: date | None = None, signed_it: bool = False
) -> Refusal | None:
    """The lead signs what the provider has signed, after it; `signed_it` says that this person signed for the provider."""
    if refusal := _why_not_now(found, ended=ended, phase=phase, review_on=review_on):
        return refusal
    if found is not Stage.SIGNED:
        return Refusal("not_to_countersign", _NOT_TO_COUNTERSIGN[found])
    if signed_it:
        return Refusal(
            "second_person", "You signed this agreement for the provider, so a colleague has to countersign it."
        )
    return None


def why_not_text(*, read: str, now: str) -> Refusal | None:
    """What is signed is what was read: both are told by their SHA-256."""
    return None if read == now else Refusal("other_text", "The text has changed since you read it. Read it again.")


def why_not_hold(found: Stage, *, ended: bool, phase: Phase, review_on: date, on: date) -> Refusal | None:
    """Only what is not complete is held, until a day to come."""
    if ended or phase not in (Phase.APPROVED, Phase.LIVE):
        return Refusal(
            "nothing_to_hold", "The membership or its framework has ended, so there is nothing to put on hold."
        )
    if found is Stage.COMPLETE:
        words = "The agreement is complete. Raise a concern if the member should be suspended; that takes two people."
        return Refusal("complete", words)
    if found is Stage.HELD:
        return Refusal("held", "The agreement is on hold already. Release it to give another reason or day.")
    return None if review_on > on else Refusal("day", "Enter the day, after today, on which you look at it again")


_NOT_TO_COUNTERSIGN: Final = {
    Stage.UNSIGNED: "The provider has to sign first.",
    Stage.COMPLETE: "The agreement is complete: there is nothing to countersign.",
}


def _why_not_now(found: Stage, *, ended: bool, phase: Phase, review_on: date | None) -> Refusal | None:
    """`review_on` is of what is held."""
    if ended:
        return Refusal("membership_ended", "This membership has ended, so there is nothing to sign.")
    if phase not in (Phase.APPROVED, Phase.LIVE):
        return Refusal("framework_ended", "The framework has ended, so there is nothing to sign.")
    if found is Stage.HELD:
        again = f" The framework’s lead looks at it again on {day_in_words(review_on)}." if review_on else ""
        return Refusal("on_hold", f"The agreement is on hold.{again}")
    return None
