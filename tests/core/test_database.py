"""Two doors to the data: looking never writes, a write is whole or nothing, and what is acknowledged is on the disk."""

import fcntl
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError
from sqlmodel import Session, select

from app.accounts.models import AttemptCount, OneTimeLink, Person
from app.bids.models import BidReceipt
from app.core import audit
from app.core import database as kernel
from app.core.actor import NOBODY
from app.core.database import Database, UnsafeDatabase, before_commit, violates
from app.core.rows import new_id
from tests import NOON, ROOT
from tests.postgres import PostgresServer

LOOKED = audit.declare("test.looked", "looked")


def _person(email: str = "ann@example.org") -> Person:
    return Person(name="Ann Example", email=email, created_at=NOON)


def _people(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.exec(select(Person.email).order_by(Person.email)))


def _add(session: Session) -> None:
    session.add(_person("new@example.org"))


def _edit(session: Session) -> None:
    session.exec(select(Person)).one().name = "Bob Example"


def _delete(session: Session) -> None:
    session.delete(session.exec(select(Person)).one())


def _record(session: Session) -> None:
    audit.record(session, LOOKED, actor=NOBODY, subject=new_id())


@pytest.mark.parametrize("change", [_add, _edit, _delete, _record])
def test_a_read_that_changes_something_is_refused(db: Database, change: Callable[[Session], None]) -> None:
    with db.write() as session:
        session.add(_person())
    for door in (db.read, db.glance):
        for flushed in (True, False):
            with pytest.raises(RuntimeError, match="a read changed something"), door() as session:
                change(session)
                if flushed:
                    session.flush()
    with db.read() as session:
        assert session.exec(select(Person.name)).all() == ["Ann Example"]
        assert session.exec(select(audit.AuditEvent)).all() == []


def test_sql_sent_by_hand_through_a_read_is_not_kept(db: Database) -> None:
    with db.write() as session:
        session.add(_person())
    on_postgresql = db.engine.dialect.name == "postgresql"
    with pytest.raises(InternalError, match="read-only") if on_postgresql else nullcontext(), db.read() as session:
        session.connection().execute(text("UPDATE person SET name = 'Bob Example'"))
    with db.read() as session:
        assert session.exec(select(Person.name)).one() == "Ann Example"


def test_a_write_is_kept_when_it_ends(db: Database) -> None:
    with db.write() as session:
        session.add(_person())
    assert _people(db) == ["ann@example.org"]


def test_a_write_that_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(_person("first@example.org"))
        session.flush()
        session.add_all((_person(), _person()))
    assert _people(db) == []


def test_the_last_act_runs_once_after_all_else_and_its_failure_undoes_the_write(db: Database) -> None:
    seen: list[list[str]] = []

    def look(session: Session) -> None:
        seen.append(list(session.exec(select(Person.email))))

    def fail(session: Session) -> None:
        raise RuntimeError("the last act failed")

    with pytest.raises(RuntimeError, match="the last act failed"), db.write() as session:
        before_commit(session, look)
        before_commit(session, look)
        before_commit(session, fail)
        session.add(_person())
    assert seen == [["ann@example.org"]]
    assert _people(db) == []


def test_a_reader_neither_waits_for_a_writer_nor_sees_its_work_too_soon(db: Database) -> None:
    with db.write() as session:
        session.add(_person())
        session.flush()
        assert _people(db) == []
    assert _people(db) == ["ann@example.org"]


def test_a_moment_comes_back_aware_and_in_utc(db: Database) -> None:
    given = datetime(2026, 7, 1, 13, 30, 15, 123456, tzinfo=UTC)
    with db.write() as session:
        session.add(Person(name="Ann", email="ann@example.org", created_at=given))
    with db.read() as session:
        found = session.exec(select(Person.created_at)).one()
    assert found == given and found.utcoffset() == timedelta(0)


# --- Constraints by name


def _same_address(session: Session) -> None:
    session.add_all((_person(), _person()))


def _capital_address(session: Session) -> None:
    session.add(_person("Ann@example.org"))


def _unknown_kind(session: Session) -> None:
    someone = _person()
    session.add(someone)
    session.flush()
    session.add(OneTimeLink(token_digest="x", person_id=someone.id, kind="whim", made_at=NOON, ends_at=NOON))


