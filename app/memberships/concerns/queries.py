"""Looking at concerns: a member reads what was put to it and what was agreed; its framework's lead all that was proposed, too."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.queries import framework_row
from app.memberships import policy
from app.memberships.models import Concern, ConcernDecision, Membership
from app.memberships.rules import concerns as rules
from app.memberships.rules import notice_over
from app.memberships.rules.concerns import Choice, Kind, Stage
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids
from app.organisations.rules import Role

MOST: Final = 200
SEEN_BY_ALL: Final = (Stage.IN_FORCE, Stage.OVER)


@dataclass(frozen=True, slots=True)
class Reach:
    """A membership, and what the reader is to it: of its provider, or of its framework's lead."""

    membership_id: UUID
    provider_id: UUID
    provider_name: str
    framework_id: UUID
    framework_name: str
    lead_id: UUID
    place: str
    over: bool
    own: bool
    owns: bool
    leads: bool
    assures: bool

    @property
    def decides(self) -> bool:
        return self.leads or self.assures


@dataclass(frozen=True, slots=True)
class Decision:
    """`seconds`: the reader may be the second person."""

    id: UUID
    choice: Choice
    stage: Stage
    reason: str
    ends_on: date | None
    review_on: date | None
    proposed_at: datetime
    proposed_by: str
    agreed_at: datetime | None
    agreed_by: str
    lifted_at: datetime | None
    lift_reason: str
    mine: bool
    seconds: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One concern. `waits`: a decision about it is proposed; `due`: a day on which the lead wanted to look again has come."""

    id: UUID
    kind: Kind
    words: str
    raised_at: datetime
    raised_by: str
    reply_by: date
    reply: str
    replied_at: datetime | None
    plan: str
    plan_review_on: date | None
    closed_at: datetime | None
    outcome: str
    heard: bool
    due: bool
    decisions: tuple[Decision, ...]
    reach: Reach

    @property
    def waits(self) -> bool:
        return any(one.stage is Stage.PROPOSED for one in self.decisions)

    @property
    def seconds(self) -> bool:
        """The reader may be the second person of what is proposed."""
        return any(one.stage is Stage.PROPOSED and one.seconds for one in self.decisions)

    @property
    def awaits_reply(self) -> bool:
        return self.closed_at is None and not self.heard

    @property
    def answered(self) -> bool:
        """The provider has replied, and since then no plan was written and nothing proposed that still counts."""
        replied = self.replied_at
        if replied is None or self.closed_at or self.plan:
            return False
        return not any(one.proposed_at >= replied and one.stage is not Stage.DECLINED for one in self.decisions)

    @property
    def suspension(self) -> Decision | None:
        """The one that is in force."""
        return next(
            (one for one in self.decisions if (one.choice, one.stage) == (Choice.SUSPEND, Stage.IN_FORCE)), None
        )


def reach(session: Session, actor: Actor, membership_id: UUID) -> Reach:
    """Raises `NotFound` to everybody but the provider's people and those of the framework's lead who decide."""
    row = session.execute(_places().where(col(Membership.id) == membership_id)).first()
    found = _reach(actor, *tuple(row), on=london_day(clock.now(session))) if row else None
    if found is None or not (found.own or found.decides):
        raise NotFound
    return found


def concerns_of(session: Session, actor: Actor, membership_id: UUID) -> tuple[Reach, list[Told]]:
    """The concerns about one membership, the open ones first. Raises `NotFound`."""
    whose = reach(session, actor, membership_id)
    here = col(Concern.membership_id) == membership_id
    return whose, _told(session, actor, here, london_day(clock.now(session)))


def concern(session: Session, actor: Actor, concern_id: UUID) -> Told:
    """Raises `NotFound`."""
    row = session.get(Concern, concern_id)
    if row is None:
        raise NotFound
    return next(one for one in concerns_of(session, actor, row.membership_id)[1] if one.id == concern_id)


def framework_concerns(session: Session, actor: Actor, framework_id: UUID) -> tuple[str, list[Told]]:
    """The concerns about a framework's members, for those who decide about them, the open ones first. Raises `NotFound`."""
    row = framework_row(session, actor, framework_id)
    here = col(Concern.membership_id).in_(select(Membership.id).where(Membership.framework_id == framework_id))
    found = [one for one in _told(session, actor, here, london_day(clock.now(session))) if one.reach.decides]
    if not found and not policy.concern_deciders_of(actor, row.lead_id):
        raise NotFound
    return row.name, found


def to_do(session: Session, actor: Actor, on: date) -> list[Told]:
    """Concerns in which this person has something to do: a proposal to second, a reply to decide about, a day to look again, or,
    for an owner, a reply to give.
    """
    led = col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD, *policy.ASSURERS))
    owned = col(Membership.provider_id).in_(provider_ids(actor, Role.OWNER))
    theirs = (
        select(Membership.id)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .where(Membership.id == Concern.membership_id, led & _asks_lead(on) | owned & _asks_owner(on))
    )
    found = _told(session, actor, col(Concern.closed_at).is_(None) & exists(theirs.correlate(Concern)), on)
    return [
        one
        for one in found
        if one.seconds or ((one.due or one.answered) and one.reach.leads) or (one.awaits_reply and one.reach.owns)
    ]


