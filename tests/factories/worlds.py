"""The small world of most tests."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from app.core.actor import Actor
from app.organisations.rules import OrganisationKind, Role
from tests.factories.evidence import verified_evidence
from tests.factories.frameworks import framework, membership
from tests.factories.organisations import organisation, raa, seated
from tests.factories.providers import active, provider


@dataclass(frozen=True)
class World:
    """One live framework of two lots and two regions, its people, and two providers who are members everywhere in it."""

    framework_id: UUID
    lots: tuple[UUID, UUID]
    regions: tuple[UUID, UUID]
    round_id: UUID
    raa_id: UUID
    lead_id: UUID
    commissioner: Actor
    approver: Actor
    chair: Actor
    assessor: Actor
    assessor_two: Actor
    lead: Actor
    lead_two: Actor
    checker: Actor
    provider_a: UUID
    provider_b: UUID
    owner_a: Actor
    owner_b: Actor
    other_raa_id: UUID
    other_commissioner: Actor


def world(session: Session, *, members: bool = True) -> World:
    """Write it whole. With `members` false the two providers exist but have joined nothing."""
    lead_id = organisation(session, OrganisationKind.LEAD, "Test hub")
    raa_id, other_raa_id = raa(session, "Test agency"), raa(session, "Other agency")
    checker = seated(session, lead_id, Role.CHECKER, name="Cara Checker")
    lead = seated(session, lead_id, Role.FRAMEWORK_LEAD, name="Leo Lead")
    framework_id, lots, regions, round_id = framework(session, lead_id, (raa_id,))
    provider_a = active(session, provider(session, "Alder Therapy"))
    provider_b = active(session, provider(session, "Birch Therapy"))
    made = World(
        framework_id=framework_id,
        lots=lots,
        regions=regions,
        round_id=round_id,
        raa_id=raa_id,
        lead_id=lead_id,
        commissioner=seated(session, raa_id, Role.COMMISSIONER, name="Colin Commissioner"),
        approver=seated(session, raa_id, Role.APPROVER, name="Ada Approver"),
        chair=seated(session, raa_id, Role.CHAIR, name="Chloe Chair"),
        assessor=seated(session, raa_id, Role.ASSESSOR, name="Asha Assessor"),
        assessor_two=seated(session, raa_id, Role.ASSESSOR, name="Bert Assessor"),
        lead=lead,
        lead_two=seated(session, lead_id, Role.FRAMEWORK_LEAD, name="Lena Lead"),
        checker=checker,
        provider_a=provider_a,
        provider_b=provider_b,
        owner_a=seated(session, provider_a, Role.OWNER, name="Olive Owner"),
        owner_b=seated(session, provider_b, Role.OWNER, name="Omar Owner"),
        other_raa_id=other_raa_id,
        other_commissioner=seated(session, other_raa_id, Role.COMMISSIONER, name="Otto Commissioner"),
    )
    for provider_id in (provider_a, provider_b) if members else ():
        verified_evidence(session, provider_id, checker)
        for lot_id in lots:
            for region_id in regions:
                membership(session, provider_id, framework_id, lot_id, region_id, lead.known)
    return made


def world_without_members(session: Session) -> World:
    return world(session, members=False)
