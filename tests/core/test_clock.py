"""The time is the database's, and a request's time of receipt owes nothing to the clock of the host that serves it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from app.core import clock as app_clock
from app.core.clock import Arrival, Reading
from app.core.database import Database
from app.web.routing import received_at
from tests import NOON
from tests.conftest import Clock
from tests.databases import statements


class NoWallClock(datetime):
    """Stands for this host's clock: whoever asks it the time is found out."""

    @classmethod
    def now(cls, tz: Any = None) -> "NoWallClock":
        raise AssertionError("the process's own clock was asked")

    @classmethod
    def utcnow(cls) -> "NoWallClock":
        raise AssertionError("the process's own clock was asked")


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """All that the clock may ask of this process: seconds since some moment, 1,000 of them. All else raises."""
    monotonic = SimpleNamespace(seconds=1_000.0)
    monkeypatch.setattr(app_clock, "time", SimpleNamespace(monotonic=lambda: monotonic.seconds))
    monkeypatch.setattr(app_clock, "datetime", NoWallClock)
    return monotonic


def test_now_is_one_question_to_the_database(db: Database, ticks: SimpleNamespace) -> None:
    with db.read() as session:
        session.connection()
        with statements(db) as sent:
            moment = app_clock.now(session)
    assert len(sent) == 1
    assert "'now'" in sent[0] or "clock_timestamp()" in sent[0]
    assert moment.utcoffset() == timedelta(0)
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)  # this host's database runs on this host's clock


def test_now_moves_on_inside_a_transaction(db: Database) -> None:
    """PostgreSQL's now() would be the start of the transaction: a bid could be received before it was sent."""
    with db.write() as session:
        first = app_clock.now(session)
        later = app_clock.now(session)
        assert later >= first
        if db.engine.dialect.name == "postgresql":
            began: datetime = session.connection().execute(text("SELECT now()")).scalar_one()
            assert began < first < later


@pytest.mark.bar("R10")
@pytest.mark.parametrize("waited", [0.0, 0.004, 2.5, 59.0])
def test_receipt_is_now_less_what_the_request_waited_here(clock: Clock, ticks: SimpleNamespace, waited: float) -> None:
    received = app_clock.received(None, Arrival(ticks.seconds - waited))  # type: ignore[arg-type]
    assert received == NOON - timedelta(seconds=waited)


@pytest.mark.bar("R10")
def test_receipt_asks_the_database_once_and_no_other_clock(db: Database, ticks: SimpleNamespace) -> None:
    with db.read() as session:
        session.connection()
        with statements(db) as sent:
            received = app_clock.received(session, Arrival(ticks.seconds - 3.0))
        assert len(sent) == 1
        assert received <= app_clock.now(session) - timedelta(seconds=3)


def test_receipt_is_never_later_than_now(clock: Clock, ticks: SimpleNamespace) -> None:
    """Whatever an arrival says, nobody is received in the future."""
    assert app_clock.received(None, Arrival(ticks.seconds + 10)) == NOON  # type: ignore[arg-type]


def test_an_arrival_is_this_process_monotonic_clock(ticks: SimpleNamespace) -> None:
    assert app_clock.arrival() == Arrival(1_000.0)


@pytest.mark.bar("R10")
@pytest.mark.parametrize(
    ("asked", "took", "anew"),
    [
        (1_000.0, 0.001, False),  # at the door, after the arrival
        (1_000.0, 0.03, True),  # it was held up
        (997.0, 0.001, True),  # before the request had arrived
    ],
)
def test_the_reading_at_the_door_dates_the_receipt_where_it_is_good(
    db: Database, clock: Clock, ticks: SimpleNamespace, asked: float, took: float, anew: bool
) -> None:
    door = Reading(NOON - timedelta(hours=1), Arrival(asked), Arrival(asked + took))
    request: Any = SimpleNamespace(
        state=SimpleNamespace(reading=door), app=SimpleNamespace(state=SimpleNamespace(database=db))
    )
    read = NOON if anew else NOON - timedelta(hours=1)
    assert received_at(request, Arrival(997.5)) == read - timedelta(seconds=2.5)