def _asks_lead(on: date) -> ColumnElement[bool]:
    """Something is proposed, a reply is there, or a day to look again has come: the list is cut after these, not before."""
    open_still = (
        col(ConcernDecision.concern_id) == Concern.id,
        col(ConcernDecision.declined_at).is_(None),
        col(ConcernDecision.lifted_at).is_(None),
        or_(col(ConcernDecision.agreed_at).is_(None), col(ConcernDecision.review_on) <= on),
    )
    decided = exists(select(ConcernDecision.id).where(*open_still).correlate(Concern))
    return or_(col(Concern.plan_review_on) <= on, col(Concern.replied_at).is_not(None), decided)


def _asks_owner(on: date) -> ColumnElement[bool]:
    return and_(col(Concern.replied_at).is_(None), col(Concern.reply_by) >= on)


def decision_row(session: Session, decision_id: UUID) -> ConcernDecision:
    """Raises `NotFound`."""
    row = session.get(ConcernDecision, decision_id)
    if row is None:
        raise NotFound
    return row


def stage_of(row: ConcernDecision, on: date) -> Stage:
    last_day = row.ends_on if row.choice == Choice.SUSPEND else None
    return rules.stage(
        agreed=row.agreed_at is not None,
        declined=row.declined_at is not None,
        lifted=row.lifted_at is not None,
        last_day=last_day,
        on=on,
    )


def _places() -> Any:
    """Memberships, each with its framework, its provider's name, its lot and its region's name."""
    return (
        select(Membership, Framework, Organisation.name, Lot)
        .add_columns(col(Region.name))
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .join(Lot, col(Lot.id) == Membership.lot_id)
        .join(Region, col(Region.id) == Membership.region_id)
    )


def _reach(
    actor: Actor, row: Membership, framework: Framework, provider: str, lot: Lot, region: str, *, on: date
) -> Reach:
    about = {"lead_id": framework.lead_id, "provider_id": row.provider_id}
    return Reach(
        membership_id=row.id,
        provider_id=row.provider_id,
        provider_name=provider,
        framework_id=framework.id,
        framework_name=framework.name,
        lead_id=framework.lead_id,
        place=f"Lot {lot.number}: {lot.name}, {region}",
        over=row.ended_at is not None or notice_over(row.ends_on, on),
        own=row.provider_id in provider_ids(actor),
        owns=policy.signs_for(actor, row.provider_id),
        leads=policy.leads_member(actor, **about),
        assures=policy.assures_member(actor, **about),
    )


def _told(session: Session, actor: Actor, which: ColumnElement[bool], on: date) -> list[Told]:
    """The open ones first, then the newest, each with its decisions, the newest first; in one query. `which` is of concerns."""
    order = (col(Concern.closed_at).is_not(None), col(Concern.raised_at).desc(), col(Concern.id))
    first = select(Concern.id).where(which).order_by(*order).limit(MOST)
    raiser, proposer, agreer = aliased(Person), aliased(Person), aliased(Person)
    rows = session.execute(
        _places()
        .add_columns(Concern, raiser.name, ConcernDecision, proposer.name, agreer.name)
        .join(Concern, col(Concern.membership_id) == Membership.id)
        .join(raiser, raiser.id == Concern.raised_by)
        .outerjoin(ConcernDecision, col(ConcernDecision.concern_id) == Concern.id)
        .outerjoin(proposer, proposer.id == ConcernDecision.proposed_by)
        .outerjoin(agreer, agreer.id == ConcernDecision.agreed_by)
        .where(col(Concern.id).in_(first))
        .order_by(*order, col(ConcernDecision.proposed_at).desc(), col(ConcernDecision.id))
    )
    found = []
    for _, of in groupby(rows, key=lambda row: row.Concern.id):
        one, *more = of
        whose = _reach(actor, *one[:5], on=on)
        decisions = [_decision(actor, whose, on, *row[7:]) for row in (one, *more) if row.ConcernDecision]
        found.append(_one(one.Concern, one[6], whose, decisions, on))
    return found


def _one(row: Concern, raised_by: str, whose: Reach, known: Collection[Decision], on: date) -> Told:
    reviews = [row.plan_review_on, *(one.review_on for one in known if one.stage is Stage.IN_FORCE)]
    return Told(
        id=row.id,
        kind=Kind(row.kind),
        words=row.words,
        raised_at=row.raised_at,
        raised_by=raised_by,
        reply_by=row.reply_by,
        reply=row.reply,
        replied_at=row.replied_at,
        plan=row.plan,
        plan_review_on=row.plan_review_on,
        closed_at=row.closed_at,
        outcome=row.outcome,
        heard=rules.is_heard(replied=row.replied_at is not None, reply_by=row.reply_by, on=on),
        due=row.closed_at is None and any(day is not None and day <= on for day in reviews),
        decisions=tuple(one for one in known if whose.decides or one.stage in SEEN_BY_ALL),
        reach=whose,
    )


def _decision(
    actor: Actor, whose: Reach, on: date, row: ConcernDecision, proposed_by: str, agreed_by: str | None
) -> Decision:
    choice = Choice(row.choice)
    return Decision(
        id=row.id,
        choice=choice,
        stage=stage_of(row, on),
        reason=row.reason,
        ends_on=row.ends_on,
        review_on=row.review_on,
        proposed_at=row.proposed_at,
        proposed_by=proposed_by,
        agreed_at=row.agreed_at,
        agreed_by=agreed_by or "",
        lifted_at=row.lifted_at,
        lift_reason=row.lift_reason,
        mine=row.proposed_by == actor.person_id,
        seconds=rules.is_second(
            choice, leads=whose.leads, assures=whose.assures, proposed_by=row.proposed_by, person=actor.person_id
        ),
    )
