"""Looking at agreements: one, as its provider and the framework's lead read it, and those of a framework that are not complete."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, tuple_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.queries import framework_row, phase_of
from app.frameworks.rules import Phase
from app.memberships import policy
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.memberships.queries.paging import NAME
from app.memberships.queries.standing import held_agreement
from app.memberships.queries.versions import Versions, versions_for
from app.memberships.signing import rules
from app.memberships.signing.rules import Stage
from app.memberships.terms import AgreementHold
from app.organisations.directory.queries import party_on
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids

PAGE: Final = 50
_ORDER: Final = (Stage.SIGNED, Stage.HELD, Stage.UNSIGNED)


@dataclass(frozen=True, slots=True)
class Held:
    """Why an agreement rests, since when and by whom, and when the lead looks at it again."""

    reason: str
    review_on: date
    held_at: datetime
    held_by: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """One membership's agreement, as signed or to be signed: its text and SHA-256, the two parties, and who has signed when.

    `versions` tell which newer one binds the member today, if one does.

    `covers` are the lots and regions for which the same signature holds, or one that is to be given would. `wanted`: the lead
    signs, too. `owns`: the reader signs for the provider; `leads`: for the framework's lead.
    """

    membership_id: UUID
    provider_id: UUID
    provider_name: str
    framework_id: UUID
    framework_name: str
    lead_id: UUID
    lead_name: str
    lead_party: str
    text: str
    version: str
    sha256: str
    versions: Versions
    stage: Stage
    wanted: bool
    signed_at: datetime | None
    signed_by: str
    countersigned_at: datetime | None
    countersigned_by: str
    covers: tuple[str, ...]
    hold: Held | None
    why_not_sign: Refusal | None
    why_not_countersign: Refusal | None
    ended: bool
    phase: Phase
    own: bool
    owns: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A provider's agreement that is not complete, by one of the memberships that wait for it."""

    membership_id: UUID
    provider_name: str
    stage: Stage
    count: int
    signed_at: datetime | None
    review_on: date | None
    due: bool


@dataclass(frozen=True, slots=True)
class UnfinishedPage:
    """A page of them. `begins`: none is before it; `last` is the membership of its last one, if more follow."""

    framework_name: str
    found: list[Unfinished]
    begins: bool
    last: UUID | None


def agreement(session: Session, actor: Actor, membership_id: UUID) -> Agreement:
    """For the provider's people and those of the framework's lead. Raises `NotFound`."""
    mine = or_(
        col(Membership.provider_id).in_(provider_ids(actor)),
        col(Framework.lead_id).in_(lead_ids(actor)),
    )
    at = clock.now(session)
    on = london_day(at)
    wanted = _parties().add_columns(live(on)).where(col(Membership.id) == membership_id, mine)
    found = session.execute(wanted).first()
    if found is None:
        raise NotFound
    row, framework, provider_name, lead_name, signed_by, countersigned_by, hold, held_by, runs = found
    stage, phase = stage_of(row, framework, held=hold is not None), phase_of(framework, on)
    review_on = hold.review_on if hold else None
    versions = versions_for(session, row, framework, on)
    return Agreement(
        membership_id=row.id,
        provider_id=row.provider_id,
        provider_name=provider_name,
        framework_id=framework.id,
        framework_name=framework.name,
        lead_id=framework.lead_id,
        lead_name=lead_name,
        lead_party=party_on(session, framework.lead_id, london_day(row.signed_at or at)),
        text=versions.signs.text,
        version=versions.signs.version,
        sha256=versions.signs.sha256,
        versions=versions,
        stage=stage,
        wanted=framework.countersigned,
        signed_at=row.signed_at,
        signed_by=signed_by or "",
        countersigned_at=row.countersigned_at,
        countersigned_by=countersigned_by or "",
        covers=_covers(session, row, on),
        hold=Held(hold.reason, hold.review_on, hold.held_at, held_by) if stage is Stage.HELD else None,
        why_not_sign=rules.why_not_sign(stage, ended=not runs, phase=phase, review_on=review_on),
        why_not_countersign=rules.why_not_countersign(
            stage, ended=not runs, phase=phase, review_on=review_on, signed_it=row.signed_by == actor.person_id
        ),
        ended=not runs,
        phase=phase,
        own=row.provider_id in provider_ids(actor),
        owns=policy.signs_for(actor, row.provider_id),
        leads=policy.leads_member(actor, lead_id=framework.lead_id, provider_id=row.provider_id),
    )


def _parties() -> Any:
    """Memberships, each with its two parties, who has signed for them, and its hold."""
    signer, countersigner, holder, lead = aliased(Person), aliased(Person), aliased(Person), aliased(Organisation)
    query: Any = select(Membership, Framework, Organisation.name)
    return (
        query.add_columns(lead.name, signer.name, countersigner.name, AgreementHold, holder.name)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .join(lead, lead.id == Framework.lead_id)
        .outerjoin(signer, signer.id == Membership.signed_by)
        .outerjoin(countersigner, countersigner.id == Membership.countersigned_by)
        .outerjoin(AgreementHold, held_agreement())
        .outerjoin(holder, holder.id == AgreementHold.held_by)
    )


