"""Bar S1 and invariant 1: until the opening, nothing anybody else can see depends on a bid."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import MetaData, select
from sqlmodel import Session
from sqlmodel import select as sealed

from app.bids import commands as bids
from app.bids.letters.rules import Letter
from app.bids.models import Bid, BidReceipt
from app.bids.sealed import BidLetter, LetterKind
from app.core import clock as app_clock
from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.crypto import digest
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.money import pounds
from app.settings import Settings
from app.work import work_once
from tests import NOON, factories
from tests.awards import stage as stages
from tests.conftest import Clock
from tests.house.scenario import Scenario, letter, scenario
from tests.house.walk import READING, Door, Walker, normal, paths
from tests.sealing import SEAL, approve_prices, let_open, sealed_letter

CANARY = "zanzibar-quokka-marmalade"
PRICE = 123_457
CLOSES = NOON + timedelta(days=10)
LAST = CLOSES - timedelta(seconds=1)
BESIDES = {
    "x-request-id",
    "content-length",
    "set-cookie",
}  # said already, by `normal` and by the text; signed with the moment


ITS_DOORS = [door for door in READING if not door.parameters or {"brief_id", "bid_id", "feed"} & set(door.parameters)]

Objects = dict[str, tuple[UUID | str, ...]]
Answers = dict[tuple[str, str], tuple[object, ...]]


def _everything(walker: Walker, made: Scenario, doors: list[Door]) -> Answers:
    """Every answer to everybody but provider A's own people, headers and all, at each of these doors that lets them in at all.

    The id of A's bid is written alike in every world.
    """
    others = {name: actor for name, actor in made.actors.items() if not name.endswith("of A")}
    return {
        (name, path.replace(str(made.bid_a), "BID")): _answer(walker, actor, door, path)
        for door in doors
        for name, actor in others.items()
        if door.policy(actor)
        for path in paths(door, made.objects)
    }


def _answer(walker: Walker, actor: Actor, door: Door, path: str) -> tuple[object, ...]:
    answer = walker.knock(actor, door, path)
    return *normal(answer), sorted(header for header in answer.headers.items() if header[0] not in BESIDES)


def _about_it(made: Scenario) -> Objects:
    """The brief alone, its bid, and one of each other thing."""
    once = {name: ids[:1] for name, ids in made.objects.items()}
    return once | {"brief_id": (made.open_brief,), "bid_id": (made.bid_a,)}


def _while_sealed(walker: Walker, made: Scenario, time: Clock, *, whole: bool) -> list[Answers]:
    """A second before the close; then, closed and unopened, before the drain and after it."""
    about, found = replace(made, objects=_about_it(made)), []
    for after in (timedelta(seconds=-1), timedelta(seconds=1), timedelta(hours=1)):
        time.set(CLOSES + after)
        everywhere = whole and time.moment == LAST
        found.append(_everything(walker, made if everywhere else about, READING if everywhere else ITS_DOORS))
    return found


def _worlds(db: Database, made: Scenario, time: Clock) -> Iterator[tuple[str, Scenario]]:
    """One after another: no bid of A's, begun, submitted, replaced in other words at another price and time, taken back."""
    owner, provider_id = made.world.owner_a, made.world.provider_a
    yield "absent", made
    time.set(NOON)
    with db.write() as session:
        bid_a = bids.start_bid(session, owner, made.open_brief, provider_id)
        _save(session, made, bid_a, f"{CANARY} we begin gently", PRICE)
    its_ids = (bid_a, *(known for known in made.objects["bid_id"] if known != made.bid_a))
    with_it = replace(made, bid_a=bid_a, objects=made.objects | {"bid_id": its_ids})
    yield "a draft", with_it
    time.set(NOON + timedelta(days=3))
    with db.write() as session:
        bids.submit_bid(session, owner, bid_a, received_at=time.moment, seal=SEAL)
    yield "submitted", with_it
    time.set(LAST)
    with db.write() as session:
        _save(session, made, bid_a, "Other words, and many more of them. " * 40, 2 * PRICE)
        bids.submit_bid(session, owner, bid_a, received_at=time.moment, seal=SEAL)
    yield "replaced", with_it
    time.set(LAST)
    with db.write() as session:
        bids.withdraw_bid(session, owner, bid_a, received_at=time.moment)
    yield "taken back", with_it


def _save(session: Session, made: Scenario, bid_id: UUID, words: str, price: int) -> None:
    said = replace(letter(session, made.world.provider_a), approach=words, price_pence=price)
    bids.save_draft(session, made.world.owner_a, bid_id, said, seal=SEAL)


def _mail_to_others(db: Database, made: Scenario) -> list[tuple[object, ...]]:
    own = {actor.email for name, actor in made.actors.items() if name.endswith("of A")}
    with db.read() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.dedupe)).all()
        return [(row.to_address, row.template, repr(row.context)) for row in rows if row.to_address not in own]


