"""Who may call off from what on a day: asked by every room above, and answered here alone."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from app.core.refusals import Refusal
from app.core.rows import packed, unpacked
from app.frameworks import rules
from app.frameworks.models import CallOffBody
from app.frameworks.rules import Period
from app.organisations.models import Organisation, Raa


@dataclass(frozen=True, slots=True)
class CallOff:
    """A time on the list. `entitled` says whether it counts on the day that was asked about, `past` that it is over by then."""

    body_id: UUID
    organisation_id: UUID
    name: str
    entitled_from: date
    entitled_to: date | None
    entitled: bool
    past: bool


def entitled_on(on: date) -> ColumnElement[bool]:
    """Rows of `CallOffBody` that count on that day: the SQL twin of `rules.why_not_entitled`."""
    return entitled_within(on, on)


def entitled_within(first: date, last: date) -> ColumnElement[bool]:
    """Rows of `CallOffBody` that count on some day of these, both included."""
    ended = select(Raa.id).where(Raa.id == CallOffBody.organisation_id, col(Raa.valid_to) <= first).exists()
    return (
        (col(CallOffBody.entitled_from) <= last)
        & or_(col(CallOffBody.entitled_to).is_(None), col(CallOffBody.entitled_to) >= first)
        & ~ended
    )


def call_off_list(session: Session, framework_id: UUID, on: date) -> tuple[CallOff, ...]:
    """Every time on the framework's list, past and to come too, by name and then by its first day."""
    rows = session.execute(
        select(CallOffBody, Organisation.name, entitled_on(on))
        .join(Organisation, col(Organisation.id) == CallOffBody.organisation_id)
        .where(CallOffBody.framework_id == framework_id)
        .order_by(Organisation.name, col(CallOffBody.entitled_from))
    )
    return tuple(
        CallOff(
            row.id,
            row.organisation_id,
            name,
            row.entitled_from,
            row.entitled_to,
            bool(entitled),
            past=not entitled and row.entitled_from <= on,
        )
        for row, name, entitled in rows
    )


def entitled_bodies(
    session: Session, framework_id: UUID, organisation_ids: Collection[UUID], on: date
) -> frozenset[UUID]:
    """Which of these bodies may call off from the framework on that day."""
    wanted = select(CallOffBody.organisation_id).where(
        CallOffBody.framework_id == framework_id,
        col(CallOffBody.organisation_id).in_(organisation_ids),
        entitled_on(on),
    )
    return frozenset(session.exec(wanted))


def entitlements(session: Session, organisation_ids: Collection[UUID], on: date) -> frozenset[UUID]:
    """The frameworks from which one of these bodies may call off on that day."""
    wanted = select(CallOffBody.framework_id).where(
        col(CallOffBody.organisation_id).in_(organisation_ids), entitled_on(on)
    )
    return frozenset(session.exec(wanted))


def entitlement_columns(framework_id: Any, organisation_id: Any) -> tuple[Any, Any]:
    """A body's times on a framework's list as one text, and when its agency ended, for `entitled_by`; as columns of any query."""
    times = packed(CallOffBody.id, CallOffBody.entitled_from, CallOffBody.entitled_to)
    here = col(CallOffBody.framework_id) == framework_id, col(CallOffBody.organisation_id) == organisation_id
    ended = select(col(Raa.valid_to)).where(col(Raa.id) == organisation_id)
    return (
        times.where(*here).correlate_except(CallOffBody).scalar_subquery(),
        ended.correlate_except(Raa).scalar_subquery(),
    )


def entitled_by(times: str | None, agency_ended: date | None, *, framework_id: UUID, on: date) -> UUID | Refusal:
    """The time on the list under which a body may call off on that day; or in words, with what to do, why it may not.

    From the values of `entitlement_columns`.
    """
    periods = {
        UUID(id_): Period(date.fromisoformat(since), date.fromisoformat(until) if until else None)
        for id_, since, until in unpacked(times)
    }
    page = f"/frameworks/{framework_id}/call-off"
    refusal = rules.why_not_entitled(list(periods.values()), agency_ended=agency_ended, on=on, page=page)
    return refusal or next(id_ for id_, period in periods.items() if period.covers(on))


def periods(session: Session, framework_id: UUID) -> dict[UUID, list[Period]]:
    """Every body's times on the framework's list, by body."""
    found: dict[UUID, list[Period]] = defaultdict(list)
    for row in session.exec(select(CallOffBody).where(CallOffBody.framework_id == framework_id)):
        found[row.organisation_id].append(Period(row.entitled_from, row.entitled_to))
    return found