def stage_of(row: Membership, framework: Framework, *, held: bool) -> Stage:
    return rules.stage(
        signed=row.signed_at is not None,
        countersigned=row.countersigned_at is not None,
        wanted=framework.countersigned,
        held=held,
    )


def at_once(session: Session, row: Membership, on: date) -> list[Membership]:
    """This membership and those that are signed with it, locked: what waits for the same signature."""
    found = select(Membership).where(_like(row, on)).order_by(col(Membership.id)).with_for_update()
    return list(session.exec(found))


def unfinished(session: Session, actor: Actor, framework_id: UUID, after: UUID | None = None) -> UnfinishedPage:
    """A framework's agreements that are not complete, for its lead's people: to countersign first, then what is held, then what
    is unsigned, each by its provider's name. `after` is the membership of the last one of the page before. Raises `NotFound`.
    """
    framework = framework_row(session, actor, framework_id)
    if framework.lead_id not in lead_ids(actor):
        raise NotFound
    on = london_day(clock.now(session))
    found = [_unfinished(row, on) for row in session.execute(_waiting(framework, on, after))]
    last = found[PAGE - 1].membership_id if len(found) > PAGE else None
    return UnfinishedPage(framework.name, found[:PAGE], after is None, last)


def not_complete() -> ColumnElement[bool]:
    """Of a membership joined to its framework, that somebody has not signed who has to."""
    return case((col(Framework.countersigned), col(Membership.countersigned_at)), else_=col(Membership.signed_at)).is_(
        None
    )


def _waiting(framework: Framework, on: date, after: UUID | None) -> Any:
    """Each once, by the first of the memberships that are signed with it, and how many they are."""
    together = (col(Membership.provider_id), col(Membership.signed_at))
    each = (
        _placed()
        .add_columns(
            func.count().over(partition_by=together).label("count"),
            func.row_number().over(partition_by=together, order_by=col(Membership.id)).label("which"),
        )
        .where(col(Membership.framework_id) == framework.id, live(on), not_complete())
        .subquery()
    )
    place = (each.c.urgency, each.c.provider_name, each.c.id)
    found = sa_select(each).where(each.c.which == 1).order_by(*place).limit(PAGE + 1)
    if after is None:
        return found
    last = _placed().where(col(Membership.id) == after).subquery()
    return found.where(tuple_(*place) > sa_select(last.c.urgency, last.c.provider_name, last.c.id).scalar_subquery())


def _placed() -> Any:
    """Memberships with what their agreements are sorted by, and what of them is told."""
    return (
        sa_select(
            col(Membership.id).label("id"),
            NAME,
            _urgency().label("urgency"),
            col(Membership.signed_at).label("signed_at"),
            col(Membership.countersigned_at).label("countersigned_at"),
            col(AgreementHold.review_on).label("review_on"),
            col(Framework.countersigned).label("wanted"),
        )
        .select_from(Membership)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .outerjoin(AgreementHold, held_agreement())
    )


def _unfinished(row: Any, on: date) -> Unfinished:
    return Unfinished(
        membership_id=row.id,
        provider_name=row.provider_name,
        stage=rules.stage(
            signed=row.signed_at is not None,
            countersigned=row.countersigned_at is not None,
            wanted=row.wanted,
            held=row.review_on is not None,
        ),
        count=row.count,
        signed_at=row.signed_at,
        review_on=row.review_on,
        due=row.review_on is not None and row.review_on <= on,
    )


def _urgency() -> ColumnElement[int]:
    """The place of a stage of what is not complete: to countersign first, then what is held, then what is unsigned."""
    held = col(AgreementHold.id).is_not(None)
    return case(
        (held, _ORDER.index(Stage.HELD)),
        (col(Membership.signed_at).is_not(None), _ORDER.index(Stage.SIGNED)),
        else_=_ORDER.index(Stage.UNSIGNED),
    )


def _covers(session: Session, row: Membership, on: date) -> tuple[str, ...]:
    found = session.exec(
        select(Lot.number, Lot.name, Region.name)
        .join(Membership, col(Membership.lot_id) == Lot.id)
        .join(Region, col(Region.id) == Membership.region_id)
        .where(_like(row, on))
        .order_by(col(Lot.number), Region.name)
    )
    return tuple(f"Lot {number}: {lot}, {region}" for number, lot, region in found)


def _like(row: Membership, on: date) -> ColumnElement[bool]:
    """Of the same provider and framework, signed and countersigned at once with this one, or not yet."""
    return and_(
        col(Membership.provider_id) == row.provider_id,
        col(Membership.framework_id) == row.framework_id,
        col(Membership.signed_at) == row.signed_at,
        col(Membership.signed_sha256) == row.signed_sha256,
        col(Membership.countersigned_at) == row.countersigned_at,
        or_(live(on), col(Membership.id) == row.id),
    )
