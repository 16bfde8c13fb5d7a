"""Which agencies rely on what a member holds: those on the call-off list of a framework in which it must hold it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.models import EvidenceItem, EvidenceKind, OwnVerification, ReliancePolicy, Verification
from app.evidence.queries import Held, item_page, own_item, standing_of
from app.evidence.rules import Outcome, Standing
from app.evidence.rules.reliance import Reliance, Relied, policy_for, relied_on
from app.frameworks.calling_off.entitlement import entitled_on
from app.frameworks.models import CallOffBody, Framework, LotRequirement
from app.memberships.models import ChangeNotice, Membership
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.providers.models import Practitioner

MOST: Final = 300


@dataclass(frozen=True, slots=True)
class Relying:
    """An agency that relies on an item, through these frameworks, under its own policy; `question` is what it last asked."""

    id: UUID
    name: str
    frameworks: tuple[str, ...]
    policy: Reliance
    relied: Relied
    question: str


@dataclass(frozen=True, slots=True)
class ReliedOn:
    item: Held
    by: tuple[Relying, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of a member as it stands for one agency; `checked_by` names the organisation that verified it."""

    item_id: UUID
    provider_id: UUID
    provider_name: str
    kind_slug: str
    kind_name: str
    practitioner_name: str
    expires_on: date | None
    standing: Standing
    checked_by: str
    own_how: str
    policy: Reliance
    relied: Relied


@dataclass(frozen=True, slots=True)
class AgencyReliance:
    """What an agency has said about each kind its frameworks require (slug and name), and how members' facts stand with it."""

    agency_id: UUID
    agency_name: str
    agencies: tuple[tuple[UUID, str], ...]
    kinds: tuple[tuple[str, str], ...]
    policies: dict[str | None, Reliance]
    lines: tuple[Line, ...]


def relying_agencies(session: Session, provider_id: UUID, kind_slug: str, on: date) -> dict[UUID, list[str]]:
    """The frameworks by name, for each agency that relies on what this provider holds of this kind."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = session.exec(
        select(CallOffBody.organisation_id, Framework.name)
        .join(Framework, col(Framework.id) == CallOffBody.framework_id)
        .join(Membership, col(Membership.framework_id) == Framework.id)
        .join(LotRequirement, col(LotRequirement.lot_id) == Membership.lot_id)
        .where(
            Membership.provider_id == provider_id,
            LotRequirement.kind_slug == kind_slug,
            col(Membership.ended_at).is_(None),
            entitled_on(on),
        )
        .distinct()
        .order_by(Framework.name)
    )
    for agency_id, framework in rows:
        found[agency_id].append(framework)
    return found


def who_relies(session: Session, actor: Actor, item_id: UUID) -> ReliedOn:
    """For the item's provider: every agency that relies on it, and how. Raises `NotFound`."""
    row, _ = own_item(session, actor, item_id)
    on = london_day(clock.now(session))
    item = item_page(session, item_id, on)
    frameworks = relying_agencies(session, row.provider_id, row.kind_slug, on)
    names = session.exec(
        select(Organisation.id, Organisation.name)
        .where(col(Organisation.id).in_(frameworks))
        .order_by(Organisation.name)
    ).all()
    policies = _policies(session, frameworks)
    own = set(session.exec(select(OwnVerification.organisation_id).where(OwnVerification.item_id == item_id)))
    checked_by = session.exec(
        select(Verification.checker_organisation_id).where(Verification.item_id == item_id)
    ).first()
    leads, questions = _leads(session, frameworks, on), _questions(session, item_id)
    return ReliedOn(
        item,
        tuple(
            Relying(
                agency_id,
                name,
                tuple(frameworks[agency_id]),
                policy := policy_for(row.kind_slug, policies[agency_id]),
                relied_on(
                    policy,
                    item.standing,
                    checked_by=checked_by,
                    agency=agency_id,
                    leads=leads[agency_id],
                    own_check=agency_id in own,
                ),
                questions.get(agency_id, ""),
            )
            for agency_id, name in names
        ),
    )


def agency_reliance(session: Session, actor: Actor, agency_id: UUID | None) -> AgencyReliance:
    """For the people of an agency, the first by name unless one is named. Raises `NotFound` for another's."""
    mine = sorted(
        {
            (seat.organisation_name, seat.organisation_id)
            for seat in actor.seats
            if seat.organisation_id in buyer_ids(actor)
        }
    )
    found = next(((name, one) for name, one in mine if agency_id in (None, one)), None)
    if found is None:
        raise NotFound
    name, one = found
    on = london_day(clock.now(session))
    policies = _policies(session, [one])[one]
    rows = _lines(session, one, on)
    kinds = session.exec(
        select(EvidenceKind.slug, EvidenceKind.name)
        .where(col(EvidenceKind.slug).in_(_required(one, on)))
        .order_by(EvidenceKind.name)
    )
    leads = _leads(session, [one], on)[one]
    return AgencyReliance(
        one,
        name,
        tuple((agency, words) for words, agency in mine),
        tuple((slug, words) for slug, words in kinds),
        policies,
        tuple(_line(*tuple(row), agency=one, policies=policies, leads=leads, on=on) for row in rows),
    )


