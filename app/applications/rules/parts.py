"""The life of one lot in one region asked for, and who may decide it. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from app.applications.rules.life import Phase
from app.core.refusals import Refusal


class Decision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


class PartState(StrEnum):
    """One lot in one region asked for."""

    REQUESTED = "requested"
    REFUSAL_PROPOSED = "refusal proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Step(StrEnum):
    ACCEPT = "accept"
    PROPOSE_REFUSAL = "propose to refuse"
    CONFIRM_REFUSAL = "confirm the refusal of"


class RefusalReason(StrEnum):
    EVIDENCE = "evidence"
    EXPERIENCE = "experience"
    SCOPE = "scope"
    EXCLUSION = "exclusion"
    OTHER = "other"


REASONS: Final = {
    RefusalReason.EVIDENCE: "Evidence that the lot requires cannot be had by award",
    RefusalReason.EXPERIENCE: "Experience or qualifications do not meet the lot",
    RefusalReason.SCOPE: "The service offered is not what the lot buys",
    RefusalReason.EXCLUSION: "An exclusion ground applies",
    RefusalReason.OTHER: "Another reason",
}

MOVES: Final = {
    (Step.ACCEPT, PartState.REQUESTED): PartState.ACCEPTED,
    (Step.ACCEPT, PartState.REFUSAL_PROPOSED): PartState.ACCEPTED,
    (Step.PROPOSE_REFUSAL, PartState.REQUESTED): PartState.REFUSAL_PROPOSED,
    (Step.CONFIRM_REFUSAL, PartState.REFUSAL_PROPOSED): PartState.REFUSED,
}
"""No part is refused in one step, nor by one person."""

_DONE: Final = {
    Step.ACCEPT: PartState.ACCEPTED,
    Step.PROPOSE_REFUSAL: PartState.REFUSAL_PROPOSED,
    Step.CONFIRM_REFUSAL: PartState.REFUSED,
}


def part_state(*, decision: str | None, proposed_at: datetime | None) -> PartState:
    if decision:
        return PartState(decision)
    return PartState.REFUSAL_PROPOSED if proposed_at else PartState.REQUESTED


def as_the_provider_sees(state: PartState) -> PartState:
    """A proposal is nobody's decision: its provider learns of it when a second person has confirmed it."""
    return PartState.REQUESTED if state is PartState.REFUSAL_PROPOSED else state


def is_done(step: Step, *, state: PartState, proposed_by_actor: bool) -> bool:
    """Whether this was done already: a second click. Somebody else's proposal is not my click."""
    return _DONE[step] is state and (step is not Step.PROPOSE_REFUSAL or proposed_by_actor)


def why_not_step(
    step: Step, *, state: PartState, phase: Phase, proposed_by_actor: bool, own_provider: bool
) -> Refusal | None:
    """`phase` is the application's; `own_provider` says that the lead belongs to the provider that applied."""
    if own_provider:
        return Refusal("own_provider", "You belong to this provider, so somebody else has to decide.")
    if phase is Phase.WITHDRAWN:
        return Refusal("application_withdrawn", "The provider has withdrawn this application.")
    if phase not in (Phase.SUBMITTED, Phase.DECIDED):
        return Refusal("not_submitted", "This application was not submitted.")
    if (step, state) not in MOVES:
        return Refusal("not_possible", _STANDS[state])
    if step is Step.CONFIRM_REFUSAL and proposed_by_actor:
        return Refusal("second_person", "You proposed this refusal, so somebody else has to confirm it.")
    return None


_STANDS: Final = {
    PartState.REQUESTED: "Nobody has proposed to refuse this part yet.",
    PartState.REFUSAL_PROPOSED: "A colleague has already proposed to refuse this part. Confirm that, or accept it.",
    PartState.ACCEPTED: "This part has been accepted already.",
    PartState.REFUSED: "This part has been refused already.",
}
