"""How many questions wait and since when, as parts of other rooms' queries: they cost no statement of their own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func
from sqlmodel import Session, col, select

from app.briefs.asking import Waiting
from app.briefs.models import Brief
from app.clarifications.models import Clarification
from app.clarifications.rules import UNANSWERED
from app.frameworks.models import Framework, Round

_WAITS = col(Clarification.state).in_(UNANSWERED)
_OF_A_BRIEF = (col(Clarification.brief_id) == col(Brief.id)) & _WAITS & col(Brief.cancelled_at).is_(None)


def waiting_about(session: Session, brief_id: UUID) -> Iterator[Waiting]:
    """Answers briefs: what waits about this one, if anything does."""
    what = select(func.count(col(Clarification.id)), func.min(col(Clarification.asked_at))).join(Brief, _OF_A_BRIEF)
    count, oldest = session.exec(what.where(col(Brief.id) == brief_id)).one()
    if oldest:
        yield Waiting(count, oldest)


def waiting_of_brief() -> ScalarSelect[int]:
    """Of a row of `Brief`: how many wait."""
    return _of_brief(func.count(col(Clarification.id)))


def oldest_of_brief() -> ScalarSelect[datetime | None]:
    """Of a row of `Brief`: when the oldest that waits was asked."""
    return _of_brief(func.min(col(Clarification.asked_at)))


def waiting_of_framework(now: datetime) -> ScalarSelect[int]:
    """Of a row of `Framework`: how many wait about its rounds that have not closed."""
    return _of_framework(func.count(col(Clarification.id)), now)


def oldest_of_framework(now: datetime) -> ScalarSelect[datetime | None]:
    return _of_framework(func.min(col(Clarification.asked_at)), now)


def _of_brief(what: ColumnElement[Any]) -> ScalarSelect[Any]:
    asked = select(what).where(_OF_A_BRIEF)
    return asked.correlate(Brief).scalar_subquery()


def _of_framework(what: ColumnElement[Any], now: datetime) -> ScalarSelect[Any]:
    asked = select(what).join(Round, col(Round.id) == col(Clarification.round_id))
    runs = col(Round.cancelled_at).is_(None) & (col(Round.closes_at) > now)
    here = col(Round.framework_id) == col(Framework.id), runs
    return asked.where(*here, _WAITS).correlate(Framework).scalar_subquery()
