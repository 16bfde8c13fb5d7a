"""Rows that wait are written whenever objects are: at once on PostgreSQL, in their order, and not at all where all is undone."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, func, select

from app.accounts.models import Person
from app.core import audit, clock, together
from app.core.actor import NOBODY
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.rows import new_id
from tests import NOON
from tests.databases import statements

HAPPENED = audit.declare("test.together", "did it with {who}")


def _person(email: str = "ann@example.org") -> dict[str, Any]:
    row = {"id": new_id(), "email": email, "name": "Ann Example", "password_hash": "", "created_at": NOON}
    return row | {"demonstration_note": ""}


def _message(dedupe: str, to: str = "ann@example.org") -> dict[str, Any]:
    row = {"id": new_id(), "dedupe": dedupe, "to_address": to, "template": "x", "context": {"a": [1]}, "attempts": 0}
    return row | {"queued_at": NOON, "due_at": NOON, "last_error": ""}


def _messages(db: Database) -> dict[str, OutboxMessage]:
    with db.read() as session:
        return {row.dedupe: row for row in session.exec(select(OutboxMessage))}


def _people(db: Database) -> list[Person]:
    with db.read() as session:
        return list(session.exec(select(Person).order_by(Person.email)))


def test_what_waits_is_seen_by_whoever_asks_in_the_same_change(db: Database) -> None:
    with db.write() as session:
        together.insert(session, OutboxMessage, _message("one"))
        assert session.exec(select(func.count()).select_from(OutboxMessage)).one() == 1
        together.insert(session, OutboxMessage, _message("two"))
    assert set(_messages(db)) == {"one", "two"}
    assert _messages(db)["one"].context == {"a": [1]}


def test_rows_of_several_tables_cost_one_statement_on_postgresql(db: Database) -> None:
    ann = _person()
    with db.write() as session:
        together.insert(session, Person, ann)
    with statements(db) as sent, db.write() as session:
        together.insert(session, Person, _person("bob@example.org"))
        together.change(session, Person, ann["id"], {"name": "Ann Changed"})
        together.insert(session, OutboxMessage, _message("one"))
    assert len(sent) == (2 if db.engine.dialect.name == "postgresql" else 3), (
        "the second of one table follows by itself"
    )
    assert [person.name for person in _people(db)] == ["Ann Changed", "Ann Example"]
    assert set(_messages(db)) == {"one"}


@pytest.mark.parametrize(
    "changes",
    [
        [{"name": "First", "password_hash": "1"}, {"name": "Second", "password_hash": "2"}, {"name": "Last"}],
        [{"name": "First"}, {"name": "Second", "password_hash": "2"}, {"name": "Last"}],
    ],
)
@pytest.mark.parametrize("beside", [0, 1])
def test_what_is_changed_twice_ends_as_it_was_changed_last(
    db: Database, beside: int, changes: list[dict[str, str]]
) -> None:
    ann = _person()
    with db.write() as session:
        for number in range(beside):
            together.insert(session, OutboxMessage, _message(f"{number}"))
        together.insert(session, Person, ann)
        for change in changes:
            together.change(session, Person, ann["id"], change)
    (person,) = _people(db)
    assert (person.name, person.password_hash) == ("Last", "2")


def test_a_row_follows_those_it_refers_to(db: Database) -> None:
    """Two events, of which one names somebody, beside a row of a third table."""
    named = audit.Personal("Ann", new_id())
    with db.write() as session:
        together.insert(session, OutboxMessage, _message("one"))
        audit.record(session, HAPPENED, actor=NOBODY, subject=new_id())
        audit.record(session, HAPPENED, actor=NOBODY, subject=new_id(), who=named)
        audit.write_down(session)
        together.insert(session, OutboxMessage, _message("two"))
    with db.read() as session:
        assert list(audit.verify(session)) == []
        assert session.exec(select(audit.AuditWords.words)).all() == ["Ann"]
    assert set(_messages(db)) == {"one", "two"}


def test_what_waits_goes_with_its_savepoint_and_no_further(db: Database) -> None:
    with db.write() as session:
        together.insert(session, OutboxMessage, _message("before"))
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            together.insert(session, OutboxMessage, _message("within"))
            raise ZeroDivisionError
        together.insert(session, OutboxMessage, _message("after"))
    assert set(_messages(db)) == {"before", "after"}


def test_a_row_that_is_there_already_is_quietly_that_row(db: Database) -> None:
    for to in ("ann@example.org", "bob@example.org"):
        with db.write() as session:
            together.insert(session, OutboxMessage, _message("one", to), once="dedupe")
            together.insert(session, Person, _person(to))
    assert _messages(db)["one"].to_address == "ann@example.org"
    assert len(_people(db)) == 2


def test_a_column_may_be_the_databases_own_to_fill(db: Database) -> None:
    person = _person()
    del person["created_at"]
    with db.write() as session:
        before = clock.now(session)
        together.insert(session, Person, person, created_at=clock.MOMENT)
    (kept,) = _people(db)
    with db.read() as session:
        assert before <= kept.created_at <= clock.now(session)


@pytest.mark.parametrize(
    "wait",
    [
        lambda session: together.insert(session, OutboxMessage, _message("one")),
        lambda session: together.change(session, Person, new_id(), {"name": "Bob"}),
    ],
)
def test_what_waits_goes_with_a_change_that_fails_and_is_no_part_of_a_read(
    db: Database, wait: Callable[[Session], None]
) -> None:
    with pytest.raises(ZeroDivisionError), db.write() as session:
        wait(session)
        raise ZeroDivisionError
    assert _messages(db) == {}
    with pytest.raises(RuntimeError, match="a read changed something"), db.read() as session:
        wait(session)
