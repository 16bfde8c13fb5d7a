"""Looking at new versions of an agreement: for the framework's lead, with who has answered what, and for its members."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import at_london, london_day
from app.core.refusals import NotFound
from app.frameworks.models import Framework
from app.frameworks.queries import framework_row
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.memberships.queries.versions import Version, approved, change_of, first_version, version_before
from app.memberships.rules import variations as rules
from app.memberships.rules.variations import Decliners, Silence, Stage
from app.memberships.terms import Variation, VariationAnswer
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class Asked:
    """A member and what it answered. `settled`: whether it agrees, once that is known; `owns`: the reader answers for it."""

    provider_id: UUID
    provider_name: str
    agrees: bool | None
    answered_at: datetime | None
    settled: bool | None
    owns: bool


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A new version of a framework's agreement, against the one before it, and what those members answered whom the reader
    may see.

    `leads`: the reader leads the framework; `mine`: the reader has proposed it.
    """

    id: UUID
    framework_id: UUID
    framework_name: str
    lead_id: UUID
    lead_name: str
    version: str
    sha256: str
    before: Version
    difference: tuple[tuple[str, str], ...]
    text: str
    reason: str
    answer_by: date
    effective_on: date
    silence: Silence
    decliners: Decliners
    ends_on: date | None
    stage: Stage
    proposed_at: datetime
    proposed_by: str
    approved_at: datetime | None
    approved_by: str
    withdrawn_at: datetime | None
    members: tuple[Asked, ...]
    leads: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Line:
    id: UUID
    version: str
    sha256: str
    stage: Stage
    answer_by: date
    effective_on: date


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a framework's agreement. `proposes`: the reader may propose a new one."""

    framework_id: UUID
    framework_name: str
    first: Version
    starts_on: date
    newest: Version
    lines: tuple[Line, ...]
    proposes: bool


def history(session: Session, actor: Actor, framework_id: UUID) -> History:
    """For the people of the framework's lead and of its members, who see what is approved. Raises `NotFound`."""
    on = london_day(clock.now(session))
    framework = framework_row(session, actor, framework_id)
    if framework.lead_id not in lead_ids(actor):
        _member_or_not_found(session, actor, framework_id, on)
    rows = session.exec(
        select(Variation).where(Variation.framework_id == framework_id).order_by(col(Variation.proposed_at).desc())
    ).all()
    seen = [row for row in rows if row.approved_at or framework.lead_id in lead_ids(actor)]
    known = [(row, None) for row in sorted(rows, key=lambda one: one.effective_on) if row.approved_at]
    return History(
        framework_id=framework.id,
        framework_name=framework.name,
        first=first_version(framework),
        starts_on=framework.starts_on,
        newest=version_before(known, framework, date.max),
        lines=tuple(
            Line(row.id, row.version, row.sha256, stage_of(row, on), row.answer_by, row.effective_on) for row in seen
        ),
        proposes=framework.lead_id in lead_ids(actor, Role.FRAMEWORK_LEAD),
    )


def new_version(session: Session, actor: Actor, variation_id: UUID) -> NewVersion:
    """For the framework's lead whole; for its members, once it is approved, with their own answer alone. Raises `NotFound`."""
    found = session.execute(_whole().where(col(Variation.id) == variation_id)).first()
    if found is None:
        raise NotFound
    row, framework, lead_name, proposed_by, approved_by = found
    on, of_lead = london_day(clock.now(session)), framework.lead_id in lead_ids(actor)
    members = asked(session, row, on, true() if of_lead else col(Membership.provider_id).in_(provider_ids(actor)))
    if not of_lead and (row.approved_at is None or not members):
        raise NotFound
    before = version_before(approved(session, framework.id), framework, row.effective_on)
    return NewVersion(
        id=row.id,
        framework_id=framework.id,
        framework_name=framework.name,
        lead_id=framework.lead_id,
        lead_name=lead_name,
        version=row.version,
        sha256=row.sha256,
        before=before,
        difference=tuple(rules.difference(before.text, row.text)),
        text=row.text,
        reason=row.reason,
        answer_by=row.answer_by,
        effective_on=row.effective_on,
        silence=Silence(row.silence),
        decliners=Decliners(row.decliners),
        ends_on=row.ends_on,
        stage=stage_of(row, on),
        proposed_at=row.proposed_at,
        proposed_by=proposed_by,
        approved_at=row.approved_at,
        approved_by=approved_by or "",
        withdrawn_at=row.withdrawn_at,
        members=tuple(
            Asked(one.provider_id, one.provider_name, one.agrees, one.answered_at, one.settled, _owns(actor, one))
            for one in members
        ),
        leads=framework.lead_id in lead_ids(actor, Role.FRAMEWORK_LEAD),
        mine=row.proposed_by == actor.person_id,
    )


