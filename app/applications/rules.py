"""What may happen to an application and to each of its parts. Pure."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal
from app.core.words import listed
from app.frameworks import rules as frameworks
from app.frameworks.rules import RoundPhase

MOST_STATEMENT: Final = 4000
CLOSED: Final = Refusal("provider_closed", "This provider has closed its registration.")


class Decision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Phase(StrEnum):
    IN_PROGRESS = "in progress"
    LAPSED = "lapsed"
    SUBMITTED = "submitted"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


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


def phase(
    *, submitted_at: datetime | None, withdrawn_at: datetime | None, undecided: int, round_phase: RoundPhase
) -> Phase:
    """`undecided` counts its parts without a decision. A draft lapses when its round closes on it."""
    if withdrawn_at:
        return Phase.WITHDRAWN
    if submitted_at:
        return Phase.SUBMITTED if undecided else Phase.DECIDED
    return Phase.LAPSED if round_phase is RoundPhase.CLOSED else Phase.IN_PROGRESS


def part_state(*, decision: str | None, proposed_at: datetime | None) -> PartState:
    if decision:
        return PartState(decision)
    return PartState.REFUSAL_PROPOSED if proposed_at else PartState.REQUESTED


def as_the_provider_sees(state: PartState) -> PartState:
    """A proposal is nobody's decision: its provider learns of it when a second person has confirmed it."""
    return PartState.REQUESTED if state is PartState.REFUSAL_PROPOSED else state


def why_not_start(
    *,
    round_phase: RoundPhase,
    framework: frameworks.Phase,
    paused: bool,
    restricted: bool,
    closed: bool,
    unfinished: Sequence[str],
    provider_id: UUID,
) -> Refusal | None:
    if round_phase is not RoundPhase.OPEN:
        return Refusal(f"round_{round_phase}", _ROUND[round_phase])
    if framework not in (frameworks.Phase.APPROVED, frameworks.Phase.LIVE):
        return Refusal("framework_ended", "The framework takes no more applications.")
    if closed:
        return CLOSED
    if restricted:
        return Refusal(
            "provider_restricted",
            "This provider is restricted, so it cannot apply for now.",
            (f"/providers/{provider_id}/restriction", "See what this means, and whom to write to"),
        )
    if paused:
        return Refusal(
            "provider_paused",
            "This provider is paused, so it cannot apply.",
            (f"/providers/{provider_id}", "Take referrals again"),
        )
    if unfinished:
        return Refusal(
            "profile_unfinished",
            f"Before this provider can apply, its profile needs {listed(unfinished)}.",
            (f"/providers/{provider_id}/tasks", "Finish the profile"),
        )
    return None


def why_not_edit(phase: Phase) -> Refusal | None:
    words = {
        Phase.LAPSED: "The round closed before this application was submitted. You can still read it.",
        Phase.SUBMITTED: "This application is submitted, so it cannot be changed. Withdraw it to start again.",
        Phase.DECIDED: "This application is decided, so it cannot be changed.",
        Phase.WITHDRAWN: "This application was withdrawn. Start a new one while the round is open.",
    }.get(phase)
    return Refusal(f"application_{phase.name.lower()}", words) if words else None


def why_not_choose(*, already_members: int) -> Refusal | None:
    """`already_members` counts the parts chosen in which the provider has a membership."""
    if already_members:
        return Refusal(
            "already_member",
            "You are already a member of one of these lots and regions. You need not apply again.",
            ("/memberships", "See your memberships"),
        )
    return None


def why_not_submit(
    *, phase: Phase, parts: int, statement: str, owner: bool, application_id: UUID, provider_id: UUID
) -> Refusal | None:
    """Evidence may be promised and is no gate here: insurance cannot be demanded before award.

    Source: Procurement Act 2023 s46(3)(b).
    """
    if refusal := why_not_edit(phase):
        return refusal
    if not parts:
        fix = (f"/applications/{application_id}/lots", "Choose lots and regions")
        return Refusal("no_parts", "Choose at least one lot in one region.", fix)
    if not statement:
        fix = (f"/applications/{application_id}/statement", "Write your statement")
        return Refusal("no_statement", "Write a statement about your service.", fix)
    if not owner:
        fix = (f"/organisations/{provider_id}", "See who owns the registration")
        return Refusal("owner_submits", "Only an owner of the provider can submit an application.", fix)
    return None


def why_not_withdraw(*, phase: Phase, owner: bool) -> Refusal | None:
    if phase is Phase.DECIDED:
        return Refusal("decided", "Every part is decided, so there is nothing left to withdraw.")
    if phase is Phase.LAPSED:
        return Refusal("lapsed", "The round closed before it was submitted, so there is nothing to withdraw.")
    if not owner:
        return Refusal("owner_withdraws", "Only an owner of the provider can withdraw an application.")
    return None


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
    if phase in (Phase.IN_PROGRESS, Phase.LAPSED):
        return Refusal("not_submitted", "This application was not submitted.")
    if (step, state) not in MOVES:
        return Refusal("not_possible", _STANDS[state])
    if step is Step.CONFIRM_REFUSAL and proposed_by_actor:
        return Refusal("second_person", "You proposed this refusal, so somebody else has to confirm it.")
    return None


_ROUND: Final = {
    RoundPhase.PLANNED: "This round has not opened yet.",
    RoundPhase.CLOSED: "This round has closed.",
}

_STANDS: Final = {
    PartState.REQUESTED: "Nobody has proposed to refuse this part yet.",
    PartState.REFUSAL_PROPOSED: "A colleague has already proposed to refuse this part. Confirm that, or accept it.",
    PartState.ACCEPTED: "This part has been accepted already.",
    PartState.REFUSED: "This part has been refused already.",
}
