"""Rounds, windows in which providers may join, or intakes that are always open: set up, extended before they close, cancelled."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.frameworks import events, queries, rules
from app.frameworks.models import Framework, Round, RoundDecisionDate, RoundExtension, RoundScope
from app.frameworks.news import ROUND_CANCELLED, ROUND_EXTENDED, ROUND_SET_UP, RoundNews
from app.frameworks.rules import Part


def open_round(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    name: str,
    opens_at: datetime,
    closes_at: datetime | None,
    scope: Collection[Part],
    decisions: Collection[date] = (),
) -> UUID:
    """Set up a round, open by the clock from `opens_at` to `closes_at`, for lots x regions of this framework.

    Without `closes_at` it is rolling: open until the framework ends, with decisions on the days of `decisions`. It asks the
    newest questions that are frozen. Raises `NotFound` for somebody else's framework or a foreign lot or region, `Refused` when
    rounds would overlap.
    """
    row = queries.led_framework(session, actor, framework_id)
    lots, regions = queries.lots_and_regions(session, framework_id)
    if not set(scope) <= {(lot.id, region.id) for lot in lots for region in regions}:
        raise NotFound
    now = clock.now(session)
    rolling, closes_at = closes_at is None, closes_at or rules.closes_with(row.ends_on)
    refuse_if(
        rules.why_not_open_round(
            phase=queries.phase_of(row, london_day(now)),
            opens_at=opens_at,
            closes_at=closes_at,
            now=now,
            scope=len(scope),
            overlaps=queries.overlapping(session, framework_id, opens_at, closes_at, scope),
            rolling=rolling,
            decisions=decisions,
        )
    )
    asked = queries.question_set(session, row)
    made = Round(
        framework_id=framework_id,
        name=name,
        opens_at=opens_at,
        closes_at=closes_at,
        rolling=rolling,
        question_set_id=asked.id if asked else None,
    )
    session.add(made)
    session.flush()
    session.add_all(RoundScope(round_id=made.id, lot_id=lot, region_id=region) for lot, region in set(scope))
    session.add_all(RoundDecisionDate(round_id=made.id, on=day) for day in set(decisions))
    audit.record(
        session,
        events.ROUND_OPENED,
        actor=actor,
        subject=made.id,
        about=framework_id,
        round=name,
        opens_at=f"{opens_at:%Y-%m-%d %H:%M}",
        closes_at=f"{closes_at:%Y-%m-%d %H:%M}",
    )
    ROUND_SET_UP.tell(session, _news(row, made, actor, now))
    return made.id


def extend_round(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    round_id: UUID,
    closes_at: datetime,
    reason: str,
    *,
    at: datetime | None = None,
) -> None:
    """Move the close of a round that has not closed to a later moment, for everybody; who has a draft is told.

    `at`, where the caller knows it, is now. Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    row, window = queries.led_round(session, actor, framework_id, round_id)
    now = at or clock.now(session)
    refuse_if(
        rules.why_not_extend_round(
            phase=rules.round_phase(opens_at=window.opens_at, closes_at=window.closes_at, now=now),
            rolling=window.rolling,
            closes_at=window.closes_at,
            until=closes_at,
            ends=rules.closes_with(row.ends_on),
            overlaps=queries.overlapped(session, window, closes_at),
        )
    )
    session.add(
        RoundExtension(
            round_id=round_id,
            closed_at=window.closes_at,
            closes_at=closes_at,
            reason=reason,
            at=now,
            by=actor.known,
        )
    )
    window.closes_at = closes_at
    session.flush()
    audit.record(
        session,
        events.ROUND_EXTENDED,
        actor=actor,
        subject=window.id,
        about=framework_id,
        round=window.name,
        closes_at=f"{closes_at:%Y-%m-%d %H:%M}",
        reason=reason,
    )
    ROUND_EXTENDED.tell(session, _news(row, window, actor, now, reason))


def cancel_round(session: Session, actor: Actor, framework_id: UUID, round_id: UUID, reason: str) -> None:
    """Close a round now, whether it has opened or not, without deciding it; a second time it changes nothing.

    What was written for it stays readable and can be carried to a later one. Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    row, window = queries.led_round(session, actor, framework_id, round_id)
    now = clock.now(session)
    if window.cancelled_at:
        return
    phase = rules.round_phase(opens_at=window.opens_at, closes_at=window.closes_at, now=now)
    refuse_if(rules.why_not_cancel_round(phase))
    was_to_close = window.closes_at
    window.closes_at = window.cancelled_at = now
    window.cancelled_by, window.cancelled_reason = actor.known, reason
    session.flush()
    audit.record(
        session,
        events.ROUND_CANCELLED,
        actor=actor,
        subject=window.id,
        about=framework_id,
        round=window.name,
        closes_at=f"{was_to_close:%Y-%m-%d %H:%M}",
        reason=reason,
    )
    ROUND_CANCELLED.tell(session, _news(row, window, actor, now, reason))


def _news(framework: Framework, window: Round, actor: Actor, at: datetime, reason: str = "") -> RoundNews:
    return RoundNews(
        window.id,
        framework.id,
        window.name,
        framework.name,
        window.opens_at,
        window.closes_at,
        at,
        actor.known,
        reason,
    )
