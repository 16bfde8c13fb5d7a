"""The life of an application: who may do what to it, and when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.london import day_in_words
from app.core.refusals import Refusal
from app.core.words import listed
from app.frameworks import rules as frameworks
from app.frameworks.rules import RoundPhase

MOST_STATEMENT: Final = 4000
CLOSED: Final = Refusal("provider_closed", "This provider has closed its registration.")


class Phase(StrEnum):
    IN_PROGRESS = "in progress"
    AWAITING_CERTIFICATION = "awaiting certification"
    LAPSED = "lapsed"
    SUBMITTED = "submitted"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What its provider does to an application; the words complete 'Only an owner of the provider can … an application.'"""

    EDIT = "change"
    ASK_TO_CERTIFY = "ask to certify"
    GO_ON_WRITING = "go on writing"
    CERTIFY = "certify"
    SUBMIT = "submit"
    TAKE_BACK = "take back"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    CARRY = "carry over"


FROM: Final = {
    Act.EDIT: {Phase.IN_PROGRESS},
    Act.ASK_TO_CERTIFY: {Phase.IN_PROGRESS},
    Act.GO_ON_WRITING: {Phase.AWAITING_CERTIFICATION},
    Act.CERTIFY: {Phase.AWAITING_CERTIFICATION},
    Act.SUBMIT: {Phase.IN_PROGRESS, Phase.AWAITING_CERTIFICATION},
    Act.TAKE_BACK: {Phase.SUBMITTED},
    Act.WITHDRAW: {Phase.IN_PROGRESS, Phase.AWAITING_CERTIFICATION, Phase.SUBMITTED},
    Act.RESTORE: {Phase.WITHDRAWN},
    Act.CARRY: {Phase.LAPSED},
}
"""The phases from which each act is possible. What leads out of a phase is derived from the moments that the act writes."""

Cancelled = tuple[date, str]
"""The day in London on which a round was cancelled, and why."""

SIGNATORY: Final = {Act.SUBMIT, Act.TAKE_BACK, Act.WITHDRAW, Act.RESTORE}
"""Acts that bind the provider, so that they are its authorised signatory's: an owner of its registration."""


@dataclass(frozen=True, slots=True)
class Certifying:
    """Who certifies: the owner who submits, and before them, `by_two`, somebody else; `mine` says that this was I."""

    by_two: bool = False
    certified: bool = False
    mine: bool = False


def phase(
    *,
    submitted_at: datetime | None,
    withdrawn_at: datetime | None,
    undecided: int,
    round_phase: RoundPhase,
    ready_at: datetime | None = None,
) -> Phase:
    """`undecided` counts its parts without a decision. A draft lapses when its round closes on it."""
    if withdrawn_at:
        return Phase.WITHDRAWN
    if submitted_at:
        return Phase.SUBMITTED if undecided else Phase.DECIDED
    if round_phase is RoundPhase.CLOSED:
        return Phase.LAPSED
    return Phase.AWAITING_CERTIFICATION if ready_at else Phase.IN_PROGRESS


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


def why_not_act(act: Act, *, phase: Phase, owner: bool) -> Refusal | None:
    """What every act asks first: the phase, then who binds the provider."""
    if phase not in FROM[act]:
        return Refusal(f"application_{phase.name.lower()}", _STANDS[phase])
    if act in SIGNATORY and not owner:
        return Refusal(f"owner_{act.name.lower()}", f"Only an owner of the provider can {act} an application.")
    return None


