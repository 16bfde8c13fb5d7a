"""Plain functions that write rows for tests: a small world in which one thing may then be different."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.models import OpeningApproval, PriceApproval, QualityAssessed
from app.awards.two_people import ApprovalByTwo
from app.bids.commands import save_draft, start_bid, submit_bid
from app.bids.letters.rules import Letter, Partner
from app.bids.models import Bid, BidPartner
from app.bids.partners import terms
from app.briefs import commands as briefs
from app.briefs.amending.commands import propose_amendment, publish_amendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind as Change
from app.briefs.cancelling.commands import agree_cancellation, ask_cancellation
from app.briefs.inviting.models import MatchReport
from app.briefs.models import Brief, BriefCriterion, BriefInvitation
from app.briefs.referral.models import ReferralDocument
from app.briefs.referral.rules import Content
from app.core import clock
from app.core.actor import Actor, Seat
from app.core.blobs import Blob, remember
from app.core.crypto import seal
from app.core.rows import new_id
from app.evidence.checklists import checklist
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries import kind_facts, registers_of
from app.evidence.rules import REGISTER, ScanState, Tick, kinds_of, rule_of
from app.frameworks.models import (
    CallOffBody,
    Framework,
    FrameworkCriterion,
    Lot,
    LotRequirement,
    Question,
    QuestionSet,
    Region,
    RegionAuthority,
    Round,
    RoundScope,
    RuleSet,
)
from app.frameworks.parts import write_questions
from app.frameworks.rules import QuestionFacts
from app.memberships.concerns.commands import agree_decision, propose_decision, raise_concern
from app.memberships.models import Membership
from app.memberships.restriction.commands import agree_restriction, propose_restriction
from app.memberships.rules.concerns import Choice, Kind
from app.memberships.rules.variations import Decliners, Silence
from app.memberships.terms import MemberRate
from app.memberships.variations.commands import approve_variation, propose_variation
from app.organisations.models import Organisation, OrganisationSeat, Raa
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner, Provider, ProviderArea, ProviderTherapy, Therapy
from app.providers.rules.restriction import Proposal, RestrictionReason
from app.settings import DEVELOPMENT_SECRET
from tests import NOON
from tests.sealing import SEAL, brief_key, organisation_key

INSURANCE = "insurance_public_liability"
THERAPY, AREA = "test_therapy", "Test county"
GROUNDS = Proposal(
    reason=RestrictionReason.SAFEGUARDING,
    words="A referral to the designated officer is being looked into.",
    told="We are looking into a concern and will speak with you this week.",
    contact="leads@hub.example",
)


def person(session: Session, name: str = "Ann Example") -> Person:
    row = Person(name=name, email=f"{uuid4().hex}@example.org", created_at=NOON, confirmed_at=NOON, password_hash="x")
    session.add(row)
    session.flush()
    return row


def organisation(session: Session, kind: OrganisationKind, name: str) -> UUID:
    row = Organisation(kind=kind, name=name, created_at=NOON)
    session.add(row)
    session.flush()
    return row.id


def seated(session: Session, organisation_id: UUID, *roles: Role, name: str = "Ann Example") -> Actor:
    """A new person with these roles there, as the actor they would be."""
    who, where = person(session, name), session.get_one(Organisation, organisation_id)
    for role in roles:
        session.add(OrganisationSeat(person_id=who.id, organisation_id=organisation_id, role=role, given_at=NOON))
    session.flush()
    return Actor(who.id, name, who.email, tuple(Seat(where.id, where.name, where.kind, role) for role in roles))


def raa(session: Session, name: str) -> UUID:
    raa_id = organisation(session, OrganisationKind.RAA, name)
    session.add(Raa(id=raa_id, source="test", confidence="verified"))
    session.flush()
    return raa_id


def provider(session: Session, name: str) -> UUID:
    provider_id = organisation(session, OrganisationKind.PROVIDER, name)
    session.add(
        Provider(
            id=provider_id,
            kind="company",
            summary="Therapy",
            registered_at=NOON,
            terms_version="1",
            share_code="Zz99Test",
            record_confirmed_on=NOON.date(),
        )
    )
    session.flush()
    organisation_key(session, provider_id)
    session.add(
        Practitioner(provider_id=provider_id, full_name=f"Therapist of {name}", profession="Therapist", added_at=NOON)
    )
    session.flush()
    return provider_id


def active(session: Session, provider_id: UUID) -> UUID:
    """The provider with a finished profile: it offers the one test therapy in the one test area."""
    if session.get(Therapy, THERAPY) is None:
        session.add(
            Therapy(
                slug=THERAPY,
                name="Test therapy",
                family="Test",
                services="",
                source="test",
                confidence="verified",
                plain="Children play.",
            )
        )
        session.flush()
    area = session.exec(select(Organisation.id).where(Organisation.name == AREA)).first()
    area = area or organisation(session, OrganisationKind.AUTHORITY, AREA)
    session.add(ProviderTherapy(provider_id=provider_id, therapy_slug=THERAPY))
    session.add(ProviderArea(provider_id=provider_id, authority_id=area))
    session.flush()
    return provider_id


def evidence_kind(
    session: Session, slug: str = INSURANCE, *, holder: str = "organisation", sensitivity: str = "business"
) -> str:
    if session.get(EvidenceKind, slug) is None:
        session.add(
            EvidenceKind(
                slug=slug,
                name=slug.replace("_", " ").capitalize(),
                holder=holder,
                category="insurance",
                what_it_is="A test kind",
                expiry_kind="fixed",
                usual_months=12,
                capture="file",
                sensitivity=sensitivity,
                source="test",
                confidence="verified",
            )
        )
        session.flush()
    return slug


def verified_evidence(
    session: Session,
    provider_id: UUID,
    checker: Actor,
    *,
    kind: str = INSURANCE,
    expires_on: date | None = date(2027, 6, 30),
    practitioner_id: UUID | None = None,
) -> UUID:
    """An item of evidence that a checker has verified."""
    item = EvidenceItem(
        provider_id=provider_id,
        practitioner_id=practitioner_id,
        kind_slug=evidence_kind(session, kind),
        issuer="Example Insurance",
        reference="PL-1",
        starts_on=date(2026, 1, 1),
        expires_on=expires_on,
        added_at=NOON,
        added_by=checker.known,
        submitted_at=NOON,
    )
    session.add(item)
    session.flush()
    session.add(
        Verification(
            item_id=item.id,
            checker_id=checker.known,
            checker_organisation_id=checker.seats[0].organisation_id,
            outcome="verified",
            at=NOON,
        )
    )
    session.flush()
    return item.id


def requirement(session: Session, lot_id: UUID, rule: dict[str, Any], *, holder: str = "organisation") -> None:
    """Give a lot a rule of its own in the place of its list; kinds it names that are new belong to `holder`."""
    session.get_one(Lot, lot_id).requirement = rule
    kinds = kinds_of(rule_of(rule))
    for row in session.exec(select(LotRequirement).where(LotRequirement.lot_id == lot_id)):
        session.delete(row)
    session.flush()
    for kind in kinds:
        evidence_kind(session, kind, holder=holder)
        session.add(LotRequirement(lot_id=lot_id, kind_slug=kind))
    session.flush()


def ticked(session: Session, item_id: UUID) -> dict[str, Tick]:
    """The item's checklist with every point seen; the look at a register, if it asks for one, does not apply."""
    kind = kind_facts(session.get_one(EvidenceKind, session.get_one(EvidenceItem, item_id).kind_slug))
    return {
        point.key: Tick(reason="The register is closed today") if point.key == REGISTER else Tick(seen=True)
        for point in checklist(kind, registers_of(session, item_id))
    }


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


