"""Looking at memberships: how each stands, who relies on what a member holds, and what has changed since."""

from app.memberships.queries.eligible import Eligibility, eligibilities, eligibility
from app.memberships.queries.roll import (
    LOOKED_AT,
    FrameworkMembers,
    first_members,
    framework_members,
    members_of_cells,
    overseen_framework,
)
from app.memberships.queries.standing import (
    Member,
    MembershipView,
    held,
    line_up,
    members,
    membership,
    memberships,
    own_membership,
    rated_members,
)

__all__ = [
    "LOOKED_AT",
    "Eligibility",
    "FrameworkMembers",
    "Member",
    "MembershipView",
    "eligibilities",
    "eligibility",
    "first_members",
    "framework_members",
    "held",
    "line_up",
    "members",
    "members_of_cells",
    "membership",
    "memberships",
    "overseen_framework",
    "own_membership",
    "rated_members",
]
