"""How many people approve a brief. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal

DEFAULT_LIMIT_PENCE: Final = 3_000_000
"""£30,000, a default of this service: the value from which a council must publish even a contract below the thresholds (Procurement
Act 2023 s84). No law asks for two approvers; an agency may set another value.
"""
MOST_LIMIT_PENCE: Final = 100_000_000


def approvers_needed(budget_pence: int, limit_pence: int) -> int:
    """Besides the author: two above the agency's value, else one."""
    return 2 if budget_pence > limit_pence else 1


def limit_of_draft(said: Iterable[tuple[datetime, int]], drafted_at: datetime) -> int:
    """The value for one draft, of all that its agency `said`, oldest first: the least since it was begun.

    A lower value holds at once, a higher one for drafts begun after it: nobody lifts it to publish alone what waits for two.
    """
    limit = DEFAULT_LIMIT_PENCE
    for at, pence in said:
        limit = pence if at < drafted_at else min(limit, pence)
    return limit


def why_not_approve_again(*, needed: int, approved: Collection[UUID], person: UUID) -> Refusal | None:
    """The second approval is another person's. `approved` are those who approved the brief as it now stands."""
    if needed > 1 and person in approved:
        return Refusal(
            "approved", "You have approved this brief. Its budget takes a second approver, who publishes it."
        )
    return None
