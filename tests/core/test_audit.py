"""The chain of events: written with the change, never edited, and any tampering shows."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.core import audit
from app.core.actor import Actor
from app.core.database import Database

TRIED = audit.declare("test.tried", "tried {what}")


def _record(db: Database, count: int) -> None:
    actor = Actor(uuid4(), "Ann Example")
    for number in range(count):
        with db.write() as session:
            audit.record(session, TRIED, actor=actor, subject=uuid4(), what=f"thing {number}")


def test_events_are_numbered_chained_and_worded(db: Database) -> None:
    _record(db, 3)
    with db.read() as session:
        rows = session.exec(select(audit.AuditEvent).order_by(audit.AuditEvent.position)).all()
        assert [row.position for row in rows] == [1, 2, 3]
        assert rows[0].previous == audit.FIRST and rows[1].previous == rows[0].digest
        assert audit.sentence(rows[2]) == "Ann Example tried thing 2"
        assert list(audit.verify(session)) == []


def test_an_event_of_a_failed_change_is_not_written(db: Database) -> None:
    with pytest.raises(RuntimeError), db.write() as session:
        audit.record(session, TRIED, actor=Actor(), subject=uuid4(), what="nothing")
        raise RuntimeError
    with db.read() as session:
        assert session.exec(select(audit.AuditEvent)).all() == []


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET name = 'x'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_an_event(db: Database, statement: str) -> None:
    _record(db, 1)
    with pytest.raises(DBAPIError, match="insert-only"), db.write() as session:
        session.connection().execute(text(statement))


@pytest.mark.row("13.3")
@pytest.mark.bar("R9")
def test_one_row_tampered_with_is_found(db: Database) -> None:
    _record(db, 20)
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change")
        connection.exec_driver_sql("UPDATE audit_event SET person_name = 'Bob Example' WHERE position = 7")
    with db.read() as session:
        assert [fault.position for fault in audit.verify(session)] == [7]
