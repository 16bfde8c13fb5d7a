"""What may be done about a concern, and when. Pure. Source: state machine 6, and row 4.8 of the catalogue."""

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal

REPLY_WITHIN: Final = 10
"""Working days that a member has to answer before a decision about it."""


class Kind(StrEnum):
    PERFORMANCE = "performance"
    SAFEGUARDING = "safeguarding"
    OFSTED = "ofsted"


class Choice(StrEnum):
    """What a lead may propose; a second person agrees."""

    SUSPEND = "suspend"
    END = "end"


class Stage(StrEnum):
    """Where a decision stands."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    IN_FORCE = "in force"
    OVER = "over"


KIND_WORDS: Final = {
    Kind.PERFORMANCE: ("Performance", "How the work is done"),
    Kind.SAFEGUARDING: ("Safeguarding", "A child or an adult may not be safe"),
    Kind.OFSTED: ("Ofsted", "A rating, a notice or a condition of registration"),
}


def stage(*, agreed: bool, declined: bool, lifted: bool, last_day: date | None, on: date) -> Stage:
    """A suspension is over by itself on the day after its last."""
    if declined:
        return Stage.DECLINED
    if not agreed:
        return Stage.PROPOSED
    return Stage.OVER if lifted or (last_day is not None and last_day < on) else Stage.IN_FORCE


def why_not_raise(*, ended: bool) -> Refusal | None:
    return Refusal("membership_ended", "This membership has ended.") if ended else None


def why_not_reply(*, closed: bool) -> Refusal | None:
    """A late reply is read too: only a decision closes the concern."""
    return Refusal("concern_closed", "This concern is closed.") if closed else None


def why_not_plan(*, closed: bool, review_on: date, on: date) -> Refusal | None:
    if closed:
        return Refusal("concern_closed", "This concern is closed.")
    return None if review_on > on else Refusal("day", "Enter the day, after today, on which you look at the plan again")


def why_not_propose(
    choice: Choice,
    kind: Kind,
    *,
    closed: bool,
    heard: bool,
    plan_review_on: date | None,
    day: date,
    on: date,
) -> Refusal | None:
    """`heard`: the member has replied, or its ten working days are over.

    A suspension for safety or for a registration does not wait for a reply. The membership ends only once the member was
    heard, and for performance only once the day has come on which its plan was to be looked at again.
    """
    if closed:
        return Refusal("concern_closed", "This concern is closed.")
    if day <= on:
        return Refusal("day", "Enter a day after today")
    urgent = choice is Choice.SUSPEND and kind is not Kind.PERFORMANCE
    if not (heard or urgent):
        return Refusal("not_heard", f"The provider has {REPLY_WITHIN} working days to reply first.")
    if choice is Choice.END and kind is Kind.PERFORMANCE and (plan_review_on is None or plan_review_on > on):
        return Refusal("plan_first", "A plan to put it right comes first, until the day on which you look at it again.")
    return None


def why_not_agree(found: Stage, *, mine: bool, last_day: date | None, on: date) -> Refusal | None:
    if found is not Stage.PROPOSED:
        return Refusal("settled", "This has been settled meanwhile.")
    if mine:
        return Refusal("second_person", "You proposed this, so somebody else must agree to it.")
    if last_day is not None and last_day <= on:
        return Refusal("too_late", "The last day that was proposed has come. Decline this, and propose another day.")
    return None


def why_not_decline(found: Stage) -> Refusal | None:
    return None if found is Stage.PROPOSED else Refusal("settled", "This has been settled meanwhile.")


def why_not_lift(choice: Choice, found: Stage) -> Refusal | None:
    """Only a suspension is lifted: notice that two leads have given stands."""
    if choice is Choice.SUSPEND and found is Stage.IN_FORCE:
        return None
    return Refusal("nothing_to_lift", "There is no suspension to lift any more.")


def why_not_close(waiting: bool) -> Refusal | None:
    """`waiting`: a decision about the concern is proposed, or a suspension for it lasts."""
    if not waiting:
        return None
    return Refusal("in_force", "Settle what is proposed, and lift the suspension, before you close the concern.")


def is_heard(*, replied: bool, reply_by: date, on: date) -> bool:
    return replied or on > reply_by


def is_second(choice: Choice, *, leads: bool, assures: bool, proposed_by: UUID, person: UUID | None) -> bool:
    """Whether this person may be the second: who assures quality for a suspension, another lead for an end."""
    return person != proposed_by and (assures if choice is Choice.SUSPEND else leads)
