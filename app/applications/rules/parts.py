"""The life of one lot in one region asked for, and who may decide it. Pure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.applications.rules.life import Phase
from app.core.refusals import Refusal
from app.core.working_days import after_working_days


class Decision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


class PartState(StrEnum):
    """One lot in one region asked for."""

    REQUESTED = "requested"
    REFUSAL_PROPOSED = "refusal proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVIEW_REQUESTED = "review requested"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Review(StrEnum):
    """What comes of looking again at a refusal."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Step(StrEnum):
    ACCEPT = "accept"
    PROPOSE_REFUSAL = "propose to refuse"
    CONFIRM_REFUSAL = "confirm the refusal of"
    UPHOLD = "uphold the refusal of"
    OVERTURN = "overturn the refusal of"


class RefusalReason(StrEnum):
    EVIDENCE = "evidence"
    EXPERIENCE = "experience"
    SCOPE = "scope"
    EXCLUSION = "exclusion"
    SCORE = "score"
    RANK = "rank"
    OTHER = "other"


REASONS: Final = {
    RefusalReason.EVIDENCE: "Evidence that the lot requires cannot be had by award",
    RefusalReason.EXPERIENCE: "Experience or qualifications do not meet the lot",
    RefusalReason.SCOPE: "The service offered is not what the lot buys",
    RefusalReason.EXCLUSION: "An exclusion ground applies",
    RefusalReason.SCORE: "The score is below the pass mark or a threshold",
    RefusalReason.RANK: "Others came before, for every place there is",
    RefusalReason.OTHER: "Another reason",
}

MOVES: Final = {
    (Step.ACCEPT, PartState.REQUESTED): PartState.ACCEPTED,
    (Step.ACCEPT, PartState.REFUSAL_PROPOSED): PartState.ACCEPTED,
    (Step.PROPOSE_REFUSAL, PartState.REQUESTED): PartState.REFUSAL_PROPOSED,
    (Step.CONFIRM_REFUSAL, PartState.REFUSAL_PROPOSED): PartState.REFUSED,
    (Step.UPHOLD, PartState.REVIEW_REQUESTED): PartState.UPHELD,
    (Step.OVERTURN, PartState.REVIEW_REQUESTED): PartState.OVERTURNED,
}
"""No part is refused in one step, nor by one person."""

_DONE: Final = {
    Step.ACCEPT: PartState.ACCEPTED,
    Step.PROPOSE_REFUSAL: PartState.REFUSAL_PROPOSED,
    Step.CONFIRM_REFUSAL: PartState.REFUSED,
    Step.UPHOLD: PartState.UPHELD,
    Step.OVERTURN: PartState.OVERTURNED,
}

BY_REVIEW: Final = {Review.UPHELD: Step.UPHOLD, Review.OVERTURNED: Step.OVERTURN}
REFUSALS: Final = {PartState.REFUSED, PartState.REVIEW_REQUESTED, PartState.UPHELD, PartState.OVERTURNED}
"""The states of a part whose refusal was confirmed, whatever came of it since."""

LOOK_AGAIN_DAYS: Final = 10
"""Working days in which a provider may ask to look again at a refusal, and in which it is then answered: the service's promise."""


def part_state(
    *,
    decision: str | None,
    proposed_at: datetime | None,
    review_asked_at: datetime | None = None,
    review_outcome: str | None = None,
) -> PartState:
    if review_outcome:
        return PartState(review_outcome)
    if review_asked_at:
        return PartState.REVIEW_REQUESTED
    if decision:
        return PartState(decision)
    return PartState.REFUSAL_PROPOSED if proposed_at else PartState.REQUESTED


def as_the_provider_sees(state: PartState) -> PartState:
    """A proposal is nobody's decision: its provider learns of it when a second person has confirmed it."""
    return PartState.REQUESTED if state is PartState.REFUSAL_PROPOSED else state


def look_again_until(since: date) -> date:
    """The last day to ask, counted from the refusal, or to answer, counted from the asking."""
    return after_working_days(since, LOOK_AGAIN_DAYS)


def why_not_look_again(*, state: PartState, refused_on: date | None, on: date, owner: bool) -> Refusal | None:
    """Whether its provider may ask for a refusal to be looked at again. Days are London's."""
    if state not in REFUSALS or refused_on is None:
        return Refusal("not_refused", "Only a refusal can be looked at again.")
    if state is not PartState.REFUSED:
        return Refusal("asked_already", "You have asked us to look again at this refusal already.")
    if on > look_again_until(refused_on):
        return Refusal(
            "too_late", f"You could ask within {LOOK_AGAIN_DAYS} working days of the refusal; they are over."
        )
    if not owner:
        return Refusal("owner_asks", "Only an owner of the provider can ask us to look again.")
    return None


def is_done(step: Step, *, state: PartState, took_part: bool) -> bool:
    """Whether this was done already: a second click. Somebody else's proposal is not my click."""
    return _DONE[step] is state and (step is not Step.PROPOSE_REFUSAL or took_part)


def why_not_own(*, belongs: bool, vouched: bool) -> Refusal | None:
    """Nobody decides for the provider they belong to, nor about what they certified or submitted for one that they have left."""
    if belongs:
        return Refusal("own_provider", "You belong to this provider, so somebody else has to decide.")
    if vouched:
        words = "You certified or submitted this application, so somebody else has to decide."
        return Refusal("own_submission", words)
    return None


def why_not_step(
    step: Step, *, state: PartState, phase: Phase, took_part: bool, own: Refusal | None = None
) -> Refusal | None:
    """`phase` is the application's; `own` is why this lead does not decide about it at all, as `why_not_own` says.

    `took_part` says that this person proposed the refusal of the part or confirmed it. A refusal is looked at again even when
    the provider has withdrawn the rest.
    """
    if own:
        return own
    if phase is Phase.WITHDRAWN and step not in BY_REVIEW.values():
        return Refusal("application_withdrawn", "The provider has withdrawn this application.")
    if phase not in (Phase.SUBMITTED, Phase.DECIDED, Phase.WITHDRAWN):
        return Refusal("not_submitted", "This application was not submitted.")
    if (step, state) not in MOVES:
        return Refusal("not_possible", _STANDS[state])
    if step is Step.CONFIRM_REFUSAL and took_part:
        return Refusal("second_person", "You proposed this refusal, so somebody else has to confirm it.")
    if step in BY_REVIEW.values() and took_part:
        return Refusal("another_decider", "You took part in this refusal, so somebody else has to look at it again.")
    return None


_STANDS: Final = {
    PartState.REQUESTED: "Nobody has proposed to refuse this part yet.",
    PartState.REFUSAL_PROPOSED: "A colleague has already proposed to refuse this part. Confirm that, or accept it.",
    PartState.ACCEPTED: "This part has been accepted already.",
    PartState.REFUSED: "This part has been refused already.",
    PartState.REVIEW_REQUESTED: "The provider has asked for this refusal to be looked at again.",
    PartState.UPHELD: "This refusal has been looked at again and upheld.",
    PartState.OVERTURNED: "This refusal has been looked at again and overturned.",
}
