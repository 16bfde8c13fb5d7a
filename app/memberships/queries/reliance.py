"""How what members hold stands with an agency that relies on it, and what waits for the agency's own check."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.models import EvidenceItem, EvidenceKind, OwnVerification, ReliancePolicy, Verification
from app.evidence.queries import Reader, standing_of
from app.evidence.queries.reliance import Seen, columns
from app.evidence.rules import Outcome, Standing
from app.evidence.rules.reliance import AWAITED, Reliance, Relied
from app.memberships.models import Membership
from app.memberships.queries.relying import members_of, reader, required_by
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.organisations.queries import later_by_name
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner

PAGE: Final = 50
MEMBERS: Final = 10
"""Members on a page, each with all that it holds: so that no page reads more than it shows, whatever the market's size."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of a member as it stands for one agency; `checked_by` verified it, `since` is when a check of its own is awaited."""

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
    since: date | None


@dataclass(frozen=True, slots=True)
class Agency:
    """The agency a person looks for, and all between which they may choose, by name."""

    id: UUID
    name: str
    all: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class AgencyReliance:
    """What an agency has said about each kind its frameworks require, and one page of how members' facts stand with it.

    `kinds` are those to filter by. `begins`: no page is before this one; `last` is its last member, if more follow.
    """

    agency: Agency
    kinds: tuple[tuple[str, str], ...]
    policies: dict[str | None, Reliance]
    lines: tuple[Line, ...]
    begins: bool
    last: UUID | None


def agency_reliance(
    session: Session,
    actor: Actor,
    agency_id: UUID | None,
    *,
    kind: str = "",
    provider: str = "",
    relied: Relied | None = None,
    after: UUID | None = None,
) -> AgencyReliance:
    """For the people of an agency, the first by name unless one is named. `provider` is a part of a provider's name.

    `after` is the last member of the page before. Raises `NotFound` for another's.
    """
    agency = _agency(actor, agency_id)
    now = clock.now(session)
    on, eyes = london_day(now), reader(agency.id, now)
    limits = (
        (kind, col(EvidenceItem.kind_slug) == kind),
        (provider, col(Organisation.name).icontains(provider, autoescape=True)),
        (relied, relied_in_sql(eyes, on) == relied),
    )
    wanted = [limit for given, limit in limits if given]
    order = (Organisation.name, EvidenceKind.name, col(Practitioner.full_name), col(EvidenceItem.added_at).desc())
    members = _members(session, eyes, on, wanted, after)
    lines = _lines(session, eyes, on, [*wanted, col(Organisation.id).in_(members[:MEMBERS])], order)
    kinds = session.exec(
        select(EvidenceKind.slug, EvidenceKind.name)
        .where(col(EvidenceKind.slug).in_(required_by(agency.id, on)))
        .order_by(EvidenceKind.name)
    ).all()
    return AgencyReliance(
        agency,
        tuple((slug, name) for slug, name in kinds),
        policies_of(session, [agency.id])[agency.id],
        tuple(lines),
        after is None,
        members[MEMBERS - 1] if len(members) > MEMBERS else None,
    )


def own_checks(
    session: Session, actor: Actor, agency_id: UUID | None, *roles: Role, at: datetime
) -> tuple[Agency, list[Line]]:
    """Facts of members for which an agency's policy wants its own check, those that wait longest first; at most `PAGE`.

    Raises `NotFound` for an agency in which this person holds none of the roles.
    """
    agency = _agency(actor, agency_id, *roles)
    on, eyes, policies = london_day(at), reader(agency.id, at), policies_of(session, [agency.id])[agency.id]
    if set(policies.values()) <= {Reliance.ACCEPT_ANY}:
        return agency, []
    limits = [
        _doubted(policies),
        relied_in_sql(eyes, on).in_(AWAITED),
        col(EvidenceItem.provider_id).in_(members_of(eyes.agency_id, on)),
    ]
    return agency, _lines(session, eyes, on, limits, (col(Verification.at),), PAGE)


def _doubted(policies: Mapping[str | None, Reliance]) -> ColumnElement[bool]:
    """Items of kinds of which anybody's check is not enough: no other is ever awaited."""
    enough = {kind for kind, policy in policies.items() if kind and policy is Reliance.ACCEPT_ANY}
    if policies.get(None, Reliance.ACCEPT_ANY) is Reliance.ACCEPT_ANY:
        return col(EvidenceItem.kind_slug).in_({kind for kind in policies if kind} - enough)
    return col(EvidenceItem.kind_slug).not_in(enough)


def policies_of(session: Session, agency_ids: Collection[UUID]) -> dict[UUID, dict[str | None, Reliance]]:
    """What each agency says of each kind, and under None of every other."""
    found: dict[UUID, dict[str | None, Reliance]] = {agency_id: {} for agency_id in agency_ids}
    rows = session.exec(
        select(ReliancePolicy)
        .where(col(ReliancePolicy.organisation_id).in_(agency_ids))
        .order_by(col(ReliancePolicy.set_at), col(ReliancePolicy.id))
    )
    for row in rows:
        found[row.organisation_id][row.kind_slug] = Reliance(row.policy)
    return found


