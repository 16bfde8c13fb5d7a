"""The pulse of the service: web processes write down that they live, so that a silence can be seen and made good afterwards.

One row for all of them, written about once a minute. A silence is found by whoever breaks it and kept as an `Outage`; what follows
from it is for the rooms that have deadlines. A silence that only a proxy or a network in front of us causes is not seen here.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, and_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from app.core import clock
from app.core.database import Database
from app.core.rows import identity

EVERY: Final = timedelta(seconds=60)
SILENCE: Final = timedelta(minutes=5)
_THE_ROW: Final = 1


class ServiceBeat(SQLModel, table=True):
    """When any web process last said that it lives: one row."""

    __tablename__ = "service_beat"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime


class Outage(SQLModel, table=True):
    """A silence of more than five minutes between two beats. `applied_at`: when it was made good."""

    __tablename__ = "outage"
    __table_args__ = (CheckConstraint("until_at > from_at", name="in_order"),)

    id: UUID = identity()
    from_at: datetime = Field(unique=True)
    until_at: datetime
    applied_at: datetime | None = Field(default=None, index=True)


def beat(database: Database) -> bool:
    """Say that this process lives, unless another has just said it. Returns whether that ended an outage, which is kept."""
    with database.read() as session:
        last = session.get(ServiceBeat, _THE_ROW)
        if last and clock.now(session) - last.at < EVERY / 2:
            return False
    with database.write() as session:
        return record_beat(session)


def record_beat(session: Session) -> bool:
    """The row stays locked until the write ends, so that of several processes starting at once one finds the silence."""
    now = clock.now(session)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = insert(ServiceBeat).on_conflict_do_nothing(index_elements=["id"])
    session.connection().execute(first, {"id": _THE_ROW, "at": now})
    row = session.exec(select(ServiceBeat).where(ServiceBeat.id == _THE_ROW).with_for_update()).one()
    silent = now - row.at > SILENCE
    if silent:
        session.add(Outage(from_at=row.at, until_at=now))
    row.at = max(row.at, now)
    return silent


def no_outage_before(moment: Any) -> ColumnElement[bool]:
    """Whether it is certain that no outage that began before this moment is still to be made good, or to be found.

    A column of a query: a web process has said since that it lives, and every outage that was found has been made good.
    """
    lives = select(ServiceBeat.id).where(ServiceBeat.at >= moment).correlate_except(ServiceBeat)
    waiting = select(Outage.id).where(col(Outage.applied_at).is_(None), Outage.from_at < moment)
    return and_(lives.exists(), ~waiting.correlate_except(Outage).exists())
