"""The days that run towards frameworks: for their leads, and for the worker that reminds of them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.frameworks import rules
from app.frameworks.models import Framework, RuleSet
from app.frameworks.rules import Deadline


@dataclass(frozen=True, slots=True)
class Watched:
    """An approved framework with what runs towards it, the next day first."""

    id: UUID
    name: str
    lead_id: UUID
    deadlines: tuple[Deadline, ...]


def reopened() -> ColumnElement[bool]:
    """Whether the framework that follows a row of `Framework` in its scheme is approved."""
    newer = aliased(Framework)
    return (
        select(newer.id)
        .where(
            newer.follows_id == Framework.id,
            col(newer.approved_at).is_not(None),
            col(newer.withdrawn_at).is_(None),
        )
        .exists()
    )


def reopen_by(row: Framework, rule_set: RuleSet) -> date | None:
    """By when the next framework of its scheme has to begin; None where it is part of none, or the scheme ends before.

    Source: Procurement Act 2023 s49, its years from the rule set.
    """
    if row.scheme_ends_on is None:
        return None
    return rules.reopen_by(
        row.starts_on,
        is_first=row.follows_id is None,
        first_reopen=rule_set.first_reopen_within_years,
        next_reopen=rule_set.next_reopen_within_years,
        scheme_ends_on=row.scheme_ends_on,
    )


def deadlines_of(row: Framework, rule_set: RuleSet, *, reopened: bool) -> tuple[Deadline, ...]:
    return rules.deadlines(
        ends_on=row.ends_on,
        extendable_to=row.extendable_to,
        reopen_by=reopen_by(row, rule_set),
        reopened=reopened,
        scheme_ends_on=row.scheme_ends_on,
    )


def watched(session: Session, on: date) -> list[Watched]:
    """Every approved framework that has not ended on that day. One query."""
    rows = session.execute(
        select(Framework, RuleSet, reopened())
        .join(RuleSet, col(RuleSet.slug) == Framework.rule_set_slug)
        .where(
            col(Framework.approved_at).is_not(None),
            col(Framework.withdrawn_at).is_(None),
            col(Framework.ends_on) >= on,
        )
        .order_by(Framework.name, col(Framework.id))
    )
    return [
        Watched(row.id, row.name, row.lead_id, deadlines_of(row, rule_set, reopened=followed))
        for row, rule_set, followed in rows
    ]
