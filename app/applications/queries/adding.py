"""What a member may add to a framework that it has joined: the lots and regions of the open round, and only what they lack."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.applications.models import RoundWish
from app.applications.queries.rows import live_application, parts_of
from app.applications.queries.whole import EvidenceLine, Grid, evidence_needed, grid
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.rules import Standing
from app.frameworks.models import Framework, Round, RoundScope, RuleSet
from app.frameworks.queries import RoundView, phase_of, reopen_by, rounds
from app.frameworks.rules import Part, Phase, RoundPhase
from app.memberships.models import Membership
from app.memberships.queries import held
from app.memberships.queries.live import live
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids


@dataclass(frozen=True, slots=True)
class Adding:
    """`round` is the open one with something to add, that closes soonest, with its `grid`; `needs` is what those lots need.

    `application_id` is the provider's in that round, `submitted` or not, with the parts it `asks` for. Without an open round,
    `next` is the next that is set up, `reopen_by` the day by which the law wants the scheme opened again, and `wished_at` since
    when the provider wants to be told.
    """

    membership_id: UUID
    provider_id: UUID
    provider_name: str
    framework_id: UUID
    framework_name: str
    phase: Phase
    held: frozenset[Part]
    round: RoundView | None
    grid: Grid | None
    application_id: UUID | None
    submitted: bool
    asks: frozenset[Part]
    needs: tuple[EvidenceLine, ...]
    next: RoundView | None
    reopen_by: date | None
    wished_at: datetime | None

    @property
    def lacks(self) -> tuple[EvidenceLine, ...]:
        return tuple(line for line in self.needs if line.standing is not Standing.VERIFIED)

    @property
    def has(self) -> tuple[EvidenceLine, ...]:
        return tuple(line for line in self.needs if line.standing is Standing.VERIFIED)


def adding(session: Session, actor: Actor, membership_id: UUID) -> Adding:
    """For the people of the member. Raises `NotFound`."""
    row, framework, provider_name = joined(session, actor, membership_id)
    now = clock.now(session)
    on = london_day(now)
    member_of = frozenset(held(session, row.provider_id, framework.id, on))
    every = rounds(session, framework.id, now)
    chosen = _soonest(every, RoundPhase.OPEN, member_of)
    lots = grid(session, chosen.id, member_of) if chosen else None
    written = live_application(session, row.provider_id, chosen.id) if chosen else None
    wish = wish_of(session, row.provider_id, framework.id)
    open_lots = {lot_id for lot_id, _ in chosen.scope - member_of} if chosen else set()
    numbers = {lot.id: lot.number for lot in lots.lots if lot.id in open_lots} if lots else {}
    return Adding(
        membership_id=membership_id,
        provider_id=row.provider_id,
        provider_name=provider_name,
        framework_id=framework.id,
        framework_name=framework.name,
        phase=phase_of(framework, on),
        held=member_of,
        round=chosen,
        grid=lots,
        application_id=written.id if written else None,
        submitted=written is not None and written.submitted_at is not None,
        asks=frozenset((part.lot_id, part.region_id) for part in parts_of(session, written.id))
        if written
        else frozenset(),
        needs=evidence_needed(session, row.provider_id, numbers, on),
        next=_soonest(every, RoundPhase.PLANNED, member_of),
        reopen_by=reopen_by(framework, session.get_one(RuleSet, framework.rule_set_slug)),
        wished_at=wish.asked_at if wish else None,
    )


def joined(session: Session, actor: Actor, membership_id: UUID) -> tuple[Membership, Framework, str]:
    """A membership of this person's provider, its framework and the provider's name. Raises `NotFound`."""
    found = session.exec(
        select(Membership, Framework, Organisation.name)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .where(Membership.id == membership_id, col(Membership.provider_id).in_(provider_ids(actor)))
    ).first()
    if found is None:
        raise NotFound
    return found


def wish_of(session: Session, provider_id: UUID, framework_id: UUID) -> RoundWish | None:
    """The wish of a provider to be told of the framework's next round, until it was."""
    return session.exec(
        select(RoundWish).where(
            RoundWish.provider_id == provider_id,
            RoundWish.framework_id == framework_id,
            col(RoundWish.told_at).is_(None),
        )
    ).first()


def _soonest(every: Collection[RoundView], phase: RoundPhase, member_of: frozenset[Part]) -> RoundView | None:
    """Of the rounds in a phase that have something to add, the one that closes first; of those planned, that opens first."""
    some = [window for window in every if window.phase is phase and window.scope - member_of]
    return min(
        some, key=lambda window: window.opens_at if phase is RoundPhase.PLANNED else window.closes_at, default=None
    )


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """A wish, the round that fulfils it and closes first, and a membership from which to add."""

    wish: RoundWish
    provider_name: str
    framework_name: str
    closes_at: datetime
    membership_id: UUID


def wishes_come_true(session: Session, now: datetime) -> list[Fulfilled]:
    """Wishes that wait while a round is open for a lot and region of which the provider is no member, in one query."""
    on = london_day(now)
    theirs = (col(Membership.provider_id) == RoundWish.provider_id, live(on))
    has_it = (
        select(Membership.id)
        .where(*theirs, Membership.lot_id == RoundScope.lot_id, Membership.region_id == RoundScope.region_id)
        .correlate(RoundWish, RoundScope)
        .exists()
    )
    from_where = (
        select(Membership.id)
        .where(*theirs, Membership.framework_id == RoundWish.framework_id)
        .order_by(col(Membership.id))
        .limit(1)
        .correlate(RoundWish)
        .scalar_subquery()
    )
    rows = session.execute(
        select(RoundWish, Organisation.name, Framework.name, Round.closes_at)
        .add_columns(from_where)
        .join(Organisation, col(Organisation.id) == RoundWish.provider_id)
        .join(Framework, col(Framework.id) == RoundWish.framework_id)
        .join(Round, col(Round.framework_id) == Framework.id)
        .join(RoundScope, col(RoundScope.round_id) == Round.id)
        .where(
            col(RoundWish.told_at).is_(None),
            col(Framework.withdrawn_at).is_(None),
            col(Round.opens_at) <= now,
            col(Round.closes_at) > now,
            from_where.is_not(None),
            ~has_it,
        )
        .order_by(col(RoundWish.id), col(Round.closes_at).desc())
    )
    return list({row[0].id: Fulfilled(*row) for row in rows}.values())
