"""A live framework, and membership of it."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from app.frameworks.models import (
    CallOffBody,
    Framework,
    FrameworkCriterion,
    Lot,
    LotRequirement,
    Region,
    RegionAuthority,
    Round,
    RoundScope,
    RuleSet,
)
from app.memberships.models import Membership
from app.organisations.rules import OrganisationKind
from tests import NOON
from tests.factories.evidence import INSURANCE, evidence_kind
from tests.factories.organisations import organisation


def framework(
    session: Session, lead_id: UUID, call_off: tuple[UUID, ...]
) -> tuple[UUID, tuple[UUID, UUID], tuple[UUID, UUID], UUID]:
    if session.get(RuleSet, "light_touch") is None:
        session.add(RuleSet(slug="light_touch", name="Light touch", source="test", confidence="verified"))
        session.flush()
    made = Framework(
        slug=uuid4().hex,
        name="Test framework",
        lead_id=lead_id,
        rule_set_slug="light_touch",
        summary="For tests",
        agreement_text="We agree.",
        agreement_version="1",
        selection_process="Mini-competition",
        starts_on=date(2026, 1, 1),
        ends_on=date(2030, 1, 1),
        estimated_value_pence=100_000_000,
        created_at=NOON,
        approved_at=NOON - timedelta(days=100),
    )
    session.add(made)
    session.flush()
    lots = tuple(
        Lot(
            framework_id=made.id,
            number=number,
            name=service.replace("_", " ").capitalize(),
            service=service,
            description="A test lot",
            price_unit="session",
            ceiling_pence=15_000,
        )
        for number, service in ((1, "therapeutic_intervention"), (2, "mediation"))
    )
    regions = tuple(Region(framework_id=made.id, name=name) for name in ("North", "South"))
    window = Round(
        framework_id=made.id,
        name="Round 1",
        opens_at=NOON - timedelta(days=10),
        closes_at=NOON + timedelta(days=20),
    )
    session.add_all((*lots, *regions, window))
    session.flush()
    evidence_kind(session)
    for region in regions:
        authority_id = organisation(session, OrganisationKind.AUTHORITY, f"{region.name}shire {uuid4().hex[:4]}")
        session.add(RegionAuthority(region_id=region.id, authority_id=authority_id))
    for lot in lots:
        session.add(LotRequirement(lot_id=lot.id, kind_slug=INSURANCE))
        for region in regions:
            session.add(RoundScope(round_id=window.id, lot_id=lot.id, region_id=region.id))
    for body in call_off:
        session.add(CallOffBody(framework_id=made.id, organisation_id=body, entitled_from=date(2026, 1, 1)))
    for position, (name, price, low, high) in enumerate(
        (("Approach", False, 30, 70), ("Experience", False, 10, 40), ("Price", True, 10, 40)), start=1
    ):
        session.add(
            FrameworkCriterion(
                framework_id=made.id, position=position, name=name, is_price=price, weight_min=low, weight_max=high
            )
        )
    session.flush()
    return made.id, (lots[0].id, lots[1].id), (regions[0].id, regions[1].id), window.id


def membership(
    session: Session, provider_id: UUID, framework_id: UUID, lot_id: UUID, region_id: UUID, by: UUID
) -> UUID:
    """An active membership: opened and signed."""
    row = Membership(
        provider_id=provider_id,
        framework_id=framework_id,
        lot_id=lot_id,
        region_id=region_id,
        opened_at=NOON - timedelta(days=30),
        opened_by=by,
        signed_at=NOON - timedelta(days=29),
        signed_by=by,
    )
    session.add(row)
    session.flush()
    return row.id
