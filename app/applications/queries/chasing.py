"""Applications that nobody has submitted while their round nears its close, and whom to tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from app.applications.answers.queries import sheets
from app.applications.models import Application, ApplicationLot
from app.applications.rules.chasing import CHASED, Lack, lacks
from app.frameworks.models import Framework, Round
from app.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Unfinished:
    id: UUID
    provider_id: UUID
    provider_name: str
    framework_name: str
    started_at: datetime
    closes_at: datetime
    lacks: tuple[Lack, ...]


def unfinished(session: Session, now: datetime) -> list[Unfinished]:
    """Those whose round closes within the days of the first chaser, in as many queries for many as for one."""
    query: Any = (
        sa_select(
            Application,
            col(Organisation.name),
            col(Framework.name),
            col(Round.closes_at),
            func.count(col(ApplicationLot.id)),
            col(Round.question_set_id),
        )
        .join(Organisation, col(Organisation.id) == Application.provider_id)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .outerjoin(ApplicationLot, col(ApplicationLot.application_id) == Application.id)
        .where(
            col(Application.submitted_at).is_(None),
            col(Application.withdrawn_at).is_(None),
            col(Framework.withdrawn_at).is_(None),
            col(Round.closes_at) > now,
            col(Round.closes_at) <= now + timedelta(days=max(CHASED) + 1),
        )
        .group_by(col(Application.id), col(Organisation.name), col(Framework.name), col(Round.id))
        .order_by(col(Application.id))
    )
    found = session.execute(query).all()
    asked = sheets(session, {row.id: set_id for row, *_, set_id in found})
    return [
        Unfinished(
            row.id,
            row.provider_id,
            provider,
            framework,
            row.started_at,
            closes_at,
            lacks(
                parts=parts,
                statement=row.statement,
                ready=row.ready_at is not None,
                asked=asked[row.id].lacks(),
            ),
        )
        for row, provider, framework, closes_at, parts, _ in found
    ]
