"""When a full referral may be changed, and how long this copy of it stays. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.briefs.rules import Phase
from app.core.refusals import Refusal

MOST_DOCUMENTS: Final = 20
MOST_LETTERS: Final = 20_000
KEPT: Final = timedelta(days=365)  # a default of this service, after the award: the provider keeps its own record


class Content(StrEnum):
    """What a document is, in words that fit every family."""

    REFERRAL = "referral"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    LETTER = "letter"
    WORDS = "words"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final = {
    Content.REFERRAL: "Referral form",
    Content.ASSESSMENT: "Assessment of needs",
    Content.PLAN: "Support plan",
    Content.LETTER: "Report or letter",
    Content.WORDS: "Words typed here",
}


def why_not_attach(*, phase: Phase, documents: int) -> Refusal | None:
    """After the award, too: who has won a brief without one, or with half of it, needs the rest."""
    if phase is Phase.CANCELLED:
        return Refusal("cancelled", "This brief is cancelled, so nothing can be attached to it.")
    if documents >= MOST_DOCUMENTS:
        return Refusal("many", f"A referral has at most {MOST_DOCUMENTS} documents. Withdraw one first.")
    return None


def why_not_withdraw(*, phase: Phase) -> Refusal | None:
    """Until the award the referral is the agency's to take back; then it is what the winner signs for."""
    if phase is Phase.AWARDED:
        return Refusal("awarded", "The brief is awarded, so nothing of the referral can be withdrawn.")
    return None


def is_over(*, cancelled_at: datetime | None, awarded_at: datetime | None, now: datetime) -> bool:
    """Whether this copy has served: at once when the brief is cancelled, and some time after the award."""
    return cancelled_at is not None or (awarded_at is not None and now >= awarded_at + KEPT)
