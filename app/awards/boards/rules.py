"""At which stage of the board a brief stands, what it asks of one person next, and of whom else. Pure.

It knows no bid: nothing here differs by whether one exists.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.briefs.rules import Phase
from app.organisations.rules import Role

KEPT: Final = timedelta(days=365)
"""How long a brief that has ended stays on the board; its phase's own page shows those before."""


class Stage(StrEnum):
    DRAFT = "Drafts"
    APPROVAL = "Waits for an approver"
    OPEN = "Open for bids"
    CLOSED = "Closed: waits for its opening"
    OPENED = "Being assessed"
    PROPOSED = "Award proposed"
    AWARDED = "Awarded"
    CANCELLED = "Ended without an award"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and where."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class BriefState:
    """A brief of a buyer's agency. `approvals` are the people who approved its opening; `proposed_by` who proposed an award.

    `prices_sealed`: the second of two envelopes is not opened; `assessed` that it is on record that quality is, and
    `price_approvals` who has approved that prices are opened. `rival`: the reader belongs to a provider invited. `to_mend` is
    None where nobody looked; `words_by` asked that words found in the draft may stay; `needed` is how many approve it, nought
    where nobody looked, and `approved` who has. A change waits for an approver other than `change_by`, a wish to close early for
    another than `close_by`, to cancel for another than `cancel_by`, and `questions` are not answered. `recorded`: the provider is
    found by another route than a mini-competition, so nobody publishes it; `unreasoned` that it lacks the reason. `asked`: its
    writer asked for approval; `sent_back`: an approver sent it back since.
    """

    id: UUID
    label: str
    phase: Phase
    closes_at: datetime
    authors: frozenset[UUID]
    assessors: frozenset[UUID] = frozenset()
    undeclared: frozenset[UUID] = frozenset()
    unsubmitted: frozenset[UUID] = frozenset()
    approvals: frozenset[UUID] = frozenset()
    out_of_order: bool = False
    proposed_by: UUID | None = None
    prices_sealed: bool = False
    assessed: bool = False
    price_approvals: frozenset[UUID] = frozenset()
    rival: bool = False
    to_mend: bool | None = None
    words_by: frozenset[UUID] = frozenset()
    needed: int = 1
    approved: frozenset[UUID] = frozenset()
    change_waits: bool = False
    change_by: UUID | None = None
    close_by: UUID | None = None
    questions: int = 0
    cancel_by: UUID | None = None
    recorded: bool = False
    unreasoned: bool = False
    asked: bool = False
    sent_back: bool = False

    @property
    def cancel_waits(self) -> bool:
        return self.cancel_by is not None and self.phase in (Phase.OPEN, Phase.CLOSED, Phase.OPENED)

    @property
    def waits_for_second(self) -> bool:
        return self.phase is Phase.DRAFT and not self.recorded and self.needed > len(self.approved) > 0

    @property
    def before_approver(self) -> bool:
        return self.phase is Phase.DRAFT and not self.recorded and self.asked and not self.to_mend


def stage(brief: BriefState) -> Stage:
    if (
        brief.before_approver
        or brief.waits_for_second
        or (brief.phase is Phase.OPEN and (brief.change_waits or brief.cancel_by))
    ):
        return Stage.APPROVAL
    if brief.phase is Phase.OPENED and brief.proposed_by:
        return Stage.PROPOSED
    return Stage[brief.phase.name]


def own_task(brief: BriefState, person: UUID) -> Step | None:
    """What an assessor has to do, whatever else they may."""
    if brief.rival or brief.phase not in (Phase.OPEN, Phase.CLOSED, Phase.OPENED):
        return None
    if person in brief.undeclared:
        return Step("Declare your interests", f"/briefs/{brief.id}/declaration")
    if brief.phase is Phase.OPENED and person in brief.unsubmitted and brief.proposed_by is None:
        return Step("Score the bids", f"/briefs/{brief.id}/assessment")
    return None


def next_step(brief: BriefState, person: UUID, roles: Collection[str]) -> Step | None:
    """What this person, with these roles in the brief's agency, can do to move it on; None when it waits for others."""
    if brief.cancel_waits and Role.APPROVER in roles and person != brief.cancel_by:
        return Step("Agree to cancel this brief, or decline", f"/briefs/{brief.id}/cancellation")
    match brief.phase:
        case Phase.DRAFT:
            return _draft(brief, person, roles)
        case Phase.OPEN:
            return _open(brief, person, roles)
        case Phase.CLOSED if not brief.rival:
            return _closed(brief, person, roles)
        case Phase.OPENED if not brief.rival:
            return _opened(brief, person, roles)
    return None


