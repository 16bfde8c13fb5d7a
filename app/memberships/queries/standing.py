"""Looking at memberships, each with its reasons: one set of rows serves every question, in a constant number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, bindparam, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, UTCDateTime, col, select

from app.core import clock
from app.core.actor import Actor
from app.core.database import fetch
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.evidence.models import EvidenceItem
from app.evidence.queries import Reader, pieces
from app.evidence.rules import BelowFloor, Finding, Piece, below_any, floors_of
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.requirements import Requirement, requirements, requirements_where
from app.frameworks.rules import Part, Phase, phase
from app.memberships import rules
from app.memberships.models import ConcernDecision, Membership
from app.memberships.queries.live import live, silent_end
from app.memberships.queries.paging import BY_NAME, NAME, of_provider, page
from app.memberships.queries.relying import reader
from app.memberships.queries.versions import Versions, versions_for
from app.memberships.rules import State
from app.memberships.rules.concerns import Choice
from app.memberships.terms import AgreementHold
from app.organisations.directory.queries import party_on
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids
from app.organisations.rules import Role
from app.providers.models import Provider, ProviderRestriction
from app.providers.queries import in_force
from app.providers.rules import is_paused

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Member:
    """One membership as it stands at a moment."""

    provider_id: UUID
    provider_name: str
    membership_id: UUID
    reasons: tuple[Refusal, ...]
    state: State
    framework_id: UUID
    framework_name: str
    lot_id: UUID
    lot: str
    region_id: UUID
    region: str
    opened_at: datetime
    signed_at: datetime | None
    countersigned_at: datetime | None
    back_on: date | None
    ends_on: date | None
    ended: bool
    ended_at: datetime | None
    ended_reason: str
    below_floor: tuple[BelowFloor, ...] = ()


@dataclass(frozen=True, slots=True)
class MembershipView:
    """One membership and the term of its framework."""

    member: Member
    lead_name: str
    lead_party: str
    starts_on: date
    ends_on: date
    countersigned: bool
    versions: Versions


def members(
    session: Session,
    *,
    lot_id: UUID,
    region_id: UUID,
    at: datetime,
    agency_id: UUID | None,
    needs: Sequence[Requirement] | None = None,
) -> list[Member]:
    """Every live membership of the lot in the region, by provider's name, with the reasons why the agency may not use it; without
    one, why nobody may. `needs` is what the lot requires, where it was read already.
    """
    here = and_(col(Membership.lot_id) == lot_id, col(Membership.region_id) == region_id, live(london_day(at)))
    known = None if needs is None else {lot_id: needs}
    return standings(session, here, at, agency_id=agency_id, needs=known)


def memberships(session: Session, actor: Actor, at: datetime) -> list[Member]:
    """This person's providers' memberships, ended ones too, by framework, lot and region."""
    return standings(session, col(Membership.provider_id).in_(provider_ids(actor)), at)


def rated_members(session: Session, actor: Actor, at: datetime, framework_id: UUID | None = None) -> list[Member]:
    """The live memberships, of the frameworks or of the one that this person leads, of providers with a rating below a floor
    that some lot of these frameworks has.
    """
    led = select(Framework.id).where(
        col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
        col(Framework.id) == framework_id if framework_id else true(),
    )
    needs = requirements_where(session, col(Lot.framework_id).in_(led))
    floors = {lot_id: {floor for need in of for floor in floors_of(need.rule)} for lot_id, of in needs.items()}
    low = below_any(set().union(*floors.values()))
    if not low:
        return []
    with_a_floor = [lot_id for lot_id, asked in floors.items() if asked]
    rated = session.exec(
        select(Membership.id)
        .join(EvidenceItem, col(EvidenceItem.provider_id) == Membership.provider_id)
        .where(col(EvidenceItem.rating).in_(low), col(Membership.lot_id).in_(with_a_floor), live(london_day(at)))
    )
    return standings(session, col(Membership.id).in_(set(rated)), at, needs=needs)


def held(session: Session, provider_id: UUID, framework_id: UUID, on: date) -> dict[Part, UUID]:
    """The provider's memberships of the framework that run on a London day, by lot and region."""
    rows = session.exec(
        select(Membership.lot_id, Membership.region_id, Membership.id).where(
            Membership.provider_id == provider_id,
            Membership.framework_id == framework_id,
            live(on),
        )
    )
    return {(lot_id, region_id): membership_id for lot_id, region_id, membership_id in rows}


def membership(session: Session, actor: Actor, membership_id: UUID) -> MembershipView:
    """One membership of this person's provider. Raises `NotFound`."""
    at = clock.now(session)
    mine = and_(col(Membership.id) == membership_id, col(Membership.provider_id).in_(provider_ids(actor)))
    found = standings(session, mine, at)
    if not found:
        raise NotFound
    member = found[0]
    framework = session.get_one(Framework, member.framework_id)
    return MembershipView(
        member=member,
        lead_name=session.get_one(Organisation, framework.lead_id).name,
        lead_party=party_on(session, framework.lead_id, london_day(member.signed_at or at)),
        starts_on=framework.starts_on,
        ends_on=framework.ends_on,
        countersigned=framework.countersigned,
        versions=versions_for(session, session.get_one(Membership, membership_id), framework, london_day(at)),
    )