@pytest.mark.walk
@pytest.mark.bar("S1")
@pytest.mark.invariant(1)
@pytest.mark.row("7.1", "7.2")
@pytest.mark.timeout(600)
def test_nothing_anybody_else_sees_depends_on_a_sealed_bid(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    """Five worlds that differ in A's bid alone, from a second before the deadline until the opening: pages, files, feeds, mail.

    Every page about anything is read in the first and in the third; in the others what is about the brief, and every list.
    """
    made, seen, mails = scenario(db, blobs, config, clock, draft=False), dict[str, list[Answers]](), None
    clock.set(LAST)
    while work_once(db, blobs, config):
        pass
    for name, world in _worlds(db, made, clock):
        clock.set(LAST)
        while work_once(db, blobs, config):
            pass
        mails = mails or _mail_to_others(db, made)
        assert _mail_to_others(db, made) == mails, name
        seen[name] = _while_sealed(walker, world, clock, whole=name in ("absent", "submitted"))
    before = seen["absent"]
    print({name: [len(answers) for answers in walk] for name, walk in seen.items()}, len(mails or ()), "mails")
    assert len(before[0]) > 500
    assert sum(answer[0] == 200 for answer in before[0].values()) > 100
    assert len({answers["chair", f"/briefs/{made.open_brief}/opening"][:3] for answers in before}) == 3
    for name, walk in seen.items():
        for moment, answers in zip(before, walk, strict=True):
            assert [key for key, answer in answers.items() if answer != moment[key]] == [], name


def _another_price(db: Database, bid_id: UUID, said: Letter) -> None:
    """The same letter, opened as far as it was, at another price and nothing else: as if it had been sent so."""
    with db.write() as session:
        bid = session.get_one(Bid, bid_id)
        row = session.exec(sealed(BidLetter).where(BidLetter.bid_id == bid_id)).one()
        made = sealed_letter(session, bid, said, LetterKind.SUBMITTED)
        row.sqlmodel_update(made.model_dump(exclude={"id"}))
        session.exec(sealed(BidReceipt).where(BidReceipt.bid_id == bid_id)).one().content_sha256 = digest(
            said.canonical()
        )
        session.flush()
        let_open(session, bid.brief_id)


@pytest.mark.walk
@pytest.mark.bar("S1")
@pytest.mark.row("7.4")
@pytest.mark.timeout(600)
def test_until_the_second_opening_nothing_anybody_else_sees_depends_on_a_price(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    """Two worlds that differ in A's price alone, from the opening of the bids until two people have opened the prices."""
    made = scenario(db, blobs, config, clock, draft=False)
    with db.write() as session:
        brief_id = factories.brief(session, made.world, closes_at=CLOSES, two_envelopes=True)
        said = {
            key: replace(letter(session, provider), price_salt="p", salt="s")
            for key, provider in (("a", made.world.provider_a), ("b", made.world.provider_b))
        }
        owners = {"a": (made.world.provider_a, made.world.owner_a), "b": (made.world.provider_b, made.world.owner_b)}
        sent = {key: factories.submitted_bid(session, brief_id, *owner, said[key]) for key, owner in owners.items()}
    on = stages.Stage(db, clock, made.world, brief_id, sent)
    about = replace(
        made,
        bid_a=on.bids["a"],
        objects=_about_it(made) | {"brief_id": (on.brief_id,), "bid_id": tuple(on.bids.values())},
    )
    steps: tuple[Callable[[], object], ...] = (on.opened, lambda: _scores(on), on.assessed, lambda: _first(on))
    for number, step in enumerate(steps):
        step()
        seen = []
        for price in (PRICE, 2 * PRICE):
            _another_price(db, on.bids["a"], replace(said["a"], price_pence=price))
            while work_once(db, blobs, config):
                pass
            seen.append((_everything(walker, about, ITS_DOORS), _mail_to_others(db, made)))
        (answers, mails), (others, other_mails) = seen
        assert [key for key, answer in answers.items() if answer != others[key]] == [] and mails == other_mails, number
        assert sum(answer[0] == 200 for answer in answers.values()) > 20
        assert not [key for key, answer in answers.items() if pounds(2 * PRICE) in str(answer)]
    with db.write() as session:
        approve_prices(session, made.world.commissioner, on.brief_id)
    shown = _everything(walker, about, ITS_DOORS)["chair", f"/briefs/{on.brief_id}/results"]
    assert pounds(2 * PRICE) in str(shown), "what was hidden is there"


def _scores(on: stages.Stage) -> None:
    on.score(on.made.assessor, {"a": 4, "b": 3})
    on.score(on.made.assessor_two, {"a": 5, "b": 4})


def _first(on: stages.Stage) -> None:
    with on.db.write() as session:
        approve_prices(session, on.made.chair, on.brief_id)


@pytest.mark.bar("S1")
def test_no_bid_can_be_read_in_a_copy_of_the_database_or_the_store(
    db: Database, blobs: Blobs, config: Settings, clock: Clock
) -> None:
    made = scenario(db, blobs, config, clock)
    with db.write() as session:
        content = replace(letter(session, made.world.provider_a, price_pence=PRICE), approach=CANARY, experience=CANARY)
        bids.save_draft(session, made.world.owner_a, made.bid_a, content, seal=SEAL)
        now = app_clock.now(session)
        bids.submit_bid(session, made.world.owner_a, made.bid_a, received_at=now, seal=SEAL)
    tables = MetaData()
    tables.reflect(db.engine)
    with db.engine.connect() as connection:
        dump = repr([connection.execute(select(table)).all() for table in tables.sorted_tables]).encode()
    store = b"".join(blobs.get(key) for key in blobs.keys())  # noqa: SIM118 - not a dict
    assert b"Alder Therapy" in dump, "the dump holds what is not secret"
    for secret in (CANARY, str(PRICE)):
        assert secret.encode() not in dump + store