def fact_relied_on(session: Session, agency_id: UUID, item_id: UUID, on: date) -> EvidenceItem:
    """An item on which this agency relies, or would. Raises `NotFound`."""
    item = session.get(EvidenceItem, item_id)
    if item is None or agency_id not in relying_agencies(session, item.provider_id, item.kind_slug, on):
        raise NotFound
    return item


def _required(agency_id: UUID, on: date) -> Any:
    """The kinds that lots of the agency's frameworks require, as a subquery."""
    return (
        select(LotRequirement.kind_slug)
        .join(Membership, col(Membership.lot_id) == LotRequirement.lot_id)
        .join(CallOffBody, col(CallOffBody.framework_id) == Membership.framework_id)
        .where(CallOffBody.organisation_id == agency_id, col(Membership.ended_at).is_(None), entitled_on(on))
    )


def _lines(session: Session, agency_id: UUID, on: date) -> Collection[Any]:
    members = (
        select(Membership.provider_id)
        .join(CallOffBody, col(CallOffBody.framework_id) == Membership.framework_id)
        .where(CallOffBody.organisation_id == agency_id, col(Membership.ended_at).is_(None), entitled_on(on))
    )
    checker = aliased(Organisation)
    own = (col(OwnVerification.item_id) == EvidenceItem.id) & (OwnVerification.organisation_id == agency_id)
    more: Any = (Verification, Practitioner.full_name, OwnVerification.how, checker.name)
    return session.execute(
        select(EvidenceItem, EvidenceKind, Organisation.name)
        .add_columns(*more)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(checker, col(checker.id) == Verification.checker_organisation_id)
        .outerjoin(OwnVerification, own)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .where(
            col(EvidenceItem.provider_id).in_(members),
            col(EvidenceItem.kind_slug).in_(_required(agency_id, on)),
            col(EvidenceItem.submitted_at).is_not(None),
            col(EvidenceItem.replaced_by_id).is_(None),
            col(Practitioner.left_at).is_(None),
        )
        .order_by(Organisation.name, EvidenceKind.name, col(Practitioner.full_name), col(EvidenceItem.added_at).desc())
        .limit(MOST)
    ).all()


def _line(
    item: EvidenceItem,
    kind: EvidenceKind,
    provider: str,
    verification: Verification | None,
    practitioner: str | None,
    own_how: str | None,
    checker: str | None,
    *,
    agency: UUID,
    policies: dict[str | None, Reliance],
    leads: Collection[UUID],
    on: date,
) -> Line:
    outcome = Outcome(verification.outcome) if verification else None
    standing = standing_of(item, kind.promised_until_award, outcome, on)
    policy = policy_for(item.kind_slug, policies)
    relied = relied_on(
        policy,
        standing,
        checked_by=verification.checker_organisation_id if verification else None,
        agency=agency,
        leads=leads,
        own_check=own_how is not None,
    )
    return Line(
        item_id=item.id,
        provider_id=item.provider_id,
        provider_name=provider,
        kind_slug=item.kind_slug,
        kind_name=kind.name,
        practitioner_name=practitioner or "",
        expires_on=item.expires_on,
        standing=standing,
        checked_by=checker or "",
        own_how=own_how or "",
        policy=policy,
        relied=relied,
    )


def _policies(session: Session, agency_ids: Collection[UUID]) -> dict[UUID, dict[str | None, Reliance]]:
    found: dict[UUID, dict[str | None, Reliance]] = {agency_id: {} for agency_id in agency_ids}
    rows = session.exec(select(ReliancePolicy).where(col(ReliancePolicy.organisation_id).in_(agency_ids)))
    for row in rows:
        found[row.organisation_id][row.kind_slug] = Reliance(row.policy)
    return found


def _leads(session: Session, agency_ids: Collection[UUID], on: date) -> dict[UUID, set[UUID]]:
    """The leads of the frameworks from which each agency may call off."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    rows = session.exec(
        select(CallOffBody.organisation_id, Framework.lead_id)
        .join(Framework, col(Framework.id) == CallOffBody.framework_id)
        .where(col(CallOffBody.organisation_id).in_(agency_ids), entitled_on(on))
        .distinct()
    )
    for agency_id, lead_id in rows:
        found[agency_id].add(lead_id)
    return found


def _questions(session: Session, item_id: UUID) -> dict[UUID, str]:
    """What each agency asked last about this item, as the older or as the newer fact."""
    rows = session.exec(
        select(ChangeNotice.organisation_id, ChangeNotice.question)
        .where(
            or_(col(ChangeNotice.item_id) == item_id, col(ChangeNotice.newer_id) == item_id),
            ChangeNotice.question != "",
        )
        .order_by(col(ChangeNotice.answered_at))
    )
    return dict(rows.all())