def line_up(session: Session, membership_id: UUID) -> None:
    """Wait for whoever else changes memberships of the same provider: several are signed at once, in whatever order."""
    session.exec(
        select(Provider.id)
        .join(Membership, col(Membership.provider_id) == Provider.id)
        .where(Membership.id == membership_id)
        .with_for_update(of=Provider)
    ).first()


def own_membership(session: Session, actor: Actor, membership_id: UUID) -> Membership:
    """The row, locked for a change, of one of this person's providers. Raises `NotFound`."""
    row = session.exec(
        select(Membership)
        .where(Membership.id == membership_id, col(Membership.provider_id).in_(provider_ids(actor)))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    return row


def standings(
    session: Session,
    which: ColumnElement[bool],
    at: datetime,
    *,
    agency_id: UUID | None = None,
    called_off_at: datetime | None = None,
    most: int | None = None,
    after: UUID | None = None,
    needs: Mapping[UUID, Sequence[Requirement]] | None = None,
) -> list[Member]:
    """Memberships as they stand: all of them, or with `most` a page and one more where there is one.

    `after` is the last membership of the page before, `needs` what their lots require, where it was read already.
    """
    members, _ = weighed(
        session, which, at, agency_id=agency_id, called_off_at=called_off_at, most=most, after=after, needs=needs
    )
    return members


def weighed(
    session: Session,
    which: ColumnElement[bool],
    at: datetime,
    *,
    agency_id: UUID | None,
    called_off_at: datetime | None,
    most: int | None = None,
    after: UUID | None = None,
    needs: Mapping[UUID, Sequence[Requirement]] | None = None,
) -> tuple[list[Member], "Evidence"]:
    """Memberships as they stand, with the evidence behind them: few queries, however many rows."""
    wanted = every_membership().where(which).order_by(*BY_NAME)
    if most is not None:
        wanted = wanted.where(col(Membership.id).in_(session.execute(page(which, most, after)).scalars().all()))
    return weighed_by(session, wanted, {}, at, agency_id=agency_id, called_off_at=called_off_at, needs=needs)


def weighed_by(
    session: Session,
    wanted: Any,
    given: Mapping[str, Any],
    at: datetime,
    *,
    agency_id: UUID | None,
    called_off_at: datetime | None,
    needs: Mapping[UUID, Sequence[Requirement]] | None,
) -> tuple[list[Member], "Evidence"]:
    """The one place where memberships, their frameworks, providers and evidence meet: by what was made of `every_membership`,
    with the values `given` for its parameters.
    """
    on = london_day(at)
    found = fetch(session, wanted, {**given, "at": at, "on": on})
    eyes = reader(agency_id, called_off_at or at) if agency_id else None
    if needs is None:
        needs = requirements(session, {row.lot_id for row in found})
    evidence = Evidence(session, {row.provider_id for row in found}, needs, on, eyes)
    framework_on = london_day(called_off_at or at)
    return [_member(row, evidence=evidence, at=at, on=on, framework_on=framework_on) for row in found], evidence


@cache
def every_membership() -> Any:
    """Put together once, as it takes longer than many an answer: all of a membership but its evidence, `at` a moment `on` a day.

    Columns, no whole rows: a submit asks this as well, and there are eighty columns in those four tables.
    """
    at: Any = bindparam("at", type_=UTCDateTime())
    on: Any = bindparam("on", type_=Date())
    lead = aliased(Organisation)
    restricted = (col(ProviderRestriction.provider_id) == Membership.provider_id) & in_force(at)
    membership = (Membership.id, Membership.provider_id, Membership.lot_id, Membership.region_id, Membership.opened_at)
    signed = (Membership.signed_at, Membership.countersigned_at, Membership.paused_at, Membership.paused_until)
    ending = (Membership.ends_on, Membership.ended_at, Membership.ended_reason)
    framework = (Framework.approved_at, Framework.withdrawn_at, Framework.starts_on, Framework.countersigned)
    return (
        select(*membership, *signed, *ending, *framework)  # type: ignore[call-overload]
        .add_columns(col(Framework.id).label("framework_id"), col(Framework.name).label("framework_name"))
        .add_columns(col(Framework.ends_on).label("framework_ends_on"), Lot.number, col(Lot.name).label("lot_name"))
        .add_columns(col(Region.name).label("region"), NAME)
        .add_columns(of_provider(Provider.archived_at).label("closed_at"))
        .add_columns(of_provider(Provider.paused_at).label("provider_paused_at"))
        .add_columns(of_provider(Provider.paused_until).label("provider_paused_until"))
        .add_columns(col(ProviderRestriction.id).label("restriction_id"))
        .add_columns(col(ConcernDecision.id).label("suspension_id"))
        .add_columns(col(ConcernDecision.ends_on).label("suspended_until"))
        .add_columns(col(AgreementHold.review_on).label("on_hold_until"))
        .add_columns(col(lead.name).label("lead"), silent_end(on).label("silent_end"))
        .select_from(Membership)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(lead, col(lead.id) == Framework.lead_id)
        .join(Lot, col(Lot.id) == Membership.lot_id)
        .join(Region, col(Region.id) == Membership.region_id)
        .outerjoin(ProviderRestriction, restricted)
        .outerjoin(ConcernDecision, _suspended(at, on))
        .outerjoin(AgreementHold, held_agreement())
    )


def _suspended(at: Any, on: Any) -> ColumnElement[bool]:
    """The suspension of a membership that lasts at this moment: there is one at most. It is over after its last day."""
    return and_(
        col(ConcernDecision.membership_id) == Membership.id,
        col(ConcernDecision.choice) == Choice.SUSPEND,
        col(ConcernDecision.agreed_at) <= at,
        or_(col(ConcernDecision.lifted_at).is_(None), col(ConcernDecision.lifted_at) > at),
        or_(col(ConcernDecision.ends_on).is_(None), col(ConcernDecision.ends_on) >= on),
    )


def held_agreement() -> ColumnElement[bool]:
    """The hold of what a provider and a framework have not both signed yet, for a join to `Membership`: there is one at most."""
    return and_(
        col(AgreementHold.provider_id) == Membership.provider_id,
        col(AgreementHold.framework_id) == Membership.framework_id,
        col(AgreementHold.released_at).is_(None),
    )


class Evidence:
    """What each lot requires, and how each provider stands with it on a day, for an agency: read once for all rows."""

    def __init__(
        self,
        session: Session,
        provider_ids: Collection[UUID],
        needs: Mapping[UUID, Sequence[Requirement]],
        on: date,
        eyes: Reader | None,
    ) -> None:
        self._needs = needs
        kinds = {kind for needs in self._needs.values() for need in needs for kind in need.kinds}
        self._pieces = pieces(session, provider_ids, kinds, on, eyes)

    def of(self, provider_id: UUID, lot_id: UUID) -> list[Finding]:
        return [need.weigh(self._pieces[provider_id]) for need in self._needs[lot_id]]

    def behind(self, provider_id: UUID, lot_id: UUID) -> tuple[Sequence[Requirement], Mapping[str, Sequence[Piece]]]:
        return self._needs[lot_id], self._pieces[provider_id]


def _member(row: Any, *, evidence: Evidence, at: datetime, on: date, framework_on: date) -> Member:
    """From a row of `every_membership`."""

    def phase_on(day: date) -> Phase:
        return phase(
            approved_at=row.approved_at,
            withdrawn_at=row.withdrawn_at,
            starts_on=row.starts_on,
            ends_on=row.framework_ends_on,
            on=day,
        )

    findings = evidence.of(row.provider_id, row.lot_id)
    ends_on = min((day for day in (row.ends_on, row.silent_end) if day), default=None)
    over = ends_on if rules.notice_over(ends_on, on) else None
    ended = row.ended_at is not None or over is not None
    back_on = row.paused_until if _paused(row.paused_at, row.paused_until, at, on) else None
    countersigned = row.countersigned_at is not None or not row.countersigned
    reasons = rules.why_not_eligible(
        provider_id=row.provider_id,
        framework_id=row.framework_id,
        membership_id=row.id,
        signed=row.signed_at is not None,
        phase=phase_on(framework_on),
        paused=_paused(row.provider_paused_at, row.provider_paused_until, at, on),
        restricted=row.restriction_id is not None,
        closed=row.closed_at is not None and row.closed_at <= at,
        evidence=[(found.words, found.standing, found.against, found.lapsed) for found in findings],
        ended_on=over,
        back_on=back_on,
        suspended=row.suspension_id is not None,
        suspended_until=row.suspended_until,
        countersigned=countersigned,
        on_hold_until=row.on_hold_until,
        lead=row.lead,
    )
    return Member(
        provider_id=row.provider_id,
        provider_name=row.provider_name,
        membership_id=row.id,
        reasons=reasons,
        state=rules.state(
            signed=row.signed_at is not None and countersigned,
            ended=ended,
            phase=phase_on(on),
            reasons=reasons,
        ),
        framework_id=row.framework_id,
        framework_name=row.framework_name,
        lot_id=row.lot_id,
        lot=f"Lot {row.number}: {row.lot_name}",
        region_id=row.region_id,
        region=row.region,
        opened_at=row.opened_at,
        signed_at=row.signed_at,
        countersigned_at=row.countersigned_at,
        back_on=back_on,
        ends_on=ends_on,
        ended=ended,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        below_floor=tuple(below for found in findings for below in found.floors()),
    )


def _paused(since: datetime | None, until: date | None, at: datetime, on: date) -> bool:
    """At that moment: who pauses after a brief has closed has still bid for it."""
    return is_paused(since if since and since <= at else None, until, on)