def questions(session: Session, made: World, round_id: UUID, *facts: QuestionFacts) -> list[UUID]:
    """Frozen questions that this round asks, by their ids."""
    window = session.get_one(Round, round_id)
    asked = QuestionSet(
        framework_id=window.framework_id,
        version=1,
        written_by=made.lead.known,
        frozen_at=NOON - timedelta(days=100),
        frozen_by=made.lead_two.known,
        sha256="0" * 64,
    )
    session.add(asked)
    session.flush()
    write_questions(session, asked, facts)
    window.question_set_id = asked.id
    rows = select(Question.id).where(Question.set_id == asked.id).order_by(col(Question.position))
    return list(session.exec(rows))


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


def suspension(session: Session, made: World, *, agreed: bool = True) -> tuple[UUID, UUID]:
    """A safeguarding concern about provider A in the first lot and region, and its suspension proposed, or in force."""
    first = session.exec(
        select(Membership.id).where(
            Membership.provider_id == made.provider_a,
            Membership.lot_id == made.lots[0],
            Membership.region_id == made.regions[0],
        )
    ).one()
    concern_id = raise_concern(session, made.lead, first, Kind.SAFEGUARDING, "A visit was made alone.")
    day = NOON.date() + timedelta(days=30)
    decision_id = propose_decision(session, made.lead, concern_id, Choice.SUSPEND, "Until it is looked into.", day)
    if agreed:
        agree_decision(session, made.checker, decision_id)
    return concern_id, decision_id


