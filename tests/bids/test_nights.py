"""Bar R10: a deadline in an hour that London has twice, beside one that it lacks, or on a leap day, is a moment like any other."""

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from app.awards.queries.approvals import BIDS, approvals
from app.bids.commands import withdraw_bid
from app.briefs.models import Brief
from app.briefs.queries import in_phase, phase_of
from app.briefs.rules import Phase, closing, in_words
from app.core.database import Database
from app.core.refusals import Refused
from app.core.working_days import after_working_days
from app.web.pages import left
from tests import ROOT
from tests.awards.stage import CLOSES, DRAIN, Begun, Stage, stage, with_bids
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.sealing import approve_opening, brief_key

MOMENT, HOUR = timedelta(milliseconds=1), timedelta(hours=1)
NIGHTS = {
    "01:30, the first time": datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    "01:30, the second time": datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    "02:00, just after 00:59": datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
}
pytestmark = pytest.mark.bar("R10")


@pytest.fixture
def furniture() -> Furniture:
    return with_bids


@pytest.fixture
def on(db: Database, clock: Clock, made: Begun) -> Stage:
    return stage(db, clock, made)


@pytest.mark.invariant(3)
@pytest.mark.parametrize("night", NIGHTS)
def test_it_closes_to_the_millisecond_and_opens_no_earlier(on: Stage, night: str) -> None:
    """the rule and the query agree; the last hour is an hour, whatever a clock on the wall does."""
    closes_at, made = NIGHTS[night], on.made
    with on.db.write() as session:
        session.get_one(Brief, on.brief_id).closes_at = closes_at
        session.flush()
        brief_key(session, on.brief_id)
    for moment, phase in ((closes_at - HOUR, Phase.OPEN), (closes_at - MOMENT, Phase.OPEN), (closes_at, Phase.CLOSED)):
        with on.db.read() as session:
            assert phase_of(session.get_one(Brief, on.brief_id), moment) is phase
            found = session.exec(select(Brief.id).where(in_phase(phase, moment), Brief.id == on.brief_id)).all()
            assert found == [on.brief_id]
    assert (left(closes_at, closes_at - HOUR), left(closes_at, closes_at - 24 * HOUR)) == ("1 hour", "1 day")
    on.clock.set(closes_at)
    with on.db.write() as session:
        withdraw_bid(session, made.owner_a, on.bids["a"], received_at=closes_at - MOMENT)
    with pytest.raises(Refused), on.db.write() as session:
        withdraw_bid(session, made.owner_b, on.bids["b"], received_at=closes_at)
    on.declared()
    for moment, opened in ((closes_at - HOUR, False), (closes_at + DRAIN - MOMENT, False), (closes_at + DRAIN, True)):
        on.clock.set(moment)
        with on.db.write() as session:
            before = len(approvals(session, on.brief_id, BIDS))
            with nullcontext() if opened else pytest.raises(Refused):
                approve_opening(session, made.chair, on.brief_id)
            assert len(approvals(session, on.brief_id, BIDS)) - before == opened


def test_which_of_two_hours_is_meant_is_said() -> None:
    """A deadline moved by an outage can fall into any hour; one that a person chooses is never at night."""
    first, second = NIGHTS["01:30, the first time"], NIGHTS["01:30, the second time"]
    assert [in_words(one) for one in (first, second)] == [
        "Sunday 31 October 2027 at 01:30 BST, London time",
        "Sunday 31 October 2027 at 01:30 GMT, London time",
    ]
    assert second - first == HOUR
    assert in_words(NIGHTS["02:00, just after 00:59"]) == "Sunday 28 March 2027 at 02:00, London time"
    assert closing(date(2027, 10, 29), 16) == datetime(2027, 10, 29, 15, tzinfo=UTC)
    assert closing(date(2027, 11, 1), 10) == datetime(2027, 11, 1, 10, tzinfo=UTC)
    assert after_working_days(date(2028, 2, 28), 1) == date(2028, 2, 29)


def test_the_countdown_is_the_servers(on: Stage, client_for: ClientFor) -> None:
    """By the database's clock, at the moment of the answer: no clock of a browser, nor of the portal's machine, is asked."""
    page = client_for(on.made.owner_a)
    for hours, words in ((30, "1 day"), (5, "5 hours"), (1, "1 hour")):
        on.clock.set(CLOSES - hours * HOUR)
        text = page.get(f"/opportunities/{on.brief_id}").text
        assert words in text and "London time" in text
    assert not any("Date" in line for line in (ROOT / "static" / "app.js").read_text().splitlines())
