"""Looking at restrictions: each reader is given what is theirs to know, and no more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, false, true
from sqlmodel import Session, and_, col, select

from app.accounts.models import Person
from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.entitlement import entitled_on
from app.frameworks.models import CallOffBody, Framework
from app.memberships import policy
from app.memberships.models import Membership, RestrictionNotice
from app.memberships.queries.live import live
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, lead_ids, platform_ids, provider_ids
from app.organisations.rules import Role
from app.providers.models import Provider, ProviderRestriction
from app.providers.policy import administrators
from app.providers.queries import known_as
from app.providers.rules.restriction import RestrictionReason, Stage, stage

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Act:
    """One step: who took it, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Restriction:
    """As one reader may know it: `reason`, `words` and who acted are for those who decide, `told` for the provider's owners.

    `mine`: what waits for a second person is this reader's own proposal.
    """

    id: UUID
    provider_id: UUID
    provider_name: str
    stage: Stage
    contact: str
    began_at: datetime | None
    lifted_at: datetime | None
    told: str = ""
    reason: RestrictionReason | None = None
    words: str = ""
    lift_reason: str = ""
    proposed: Act | None = None
    agreed: Act | None = None
    declined: Act | None = None
    lift_proposed: Act | None = None
    lifted: Act | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class RestrictionPage:
    """A provider's restrictions, the newest first. `unread`: this person's agency was told, and has not said that it read it.

    `timeline` tells what happened to the newest, to those who may know everything.
    """

    provider_id: UUID
    provider_name: str
    closed: bool
    restrictions: tuple[Restriction, ...]
    own: bool
    owns: bool
    decides: bool
    closes: bool
    unread: UUID | None
    timeline: tuple[tuple[datetime, str], ...]

    @property
    def live(self) -> Restriction | None:
        """The one that is proposed or in force, if this reader may know of it."""
        return next((one for one in self.restrictions if one.stage not in (Stage.DECLINED, Stage.LIFTED)), None)


@dataclass(frozen=True, slots=True)
class Notice:
    """What an agency was told of a provider on which it relies."""

    restriction_id: UUID
    provider_id: UUID
    provider_name: str
    lifted: bool
    at: datetime
    read_at: datetime | None


def decides(session: Session, actor: Actor, provider_id: UUID) -> bool:
    """Whether this person may propose and decide: of the platform, or leading a framework of which it is a member."""
    wanted = select(Provider.id).where(
        Provider.id == provider_id, _within_reach(col(Provider.id), actor, london_day(clock.now(session)))
    )
    return session.exec(wanted).first() is not None


@dataclass(frozen=True, slots=True)
class Held:
    """A provider that is locked for a step of its restriction."""

    provider: Provider
    name: str


