"""Who had a draft at the close is told that it was not submitted: once, and never of a close that an outage moves."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app.bids.commands import save_draft, start_bid, submit_bid
from app.bids.duties import every_round
from app.bids.letters.rules import Letter
from app.bids.models import Bid
from app.bids.unsent.commands import tell_of_unsent
from app.briefs import duties as briefs_duties
from app.briefs.models import Brief
from app.briefs.outages.commands import beat
from app.briefs.rules import closing
from app.core import beats
from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.mail import OutboxMessage
from tests import factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World
from tests.sealing import SEAL

CLOSES = closing(date(2026, 11, 25), 12)
DRAIN, MINUTE, HOUR = timedelta(seconds=60), timedelta(minutes=1), timedelta(hours=1)
LETTER = Letter("We listen.", "Ten years.", "Therapist of Alder Therapy", 250_000)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def bid_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
        found = start_bid(session, made.owner_a, brief_id, made.provider_a)
        save_draft(session, made.owner_a, found, LETTER, seal=SEAL)
    return found


def _round(db: Database) -> int:
    return every_round(db, drain=DRAIN)


def _told(db: Database) -> list[tuple[str, bool]]:
    with db.read() as session:
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/unsent.txt")).all()
        return [(one.to_address, bool(one.context["stands"])) for one in mails]


@pytest.mark.parametrize("submitted_before", [False, True])
def test_a_draft_that_was_never_sent_is_told_by_mail_and_in_the_record_once(
    db: Database, made: World, bid_id: UUID, client_for: ClientFor, clock: Clock, submitted_before: bool
) -> None:
    if submitted_before:
        with db.write() as session:
            submit_bid(session, made.owner_a, bid_id, received_at=clock.moment, seal=SEAL)
        with db.write() as session:
            save_draft(session, made.owner_a, bid_id, Letter("We listen more."), seal=SEAL)
    clock.set(CLOSES + DRAIN - timedelta(seconds=1))
    beat(db)
    assert _round(db) == 0, "one received in time may still wait in line"
    clock.set(CLOSES + DRAIN)
    assert [_round(db), _round(db)] == [1, 0]
    clock.set(CLOSES + timedelta(days=8))
    assert _round(db) == 0
    with db.write() as session:
        assert tell_of_unsent(session, drain=DRAIN) == 0
    assert _told(db) == [(made.owner_a.email, submitted_before)]
    with db.read() as session:
        told = session.exec(select(AuditEvent).where(AuditEvent.name == "bid.unsent")).one()
        assert (told.subject_id, told.about_id) == (bid_id, None)
        brief_id = session.get_one(Bid, bid_id).brief_id
    clock.set(CLOSES)
    assert "not submitted" not in client_for(made.commissioner).get(f"/briefs/{brief_id}").text


@pytest.mark.row("7.8")
@pytest.mark.parametrize("makes_good", [True, False], ids=["web", "killed before it makes good"])
@pytest.mark.parametrize(
    ("silent_from", "silent_until", "moves"),
    [
        (-8 * MINUTE, 10 * MINUTE, True),  # over the close, as the worker outlives the web
        (-2 * HOUR, 2 * HOUR, True),
        (-8 * MINUTE, timedelta(0), True),
        (-20 * MINUTE, -10 * MINUTE, True),
        (-1 * MINUTE, 3 * MINUTE, False),  # no outage
        (timedelta(0), 20 * MINUTE, False),  # after the close
        (MINUTE, HOUR, False),
        (-170 * MINUTE, -2 * HOUR, False),
    ],
)
def test_nobody_is_told_of_a_close_that_an_outage_moves(
    db: Database,
    bid_id: UUID,
    clock: Clock,
    silent_from: timedelta,
    silent_until: timedelta,
    moves: bool,
    makes_good: bool,
) -> None:
    """The worker lives all the while. Web processes are silent as given, and are seen every half hour at other times."""

    def closes_at() -> datetime:
        with db.read() as session:
            return session.get_one(Brief, session.get_one(Bid, bid_id).brief_id).closes_at

    def told_at() -> datetime | None:
        with db.read() as session:
            return session.get_one(Bid, bid_id).unsent_told_at

    away = (CLOSES + silent_from, CLOSES + silent_until)
    lives = [CLOSES + n * 4 * MINUTE for n in range(-45, 64)]
    lives = sorted({*(one for one in lives if not away[0] < one < away[1]), *away})
    works = [CLOSES + timedelta(minutes=n, seconds=30) for n in (-1, 0, 1, 2, 9, 11, 59, 61, 119, 121, 180, 250)]
    for moment in sorted({*lives, *works}):
        clock.set(moment)
        if moment in lives:
            if makes_good or moment != away[1]:
                beat(db)
            else:
                beats.beat(db)
        if moment in works:
            assert _round(db) == 0 or closes_at() <= moment - DRAIN
            briefs_duties.every_round(db)
        assert told_at() is None or told_at() >= closes_at(), "told of a close that does not count"
    assert (closes_at() > CLOSES) is moves
    assert len(_told(db)) == 1
