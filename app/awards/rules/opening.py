"""Who assesses, what they declare, and when two people may open the bids."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.awards.rules.prices import FIXED
from app.briefs.rules import Phase, in_words
from app.core.refusals import Refusal

OPENERS: Final = 2
MOST_REASON: Final = 1000
A_PARTNER_MAY_NOT: Final = "A partner in the bid could not act in this lot and region when the brief closed."
_LIVE: Final = (Phase.OPEN, Phase.CLOSED, Phase.OPENED)


def why_not_take_part(*, belongs: bool) -> Refusal | None:
    """Whether a person may open, assess or award at all: not while they hold a seat in a provider that was invited.

    Once the bids are open, nor in one that is a partner in a bid.

    Source: Procurement Act 2023 s81 to s83.
    """
    if belongs:
        return Refusal(
            "belongs",
            "Somebody who belongs to a provider invited to this brief, or to a partner in a bid for it, "
            "has no part in its opening, assessment or award.",
        )
    return None


def exclusion(ineligible: Sequence[Refusal], *, partners_may: bool = True) -> str:
    """Why a bid is put aside at the opening, in the words of every reason; empty when it stands (state machine 7).

    `partners_may`: every partner might act there too. What is against one of them is told to no lead.
    """
    of_partners = () if partners_may else (A_PARTNER_MAY_NOT,)
    return " ".join((*(refusal.words for refusal in ineligible), *of_partners))[:MOST_REASON]


def expired_unconfirmed(version: int) -> str:
    """Why a bid is put aside that answers an earlier version of the brief (state machine 9, `expired_unconfirmed`)."""
    return (
        f"Version {version} changed what the brief asks for, after this bid was sent. Its bidder was asked to confirm or change "
        "the bid before the brief closed, and did neither."
    )


def why_not_appoint(*, phase: Phase, proposed: bool, belongs: bool = False, assessed: bool = False) -> Refusal | None:
    """Whether a person may be asked to assess: from publication until an award is proposed, and never a rival.

    Of a brief with two envelopes, until it is on record that quality is `assessed`.
    """
    if phase is Phase.DRAFT:
        return Refusal("draft", "Assessors are chosen once the brief is published and its providers are invited.")
    if phase not in _LIVE:
        return Refusal("over", f"This brief is {phase.value}, so nobody more can be asked to assess it.")
    if proposed:
        return Refusal("proposed", "An award has been proposed. Reject it before you add an assessor.")
    if assessed:
        return FIXED
    return why_not_take_part(belongs=belongs)


def why_not_release(*, declared: bool) -> Refusal | None:
    """Whether an assessor may be taken off again: only before they have declared, so that no declaration is lost."""
    if declared:
        return Refusal("declared", "This assessor has declared their interests, and the declaration stays on record.")
    return None


def why_not_declare(*, phase: Phase, declared: bool) -> Refusal | None:
    """Whether an assessor may say whom they have an interest in.

    It is said before any bid is seen (Procurement Act 2023 s81 to s83), and fixed once the bids are opened; an assessor
    added later declares first of all.
    """
    if phase not in _LIVE:
        return Refusal("not_live", f"This brief is {phase.value}, so there is nothing to declare.")
    if phase is Phase.OPENED and declared:
        return Refusal("fixed", "The bids are open, so your declaration is fixed. Tell the chair if something changed.")
    return None


def why_not_break_glass(
    *, phase: Phase, said: bool, assessors: int, undeclared: int, approvals: Sequence[UUID]
) -> Refusal | None:
    """Why an approver may not have the bids opened out of order: never before the close, and not where all is in order."""
    if phase is not Phase.CLOSED:
        return Refusal(
            "not_closed", "Bids can be opened out of order only between the close of the brief and their opening."
        )
    if said:
        return Refusal("said", "It has been said already why these bids are opened out of order.")
    if assessors and not undeclared and approvals:
        return Refusal(
            "in_order", "All have declared and the chair has approved: a second person opens the bids in order."
        )
    return None


def why_not_mend_glass(*, phase: Phase) -> Refusal | None:
    """Why an approver may not take back that the bids are opened out of order: it is possible until they are open."""
    if phase is not Phase.CLOSED:
        return Refusal("over", f"This brief is {phase} now, so what was announced before its opening stays as it was.")
    return None


def why_not_open(
    *,
    phase: Phase,
    closes_at: datetime,
    drain: timedelta,
    now: datetime,
    assessors: int,
    undeclared: int,
    approvals: Sequence[UUID],
    person: UUID,
    chair: bool,
    brief_id: UUID,
    out_of_order: bool = False,
    approver: bool = False,
) -> Refusal | None:
    """Whether this person may now give the next of the two approvals that open the bids.

    `approvals` are the people who have approved so far; the chair is the first, somebody else the second. `drain` after the
    close lets every bid that had arrived in time be written down, as bids keep their time of arrival and not of commit.
    `out_of_order`: an approver has said why the chair and every declaration are not being waited for; the first is then an
    approver, too. Nothing lifts the close, the drain or the second person.
    """
    if phase in (Phase.DRAFT, Phase.CANCELLED):
        is_now = "not published yet" if phase is Phase.DRAFT else phase.value
        return Refusal("not_live", f"This brief is {is_now}. There are no bids to open.")
    if phase in (Phase.OPENED, Phase.AWARDED):
        return Refusal("already_open", "The bids are already open.")
    if phase is Phase.OPEN or now < closes_at:
        return Refusal("sealed", "The bids are sealed until the brief has closed. Nobody can open them earlier.")
    if now < closes_at + drain:
        return Refusal(
            "draining", "The brief has just closed, and bids that arrived in time are being written. Try in a minute."
        )
    if assessors == 0 and not out_of_order:
        return Refusal("no_assessor", "Choose at least one assessor before the bids are opened.")
    if undeclared and not out_of_order:
        who = "One assessor has" if undeclared == 1 else f"{undeclared} assessors have"
        return Refusal(
            "undeclared",
            f"{who} not yet declared their interests. Bids are opened only when all have.",
            (f"/briefs/{brief_id}/opening#assessors", "See who has not declared"),
        )
    if not approvals and not (chair or (out_of_order and approver)):
        first = "A chair or an approver" if out_of_order else "The chair"
        return Refusal("chair_first", f"{first} approves the opening first, then one other person.")
    if person in approvals:
        return Refusal("same_person", "You have approved the opening. A second person must approve it too.")
    return None


def why_not_stamp(*, before: Collection[datetime], now: datetime) -> Refusal | None:
    """Nothing is opened by a clock that was put back, as where another host took over: `before` is what came before this.

    The database refuses it as well (`ck_brief_opened_by_two`, `ck_brief_prices_opened_by_two`, `ck_brief_prices_after_quality`).
    """
    if any(moment > now for moment in before):
        words = "The clock of the service was put back to before the last step. Approve again in a minute."
        return Refusal("clock_put_back", words)
    return None


def why_not_unlock(*, shut_until: datetime, drain: timedelta, now: datetime) -> Refusal | None:
    """Whether the key of the bids stays shut longer than the brief says: where it closed early, and not everybody has answered."""
    if now < shut_until + drain:
        return Refusal(
            "bound",
            f"The key of the bids is bound to a later close than the brief now says: it opens from {in_words(shut_until + drain)}.",
        )
    return None
