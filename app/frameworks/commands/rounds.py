"""Opening rounds: windows in which providers may join, or intakes that are always open."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.frameworks import events, queries, rules
from app.frameworks.models import Round, RoundDecisionDate, RoundScope
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
    return made.id