def _two_current_receipts(session: Session) -> None:
    """Breaks a partial unique index; what the receipts refer to need not be there to show it."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    loosen = "PRAGMA defer_foreign_keys = on" if sqlite else "SET LOCAL session_replication_role = replica"
    session.connection().execute(text(loosen))
    bid_id, by = new_id(), new_id()
    for number in ("R-1", "R-2"):
        session.add(
            BidReceipt(
                bid_id=bid_id,
                reference=number,
                received_at=NOON,
                brief_version=1,
                content_sha256="x",
                submitted_by=by,
            )
        )


BREACHES = {
    "uq_person_email": _same_address,
    "ck_person_email_lower": _capital_address,
    "ck_one_time_link_kind": _unknown_kind,
    "uq_bid_receipt_current": _two_current_receipts,
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_known_by_the_name_of_its_constraint_alone(db: Database, name: str) -> None:
    with pytest.raises(IntegrityError) as caught, db.write() as session:
        BREACHES[name](session)
        session.flush()
    others = {*BREACHES, "uq_person", "ck_person_email", "uq_bid_receipt_reference", name[:-1]} - {name}
    assert violates(caught.value, name)
    assert [other for other in others if violates(caught.value, other)] == []


def test_a_foreign_key_is_kept(db: Database) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(OneTimeLink(token_digest="x", person_id=new_id(), kind="confirm", made_at=NOON, ends_at=NOON))


def test_an_error_names_its_statement_and_not_what_was_in_it(db: Database) -> None:
    with pytest.raises(DBAPIError) as caught, db.read() as session:
        session.connection().execute(text("SELECT 1 FROM nowhere WHERE it = :secret"), {"secret": "s3cret"})
    assert "FROM nowhere" in str(caught.value)
    assert "s3cret" not in str(caught.value)


# --- Durability


def test_a_safe_database_is_accepted_and_ready(db: Database) -> None:
    db.refuse_if_unsafe()
    with db.read() as session:
        assert session.exec(select(1)).one()


def test_sqlite_is_told_to_be_safe_on_every_connection(empty_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "portal.db").write_bytes(empty_sqlite.read_bytes())
    database = Database(f"sqlite:///{tmp_path}/portal.db")
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with database.engine.connect() as first, database.engine.connect() as second:
        for connection in (first, second):
            answers = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
            assert answers == ["wal", 2, 1, 10_000]
    database.close()


def test_a_database_that_may_lose_what_it_acknowledged_is_refused(
    db: Database, database_url: str, request: pytest.FixtureRequest
) -> None:
    if db.engine.dialect.name == "sqlite":
        hasty = Database(database_url)
        event.listen(hasty.engine, "connect", lambda raw, record: raw.execute("pragma synchronous = normal"))
        with pytest.raises(UnsafeDatabase, match="synchronous=FULL"):
            hasty.refuse_if_unsafe()
        hasty.close()
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{db.engine.url.database}" SET synchronous_commit = off')
    _refused(database_url, "synchronous_commit")
    server: PostgresServer = request.getfixturevalue("postgres").server
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{db.engine.url.database}" RESET synchronous_commit')
    for name in ("fsync", "full_page_writes"):
        try:
            server.set(name, "off")
            _refused(database_url, name)
        finally:
            server.set(name, "on")
    db.refuse_if_unsafe()


def _refused(url: str, name: str) -> None:
    database = Database(url)
    with pytest.raises(UnsafeDatabase, match=name):
        database.refuse_if_unsafe()
    database.close()


# --- The fair line before SQLite's write lock

COUNT_UP = """
import sys
from sqlalchemy import text
from app.core.database import Database

database = Database(sys.argv[1])
for _ in range(50):
    with database.write() as session:
        count = session.connection().execute(text("SELECT count FROM attempt_count")).scalar_one()
        session.connection().execute(text("UPDATE attempt_count SET count = :more"), {"more": count + 1})
database.close()
"""


def test_several_processes_write_in_turn_and_lose_nothing(tmp_path: Path, empty_sqlite: Path) -> None:
    (tmp_path / "portal.db").write_bytes(empty_sqlite.read_bytes())
    url = f"sqlite:///{tmp_path}/portal.db"
    database = Database(url)
    with database.write() as session:
        session.add(AttemptCount(bucket="all", began_at=NOON))
    writers = [subprocess.Popen([sys.executable, "-c", COUNT_UP, url], cwd=ROOT) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    with database.read() as session:
        assert session.get_one(AttemptCount, "all").count == 100
    database.close()


def test_a_writer_waits_in_line_before_it_asks_sqlite(tmp_path: Path, empty_sqlite: Path) -> None:
    (tmp_path / "portal.db").write_bytes(empty_sqlite.read_bytes())
    database = Database(f"sqlite:///{tmp_path}/portal.db")
    began = Event()

    def write() -> None:
        with database.write():
            began.set()

    with (tmp_path / "portal.db.lock").open("ab") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        writer = Thread(target=write)
        writer.start()
        assert not began.wait(0.1), "the writer did not wait"
    assert began.wait(10), "the line did not move on"
    writer.join()
    with pytest.raises(RuntimeError), database.write():
        raise RuntimeError
    write()  # a failed write has left the line
    database.close()


# --- Connections that die


def test_a_connection_that_died_at_rest_is_renewed_before_anybody_notices(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that was restarted in a quiet hour costs nobody a page."""
    if db.engine.dialect.name == "sqlite":
        return  # a file has no connection to lose
    monkeypatch.setattr(kernel, "REST_SECONDS", 0.0)
    end_all_others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with db.read() as one, db.read() as two:
        assert one.exec(select(1)).one() and two.exec(select(1)).one()
    other = Database(db.url)
    with other.read() as session:
        session.connection().execute(end_all_others)
    other.close()
    with db.read() as one, db.read() as two:
        assert one.exec(select(1)).one() and two.exec(select(1)).one()
