"""Rows that wait, as objects do, until something is asked or the change commits; then they are written together.

On PostgreSQL that is one statement for all of them, because a round trip costs more than most of what is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, event, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

WAITING: Final = "together"
_SHAPES: Final = 512


class Writes(Session):
    """The session of a change: what waits is written whenever its objects are."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        super().flush(objects)
        if WAITING in self.info:
            _send(self)


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    """A statement for one row. Its parameters are named after its table, so that they stay its own beside others."""

    statement: Any
    table: str

    def given(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {f"{self.table}__{name}": value for name, value in row.items()}


def insert(
    session: Session, table: type[SQLModel], row: Mapping[str, Any], *, once: str = "", **computed: ColumnElement[Any]
) -> None:
    """A new row, with every column named. `computed` are columns that the database fills in; where a row has the same value in
    the unique column `once`, this one is quietly that.
    """
    dialect = session.get_bind().dialect.name
    _wait(session, _inserting(dialect, table, tuple(row), once, tuple(computed.items())), row)


def change(session: Session, table: type[SQLModel], row_id: UUID, values: Mapping[str, Any]) -> None:
    """Other values in a row that this change holds locked. An object of it that the session knows keeps the old ones, and is
    not to be changed beside this.
    """
    _wait(session, _changing(table, tuple(values)), {"id": row_id, **values})


def _wait(session: Session, write: _Write, row: Mapping[str, Any]) -> None:
    """Beside the newest that waits for its table, if that is written alike, else after all else."""
    waiting: list[tuple[_Write, list[dict[str, Any]]]] = session.info.setdefault(WAITING, [])
    newest = next((one for one in reversed(waiting) if one[0].table == write.table), None)
    if newest and newest[0] is write:
        newest[1].append(write.given(row))
    else:
        waiting.append((write, [write.given(row)]))


def _send(session: Session) -> None:
    """In their order. Single rows of several tables that follow each other go in one statement, whose parts do not see each
    other's rows: several rows, or another of the same table, begin anew.
    """
    waiting: list[tuple[_Write, list[dict[str, Any]]]] = session.info.pop(WAITING)
    connection = session.connection()
    joins = connection.dialect.name == "postgresql"
    single: dict[_Write, dict[str, Any]] = {}
    for write, rows in waiting:
        if not joins or len(rows) > 1 or any(write.table == one.table for one in single):
            _send_single(connection, single)
            single = {}
        if joins and len(rows) == 1:
            single[write] = rows[0]
        else:
            connection.execute(write.statement, rows)
    _send_single(connection, single)


def _send_single(connection: Connection, rows: Mapping[_Write, dict[str, Any]]) -> None:
    if len(rows) > 1:
        connection.execute(_joined(tuple(rows)), {name: value for row in rows.values() for name, value in row.items()})
    elif rows:
        ((write, row),) = rows.items()
        connection.execute(write.statement, row)


def _forget(session: Session, _undone: Any) -> None:
    """What waits goes with the savepoint in which it came to wait; what had waited before was written as that began."""
    session.info.pop(WAITING, None)


event.listen(Writes, "after_soft_rollback", _forget)


@lru_cache(_SHAPES)
def _joined(writes: tuple[_Write, ...]) -> Any:
    return select(literal_column("1")).add_cte(*(write.statement.cte(f"of_{write.table}") for write in writes))


@lru_cache(_SHAPES)
def _inserting(
    dialect: str,
    table: type[SQLModel],
    columns: tuple[str, ...],
    once: str,
    computed: tuple[tuple[str, ColumnElement[Any]], ...],
) -> _Write:
    into = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    statement = into.values(_parameters(table, columns) | dict(computed))
    return _Write(statement.on_conflict_do_nothing(index_elements=[once]) if once else statement, _name(table))


@lru_cache(_SHAPES)
def _changing(table: type[SQLModel], columns: tuple[str, ...]) -> _Write:
    here = _parameters(table, ["id"])["id"]
    return _Write(
        update(_rows(table)).where(_rows(table).c.id == here).values(_parameters(table, columns)), _name(table)
    )


def _parameters(table: type[SQLModel], columns: Iterable[str]) -> dict[str, Any]:
    return {one: bindparam(f"{_name(table)}__{one}", type_=_rows(table).c[one].type) for one in columns}


def _rows(table: type[SQLModel]) -> Any:
    return table.__table__  # type: ignore[attr-defined]


def _name(table: type[SQLModel]) -> str:
    return str(table.__tablename__)
