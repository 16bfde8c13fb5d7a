"""Rows that wait, as objects do, until something is asked or the change commits; then they are written together.

On PostgreSQL that is one statement for all of them, because a round trip costs more than most of what is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, literal_column, select, update
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
    """Other values in a row that this change holds locked. An object of it that the session knows keeps the old ones."""
    _wait(session, _changing(table, tuple(values)), {"id": row_id, **values})


def _send(session: Session) -> None:
    """One row of each table goes in one statement; what is left, as several rows of one, follows by itself."""
    waiting: dict[_Write, list[dict[str, Any]]] = session.info.pop(WAITING)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _send_joined(connection, waiting)
    for write, rows in waiting.items():
        connection.execute(write.statement, rows)


def _wait(session: Session, write: _Write, row: Mapping[str, Any]) -> None:
    waiting: dict[_Write, list[dict[str, Any]]] = session.info.setdefault(WAITING, {})
    waiting.setdefault(write, []).append(write.given(row))


def _send_joined(connection: Connection, waiting: dict[_Write, list[dict[str, Any]]]) -> None:
    """Of each table the first write at most, since the parts of one statement do not see each other's rows."""
    firsts: dict[str, _Write] = {}
    for write in waiting:
        firsts.setdefault(write.table, write)
    single = tuple(write for write in firsts.values() if len(waiting[write]) == 1)
    if len(single) < 2:
        return
    given: dict[str, Any] = {}
    for write in single:
        given |= waiting.pop(write)[0]
    connection.execute(_joined(single), given)


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
