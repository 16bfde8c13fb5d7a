"""Plain functions that write rows for tests: a small world in which one thing may then be different."""

from tests.factories.bids import partnership, submitted_bid
from tests.factories.briefs import (
    amended,
    amendment,
    brief,
    cancelled,
    mark_opened,
    opened,
    referral,
    two_approve,
    world_and_limits,
)
from tests.factories.evidence import INSURANCE, evidence_kind, requirement, ticked, verified_evidence
from tests.factories.frameworks import framework, membership
from tests.factories.memberships import GROUNDS, asked_rate, questions, restricted, suspension, variation
from tests.factories.organisations import organisation, person, raa, seated
from tests.factories.providers import active, provider
from tests.factories.worlds import World, world, world_without_members

__all__ = [
    "GROUNDS",
    "INSURANCE",
    "World",
    "active",
    "amended",
    "amendment",
    "asked_rate",
    "brief",
    "cancelled",
    "evidence_kind",
    "framework",
    "mark_opened",
    "membership",
    "opened",
    "organisation",
    "partnership",
    "person",
    "provider",
    "questions",
    "raa",
    "referral",
    "requirement",
    "restricted",
    "seated",
    "submitted_bid",
    "suspension",
    "ticked",
    "two_approve",
    "variation",
    "verified_evidence",
    "world",
    "world_and_limits",
    "world_without_members",
]
