"""The databases of one test process: what tests begin with is written once, kept aside, and copied for each of them."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlmodel import Session

from app.core import clock
from app.core.database import Database
from tests import NOON, ROOT
from tests.postgres import PostgresServer

WORKING = "portal"

Furniture = Callable[[Session], Any]


def migrate(url: str, revision: str = "head") -> None:
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["database_url"] = url
    (command.upgrade if revision == "head" else command.downgrade)(config, revision)


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Every SQL statement sent to this database meanwhile, but for the beginning of a transaction."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def _written() -> str:
    """The digest of all that a migrated database follows from: migrations, how constraints are named, and the packages."""
    others = (ROOT / "app/core/database.py", ROOT / "requirements-dev.lock")
    files = (*others, *sorted((ROOT / "migrations").rglob("*.py")))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


class Databases(ABC):
    """`begin(furniture)` makes `database` anew, migrated and holding what `furniture` writes, and gives what it returned.

    The `Database` is the same one all along, so that statements are compiled once a process.
    """

    def __init__(self) -> None:
        self.database = Database(self.url(WORKING))
        self._kept: dict[Furniture | None, tuple[str, Any]] = {}

    @abstractmethod
    def url(self, name: str) -> str: ...

    @abstractmethod
    def copy(self, name: str, onto: str) -> None: ...

    @abstractmethod
    def create(self, name: str) -> None:
        """Migrated and empty."""

    def begin(self, furniture: Furniture | None = None) -> Any:
        name, made = self.kept(furniture)
        self.database.close()
        self.copy(name, WORKING)
        return made

    def kept(self, furniture: Furniture | None = None) -> tuple[str, Any]:
        """The name of the database that is only ever copied, and what its furniture returned; written at noon."""
        if furniture not in self._kept:
            name, made = f"kept_{len(self._kept)}" if furniture else "empty", None
            if furniture:
                self.copy(self.kept()[0], name)
                made = self._furnish(name, furniture)
            else:
                self.create(name)
            self._kept[furniture] = (name, made)
        return self._kept[furniture]

    def _furnish(self, name: str, furniture: Furniture) -> Any:
        database = Database(self.url(name))
        with pytest.MonkeyPatch.context() as patch, database.write() as session:
            patch.setattr(clock, "now", lambda session: NOON)
            made = furniture(session)
        self.settle(database)
        database.close()
        return made

    @abstractmethod
    def settle(self, database: Database) -> None:
        """Bring everything into what `copy` copies."""


class SqliteDatabases(Databases):
    """`folder` holds them for this process; `lasting`, what every process of every run begins with."""

    def __init__(self, folder: Path, lasting: Path) -> None:
        self.folder, self.lasting = folder, lasting
        super().__init__()

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def url(self, name: str) -> str:
        return f"sqlite:///{self.path(name)}"

    def create(self, name: str) -> None:
        """Migrated once for as long as neither a migration nor a package changes."""
        known = self.lasting / f"{_written()}.db"
        if not known.exists():
            migrate(self.url(name))
            whole = self.lasting / f"{uuid4()}.db"
            shutil.copy(self.path(name), whole)
            whole.replace(known)
        shutil.copy(known, self.path(name))

    def copy(self, name: str, onto: str) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{self.path(onto)}{end}").unlink(missing_ok=True)
        shutil.copyfile(self.path(name), self.path(onto))

    def settle(self, database: Database) -> None:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(truncate)")


class PostgresDatabases(Databases):
    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        super().__init__()

    def url(self, name: str) -> str:
        return self.server.url(name)

    def create(self, name: str) -> None:
        self.server.create(name)
        migrate(self.url(name))

    def copy(self, name: str, onto: str) -> None:
        self.server.drop(onto)
        self.server.create(onto, template=name)

    def settle(self, database: Database) -> None:
        """The server sees to it."""
