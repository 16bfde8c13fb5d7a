"""Two clicks at once: the second begins while the first is not committed yet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from app.core.database import Database

Click = Callable[[Session], Any]


def overtaken(db: Database, first: Click, second: Click) -> None:
    """Both clicks; raises what the second one raises. It waits for the first, or is over before the first is committed."""

    def click() -> None:
        with db.write() as session:
            second(session)

    with ThreadPoolExecutor(1) as thread:
        with db.write() as session:
            first(session)
            session.flush()
            late = thread.submit(click)
            while not late.done() and not _waits(db):
                pass
        late.result()


def _waits(db: Database) -> bool:
    """Whether somebody waits for a lock. On SQLite every write waits for the one before it."""
    if db.engine.dialect.name == "sqlite":
        return True
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with db.read() as session:
        return bool(session.connection().execute(text(asked)).scalar_one())
