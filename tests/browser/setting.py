"""What stands before the main job begins: reference data, a framework of two lots and two regions, and its people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, select

import app.operations
from app.accounts.commands import add_person
from app.core import clock
from app.core.actor import Actor, Seat
from app.core.london import LONDON
from app.frameworks import commands as frameworks
from app.frameworks.commands import CallOffFacts, CriterionFacts, FrameworkFacts, LotFacts, RegionFacts
from app.frameworks.rules import PriceUnit, Service
from app.memberships.models import Membership
from app.organisations.models import Organisation, OrganisationSeat
from app.organisations.rules import OrganisationKind, Role
from tests import factories
from tests.browser.conftest import Site
from tests.browser.people import PASSWORD

TODAY = datetime.now(LONDON).date()
HUB = "Test commissioning hub"
AGENCY = "one-adoption-west-yorkshire"
STAFF = {
    "lead@hub.example.org": ("Leo Lead", Role.FRAMEWORK_LEAD),
    "second.lead@hub.example.org": ("Lena Lead", Role.FRAMEWORK_LEAD),
    "checker@hub.example.org": ("Cara Checker", Role.CHECKER),
    "commissioner@agency.example.org": ("Colin Commissioner", Role.COMMISSIONER),
    "approver@agency.example.org": ("Ada Approver", Role.APPROVER),
    "chair@agency.example.org": ("Chloe Chair", Role.CHAIR),
    "assessor@agency.example.org": ("Asha Assessor", Role.ASSESSOR),
    "second.assessor@agency.example.org": ("Bert Assessor", Role.ASSESSOR),
}


@dataclass(frozen=True)
class Setting:
    framework_id: UUID


def setting(site: Site) -> Setting:
    for room in app.operations.REFERENCE:
        with site.db.write() as session:
            room.load(session)
    with site.db.write() as session:
        hub = factories.organisation(session, OrganisationKind.LEAD, HUB)
        agency = session.exec(select(Organisation.id).where(Organisation.slug == AGENCY)).one()
        people = {
            email: _person(session, email, name, role, hub if "hub" in email else agency)
            for email, (name, role) in STAFF.items()
        }
        lead, second = people["lead@hub.example.org"], people["second.lead@hub.example.org"]
        framework_id = frameworks.create_framework(session, lead, hub, _facts(session, agency))
        frameworks.approve_framework(session, second, framework_id)
        _round(session, lead, framework_id)
        _birch(session, people["checker@hub.example.org"], framework_id, lead)
    return Setting(framework_id)


def _person(session: Session, email: str, name: str, role: Role, organisation_id: UUID) -> Actor:
    person_id = add_person(session, name=name, email=email, password=PASSWORD)
    where = session.get_one(Organisation, organisation_id)
    now = clock.now(session)
    session.add(OrganisationSeat(person_id=person_id, organisation_id=where.id, role=role, given_at=now))
    return Actor(person_id, name, email, (Seat(where.id, where.name, where.kind, role),))


def _facts(session: Session, agency: UUID) -> FrameworkFacts:
    def authority(slug: str) -> UUID:
        return session.exec(select(Organisation.id).where(Organisation.slug == slug)).one()

    today = clock.now(session).date()
    basics = ("ins_public_liability", "dbs_enhanced")
    return FrameworkFacts(
        slug="test-framework",
        name="Test adoption support framework",
        rule_set_slug="light_touch",
        summary="Therapy and mediation for adoptive and special guardianship families.",
        agreement_text="The provider keeps its evidence in date and its practitioners supervised.",
        agreement_version="1",
        selection_process="Mini-competition among all eligible members of a lot and region.",
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=1000),
        estimated_value_pence=100_000_000,
        lots=(
            LotFacts(
                number=1,
                name="Therapeutic interventions",
                service=Service.THERAPEUTIC_INTERVENTION,
                description="Therapy that meets an assessed need.",
                price_unit=PriceUnit.SESSION,
                ceiling_pence=15_800,
                requires=basics,
            ),
            LotFacts(
                number=2,
                name="Mediation",
                service=Service.MEDIATION,
                description="Mediation about contact, by accredited mediators.",
                price_unit=PriceUnit.SESSION,
                ceiling_pence=14_000,
                requires=(*basics, "fmc_accreditation"),
            ),
        ),
        regions=(
            RegionFacts("West", (authority("leeds"), authority("bradford"))),
            RegionFacts("South", (authority("sheffield"),)),
        ),
        call_off=(CallOffFacts(agency, today - timedelta(days=30)),),
        criteria=(
            CriterionFacts("Approach", "How the work would meet this need", 30, 70),
            CriterionFacts("Experience", "What has been achieved for families like this", 10, 40),
            CriterionFacts("Price", "The whole price", 10, 40, is_price=True),
        ),
    )


def _round(session: Session, lead: Actor, framework_id: UUID) -> None:
    from app.frameworks.models import Lot, Region

    lots = session.exec(select(Lot.id).where(Lot.framework_id == framework_id)).all()
    regions = session.exec(select(Region.id).where(Region.framework_id == framework_id)).all()
    now = clock.now(session)
    frameworks.open_round(
        session,
        lead,
        framework_id,
        name="Round 1",
        opens_at=now,
        closes_at=now + timedelta(days=30),
        scope=[(lot, region) for lot in lots for region in regions],
    )


def _birch(session: Session, checker: Actor, framework_id: UUID, lead: Actor) -> None:
    """A second provider, a member already, so that there is somebody to lose to."""
    from app.frameworks.models import Lot, Region
    from app.providers.models import Practitioner

    provider_id = factories.provider(session, "Birch Therapy")
    person_id = add_person(session, name="Omar Owner", email="omar@birch.example.org", password=PASSWORD)
    now = clock.now(session)
    session.add(OrganisationSeat(person_id=person_id, organisation_id=provider_id, role=Role.OWNER, given_at=now))
    therapist = session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider_id)).one()
    expires = TODAY + timedelta(days=400)
    factories.verified_evidence(session, provider_id, checker, kind="ins_public_liability", expires_on=expires)
    factories.verified_evidence(
        session, provider_id, checker, kind="dbs_enhanced", expires_on=expires, practitioner_id=therapist
    )
    lot = session.exec(select(Lot.id).where(Lot.framework_id == framework_id, Lot.number == 1)).one()
    region = session.exec(select(Region.id).where(Region.framework_id == framework_id, Region.name == "West")).one()
    session.add(
        Membership(
            provider_id=provider_id,
            framework_id=framework_id,
            lot_id=lot,
            region_id=region,
            opened_at=now,
            opened_by=lead.known,
            signed_at=now,
            signed_by=person_id,
        )
    )
