"""One engine, two doors: read() for looking, write() for one whole change or none of it. Nothing else commits."""

import fcntl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, Executable, Index, UniqueConstraint, create_engine, event
from sqlalchemy.exc import IntegrityError, InvalidatePoolError, OperationalError
from sqlmodel import Session, SQLModel

from app.core.together import WAITING, Writes

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BEFORE_COMMIT = "before_commit"
_CHANGES = {BEFORE_COMMIT, WAITING}
REST_SECONDS = 1.0
STARTING_SECONDS = 30


class UnsafeDatabase(RuntimeError):
    """The server may lose what it has acknowledged; a receipt promises durability, so we refuse to start."""


class Database:
    """`url` is an SQLAlchemy address; `threads` sizes the connection pool, one connection a thread."""

    def __init__(self, url: str, *, threads: int = 16) -> None:
        self.url = url
        self.engine = create_engine(url, hide_parameters=True, **_options(url, threads))
        self._writing = self._reading = self._glancing = self.engine
        self._lock_path: Path | None = None
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")
            self._lock_path = Path(f"{self.engine.url.database}.lock")
        else:
            _ask_the_rested(self.engine)
            self._reading = self.engine.execution_options(postgresql_readonly=True)
            self._glancing = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Look, and change nothing. Raises `RuntimeError` when something in the session was changed.

        PostgreSQL refuses what is sent by hand, too, so that a read may end by a commit: at a rollback the driver forgets every
        statement that it has prepared, and the server would plan each anew.
        """
        with _Reads(self._reading, autoflush=False, expire_on_commit=False) as session:
            yield session
            _refuse_changes(session)
            if self._reading is not self.engine:
                session.commit()

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """Ask one question: PostgreSQL is spared the beginning and the end of a transaction. Raises as `read` does."""
        with _Reads(self._glancing, autoflush=False) as session:
            yield session
            _refuse_changes(session)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One whole change. It is on the disk when this returns; any exception leaves nothing behind."""
        with self._queue(), Writes(self._writing, expire_on_commit=False) as session, session.begin():
            session.connection()
            yield session
            session.flush()
            for finish in session.info.pop(BEFORE_COMMIT, ()):
                finish(session)
            session.flush()

    def refuse_if_unsafe(self) -> None:
        """Raises `UnsafeDatabase` when an acknowledged commit might not be on the disk."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                if connection.exec_driver_sql("PRAGMA synchronous").scalar_one() < 2:
                    raise UnsafeDatabase("SQLite runs without synchronous=FULL")
                return
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off":
                    raise UnsafeDatabase(f"PostgreSQL runs with {name}=off")

    def refuse_to_start_if_unsafe(self, seconds: int = STARTING_SECONDS) -> None:
        """The same as a process starts: a database that is away, as while it recovers, is waited for.

        Raises `UnsafeDatabase`, and `OperationalError` when it stays away.
        """
        for left in reversed(range(seconds)):
            try:
                self.refuse_if_unsafe()
                break
            except OperationalError:
                if not left:
                    raise
                structlog.get_logger("start").warning("the database is away")
                time.sleep(1)

    @contextmanager
    def _queue(self) -> Iterator[None]:
        """On SQLite, wait in the kernel's fair line before asking for the write lock: its own retry loop is unfair."""
        if self._lock_path is None:
            yield
            return
        with self._lock_path.open("ab") as line:
            fcntl.flock(line, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        self.engine.dispose()


class _Reads(Session):
    def flush(self, objects: Sequence[Any] | None = None) -> None:
        raise RuntimeError("a read changed something")


def _refuse_changes(session: Session) -> None:
    if session.new or session.dirty or session.deleted or not session.info.keys().isdisjoint(_CHANGES):
        raise RuntimeError("a read changed something")


def fetch(session: Session, query: Executable, given: Mapping[str, Any]) -> Sequence[Any]:
    """All rows of a query of columns, without what objects need: asked at every door, that is much of what it costs.

    What waits to be written is written first, as for any other query.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(query, given).all()


def before_commit(session: Session, finish: Callable[[Session], None]) -> None:
    """Run `finish` once, after everything else in this write and before its commit."""
    pending: list[Callable[[Session], None]] = session.info.setdefault(BEFORE_COMMIT, [])
    if finish not in pending:
        pending.append(finish)


def violates(error: IntegrityError, constraint: str) -> bool:
    """Whether this error is a breach of the constraint or unique index of that name, on either database."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == constraint)
    message = str(error.orig)
    if message.endswith((f"constraint failed: {constraint}", f"constraint failed: index '{constraint}'")):
        return True
    return any(
        message.endswith("UNIQUE constraint failed: " + ", ".join(f"{table.name}.{c.name}" for c in rule.columns))
        for table in SQLModel.metadata.tables.values()
        for rule in (*table.constraints, *table.indexes)
        if isinstance(rule, UniqueConstraint | Index) and rule.name == constraint
    )


def _options(url: str, threads: int) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"pool_size": threads, "max_overflow": 2, "connect_args": {"check_same_thread": False}}
    return {"pool_size": threads, "max_overflow": 2, "pool_recycle": 1800}


def _ask_the_rested(engine: Engine) -> None:
    """Ask a connection that has rested whether it still lives, and renew the pool when not; a busy one is not asked."""

    def rest(_raw: Any, record: Any) -> None:
        record.info["rested_since"] = time.monotonic()

    def wake(raw: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rested_since", 0.0) < REST_SECONDS:
            return
        try:
            engine.dialect.do_ping(raw)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", rest)
    event.listen(engine, "checkout", wake)


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    for pragma in ("busy_timeout=10000", "journal_mode=wal", "synchronous=full", "foreign_keys=on"):
        raw.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
