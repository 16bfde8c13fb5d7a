"""Who may name assessors, declare, score, agree on marks and decide on them, and when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.applications.rules import Phase, RefusalReason
from app.applications.scoring.rules.marks import LEAST_ASSESSORS, Tally, Verdict, needs_note
from app.applications.scoring.rules.ranking import Standing
from app.core.refusals import Refusal
from app.frameworks.rules import RoundPhase

_INTERESTED = "You have an interest in this provider, so its application is not shown to you."


@dataclass(frozen=True, slots=True)
class Sheets:
    """Of one application: how many assessors without an interest have submitted their marks, and how many have not."""

    submitted: int
    waiting: int


def why_not_name(*, scored: bool, belongs: bool) -> Refusal | None:
    """Whether a person may be named: the round asks questions that are scored, and they belong to no provider that applied.

    Source: Procurement Act 2023 s81 to s83.
    """
    if not scored:
        return Refusal("nothing_scored", "This round asks no question that is scored, so it needs no assessors.")
    if belongs:
        return Refusal(
            "belongs", "This person belongs to a provider that has applied, so they cannot assess this round."
        )
    return None


def why_not_release(*, on_record: bool, reason: str) -> Refusal | None:
    """Whether an assessor may be taken off: with a reason once they have submitted marks or declared an interest, which stay."""
    if on_record and not reason:
        words = "Say why: this assessor has submitted marks or declared an interest, which stay on record."
        return Refusal("reason", words)
    return None


def why_not_declare(*, interested: bool) -> Refusal | None:
    """Whether an assessor may say again how they stand to a provider: an interest, once declared, stands."""
    if interested:
        return Refusal("declared", "You have declared an interest in this provider, and the declaration stands.")
    return None


def why_not_with_interest(*, interested: bool) -> Refusal | None:
    """Whether somebody may decide or compare marks: not about a provider they have an interest in."""
    return Refusal("interested", _INTERESTED) if interested else None


def why_not_score(
    *, phase: Phase, round_phase: RoundPhase, rolling: bool, submitted: bool, moderated: bool
) -> Refusal | None:
    """Whether an assessor without an interest may mark this application: once it can no longer be changed by its provider.

    An intake that is always open scores applications as they come.
    """
    if submitted:
        return Refusal("locked", "You have submitted your marks of this application, so they are locked.")
    if moderated:
        return Refusal("moderated", "The marks of this application are agreed already.")
    if phase is not Phase.SUBMITTED:
        return Refusal("not_waiting", f"This application is {phase}, so it is not scored.")
    if round_phase is not RoundPhase.CLOSED and not rolling:
        return Refusal("round_open", "Applications can still be taken back. You score them when the round has closed.")
    return None


def why_not_submit(*, unmarked: int) -> Refusal | None:
    """Whether marks may be submitted: every scored question has one, with its reason."""
    if unmarked:
        questions = "One question still needs" if unmarked == 1 else f"{unmarked} questions still need"
        return Refusal("unmarked", f"{questions} your mark.")
    return None


def why_not_moderate(*, phase: Phase, sheets: Sheets, interested: bool, decided: bool) -> Refusal | None:
    """Whether marks may be compared and agreed on: nobody sees another's before all are in.

    `interested` says that this person has an interest in the provider; `decided`, that a decision rests on the marks already.
    """
    if refusal := why_not_with_interest(interested=interested):
        return refusal
    if phase is Phase.WITHDRAWN:
        return Refusal("application_withdrawn", "The provider has withdrawn this application.")
    if sheets.waiting:
        who = "One assessor has" if sheets.waiting == 1 else f"{sheets.waiting} assessors have"
        return Refusal("waiting", f"{who} not submitted their marks yet. Nobody sees any until all are in.")
    if sheets.submitted < LEAST_ASSESSORS:
        return Refusal("too_few", "At least two assessors without an interest in the provider score an application.")
    if decided:
        return Refusal("decided", "A decision rests on these marks, so they cannot be changed any more.")
    return None


def why_not_agree(given: Sequence[int], agreed: int, note: str) -> Refusal | None:
    """Whether this may be the mark that counts: where assessors were two or more points apart, a note says why."""
    if needs_note(given, agreed) and not note:
        return Refusal(
            "note",
            "Say why these points are agreed: the marks are two or more points apart, or none of them is as high or low.",
        )
    return None


def why_not_accept(*, found: Tally, standing: Standing | None, waiting: int) -> Refusal | None:
    """Whether the score lets a lot in a region be accepted (state machine 4).

    Where the best are ranked, `standing` says where this one comes, and `waiting` counts the applications of the same lot,
    region and batch that are not scored yet.
    """
    if found.verdict is Verdict.WAITING:
        return Refusal("unscored", "This application is not scored yet.")
    if found.verdict is Verdict.BELOW:
        return Refusal("below", f"It cannot be accepted: {'; '.join(found.below)}.")
    if standing is None:
        return None
    if waiting:
        others = "One application is" if waiting == 1 else f"{waiting} applications are"
        return Refusal("others_unscored", f"{others} not scored yet. The ranking counts only when all are.")
    if standing is Standing.BEYOND:
        return Refusal("beyond", "All the places of this lot in this region go to applicants who come before.")
    if standing is Standing.ACROSS:
        return Refusal("tied", "It ties with others for the last place. Record first why it is put before them.")
    return None


def why_not_break_tie(*, standing: Standing | None, waiting: int) -> Refusal | None:
    """Whether a reason may put this one before those it ties with: only where the line runs through the tie."""
    if refusal := why_not_accept(found=Tally(Verdict.MEETS), standing=Standing.WITHIN, waiting=waiting):
        return refusal
    if standing is not Standing.ACROSS:
        return Refusal("no_tie", "The line of the most members does not run through a tie here.")
    return None


def why_not_ground(reason: RefusalReason, *, found: Tally, standing: Standing | None, waiting: int) -> Refusal | None:
    """Whether a refusal may rest on the score: only where the score, or the place it comes to, says so."""
    if reason is RefusalReason.SCORE and found.verdict is not Verdict.BELOW:
        return Refusal(
            "not_below", "Its score is not below the pass mark or a threshold, so that is no ground to refuse it."
        )
    if reason is RefusalReason.RANK and (standing is not Standing.BEYOND or waiting):
        return Refusal("not_beyond", "It is not ranked beyond the most members, so that is no ground to refuse it.")
    return None
