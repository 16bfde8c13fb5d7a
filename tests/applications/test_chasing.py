"""Chasers of unfinished applications: on which day, what they say, to whom, once."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.applications import duties
from app.applications.commands import chase, choose_lots, start_application, submit_application, withdraw_application
from app.applications.rules.chasing import chaser_due
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.organisations.rules import Role
from app.settings import Settings
from app.work import renderer
from tests.applications.applying import CLOSES, draft, everything
from tests.conftest import Clock
from tests.factories import World, active, provider, seated

CLOSE = date(2026, 12, 13)


@pytest.mark.row("2.6")
@pytest.mark.parametrize(
    ("before", "started", "due"),
    [
        (8, 20, None),
        (7, 20, 7),
        (7, 7, None),
        (5, 20, 7),
        (3, 8, 7),
        (2, 20, 2),
        (2, 3, 2),
        (1, 20, 2),
        (1, 1, None),
        (0, 20, None),
        (-1, 20, None),
    ],
)
def test_which_chaser_is_due(before: int, started: int, due: int | None) -> None:
    """In days before the close: today, and the day on which it was started."""
    on, began = CLOSE - timedelta(days=before), CLOSE - timedelta(days=started)
    assert chaser_due(closes_on=CLOSE, on=on, started_on=began) == due


def _chased(db: Database) -> list[OutboxMessage]:
    with db.read() as session:
        query = select(OutboxMessage).where(OutboxMessage.template == "applications/unfinished.txt")
        return list(session.exec(query.order_by(OutboxMessage.queued_at, OutboxMessage.to_address)))


@pytest.mark.row("2.6")
def test_a_chaser_says_what_is_missing_and_how_long_it_takes_twice_and_no_more(
    db: Database, made: World, clock: Clock, config: Settings
) -> None:
    with db.write() as session:
        writer = seated(session, made.provider_a, Role.BIDS)
        seated(session, made.provider_a, Role.READ_ONLY)
        mine = start_application(session, made.owner_a, made.round_id, made.provider_a)
        choose_lots(session, made.owner_a, mine, everything(made))
        submit_application(session, made.owner_b, draft(session, made, made.owner_b, made.provider_b))
        third = active(session, provider(session, "Cedar Therapy"))
        owner = seated(session, third, Role.OWNER)
        withdraw_application(session, owner, draft(session, made, owner, third))
    days = [CLOSES - timedelta(days=before, hours=3) for before in range(9, -1, -1)]
    for moment in days:
        clock.set(moment)
        for _ in range(2):
            duties.daily(db)
        with db.write() as session:
            chase(session, moment.date())
    told = _chased(db)
    assert sorted(mail.to_address for mail in told) == sorted([made.owner_a.email, writer.email] * 2)
    assert {mail.queued_at for mail in told} == {days[2], days[7]}
    subject, body = renderer(config)(told[0].template, told[0].context)
    assert subject == "Your application to Test framework is not finished"
    assert "closes on Sunday 13 December at 12:00, London time" in body
    assert (
        "about 27 minutes: write your statement (about 20 minutes), check your answers (about 5 minutes) and an owner"
        " certifies and submits (about 2 minutes)." in body
    )