def why_not_edit(phase: Phase, cancelled: Cancelled | None) -> Refusal | None:
    """As its pages say it: what a cancelled round left unsubmitted says who ended it, and why."""
    if phase is Phase.LAPSED and cancelled:
        on, reason = cancelled
        return Refusal(
            "round_cancelled",
            f"The round was cancelled on {day_in_words(on)}, because: {reason.rstrip('.')}. What you wrote is kept.",
        )
    return why_not_act(Act.EDIT, phase=phase, owner=True)


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
    *,
    phase: Phase,
    parts: int,
    statement: str,
    owner: bool,
    application_id: UUID,
    provider_id: UUID,
    certifying: Certifying = Certifying(),
    act: Act = Act.SUBMIT,
    missing: Sequence[Refusal] = (),
) -> Refusal | None:
    """What stands between an application and `act`: to submit it, or to ask for its certification.

    `missing` is what its questions and prices lack, one by one; the first of them is what is said.

    Evidence may be promised and is no gate here: insurance cannot be demanded before award.
    Source: Procurement Act 2023 s46(3)(b).
    """
    if refusal := why_not_act(act, phase=phase, owner=True):
        return refusal
    if not parts:
        fix = (f"/applications/{application_id}/lots", "Choose lots and regions")
        return Refusal("no_parts", "Choose at least one lot in one region.", fix)
    if not statement:
        fix = (f"/applications/{application_id}/statement", "Write your statement")
        return Refusal("no_statement", "Write a statement about your service.", fix)
    if missing:
        return missing[0]
    if refusal := why_not_act(act, phase=phase, owner=owner):
        return Refusal(refusal.code, refusal.words, (f"/organisations/{provider_id}", "See who owns the registration"))
    if act is Act.SUBMIT and certifying.by_two and not certifying.certified:
        return Refusal(
            "second_certifier", "Two people certify this application, and the first has not certified it yet."
        )
    if act is Act.SUBMIT and certifying.by_two and certifying.mine:
        return Refusal("second_certifier", "You certified it first, so another owner has to certify and submit it.")
    return None


def why_not_certify(*, phase: Phase, certifying: Certifying) -> Refusal | None:
    """The first of two certifies; who is alone certifies by submitting."""
    if refusal := why_not_act(Act.CERTIFY, phase=phase, owner=True):
        return refusal
    if not certifying.by_two:
        return Refusal("one_certifier", "One person certifies this application: the owner who submits it.")
    if certifying.certified:
        return Refusal(
            "certified", "Somebody has certified it first. Another person, an owner, certifies and submits it."
        )
    return None


def why_not_take_back(
    *, phase: Phase, owner: bool, round_phase: RoundPhase, decided: int, requested: int = 0
) -> Refusal | None:
    """Until the round closes, and while nothing of it is decided: a decision stands on what was submitted.

    `requested` counts the changes that are asked for and not made.
    """
    if refusal := why_not_act(Act.TAKE_BACK, phase=phase, owner=owner):
        return refusal
    if round_phase is RoundPhase.CLOSED:
        return Refusal(
            "round_closed", "The round has closed, so the application cannot be taken back. You can withdraw it."
        )
    if requested:
        return Refusal(
            "change_requested", "You are asked to change something. Make that change before you take it back."
        )
    if decided:
        return Refusal(
            "partly_decided", "Part of it is decided, so it cannot be taken back. You can withdraw the rest."
        )
    return None


def why_not_restore(*, phase: Phase, owner: bool, round_phase: RoundPhase, other: UUID | None) -> Refusal | None:
    """`other` is an application to the same round that was started since."""
    if refusal := why_not_act(Act.RESTORE, phase=phase, owner=owner):
        return refusal
    if round_phase is RoundPhase.CLOSED:
        return Refusal("round_closed", "The round has closed, so what was withdrawn stays withdrawn.")
    if other:
        fix = (f"/applications/{other}", "Go to the newer application")
        return Refusal("another_application", "You have started another application to this round since.", fix)
    return None


def why_not_carry(*, phase: Phase, rounds: int) -> Refusal | None:
    """`rounds` counts the rounds of the framework that are open now."""
    if refusal := why_not_act(Act.CARRY, phase=phase, owner=True):
        return refusal
    if not rounds:
        return Refusal("no_round", "No round of this framework is open now. Your answers stay here until one is.")
    return None


_ROUND: Final = {
    RoundPhase.PLANNED: "This round has not opened yet.",
    RoundPhase.CLOSED: "This round has closed.",
}

_STANDS: Final = {
    Phase.IN_PROGRESS: "This application is being written, and was not submitted.",
    Phase.AWAITING_CERTIFICATION: "This application waits to be certified. Go on writing to change it.",
    Phase.LAPSED: "The round closed before this application was submitted. You can still read it.",
    Phase.SUBMITTED: "This application is submitted, so it cannot be changed. Take it back while the round is open.",
    Phase.DECIDED: "Every part of this application is decided, so it cannot be changed.",
    Phase.WITHDRAWN: "This application was withdrawn. While the round is open you can restore it or start a new one.",
}
