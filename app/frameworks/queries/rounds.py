"""The rounds of frameworks: when they open, what they take, and when they decide; and the extension that waits."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, String, cast, func
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.core.london import london_day
from app.frameworks import rules
from app.frameworks.models import (
    Framework,
    FrameworkExtension,
    Round,
    RoundDecisionDate,
    RoundExtension,
    RoundScope,
)
from app.frameworks.rules import Part, RoundPhase
from app.frameworks.rules.asking import Dates, dates


@dataclass(frozen=True, slots=True)
class RoundView:
    """A `rolling` one is always open, and decides on the days of `decisions`; `always_open` says until when, and when next.

    `cancelled` says why, where it was. `extended` are the reasons for which its close was moved, each with the close before.
    """

    id: UUID
    name: str
    opens_at: datetime
    closes_at: datetime
    phase: RoundPhase
    scope: frozenset[Part]
    rolling: bool = False
    decisions: tuple[date, ...] = ()
    cancelled: str = ""
    extended: tuple[tuple[datetime, str], ...] = ()
    always_open: str = ""

    @property
    def asking(self) -> Dates:
        """By when to ask about it, and by when that is answered."""
        return dates(self.opens_at, self.closes_at, always_open=self.rolling)


def rounds(session: Session, framework_id: UUID, now: datetime) -> tuple[RoundView, ...]:
    """Every round of a framework with its scope, the latest first."""
    rows = session.exec(
        select(Round).where(Round.framework_id == framework_id).order_by(col(Round.opens_at).desc())
    ).all()
    scope: dict[UUID, set[Part]] = defaultdict(set)
    for row in session.exec(select(RoundScope).where(col(RoundScope.round_id).in_([row.id for row in rows]))):
        scope[row.round_id].add((row.lot_id, row.region_id))
    decisions: dict[UUID, list[date]] = defaultdict(list)
    for day in session.exec(
        select(RoundDecisionDate)
        .where(col(RoundDecisionDate.round_id).in_([row.id for row in rows]))
        .order_by(col(RoundDecisionDate.on))
    ):
        decisions[day.round_id].append(day.on)
    extended: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    for moved in session.exec(
        select(RoundExtension)
        .where(col(RoundExtension.round_id).in_([row.id for row in rows]))
        .order_by(col(RoundExtension.at))
    ):
        extended[moved.round_id].append((moved.closed_at, moved.reason))
    return tuple(
        RoundView(
            row.id,
            row.name,
            row.opens_at,
            row.closes_at,
            rules.round_phase(opens_at=row.opens_at, closes_at=row.closes_at, now=now),
            frozenset(scope[row.id]),
            row.rolling,
            tuple(decisions[row.id]),
            row.cancelled_reason,
            tuple(extended[row.id]),
            rules.always_open(row.closes_at, decisions[row.id], london_day(now)) if row.rolling else "",
        )
        for row in rows
    )


def decision_days() -> ScalarSelect[str | None]:
    """In SQL, of a `Round`: its days of decision as one text, for `read_days`."""
    return (
        sa_select(func.aggregate_strings(cast(RoundDecisionDate.on, String), ","))
        .where(col(RoundDecisionDate.round_id) == Round.id)
        .scalar_subquery()
    )


def read_days(days: str | None) -> tuple[date, ...]:
    """The days that `decision_days` tells, none in a round that is not rolling."""
    return tuple(sorted(date.fromisoformat(day) for day in (days or "").split(",") if day))


def open_rounds(session: Session, now: datetime) -> list[Round]:
    """The rounds in which providers may apply at this moment: the SQL twin of `rules.round_phase`."""
    query = select(Round).where(Round.opens_at <= now, Round.closes_at > now).order_by(col(Round.closes_at))
    return list(session.exec(query))


def scope_of(session: Session, round_id: UUID) -> frozenset[Part]:
    rows = session.exec(select(RoundScope.lot_id, RoundScope.region_id).where(RoundScope.round_id == round_id))
    return frozenset((lot_id, region_id) for lot_id, region_id in rows)


def overlapping(
    session: Session,
    framework_id: UUID,
    opens_at: datetime,
    closes_at: datetime,
    scope: Collection[Part],
) -> str | None:
    """The name of a round open at some moment of this window for one of these lots and regions."""
    rows = session.exec(
        select(Round.name, RoundScope.lot_id, RoundScope.region_id)
        .join(RoundScope, col(RoundScope.round_id) == Round.id)
        .where(
            Round.framework_id == framework_id,
            Round.opens_at < closes_at,
            Round.closes_at > opens_at,
        )
    )
    return next((name for name, lot_id, region_id in rows if (lot_id, region_id) in scope), None)


def overlapped(session: Session, window: Round, until: datetime) -> str | None:
    """The name of a round that this one would meet in a lot and region, if it stayed open until then."""
    own = aliased(RoundScope)
    here = (col(own.lot_id) == RoundScope.lot_id) & (col(own.region_id) == RoundScope.region_id)
    return session.exec(
        select(Round.name)
        .join(RoundScope, col(RoundScope.round_id) == Round.id)
        .join(own, here & (col(own.round_id) == window.id))
        .where(Round.framework_id == window.framework_id, Round.id != window.id)
        .where(Round.opens_at < until, Round.closes_at > window.closes_at)
    ).first()


def waiting_extension(session: Session, framework_id: UUID) -> FrameworkExtension | None:
    """The extension of its term that waits for a second person."""
    return session.exec(
        select(FrameworkExtension).where(
            FrameworkExtension.framework_id == framework_id, col(FrameworkExtension.approved_at).is_(None)
        )
    ).first()


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """How far a framework's term reaches and may reach, and what is proposed: `until` with its reason, or neither."""

    framework_id: UUID
    name: str
    ends_on: date
    extendable_to: date | None
    until: date | None
    reason: str
    proposed_by: UUID | None


def extension(session: Session, row: Framework) -> ExtensionView:
    waiting = waiting_extension(session, row.id)
    proposed = (waiting.ends_on, waiting.reason, waiting.proposed_by) if waiting else (None, "", None)
    return ExtensionView(row.id, row.name, row.ends_on, row.extendable_to, *proposed)
