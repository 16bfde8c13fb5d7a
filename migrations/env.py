"""Alembic's environment: every table of every room, on the database that the caller or the settings name."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from app.core.database import Database
from app.settings import settings
from migrations.tables import TABLES

assert TABLES  # noqa: S101 - importing it registered them all

metadata = SQLModel.metadata


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


def _on_sqlite(connection: Connection) -> None:
    # On the driver's own connection: within a transaction, which SQLAlchemy begins, this pragma does nothing.
    connection.connection.execute("PRAGMA foreign_keys=off")  # type: ignore[attr-defined]
    _run(connection)
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"the migration left rows that point nowhere: {broken[:5]}")
    connection.commit()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    database = Database(context.config.attributes.get("database_url") or settings().database_url)
    try:
        if database.engine.dialect.name == "sqlite":
            with database.engine.connect() as connection:
                _on_sqlite(connection)
        else:
            with database.engine.begin() as connection:
                _run(connection)
    finally:
        database.close()