def relied_in_sql(eyes: Reader, on: date) -> ColumnElement[str]:
    """`rules.reliance.relied_on` over the rows of a query for items and verifications, so that it can be filtered by."""
    policy = func.coalesce(eyes.policy(), Reliance.ACCEPT_ANY)
    current = (
        (col(Verification.outcome) == Outcome.VERIFIED)
        & col(EvidenceItem.needs_new_at).is_(None)
        & or_(col(EvidenceItem.starts_on).is_(None), col(EvidenceItem.starts_on) <= on)
        & or_(col(EvidenceItem.expires_on).is_(None), col(EvidenceItem.expires_on) >= on)
    )
    enough = or_(
        policy == Reliance.ACCEPT_ANY,
        eyes.own_check(),
        col(Verification.checker_organisation_id) == eyes.agency_id,
        (policy == Reliance.ACCEPT_LEAD) & eyes.by_lead(),
    )
    return case(
        (current & enough, Relied.YES),
        (current & (policy == Reliance.OWN_CHECK), Relied.OWN_CHECK_MISSING),
        (current, Relied.NOT_BY_LEAD),
        else_=Relied.NOT_CURRENT,
    )


def _agency(actor: Actor, agency_id: UUID | None, *roles: Role) -> Agency:
    mine = buyer_ids(actor, *roles)
    names = sorted(
        {(seat.organisation_name, seat.organisation_id) for seat in actor.seats if seat.organisation_id in mine}
    )
    found = next(((name, one) for name, one in names if agency_id in (None, one)), None)
    if found is None:
        raise NotFound
    return Agency(found[1], found[0], tuple((one, name) for name, one in names))


def _held(eyes: Reader, on: date, limits: Collection[ColumnElement[bool]]) -> tuple[ColumnElement[bool], ...]:
    """Of items: sent in and not replaced, of a kind that the agency's frameworks require, and within these limits."""
    return (
        col(EvidenceItem.kind_slug).in_(required_by(eyes.agency_id, on)),
        col(EvidenceItem.submitted_at).is_not(None),
        col(EvidenceItem.replaced_by_id).is_(None),
        col(Practitioner.left_at).is_(None),
        *limits,
    )


def _members(
    session: Session, eyes: Reader, on: date, limits: Collection[ColumnElement[bool]], after: UUID | None
) -> list[UUID]:
    """A page of members that hold such an item, and one more where there is one: walked along the index of names.

    What is asked of each organisation is asked as a value. As a condition the planner would find all members first, and all that
    they hold, for the ten that are shown.
    """
    holds = (
        select(EvidenceItem.id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .where(col(EvidenceItem.provider_id) == Organisation.id, *_held(eyes, on, limits))
        .correlate(Organisation)
        .limit(1)
        .scalar_subquery()
    )
    member = (
        members_of(eyes.agency_id, on)
        .where(Membership.provider_id == Organisation.id)
        .correlate(Organisation)
        .limit(1)
        .scalar_subquery()
    )
    wanted = (
        select(Organisation.id)
        .where(Organisation.kind == OrganisationKind.PROVIDER, member.is_not(None), holds.is_not(None))
        .order_by(Organisation.name, col(Organisation.id))
        .limit(MEMBERS + 1)
    )
    return list(session.exec(wanted.where(later_by_name(after)) if after else wanted))


def _lines(
    session: Session,
    eyes: Reader,
    on: date,
    limits: Collection[ColumnElement[bool]],
    order: tuple[Any, ...],
    most: int | None = None,
) -> list[Line]:
    """What is held within these limits, of which one says by whom."""
    checker = aliased(Organisation)
    own = (col(OwnVerification.item_id) == EvidenceItem.id) & (OwnVerification.organisation_id == eyes.agency_id)
    rows = session.execute(
        select(EvidenceItem, EvidenceKind, Organisation.name)
        .add_columns(col(Verification.outcome), col(Practitioner.full_name), col(OwnVerification.how))
        .add_columns(col(checker.name), *columns(eyes))
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(checker, col(checker.id) == Verification.checker_organisation_id)
        .outerjoin(OwnVerification, own)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .where(*_held(eyes, on, limits))
        .order_by(*order, col(EvidenceItem.id))
        .limit(most)
    )
    return [_line(*tuple(row), eyes=eyes, on=on) for row in rows]


def _line(
    item: EvidenceItem,
    kind: EvidenceKind,
    provider: str,
    outcome: str | None,
    practitioner: str | None,
    own_how: str | None,
    checker: str | None,
    *seen: Any,
    eyes: Reader,
    on: date,
) -> Line:
    standing = standing_of(item, kind.promised_until_award, outcome, on)
    stands = Seen(eyes.agency_id, *seen)
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
        policy=stands.policy,
        relied=stands.relied(standing),
        since=stands.since(),
    )
