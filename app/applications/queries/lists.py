"""Lists of applications: the provider's own, and the queue of those a framework lead has to decide."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, true
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from app.applications import rules
from app.applications.models import Application, ApplicationLot
from app.applications.queries.returned import told_pauses, waited_since, with_pauses
from app.applications.rules import Phase
from app.applications.rules.returning import Pause
from app.core.actor import Actor
from app.core.london import london_day
from app.frameworks.models import Framework, Round
from app.frameworks.queries import decision_days, read_days
from app.frameworks.rules import round_phase
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids
from app.organisations.rules import Role

MOST: Final = 200
_PARTS: Final = func.count(col(ApplicationLot.id))
_UNDECIDED: Final = _PARTS - func.count(col(ApplicationLot.decision))
_PROPOSED: Final = func.count(col(ApplicationLot.proposed_at)).filter(col(ApplicationLot.decision).is_(None))


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """A row of a list. `proposed` counts the refusals that a second person may confirm or send back by now.

    `waited` is in working days since it was submitted; `paused` says that the clock stands still until a change is made. In a
    round that is always open, `batch` is the day on which it is decided.
    """

    id: UUID
    provider_id: UUID
    provider_name: str
    framework_name: str
    round_name: str
    closes_at: datetime
    submitted_at: datetime | None
    phase: Phase
    parts: int
    undecided: int
    proposed: int
    waited: int
    paused: bool
    batch: date | None


def applications(session: Session, actor: Actor, now: datetime) -> list[ApplicationLine]:
    """Those of this person's providers, the newest first."""
    mine = col(Application.provider_id).in_(provider_ids(actor))
    return _lines(session, mine, col(Application.started_at).desc(), now)


def decisions(session: Session, actor: Actor, now: datetime) -> list[ApplicationLine]:
    """Submitted applications with undecided parts, of the frameworks this person leads, the oldest first."""
    waiting = (
        col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD))
        & col(Application.submitted_at).is_not(None)
        & col(Application.withdrawn_at).is_(None)
    )
    return _lines(session, waiting, col(Application.submitted_at), now, undecided_only=True)


def _lines(
    session: Session, which: ColumnElement[bool], order: Any, now: datetime, *, undecided_only: bool = False
) -> list[ApplicationLine]:
    """Light columns, and when the clocks stood still, in one query: no snapshot is read for a list."""
    query: Any = (
        sa_select(
            col(Application.id),
            col(Application.provider_id),
            col(Application.submitted_at),
            col(Application.withdrawn_at),
            col(Application.ready_at),
            col(Organisation.name).label("provider_name"),
            col(Framework.name).label("framework_name"),
            col(Round.name).label("round_name"),
            col(Round.opens_at),
            col(Round.closes_at),
            decision_days().label("days"),
            _PARTS.label("parts"),
            _UNDECIDED.label("undecided"),
            _PROPOSED.label("proposed"),
            func.row_number().over(order_by=(order, col(Application.id))).label("place"),
        )
        .join(Organisation, col(Organisation.id) == Application.provider_id)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .outerjoin(ApplicationLot, col(ApplicationLot.application_id) == Application.id)
        .where(which)
        .group_by(col(Application.id), col(Organisation.name), col(Framework.name), col(Round.id))
        .having(_UNDECIDED > 0 if undecided_only else true())
        .order_by(order, col(Application.id))
        .limit(MOST)
    )
    rows = session.connection().execute(with_pauses(query.subquery(), "place")).all()
    return [_line(one, now, stood) for one, stood in told_pauses(rows)]


def _line(row: Any, now: datetime, stood: list[Pause]) -> ApplicationLine:
    on = london_day(now)
    batch = rules.batch_of(london_day(row.submitted_at or now), read_days(row.days))
    return ApplicationLine(
        id=row.id,
        provider_id=row.provider_id,
        provider_name=row.provider_name,
        framework_name=row.framework_name,
        round_name=row.round_name,
        closes_at=row.closes_at,
        submitted_at=row.submitted_at,
        phase=rules.phase(
            submitted_at=row.submitted_at,
            withdrawn_at=row.withdrawn_at,
            undecided=row.undecided,
            round_phase=round_phase(opens_at=row.opens_at, closes_at=row.closes_at, now=now),
            ready_at=row.ready_at,
        ),
        parts=row.parts,
        undecided=row.undecided,
        proposed=0 if rules.why_not_yet(batch, on) else row.proposed,
        waited=waited_since(row.submitted_at, on, stood),
        paused=any(made_on is None for _, made_on in stood),
        batch=batch,
    )
