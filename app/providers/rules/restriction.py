"""Why a provider may be restricted, and how two people come to it and lift it again. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal


class RestrictionReason(StrEnum):
    """The grounds of state machine 1, and two that the law gives: a registration it asks for, and exclusion."""

    SAFEGUARDING = "safeguarding"
    FRAUD = "fraud"
    INSOLVENCY = "insolvency"
    REGISTRATION = "registration"
    EXCLUSION = "exclusion"


RESTRICTION_WORDS: Final = {
    RestrictionReason.SAFEGUARDING: ("Safeguarding", "A concern about the safety of a child or an adult"),
    RestrictionReason.FRAUD: ("Fraud", "False statements, documents or claims"),
    RestrictionReason.INSOLVENCY: ("Insolvency", "Liquidation, administration, bankruptcy or the like"),
    RestrictionReason.REGISTRATION: (
        "Registration",
        "A registration that the law asks for is refused, suspended or cancelled, for example by Ofsted",
    ),
    RestrictionReason.EXCLUSION: ("Exclusion", "A ground of the Procurement Act 2023, Schedules 6 and 7"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`words` are the grounds, for those who decide; `told` is what the provider reads, `contact` whom it may write to."""

    reason: RestrictionReason
    words: str
    told: str
    contact: str


class Stage(StrEnum):
    PROPOSED = "proposed"
    DECLINED = "declined"
    IN_FORCE = "in force"
    LIFT_PROPOSED = "lift proposed"
    LIFTED = "lifted"


class Step(StrEnum):
    AGREE = "agree"
    DECLINE = "decline"
    PROPOSE_LIFT = "propose_lift"
    AGREE_LIFT = "agree_lift"
    DECLINE_LIFT = "decline_lift"


STEPS: Final = {
    (Step.AGREE, Stage.PROPOSED): Stage.IN_FORCE,
    (Step.DECLINE, Stage.PROPOSED): Stage.DECLINED,
    (Step.PROPOSE_LIFT, Stage.IN_FORCE): Stage.LIFT_PROPOSED,
    (Step.AGREE_LIFT, Stage.LIFT_PROPOSED): Stage.LIFTED,
    (Step.DECLINE_LIFT, Stage.LIFT_PROPOSED): Stage.IN_FORCE,
}
"""Who proposed may decline: that takes the proposal back. They may not agree."""


def stage(
    *,
    began_at: datetime | None,
    declined_at: datetime | None,
    lift_proposed_at: datetime | None,
    lifted_at: datetime | None,
) -> Stage:
    if declined_at:
        return Stage.DECLINED
    if began_at is None:
        return Stage.PROPOSED
    if lifted_at:
        return Stage.LIFTED
    return Stage.LIFT_PROPOSED if lift_proposed_at else Stage.IN_FORCE


def why_not_step(step: Step, now: Stage, *, proposed_by_actor: bool) -> Refusal | None:
    """`proposed_by_actor`: what waits for a second person is this person's own proposal."""
    if (step, now) not in STEPS:
        return Refusal("restriction_moved_on", "Somebody has decided this meanwhile. Look at it again.")
    if proposed_by_actor and step in (Step.AGREE, Step.AGREE_LIFT):
        return Refusal("same_person", "You proposed this, so another person has to agree to it.")
    return None
