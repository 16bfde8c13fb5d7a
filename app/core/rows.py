"""What every table shares: identities that sort by creation, enums stored as their values with a CHECK, JSON."""

import os
import secrets
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Select, String, Uuid, cast, func, select
from sqlmodel import Field


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    return UUID(int=value & ~(0x3 << 62) | (0x2 << 62))


_READABLE: Final = "23456789BCDFGHJKMNPQRTVWXYZ"  # no vowels, and nothing that looks like something else


def reference(prefix: str, *, groups: int = 2) -> str:
    """A random name to print and read aloud, like 'B-7KQ2-XM4T': it tells nothing of when, or after how many."""
    return "-".join((prefix, *("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(groups))))


def mark(row_id: UUID) -> str:
    """A few characters by which people can tell one nameless row from another."""
    return row_id.hex[-6:].upper()


def identity() -> Any:
    return Field(default_factory=new_id, primary_key=True)


def one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    """`column in (…)` over the enum's values; the constraint takes the column's name."""
    return CheckConstraint(f"{column} in ({', '.join(repr(k.value) for k in kinds)})", name=column)


def json_column() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def lines_column() -> Any:
    """A short list of lines of text."""
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


def refers_to(target: str, *, index: bool = True, nullable: bool = False, unique: bool = False) -> Any:
    """A foreign key that refuses to lose what it points to."""
    column = Column(Uuid, ForeignKey(target, ondelete="RESTRICT"), nullable=nullable, index=index, unique=unique)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


_BETWEEN_COLUMNS: Final = "\x1f"  # no name that is typed holds one of these
_BETWEEN_ROWS: Final = "\x1e"


def packed(*columns: Any) -> Select[tuple[str]]:
    """A query for these columns of all its rows as one text, which `unpacked` reads: a column of another query, where a statement
    of its own would cost too much.
    """
    first, *others = (func.coalesce(cast(column, String), "") for column in columns)
    row: Any = first
    for column in others:
        row = row.concat(_BETWEEN_COLUMNS).concat(column)
    return select(func.aggregate_strings(row, _BETWEEN_ROWS))


def moment(text: str) -> datetime:
    """A packed moment: what PostgreSQL writes of it has an offset, what SQLite does is in UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def unpacked(text: str | None) -> list[list[str]]:
    return [row.split(_BETWEEN_COLUMNS) for row in text.split(_BETWEEN_ROWS)] if text else []