def lock_to_decide(session: Session, actor: Actor, provider_id: Any) -> Held:
    """So that restricting, closing and signing come one after another. Raises `NotFound` to those who do not decide."""
    wanted = (
        select(Provider, Organisation.name)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(Provider.id == provider_id, _within_reach(col(Provider.id), actor, london_day(clock.now(session))))
        .with_for_update(of=Provider)
    )
    found = session.exec(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    return Held(*found)


def restriction_page(session: Session, actor: Actor, provider_id: UUID) -> RestrictionPage:
    """Raises `NotFound` to those who may not even know whether it is restricted."""
    own, may_decide = provider_id in provider_ids(actor), decides(session, actor, provider_id)
    everything = may_decide or policy.audits(actor)
    if not (own or everything or policy.overseers(actor)):
        raise NotFound
    found = session.exec(
        select(Organisation.name, Provider.archived_at)
        .join(Provider, col(Provider.id) == Organisation.id)
        .where(Provider.id == provider_id)
    ).first()
    if found is None:
        raise NotFound
    name, archived_at = found
    owns = provider_id in provider_ids(actor, Role.OWNER)
    rows = session.exec(
        select(ProviderRestriction)
        .where(ProviderRestriction.provider_id == provider_id)
        .order_by(col(ProviderRestriction.proposed_at).desc(), col(ProviderRestriction.id))
        .limit(MOST)
    ).all()
    people = _people(session, rows) if everything else {}
    known = [_restriction(row, name, actor, people if everything else None, owns=owns) for row in rows]
    return RestrictionPage(
        provider_id=provider_id,
        provider_name=name,
        closed=archived_at is not None,
        restrictions=tuple(one for one in known if everything or (one.began_at and (own or one.lifted_at is None))),
        own=own,
        owns=owns,
        decides=may_decide,
        closes=may_decide and administrators(actor) and archived_at is None,
        unread=_unread(session, actor, provider_id),
        timeline=_timeline(session, rows[0]) if everything and rows else (),
    )


def provider_of(session: Session, restriction_id: UUID) -> UUID:
    """Whose it is. Raises `NotFound`; whether this person may know is asked by the step that follows."""
    row = session.get(ProviderRestriction, restriction_id)
    if row is None:
        raise NotFound
    return row.provider_id


def restrictions(session: Session, actor: Actor) -> list[Restriction]:
    """For those who decide and for auditors: what is proposed or in force first, then what is over, the newest first."""
    row = ProviderRestriction
    reach = (
        true() if policy.audits(actor) else _within_reach(col(row.provider_id), actor, london_day(clock.now(session)))
    )
    over = col(row.declined_at).is_not(None) | col(row.lifted_at).is_not(None)
    found = session.execute(
        select(row, Organisation.name)
        .join(Organisation, col(Organisation.id) == row.provider_id)
        .where(reach)
        .order_by(over, col(row.proposed_at).desc(), col(row.id))
        .limit(MOST)
    ).all()
    people = _people(session, [one for one, _ in found])
    return [_restriction(one, name, actor, people, owns=False) for one, name in found]


def waiting(actor: Actor, on: date) -> ColumnElement[bool]:
    """In SQL, of a restriction: it, or its lifting, waits for this person as the second one."""
    row = ProviderRestriction
    proposed = case((col(row.began_at).is_(None), col(row.proposed_by)), else_=col(row.lift_proposed_by))
    return and_(
        _within_reach(col(row.provider_id), actor, on),
        proposed != actor.person_id,
        col(row.declined_at).is_(None),
        col(row.lifted_at).is_(None),
    )


def notices(session: Session, agency_ids: Collection[UUID], *, unread: bool = False) -> list[Notice]:
    """What these agencies were told, the newest first."""
    row = RestrictionNotice
    found = session.execute(
        select(row, ProviderRestriction.provider_id, Organisation.name)
        .join(ProviderRestriction, col(ProviderRestriction.id) == row.restriction_id)
        .join(Organisation, col(Organisation.id) == ProviderRestriction.provider_id)
        .where(col(row.organisation_id).in_(agency_ids), col(row.read_at).is_(None) if unread else true())
        .order_by(col(row.at).desc(), col(row.id))
        .limit(MOST)
    )
    return [
        Notice(one.restriction_id, provider_id, name, one.lifted, one.at, one.read_at)
        for one, provider_id, name in found
    ]


def to_restrict(session: Session, actor: Actor, typed: str) -> list[tuple[UUID, str]]:
    """The providers of this name or official number that this person may restrict."""
    wanted = (
        select(Provider.id, Organisation.name)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(
            col(Provider.id).in_(known_as(session, typed)),
            _within_reach(col(Provider.id), actor, london_day(clock.now(session))),
        )
        .order_by(Organisation.name, col(Provider.id))
    )
    return list(session.exec(wanted))


def told_of(session: Session, provider_id: UUID, on: date) -> tuple[set[UUID], set[UUID]]:
    """The agencies that may call off from this provider on that day, and the leads of the frameworks it is in."""
    rows = session.exec(
        select(CallOffBody.organisation_id, Framework.lead_id)
        .select_from(Membership)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .outerjoin(CallOffBody, (col(CallOffBody.framework_id) == Framework.id) & entitled_on(on))
        .where(col(Membership.provider_id) == provider_id, live(on))
        .distinct()
    ).all()
    return {agency for agency, _ in rows if agency}, {lead for _, lead in rows}


def _within_reach(provider_id: Any, actor: Actor, on: date) -> ColumnElement[bool]:
    """Providers that this person may restrict; never one of their own. Asked of each: to read all of them takes longer."""
    led = (
        select(Membership.provider_id)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .where(
            Membership.provider_id == provider_id,
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
            live(on),
        )
        .correlate_except(Membership, Framework)
    )
    if platform_ids(actor, Role.ADMINISTRATOR):
        reach: ColumnElement[bool] = true()
    else:
        reach = led.exists() if lead_ids(actor, Role.FRAMEWORK_LEAD) else false()
    return and_(reach, provider_id.not_in(provider_ids(actor)))


def _timeline(session: Session, row: ProviderRestriction) -> tuple[tuple[datetime, str], ...]:
    return tuple((event.at, audit.sentence(event)) for event in audit.timeline(session, row.id))


def _unread(session: Session, actor: Actor, provider_id: UUID) -> UUID | None:
    mine = buyer_ids(actor, *policy.RELIERS)
    if not mine:
        return None
    return next(
        (one.restriction_id for one in notices(session, mine, unread=True) if one.provider_id == provider_id), None
    )


def _people(session: Session, rows: Collection[ProviderRestriction]) -> dict[UUID | None, str]:
    acted = ("proposed_by", "began_by", "declined_by", "lift_proposed_by", "lifted_by")
    ids = {getattr(row, name) for row in rows for name in acted} - {None}
    found: dict[UUID | None, str] = dict(
        session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all()
    )
    return found


def stage_of(row: ProviderRestriction) -> Stage:
    return stage(
        began_at=row.began_at,
        declined_at=row.declined_at,
        lift_proposed_at=row.lift_proposed_at,
        lifted_at=row.lifted_at,
    )


def is_mine(row: ProviderRestriction, actor: Actor) -> bool:
    """Whether what waits for a second person is this person's own proposal."""
    return actor.person_id == (row.lift_proposed_by if row.began_at else row.proposed_by)


def _restriction(
    row: ProviderRestriction, name: str, actor: Actor, people: dict[UUID | None, str] | None, *, owns: bool
) -> Restriction:
    """`people` is given for readers who may know everything."""
    known: dict[str, Any] = {"told": row.told} if owns or people is not None else {}
    if people is not None:
        known |= {
            "reason": RestrictionReason(row.reason),
            "words": row.words,
            "lift_reason": row.lift_reason,
            "mine": is_mine(row, actor),
            "proposed": Act(people[row.proposed_by], row.proposed_at),
            "agreed": Act(people[row.began_by], row.began_at) if row.began_at else None,
            "declined": Act(people[row.declined_by], row.declined_at) if row.declined_at else None,
            "lift_proposed": Act(people[row.lift_proposed_by], row.lift_proposed_at) if row.lift_proposed_at else None,
            "lifted": Act(people[row.lifted_by], row.lifted_at) if row.lifted_at else None,
        }
    return Restriction(
        id=row.id,
        provider_id=row.provider_id,
        provider_name=name,
        stage=stage_of(row) if people is not None else Stage.LIFTED if row.lifted_at else Stage.IN_FORCE,
        contact=row.contact,
        began_at=row.began_at,
        lifted_at=row.lifted_at,
        **known,
    )
