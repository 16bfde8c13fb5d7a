"""The chain of events: written with the change, never edited, and any tampering shows."""

from datetime import datetime
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.core.rows import new_id

TRIED = audit.declare("test.tried", "tried {what}")


def _record(db: Database, count: int) -> None:
    actor = Actor(uuid4(), "Ann Example")
    for number in range(count):
        with db.write() as session:
            audit.record(session, TRIED, actor=actor, subject=new_id(), about=new_id(), what=f"thing {number}")


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


def test_the_database_refuses_to_empty_the_trail(db: Database) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # SQLite knows no TRUNCATE
    _record(db, 1)
    with pytest.raises(DBAPIError, match="insert-only"), db.write() as session:
        session.connection().execute(text("TRUNCATE audit_event, audit_words"))


def test_a_record_shows_its_own_events_and_those_about_it_in_order(db: Database) -> None:
    brief, bid, other = new_id(), new_id(), new_id()
    with db.write() as session:
        for subject, about, what in ((brief, None, "a"), (other, None, "b"), (bid, brief, "c"), (brief, None, "d")):
            audit.record(session, TRIED, actor=NOBODY, subject=subject, about=about, what=what)
    with db.read() as session:
        assert [event.detail["what"] for event in audit.timeline(session, brief)] == ["a", "c", "d"]
        assert [event.detail["what"] for event in audit.timeline(session, bid)] == ["c"]
        assert audit.sentence(audit.timeline(session, bid)[0]) == "The service tried c"


def test_an_event_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        audit.declare("test.tried", "tried again")


def test_whatever_is_recorded_reads_back_as_it_was_sealed(db: Database) -> None:
    """The digest is of the content, whatever the clock's zone and however the database keeps the detail."""
    london = datetime(2026, 7, 1, 13, 0, tzinfo=ZoneInfo("Europe/London"))
    with db.write() as session:
        audit.record(
            session,
            TRIED,
            actor=Actor(new_id(), "Zoë O’Example 🙂"),
            subject=new_id(),
            at=london,
            what='"quoted" \\ and\nbroken',
            count=2**40,
            yes=True,
            nothing=None,
            several=["é", ""],
        )
    with db.read() as session:
        assert list(audit.verify(session)) == []


# --- Tampering


def _as_the_database_owner(db: Database, *statements: str) -> None:
    """Somebody with every right over the database takes the guards off and rewrites history."""
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "sqlite":
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_event_no_{verb}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change")
        for statement in statements:
            connection.exec_driver_sql(statement)


def _faults(db: Database) -> list[int]:
    with db.read() as session:
        return sorted({fault.position for fault in audit.verify(session)})


@pytest.mark.row("13.3")
@pytest.mark.bar("R9")
@pytest.mark.parametrize(
    "edit",
    [
        "name = 'test.other'",
        "person_name = 'Bob Example'",
        "person_id = NULL",
        "subject_id = about_id",
        "about_id = NULL",
        "at = '2020-01-01 00:00:00'",
        'detail = \'{"what": "else"}\'',
        "previous = digest",
        f"digest = '{'0' * 64}'",
        f"id = '{'0' * 32}'",
    ],
)
def test_one_row_edited_in_any_column_is_found(db: Database, edit: str) -> None:
    _record(db, 12)
    _as_the_database_owner(db, f"UPDATE audit_event SET {edit} WHERE position = 7")
    assert 7 in _faults(db)
    assert set(_faults(db)) <= {7, 8}


@pytest.mark.row("13.3")
@pytest.mark.parametrize("position", [1, 7, 11])
def test_a_row_removed_is_found(db: Database, position: int) -> None:
    _record(db, 12)
    _as_the_database_owner(db, f"DELETE FROM audit_event WHERE position = {position}")
    assert _faults(db) == [position + 1]


@pytest.mark.row("13.3")
def test_a_removal_whose_gap_was_closed_is_found(db: Database) -> None:
    _record(db, 12)
    _as_the_database_owner(
        db,
        "DELETE FROM audit_event WHERE position = 7",
        *(f"UPDATE audit_event SET position = {after - 1} WHERE position = {after}" for after in range(8, 13)),
    )
    assert _faults(db) == [7, 8, 9, 10, 11]


@pytest.mark.row("13.3")
def test_a_row_inserted_is_found(db: Database) -> None:
    _record(db, 12)
    _as_the_database_owner(
        db,
        *(f"UPDATE audit_event SET position = {after + 1} WHERE position = {after}" for after in range(12, 6, -1)),
        "INSERT INTO audit_event (position, id, at, name, person_id, person_name, subject_id, about_id, detail,"
        f" previous, digest) SELECT 7, '{'7' * 32}', at, name, person_id, person_name, subject_id, about_id, detail,"
        f" digest, '{'7' * 64}' FROM audit_event WHERE position = 6",
    )
    assert _faults(db)[0] == 7


@pytest.mark.row("13.3")
def test_two_rows_that_changed_places_are_found(db: Database) -> None:
    _record(db, 12)
    _as_the_database_owner(
        db,
        "UPDATE audit_event SET position = 0 WHERE position = 7",
        "UPDATE audit_event SET position = 7 WHERE position = 8",
        "UPDATE audit_event SET position = 8 WHERE position = 0",
    )
    assert _faults(db) == [7, 8, 9]


# --- Together


def test_two_hundred_events_of_eight_at_once_make_one_whole_chain(db: Database) -> None:
    together, failures = Barrier(8), []

    def work(number: int) -> None:
        try:
            together.wait()
            for turn in range(25):
                with db.write() as session:
                    audit.record(session, TRIED, actor=NOBODY, subject=new_id(), what=f"{number}.{turn}")
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with db.read() as session:
        rows = session.exec(select(audit.AuditEvent).order_by(audit.AuditEvent.position)).all()
        assert [row.position for row in rows] == list(range(1, 201))
        assert len({row.detail["what"] for row in rows}) == 200
        assert list(audit.verify(session)) == []


def test_events_of_one_write_follow_each_other_and_come_after_its_rows(db: Database) -> None:
    with db.write() as session:
        for number in range(3):
            audit.record(session, TRIED, actor=NOBODY, subject=new_id(), what=str(number))
        session.flush()
        assert session.exec(select(audit.AuditEvent)).all() == [], "the chain is taken up only at the very end"
    with db.read() as session:
        rows = session.exec(select(audit.AuditEvent).order_by(audit.AuditEvent.position)).all()
        assert [row.detail["what"] for row in rows] == ["0", "1", "2"]
