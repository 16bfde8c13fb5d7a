"""Where a provider stands in its life: restricted at a moment, and what it still lacks to be active."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, bindparam
from sqlmodel import Session, UTCDateTime, and_, col, func, or_, select

from app.core.database import fetch
from app.core.london import london_day
from app.providers import rules
from app.providers.models import Practitioner, Provider, ProviderArea, ProviderRestriction, ProviderTherapy


def in_force(at: Any) -> ColumnElement[bool]:
    """The restriction in force at that moment, which may be a parameter: of one provider there is one at most."""
    row = ProviderRestriction
    return and_(col(row.began_at) <= at, or_(col(row.lifted_at).is_(None), col(row.lifted_at) > at))


def restricted(session: Session, provider_ids: Collection[UUID], at: datetime) -> set[UUID]:
    """Those of these providers that are restricted at that moment."""
    return {row[0] for row in fetch(session, _restricted(), {"providers": list(provider_ids), "at": at})}


@cache
def _restricted() -> Executable:
    """Put together once, as most pages of a provider ask it."""
    row = ProviderRestriction
    those = col(row.provider_id).in_(bindparam("providers", expanding=True))
    return select(row.provider_id).where(those, in_force(bindparam("at", type_=UTCDateTime())))


def held_open(session: Session, provider_id: UUID) -> bool:
    """Whether it is open; it then does not close before this write ends, as closing waits for the lock shared here."""
    archived_at = select(Provider.archived_at).where(Provider.id == provider_id).with_for_update(read=True)
    return session.exec(archived_at).one() is None


def life(session: Session, provider: Provider, at: datetime) -> rules.State:
    """Where it stands for a move: a profile that is unfinished hinders none, so that it counts as told."""
    return rules.state(
        paused=rules.is_paused(provider.paused_at, provider.paused_until, london_day(at)),
        restricted=bool(restricted(session, [provider.id], at)),
        archived=provider.archived_at is not None,
        complete=True,
    )


def all_told(session: Session, provider_id: UUID) -> bool:
    """Whether every task after registering is done, but for the documents. One query."""
    here = Practitioner.provider_id == provider_id
    told = (col(Practitioner.left_at).is_(None), Practitioner.profession != "")
    provider, therapies, areas, people = session.exec(
        select(
            Provider,
            select(func.count()).where(ProviderTherapy.provider_id == provider_id).scalar_subquery(),
            select(func.count()).where(ProviderArea.provider_id == provider_id).scalar_subquery(),
            select(func.count()).where(here, *told).scalar_subquery(),
        ).where(Provider.id == provider_id)
    ).one()
    tasks = rules.tasks(
        kind=rules.ProviderKind(provider.kind),
        summary=provider.summary,
        numbers_told=provider.numbers_told_at is not None,
        odd_numbers=(),
        therapies=therapies,
        areas=areas,
        practitioners=people,
    )
    return all(task.status is rules.Status.COMPLETED for task in tasks)


def unfinished(session: Session, provider: Provider) -> tuple[str, ...]:
    """What its core profile still lacks before it is active, in words."""
    here = Practitioner.provider_id == provider.id
    therapies, areas, people = session.exec(
        select(
            select(func.count()).where(ProviderTherapy.provider_id == provider.id).scalar_subquery(),
            select(func.count()).where(ProviderArea.provider_id == provider.id).scalar_subquery(),
            select(func.count()).where(here, col(Practitioner.left_at).is_(None)).scalar_subquery(),
        )
    ).one()
    return rules.unfinished(summary=provider.summary, therapies=therapies, areas=areas, practitioners=people)