def variation(session: Session, made: World, *, approved: bool = True, **different: Any) -> UUID:
    """A new version of the agreement, answered for 14 days and in effect after 21: silence agrees, and decliners keep."""
    today = NOON.date()
    facts = {
        "version": "2",
        "text": "We agree.\nWe report each quarter.",
        "reason": "The agencies ask for reports.",
        "answer_by": today + timedelta(days=14),
        "effective_on": today + timedelta(days=21),
        "silence": Silence.AGREES,
        "decliners": Decliners.KEEP,
    }
    made_id = propose_variation(session, made.lead, made.framework_id, **(facts | different))
    if approved:
        approve_variation(session, made.lead_two, made_id)
    return made_id


def asked_rate(session: Session, made: World) -> UUID:
    """A price that the framework's lead has proposed to provider A in the first lot, and that waits for its answer."""
    row = MemberRate(
        provider_id=made.provider_a,
        lot_id=made.lots[0],
        unit="session",
        pence=12_000,
        from_on=NOON.date() + timedelta(days=30),
        by_lead=True,
        proposed_at=NOON,
        proposed_by=made.lead_two.known,
    )
    session.add(row)
    session.flush()
    return row.id


def referral(session: Session, made: World, brief_id: UUID, blob: Blob) -> UUID:
    """A document of a brief's full referral, in which no virus was found, whatever stage the brief is at."""
    remember(session, blob)
    row = ReferralDocument(
        brief_id=brief_id,
        number=1,
        content=Content.REFERRAL,
        blob_key=blob.key,
        sha256=blob.sha256,
        size=blob.size,
        media_type="application/pdf",
        attached_at=NOON - timedelta(days=4),
        attached_by=made.commissioner.known,
        scan_state=ScanState.CLEAN,
    )
    session.add(row)
    session.flush()
    return row.id


def brief(
    session: Session,
    made: World,
    *,
    published_at: datetime | None = NOON - timedelta(days=3),
    closes_at: datetime = NOON + timedelta(days=10),
    invite: tuple[UUID, ...] | None = None,
    two_envelopes: bool = False,
) -> UUID:
    """A brief of the world's agency in its first lot and region; published ones invite both providers."""
    row = Brief(
        reference=f"B-{uuid4().hex[:8].upper()}",
        framework_id=made.framework_id,
        lot_id=made.lots[0],
        region_id=made.regions[0],
        raa_id=made.raa_id,
        call_off_id=session.exec(
            select(CallOffBody.id).where(
                CallOffBody.framework_id == made.framework_id, CallOffBody.organisation_id == made.raa_id
            )
        ).one(),
        title="Therapy for two siblings",
        need="Two siblings find it hard to feel safe at home after several moves.",
        outcomes="They feel safer and sleep better.",
        age_band="5 to 8",
        area="North",
        sessions=20,
        start_by=date(2027, 1, 31),
        budget_pence=300_000,
        route="mini_competition",
        funding=["authority"],
        two_envelopes=two_envelopes,
        created_at=NOON - timedelta(days=4),
        created_by=made.commissioner.known,
        published_at=published_at,
        published_by=made.approver.known if published_at else None,
        closes_at=closes_at,
    )
    session.add(row)
    session.flush()
    for position, (name, price, weight) in enumerate(
        (("Approach", False, 50), ("Experience", False, 20), ("Price", True, 30)), start=1
    ):
        session.add(BriefCriterion(brief_id=row.id, position=position, name=name, is_price=price, weight=weight))
    if published_at:
        for provider_id in (made.provider_a, made.provider_b) if invite is None else invite:
            session.add(
                BriefInvitation(
                    brief_id=row.id,
                    provider_id=provider_id,
                    membership_id=_membership_of(session, provider_id, row.lot_id, row.region_id),
                    invited_at=published_at,
                    why="Member of this lot in this region",
                )
            )
        session.add(MatchReport(brief_id=row.id, made_at=published_at, limit_pence=3_000_000, sha256="0" * 64))
    session.flush()
    brief_key(session, row.id)
    return row.id