def waits_for(brief: BriefState) -> str:
    """What comes next and by whom, for those who cannot do it; empty once nothing does."""
    match brief.phase:
        case _ if brief.cancel_waits:
            return "An approver agrees to cancel it, or declines"
        case Phase.DRAFT if brief.recorded:
            return "A commissioner says why this route was taken" if brief.unreasoned else ""
        case Phase.DRAFT if brief.words_by:
            return "An approver decides whether words may stay"
        case Phase.DRAFT if brief.sent_back:
            return "A commissioner mends the draft, which an approver sent back"
        case Phase.DRAFT if brief.to_mend:
            return "A commissioner finishes the draft"
        case Phase.DRAFT if not brief.asked:
            return "A commissioner asks for approval"
        case Phase.DRAFT:
            return "A second approver publishes it" if brief.waits_for_second else "An approver checks it"
        case Phase.OPEN if brief.change_waits:
            return "An approver decides on the proposed change"
        case Phase.OPEN if brief.close_by:
            return "An approver decides on closing early"
        case Phase.OPEN if brief.questions:
            return f"A commissioner answers {_questions(brief.questions)}"
        case Phase.OPEN:
            return (
                "The invited members can bid until it closes" if brief.assessors else "The chair chooses the assessors"
            )
        case Phase.CLOSED:
            return _opener(brief)
        case Phase.OPENED if brief.proposed_by:
            return "Another approver, who did not assess, decides on the award"
        case Phase.OPENED if brief.unsubmitted and not brief.assessed:
            return "The assessors score"
        case Phase.OPENED if brief.prices_sealed:
            return _price_opener(brief)
        case Phase.OPENED:
            return "The chair or a commissioner proposes an award"
    return ""


def _draft(brief: BriefState, person: UUID, roles: Collection[str]) -> Step | None:
    page = f"/briefs/{brief.id}"
    if brief.recorded:
        lacks = brief.unreasoned and Role.COMMISSIONER in roles
        return Step("Say why this route was taken", f"{page}/edit#route_reason") if lacks else None
    if Role.APPROVER in roles and person not in brief.authors and brief.words_by - {person}:
        return Step("Decide whether words may stay", f"{page}/words")
    if Role.APPROVER in roles and person not in brief.authors | brief.approved and brief.before_approver:
        if not brief.needed:
            return Step("Check this brief, and approve it", page)
        if brief.needed == 1:
            return Step("Check this brief and publish it", page)
        return Step(f"Check this brief, as the {'second' if brief.approved else 'first'} of two approvers", page)
    if Role.COMMISSIONER in roles and not brief.before_approver:
        if brief.sent_back:
            return Step("Mend this draft, which an approver sent back, and ask again", page)
        if brief.to_mend is not False:
            return Step("Finish this draft, for an approver to publish", page)
        return Step("Ask for approval of this draft", page)
    return None


def _open(brief: BriefState, person: UUID, roles: Collection[str]) -> Step | None:
    page = f"/briefs/{brief.id}"
    if brief.change_waits and Role.APPROVER in roles and person != brief.change_by:
        return Step("Decide on the proposed change", f"{page}/changes")
    if Role.APPROVER in roles and brief.close_by not in (None, person):
        return Step("Decide on closing early", f"{page}/early-close")
    if brief.questions and Role.COMMISSIONER in roles:
        return Step(f"Answer {_questions(brief.questions)}", f"{page}/questions")
    if Role.CHAIR in roles and not brief.assessors:
        return Step("Choose the assessors", f"{page}/opening")
    return None


def _closed(brief: BriefState, person: UUID, roles: Collection[str]) -> Step | None:
    page, chair = f"/briefs/{brief.id}/opening", Role.CHAIR in roles
    if not brief.assessors and not brief.out_of_order:
        return Step("Choose the assessors, so that the bids can be opened", page) if chair else None
    if brief.undeclared and not brief.out_of_order:
        return Step("Get the assessors’ declarations", page) if chair else None
    if not brief.approvals:
        first = chair or (brief.out_of_order and Role.APPROVER in roles)
        return Step("Approve the opening of the bids", page) if first else None
    if person not in brief.approvals and {Role.CHAIR, Role.COMMISSIONER, Role.APPROVER} & set(roles):
        return Step("Open the bids, as the second person", page)
    return None


def _opener(brief: BriefState) -> str:
    if not brief.assessors and not brief.out_of_order:
        return "The chair chooses the assessors, so that the bids can be opened"
    if brief.undeclared and not brief.out_of_order:
        return "The assessors declare their interests"
    if brief.approvals:
        return "A second person opens the bids"
    return f"The chair {'or an approver ' if brief.out_of_order else ''}approves the opening"


def _opened(brief: BriefState, person: UUID, roles: Collection[str]) -> Step | None:
    page = f"/briefs/{brief.id}/award"
    if brief.proposed_by is not None:
        free = person != brief.proposed_by and person not in brief.assessors
        return Step("Decide on the proposed award", page) if Role.APPROVER in roles and free else None
    if brief.prices_sealed:
        return _prices(brief, person, roles)
    if not brief.unsubmitted and {Role.CHAIR, Role.COMMISSIONER} & set(roles):
        return Step("Propose an award: all scores are in", page)
    return None


def _prices(brief: BriefState, person: UUID, roles: Collection[str]) -> Step | None:
    page = f"/briefs/{brief.id}/prices"
    if not brief.assessed:
        records = Role.CHAIR in roles or (brief.out_of_order and Role.APPROVER in roles)
        return (
            Step("Put on record that quality is assessed: all scores are in", page)
            if records and not brief.unsubmitted
            else None
        )
    if person in brief.price_approvals or not {Role.CHAIR, Role.COMMISSIONER, Role.APPROVER} & set(roles):
        return None
    return Step(
        "Open the prices, as the second person" if brief.price_approvals else "Approve the opening of the prices", page
    )


def _price_opener(brief: BriefState) -> str:
    if not brief.assessed:
        return "The chair puts on record that quality is assessed"
    return "A second person opens the prices" if brief.price_approvals else "Two people open the prices"


def _questions(count: int) -> str:
    return f"{count} question{'' if count == 1 else 's'}"
