"""What of submitted applications was returned to be changed, and how long they have waited for a decision."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from app.applications.answers.rules import Pricing
from app.applications.models import Application, ApplicationLot, ReturnedItem
from app.applications.rules.returning import PRICES, QUESTION, STATEMENT, Pause, waited
from app.core.actor import Actor
from app.core.london import london_day
from app.frameworks.models import Round
from app.organisations.policy import provider_ids
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class Returned:
    """One thing asked to be changed, by its name; `made_at` and `change` once its provider has made the change."""

    id: UUID
    item: str
    name: str
    words: str
    requested_at: datetime
    change: str
    made_at: datetime | None


def returnable(snapshot: dict[str, Any]) -> dict[str, str]:
    """What may be returned of what was submitted, by name: the statement, each answer, each lot's prices, each evidence needed."""
    answers, prices = snapshot.get("answers", ()), snapshot.get("prices", ())
    return {
        STATEMENT: "The statement",
        **{f"{QUESTION}{one['question_id']}": f"“{one['question']}”" for one in answers if not one["known"]},
        **{f"{PRICES}{one['lot_id']}": f"Prices of {one['lot']}" for one in prices if one["pricing"] == Pricing.ASKED},
        **{line["kind"]: line["name"] for line in snapshot.get("evidence_needed", ())},
    }


def returned(session: Session, row: Application) -> tuple[Returned, ...]:
    """Of one application, in one query, the first one first."""
    names = returnable(row.snapshot)
    query = select(ReturnedItem).where(ReturnedItem.application_id == row.id)
    return tuple(
        Returned(one.id, one.item, names.get(one.item, one.item), one.words, one.requested_at, one.change, one.made_at)
        for one in session.exec(query.order_by(col(ReturnedItem.requested_at), col(ReturnedItem.id)))
    )


def to_finish(now: datetime) -> ColumnElement[bool]:
    """In SQL, of an application and its round: not submitted, and still open."""
    return col(Application.submitted_at).is_(None) & (col(Round.closes_at) > now)


def to_change(actor: Actor) -> ColumnElement[bool]:
    """In SQL, of a returned item and its application: this person, as an owner, is to change it while something is undecided."""
    undecided = select(ApplicationLot.application_id).where(col(ApplicationLot.decision).is_(None))
    return (
        col(ReturnedItem.id).is_not(None)
        & col(ReturnedItem.made_at).is_(None)
        & col(Application.provider_id).in_(provider_ids(actor, Role.OWNER))
        & col(Application.id).in_(undecided)
    )


def pauses_of(items: Collection[Returned]) -> list[Pause]:
    return [_pause(item.requested_at, item.made_at) for item in items]


def with_pauses(applications: Subquery, order: str) -> Any:
    """These applications in the order of that column of theirs, each as often as its clock stood still; for `told_pauses`."""
    return (
        sa_select(applications, col(ReturnedItem.requested_at), col(ReturnedItem.made_at))
        .outerjoin(ReturnedItem, col(ReturnedItem.application_id) == applications.c.id)
        .order_by(applications.c[order])
    )


def told_pauses(rows: Iterable[Any]) -> Iterator[tuple[Any, list[Pause]]]:
    """Each application of `with_pauses` once, and when its clock stood still."""
    for _, of_one in groupby(rows, key=lambda row: row.id):
        first, *more = of_one
        yield first, [_pause(row.requested_at, row.made_at) for row in (first, *more) if row.requested_at]


def waited_since(submitted_at: datetime | None, on: date, during: Collection[Pause]) -> int:
    """Working days that a submitted application has waited; none for one that is not."""
    return waited(submitted_on=london_day(submitted_at), on=on, pauses=during) if submitted_at else 0


def _pause(requested_at: datetime, made_at: datetime | None) -> Pause:
    return london_day(requested_at), london_day(made_at) if made_at else None
