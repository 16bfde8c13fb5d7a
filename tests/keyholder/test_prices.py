"""The prices of two envelopes: refused before quality is on record, to one person, and where anything before it was forged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from app.awards.commands.opening import approve_opening
from app.awards.commands.prices import approve_prices, finish_quality
from app.awards.models import OpeningApproval, PriceApproval, QualityAssessed, Score
from app.bids.models import Bid, BidReceipt
from app.bids.queries import standing_wraps
from app.bids.sealed import BidLetter
from app.briefs.models import Brief
from app.core import clock as app_clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.keyholder.rotating import rotate
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.sealing.asking import Released
from tests.awards.stage import CLOSES, DRAIN, SECRET, Begun, with_bids
from tests.databases import Furniture
from tests.keyholder.conftest import Held
from tests.keyholder.test_rotating import ALONE, BOTH
from tests.sealing import keyholder

pytestmark = [pytest.mark.row("7.4"), pytest.mark.bar("S1")]
READY = CLOSES + DRAIN


@pytest.fixture
def furniture() -> Furniture:
    return _two_envelopes


def _two_envelopes(session: Session) -> Begun:
    return with_bids(session, two_envelopes=True)


def _why(error: pytest.ExceptionInfo[BaseException]) -> str:
    return error.value.refusal.code if isinstance(error.value, Refused) else "not found"


def _opened(on: Held) -> Held:
    """By the keyholder itself, and scored."""
    on.move(READY)
    for who, ask in ((on.made.chair, on.holder.approve_opening), (on.made.commissioner, on.holder.open_bids)):
        told = ask(on.token(who), on.brief_id)
        with on.db.write() as session:
            approve_opening(session, who, on.brief_id, drain=DRAIN, told=told, secret=SECRET)
    on.score(on.made.assessor, {"a": 4, "b": 3})
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    return on


def _finished(on: Held) -> Held:
    proof = on.holder.finish_quality(on.token(on.made.chair), on.brief_id)
    with on.db.write() as session:
        finish_quality(session, on.made.chair, on.brief_id, witness=proof)
    return on


def _approve(on: Held, who: Actor, told: str | Released) -> bool:
    with on.db.write() as session:
        return approve_prices(session, who, on.brief_id, secret=SECRET, told=told)


def _first(on: Held) -> Held:
    _approve(on, on.made.chair, on.holder.approve_prices(on.token(on.made.chair), on.brief_id))
    return on


def _change(on: Held, kind: type[object], **values: object) -> None:
    with on.db.write() as session:
        session.execute(update(kind).values(**values))


def test_no_price_before_its_gate_whoever_asks_and_it_says_so(on: Held) -> None:
    made = on.made
    people = (made.chair, made.commissioner, made.approver, made.assessor, made.lead, made.owner_a)
    tokens = [on.token(who) for who in people]
    asks = (on.holder.finish_quality, on.holder.approve_prices, on.holder.open_prices)

    def refused() -> None:
        for token in (*tokens, "no session's token"):
            for ask in asks:
                with pytest.raises((Refused, NotFound)):
                    ask(token, on.brief_id)

    refused()
    on.move(READY)
    refused()
    asks = asks[1:]
    _opened(on)
    refused()
    said = "asked the keyholder to open the prices, and was refused: Prices stay sealed until it is on record"
    assert [words for words in on.told() if said in words]
    with on.db.read() as session:
        assert set(session.exec(select(BidLetter.price_key))) == {None}


def test_the_first_opening_releases_no_price_even_where_wraps_were_swapped(on: Held) -> None:
    on.move(READY)
    proof = on.holder.approve_opening(on.token(on.made.chair), on.brief_id)
    with on.db.write() as session:
        approve_opening(session, on.made.chair, on.brief_id, drain=DRAIN, told=proof, secret=SECRET)
    released = on.holder.open_bids(on.token(on.made.commissioner), on.brief_id)
    with on.db.read() as session:
        assert released.keys.keys() == {letter for _, letter, _ in standing_wraps(session, on.brief_id)}
    with on.db.write() as session:
        for row in session.exec(select(BidLetter)):
            row.brief_wrap, row.price_wrap = row.price_wrap, row.brief_wrap
    with pytest.raises(Refused) as no:
        on.holder.open_bids(on.token(on.made.commissioner), on.brief_id)
    assert _why(no) == "altered"


def test_two_people_open_the_prices_and_asking_twice_gives_the_same(on: Held) -> None:
    _finished(_opened(on))
    chair, second = on.token(on.made.chair), on.token(on.made.approver)
    with pytest.raises(Refused) as alone:
        on.holder.open_prices(chair, on.brief_id)
    assert _why(alone) == "again"
    proofs = [on.holder.approve_prices(chair, on.brief_id) for _ in range(2)]
    assert proofs[0] == proofs[1]
    for told in (Released(proofs[0], {}), Released("", {})):
        with pytest.raises(Refused) as no:
            _approve(on, on.made.chair, told)
        assert _why(no) == "again"
    assert _approve(on, on.made.chair, proofs[0]) is False
    for ask in (on.holder.open_prices, on.holder.approve_prices):
        with pytest.raises(Refused) as same:
            ask(chair, on.brief_id)
        assert _why(same) == "same_person"
    released = [on.holder.open_prices(second, on.brief_id) for _ in range(2)]
    assert released[0] == released[1] and len(released[0].keys) == 2
    assert _approve(on, on.made.approver, released[0]) is True
    with on.db.read() as session:
        assert None not in session.exec(select(BidLetter.price_key)).all()
    assert on.told()[-1].endswith("as the second of two, and the keyholder released their keys")


FORGED: dict[str, tuple[Callable[[Held], None], str]] = {
    "marks written afterwards": (lambda on: _change(on, Score, points=5), "marks_changed"),
    "a record of other marks": (lambda on: _change(on, QualityAssessed, sha256="0" * 64), "marks_changed"),
    "a record that it never saw": (lambda on: _change(on, QualityAssessed, witness="development:00"), "marks_changed"),
    "a record in another's name": (
        lambda on: _change(on, QualityAssessed, by=on.made.approver.known),
        "marks_changed",
    ),
    "an opening that it never saw": (lambda on: _change(on, OpeningApproval, witness="development:00"), "unseen"),
    "a first approval that it never saw": (lambda on: _change(on, PriceApproval, witness="development:00"), "unproven"),
    "one envelope": (lambda on: _change(on, Brief, two_envelopes=False), "one_envelope"),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_was_forged_in_the_database_opens_no_price(on: Held, what: str) -> None:
    _first(_finished(_opened(on)))
    forge, expected = FORGED[what]
    forge(on)
    with pytest.raises(Refused) as no:
        on.holder.open_prices(on.token(on.made.approver), on.brief_id)
    assert _why(no) == expected


@pytest.mark.parametrize("behind", ["the database's", "its own"])
def test_each_clock_holds_the_prices_too(on: Held, behind: str) -> None:
    """Whoever forged the whole story into the database is still held by the hour."""
    _first(_finished(_opened(on)))
    if behind == "its own":
        on.own[0] = READY - timedelta(milliseconds=1)
    else:
        on.clock.set(READY - timedelta(milliseconds=1))
    with pytest.raises(Refused) as no:
        on.holder.open_prices(on.token(on.made.approver), on.brief_id)
    assert _why(no) == "bound"


@pytest.mark.parametrize(("becomes", "second"), [("unseated", True), ("a rival", True), ("nothing", False)])
def test_a_first_approval_counts_while_its_giver_may_still_open(on: Held, becomes: str, second: bool) -> None:
    _first(_finished(_opened(on)))
    with on.db.write() as session:
        if becomes == "unseated":
            mine = (col(OrganisationSeat.person_id) == on.made.chair.known,)
            session.execute(update(OrganisationSeat).where(*mine).values(ended_at=app_clock.now(session)))
        if becomes == "a rival":
            seat = {"organisation_id": on.made.provider_a, "person_id": on.made.chair.known, "role": Role.BIDS}
            session.add(OrganisationSeat(**seat, given_at=app_clock.now(session)))
    token = on.token(on.made.approver)
    if not second:
        assert on.holder.open_prices(token, on.brief_id).keys
        return
    with pytest.raises(Refused) as no:
        on.holder.open_prices(token, on.brief_id)
    assert _why(no) == "again"
    assert _approve(on, on.made.approver, on.holder.approve_prices(token, on.brief_id)) is False, "it is the first now"


def test_prices_of_bids_that_do_not_stand_are_never_released(on: Held) -> None:
    _first(_finished(_opened(on)))
    token, bid = on.token(on.made.approver), on.bids["b"]
    for how, changes in (
        ("excluded", [update(Bid).where(col(Bid.id) == bid).values(excluded_reason="Put aside")]),
        ("withdrawn", [update(Bid).where(col(Bid.id) == bid).values(excluded_reason="", state="withdrawn")]),
        (
            "unconfirmed",
            [
                update(Bid).where(col(Bid.id) == bid).values(state="submitted"),
                update(Brief).where(col(Brief.id) == on.brief_id).values(version=2, material_version=2),
                update(BidReceipt).where(col(BidReceipt.bid_id) == on.bids["a"]).values(brief_version=2),
            ],
        ),
    ):
        with on.db.write() as session:
            for change in changes:
                session.execute(change)
        assert len(on.holder.open_prices(token, on.brief_id).keys) == 1, how


def test_a_master_key_may_change_while_the_prices_wait(on: Held, db: Database) -> None:
    _first(_finished(_opened(on)))
    assert rotate(db, BOTH).approvals == 4
    alone = keyholder(db, own_now=lambda: on.own[0])
    alone.master = ALONE
    assert len(alone.open_prices(on.token(on.made.approver), on.brief_id).keys) == 2