def asked(session: Session, row: Variation, on: date, *which: ColumnElement[bool]) -> list[Asked]:
    """Every member that is asked, or these, by name, whose memberships run on a London day."""
    mine = and_(col(VariationAnswer.variation_id) == row.id, col(VariationAnswer.provider_id) == Membership.provider_id)
    rows = session.exec(
        select(Membership.provider_id, Organisation.name, VariationAnswer.agrees, VariationAnswer.answered_at)
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .outerjoin(VariationAnswer, mine)
        .where(is_asked(row), live(on), *which)
        .distinct()
        .order_by(Organisation.name, col(Membership.provider_id))
    )
    return [
        Asked(provider_id, name, agrees, answered_at, change_of(row, agrees).settled(on), owns=False)
        for provider_id, name, agrees, answered_at in rows
    ]


def is_asked(row: Variation) -> ColumnElement[bool]:
    """The SQL twin of `rules.asked`: memberships of the framework signed by the last day to answer."""
    over = at_london(row.answer_by + timedelta(days=1), time())
    return and_(col(Membership.framework_id) == row.framework_id, col(Membership.signed_at) < over)


def stage_of(row: Variation, on: date) -> Stage:
    return rules.stage(
        approved=row.approved_at is not None,
        withdrawn=row.withdrawn_at is not None,
        answer_by=row.answer_by,
        effective_on=row.effective_on,
        on=on,
    )


def to_chase(session: Session, on: date) -> list[Variation]:
    """Approved versions whose last day to answer is near, and not over."""
    near = col(Variation.answer_by).between(on, on + timedelta(days=max(rules.CHASED)))
    return list(session.exec(select(Variation).where(near, col(Variation.approved_at).is_not(None))))


def to_settle(session: Session, on: date) -> list[Variation]:
    """Approved versions that end the membership of those who decline, where nobody can answer any more."""
    over = select(Variation).where(
        col(Variation.approved_at).is_not(None),
        col(Variation.answer_by) < on,
        Variation.decliners == Decliners.END,
    )
    return list(session.exec(over))


def _whole() -> Any:
    proposer, approver = aliased(Person), aliased(Person)
    query: Any = select(Variation, Framework, Organisation.name)
    return (
        query.add_columns(col(proposer.name), col(approver.name))
        .join(Framework, col(Framework.id) == Variation.framework_id)
        .join(Organisation, col(Organisation.id) == Framework.lead_id)
        .join(proposer, col(proposer.id) == Variation.proposed_by)
        .outerjoin(approver, col(approver.id) == Variation.approved_by)
    )


def _member_or_not_found(session: Session, actor: Actor, framework_id: UUID, on: date) -> None:
    mine: Collection[UUID] = provider_ids(actor)
    here = col(Membership.framework_id) == framework_id
    if not session.exec(select(Membership.id).where(here, col(Membership.provider_id).in_(mine), live(on))).first():
        raise NotFound


def _owns(actor: Actor, one: Asked) -> bool:
    return one.provider_id in provider_ids(actor, Role.OWNER)
