"""Closing a provider, or ending its membership, and what it sends at the same moment come one after another.

The second knows of the first.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from app.applications.commands import choose_lots, start_application, submit_application, write_statement
from app.applications.models import Application
from app.bids.commands import save_draft, start_bid, submit_bid, withdraw_bid
from app.bids.models import Bid
from app.core.database import Database
from app.core.refusals import Refused
from app.memberships.commands.leaving import end_membership
from app.memberships.models import Membership
from app.memberships.queries import line_up
from app.organisations.rules import Role
from app.providers.commands import archive_provider
from tests import NOON, factories
from tests.databases import Furniture
from tests.factories import World
from tests.house.scenario import letter
from tests.sealing import SEAL

Act = Callable[[Session], Any]
ACTS = ("start a bid", "submit a bid", "submit an application")


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def _acts(session: Session, made: World, act: str) -> tuple[Act, Act]:
    """What its owner does, and closing the same provider, which nothing hinders yet."""
    owner, here = made.owner_a, made.provider_a
    if act == "submit an application":
        here = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, here, Role.OWNER)
        application = start_application(session, owner, made.round_id, here)
        choose_lots(session, owner, application, [(made.lots[0], made.regions[0])])
        write_statement(session, owner, application, "We would be glad to join this lot.")
        return lambda s: submit_application(s, owner, application), lambda s: archive_provider(s, owner, here)
    brief = factories.brief(session, made)
    if act == "start a bid":
        return lambda s: start_bid(s, owner, brief, here), lambda s: archive_provider(s, owner, here)
    bid = start_bid(session, owner, brief, here)
    save_draft(session, owner, bid, letter(session, here), seal=SEAL)
    return (
        lambda s: submit_bid(s, owner, bid, received_at=NOON, seal=SEAL),
        lambda s: archive_provider(s, owner, here),
    )


def _waits(db: Database) -> bool:
    """Whether somebody waits for a lock; SQLite's writers stand in one line anyway."""
    if db.engine.dialect.name == "sqlite":
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with db.engine.connect() as connection:
        return bool(connection.execute(text(waiting)).scalar_one())


def _one_in_the_others_way(db: Database, first: Act, second: Act) -> Future[Any]:
    """`second` begins while `first` is done but not yet committed."""

    def then() -> None:
        with db.write() as session:
            second(session)

    with ThreadPoolExecutor(1) as pool, db.write() as session:
        first(session)
        session.flush()
        later = pool.submit(then)
        while not (later.done() or _waits(db)):
            pass
    return later


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_sent_by_a_provider_that_closes_at_that_moment(db: Database, made: World, act: str) -> None:
    with db.write() as session:
        sends, closes = _acts(session, made, act)
    with pytest.raises(Refused):
        _one_in_the_others_way(db, closes, sends).result()
    with db.read() as session:
        assert {bid.submitted_at for bid in session.exec(select(Bid))} <= {None}
        assert {row.submitted_at for row in session.exec(select(Application))} <= {None}


@pytest.mark.parametrize("act", ACTS[1:])
def test_closing_knows_of_what_is_sent_at_that_moment(db: Database, made: World, act: str) -> None:
    with db.write() as session:
        sends, closes = _acts(session, made, act)
    with pytest.raises(Refused):
        _one_in_the_others_way(db, sends, closes).result()


@pytest.mark.parametrize("act", ["replace", "withdraw"])
def test_a_membership_that_ends_takes_its_bid_along_whatever_the_bidder_does_with_it_at_that_moment(
    db: Database, made: World, act: str
) -> None:
    """Neither waits for what the other holds: who ends it has locked the provider, and not the bid yet."""
    with db.write() as session:
        brief_id = factories.brief(session, made)
        one = letter(session, made.provider_a)
        bid = factories.submitted_bid(session, brief_id, made.provider_a, made.owner_a, one)
        save_draft(session, made.owner_a, bid, replace(one, approach="We would listen more."), seal=SEAL)
        membership = session.exec(
            select(Membership.id).where(
                Membership.provider_id == made.provider_a,
                Membership.lot_id == made.lots[0],
                Membership.region_id == made.regions[0],
            )
        ).one()
    acts: dict[str, Act] = {
        "replace": lambda s: submit_bid(s, made.owner_a, bid, received_at=NOON, seal=SEAL),
        "withdraw": lambda s: withdraw_bid(s, made.owner_a, bid, received_at=NOON),
    }

    def does() -> None:
        with db.write() as session:
            acts[act](session)

    with ThreadPoolExecutor(1) as pool:
        with db.write() as session:
            line_up(session, membership)
            later = pool.submit(does)
            while not (later.done() or _waits(db)):
                pass
            end_membership(session, made.owner_a, membership, "We leave this lot.")
        assert isinstance(later.exception(), Refused if act == "replace" else type(None)), later.exception()
    with db.read() as session:
        assert session.get_one(Bid, bid).state == "withdrawn"