def opened(session: Session, brief_id: UUID, at: datetime, *, prices_at: datetime | None = None) -> Brief:
    """A brief that only says that its bids are open, and maybe its prices: approved by two, though no letter is opened."""
    row = session.get_one(Brief, brief_id)
    two_approve(session, brief_id, at)
    row.opened_at = at
    if prices_at:
        two_approve(session, brief_id, prices_at, prices=True)
        row.prices_opened_at = prices_at
    return row


def mark_opened(session: Session, brief: Brief, at: datetime) -> None:
    """By its rules, and approved by two, though no letter is opened."""
    two_approve(session, brief.id, at)
    briefs.mark_opened(session, brief, at)


def two_approve(session: Session, brief_id: UUID, at: datetime, *, prices: bool = False) -> None:
    """Two people as rows, which no keyholder has seen."""
    kind: type[ApprovalByTwo] = OpeningApproval
    two = session.exec(select(Person.id).order_by(col(Person.id)).limit(2)).all()
    if prices:
        kind = PriceApproval
        session.add(QualityAssessed(brief_id=brief_id, at=at, by=two[0], sha256="", witness=""))
        session.flush()
    for place, who in enumerate(two, start=1):
        session.add(kind(brief_id=brief_id, person_id=who, position=place, at=at, witness=""))
    session.flush()


def cancelled(session: Session, made: World, brief_id: UUID, who: Actor, reason: str) -> None:
    """Asked for by this person, and agreed by the approver."""
    ask_cancellation(session, who, brief_id, reason)
    agree_cancellation(session, made.approver, brief_id)


def amendment(session: Session, made: World, brief_id: UUID, kind: Change = Change.MINOR, **changed: Any) -> UUID:
    """A change of an open brief that waits for an approver: other words for the need, unless something else is given."""
    terms = replace(terms_of(session.get_one(Brief, brief_id)), **(changed or {"need": "Two siblings cannot sleep."}))
    why = "We have learnt more from the school."
    return propose_amendment(session, made.commissioner, brief_id, kind, terms, why)


def amended(session: Session, made: World, brief_id: UUID, kind: Change = Change.MATERIAL, **changed: Any) -> None:
    """The same, published."""
    publish_amendment(session, made.approver, brief_id, amendment(session, made, brief_id, kind, **changed))


def _membership_of(session: Session, provider_id: UUID, lot_id: UUID, region_id: UUID) -> UUID:
    from sqlmodel import select

    return session.exec(
        select(Membership.id).where(
            Membership.provider_id == provider_id,
            Membership.lot_id == lot_id,
            Membership.region_id == region_id,
        )
    ).one()


def restricted(session: Session, made: World, provider_id: UUID) -> UUID:
    """A restriction in force: proposed by one lead, agreed by the other."""
    restriction_id = propose_restriction(session, made.lead, provider_id, GROUNDS)
    agree_restriction(session, made.lead_two, restriction_id)
    return restriction_id


def submitted_bid(session: Session, brief_id: UUID, provider_id: UUID, owner: Actor, letter: Letter) -> UUID:
    """A bid submitted now, in the session that tests write in."""
    bid_id = start_bid(session, owner, brief_id, provider_id)
    save_draft(session, owner, bid_id, letter, seal=SEAL)
    submit_bid(session, owner, bid_id, received_at=clock.now(session), seal=SEAL)
    return bid_id


def partnership(session: Session, brief_id: UUID, lead_id: UUID, partner_id: UUID, owner: Actor) -> UUID:
    """A provider asked to be a partner, with a third of the price, in the bid that another has for a brief."""
    row_id = new_id()
    kept = seal(
        terms(Partner(partner_id, "", 33, "The sessions with the parents")),
        secret=DEVELOPMENT_SECRET,
        bound_to=row_id.bytes,
    )
    bid_id = session.exec(select(Bid.id).where(Bid.brief_id == brief_id, Bid.provider_id == lead_id)).one()
    session.add(
        BidPartner(
            id=row_id,
            bid_id=bid_id,
            provider_id=partner_id,
            wrapped_key=kept.wrapped_key,
            ciphertext=kept.ciphertext,
            asked_at=clock.now(session),
            asked_by=owner.known,
        )
    )
    session.flush()
    return row_id
