"""What was stated against what happened: counted from opened briefs alone, and told to the provider and to agencies alike."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.bids.accuracy.queries import accuracy
from app.bids.accuracy.rules import Asked, Went, told, went
from app.bids.models import Bid
from app.bids.rules import BidState
from app.briefs.models import Brief, BriefInvitation
from app.core.database import Database
from app.core.refusals import NotFound
from app.memberships.models import Capacity, Membership
from app.providers.models import Therapy
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture, statements
from tests.factories import World

pytestmark = pytest.mark.row("1.11")
TWO = ("art", "play")


def _asked(went: Went, places: int | None, *, days_old: int = 1) -> Asked:
    as_of = None if places is None else NOON - timedelta(days=days_old)
    return Asked("Lot 1", "North", NOON, places, None if places is None else 2, as_of, went)


@pytest.mark.parametrize(
    ("bid", "partner", "declined", "reason", "expected"),
    [
        (BidState.SUBMITTED, False, False, "", Went.BID),
        (BidState.SUBMITTED, False, True, "full", Went.BID),
        (BidState.WITHDRAWN, False, False, "", Went.WITHDREW),
        (BidState.WITHDRAWN, False, True, "full", Went.FULL),
        (BidState.WITHDRAWN, True, False, "", Went.PARTNER),
        (None, True, True, "full", Went.PARTNER),
        (None, False, True, "full", Went.FULL),
        (None, False, True, "too_far", Went.OTHERWISE),
        (BidState.DRAFT, False, False, "", Went.SILENT),
        (None, False, False, "", Went.SILENT),
    ],
)
def test_how_an_invitation_went(
    bid: BidState | None, partner: bool, declined: bool, reason: str, expected: Went
) -> None:
    assert went(bid=bid, partner=partner, declined=declined, reason=reason) is expected


@pytest.mark.parametrize(
    ("asked", "differs"),
    [
        (_asked(Went.FULL, 2), True),
        (_asked(Went.FULL, 0), False),
        (_asked(Went.BID, 0), True),
        (_asked(Went.BID, 2), False),
        (_asked(Went.OTHERWISE, 2), False),
        (_asked(Went.FULL, None), False),
    ],
)
def test_when_it_is_not_as_stated(asked: Asked, differs: bool) -> None:
    assert asked.differs is differs


def test_the_record_in_words() -> None:
    assert "nothing to compare yet" in told([])[0]
    assert told([_asked(Went.FULL, 2, days_old=28)]) == (
        "1 invitation while it stated places: 0 answered with a bid, 1 turned down because it was full, "
        "0 declined for another reason, 0 answered with a bid that was taken back, "
        "0 answered as a partner in another’s bid, 0 not answered.",
        "1 invitation when the figures were more than 28 days old.",
        "That is too little to judge by.",
    )
    assert told([_asked(Went.BID, 0), _asked(Went.BID, 0), _asked(Went.SILENT, 0), _asked(Went.BID, None)]) == (
        "3 invitations while it stated no places: it bid all the same twice.",
        "1 invitation when it had stated nothing.",
    )


def _world(session: Session) -> World:
    made = factories.world(session)
    for slug in TWO:
        services = "therapeutic_intervention"
        session.add(Therapy(slug=slug, name=slug, family="t", services=services, source="t", confidence="verified"))
    session.flush()
    return made


@pytest.fixture
def furniture() -> Furniture:
    return _world


def _say(session: Session, membership_id: UUID, places: tuple[int, int], days_ago: float, made: World) -> None:
    for slug, count in zip(TWO, places, strict=True):
        at, by = NOON - timedelta(days=days_ago), made.owner_a.known
        session.add(
            Capacity(
                membership_id=membership_id, therapy_slug=slug, places=count, waiting_weeks=4, as_of=at, said_by=by
            )
        )
    session.flush()


def _invited(session: Session, made: World, *, opened: bool, reason: str = "", bid: str = "") -> None:
    """Provider A was invited ten days ago; the brief has closed since."""
    brief_id = factories.brief(
        session, made, published_at=NOON - timedelta(days=10), closes_at=NOON - timedelta(days=2)
    )
    if opened:
        factories.opened(session, brief_id, NOON - timedelta(days=1))
    row = session.exec(
        select(BriefInvitation).where(
            BriefInvitation.brief_id == brief_id, BriefInvitation.provider_id == made.provider_a
        )
    ).one()
    row.invited_at = NOON - timedelta(days=10)
    if reason:
        row.declined_at, row.declined_reason = NOON - timedelta(days=9), reason
    if bid:
        session.add(
            Bid(
                brief_id=brief_id,
                provider_id=made.provider_a,
                state=bid,
                started_at=NOON - timedelta(days=9),
                started_by=made.owner_a.known,
                submitted_at=NOON - timedelta(days=8),
            )
        )
    session.flush()


def test_each_invitation_beside_what_was_stated_on_its_day(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        _invited(session, made, opened=True, reason="full")
        _invited(session, made, opened=True, bid=BidState.SUBMITTED)
        _invited(session, made, opened=True, bid=BidState.WITHDRAWN)
        membership_id = session.exec(
            select(BriefInvitation.membership_id).where(BriefInvitation.provider_id == made.provider_a)
        ).first()
        assert membership_id
        _say(session, membership_id, (9, 9), 60, made)
        _say(session, membership_id, (2, 1), 40, made)
        _say(session, membership_id, (7, 7), 5, made)
    with db.read() as session:
        found = accuracy(session, made.owner_a, made.provider_a)
    assert sorted((one.went.name, one.places, one.out_of_date) for one in found.asked) == [
        ("BID", 3, True),
        ("FULL", 3, True),
        ("WITHDREW", 3, True),
    ]
    pages = [
        client_for(actor).get(f"/providers/{made.provider_a}/capacity-record").text
        for actor in (made.owner_a, made.commissioner)
    ]
    for page in pages:
        shown = BeautifulSoup(page, "html.parser").get_text(" ", strip=True)
        assert "3 invitations while it stated places: 1 answered with a bid, 1 turned down because it was full" in shown
        assert shown.count("Not as stated") == 1
    with pytest.raises(NotFound), db.read() as session:
        accuracy(session, made.owner_b, made.provider_a)


def test_what_another_agency_asked_is_only_in_the_sums_and_only_once_decided(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        _invited(session, made, opened=True, bid=BidState.SUBMITTED)
    path, told_of = f"/providers/{made.provider_a}/capacity-record", []
    for decided in ({}, {"awarded_at": NOON}, {"awarded_at": None, "cancelled_at": NOON}):
        with db.write() as session:
            session.exec(select(Brief)).one().sqlmodel_update(decided)
        with db.read() as session:
            views = [accuracy(session, who, made.provider_a) for who in (made.owner_a, made.commissioner)]
            assert [len(one.asked) for one in views] == [1, 1], "its own people, and who asked"
            other = accuracy(session, made.other_commissioner, made.provider_a)
        assert other.asked == ()
        told_of.append("1 invitation" in " ".join(other.told))
        page = BeautifulSoup(client_for(made.other_commissioner).get(path).text, "html.parser")
        assert page.select("main tbody tr") == []
    assert told_of == [False, True, True]


@pytest.mark.invariant(1)
def test_a_brief_that_is_not_opened_tells_nothing(db: Database, made: World) -> None:
    """A submitted bid of a sealed brief leaves no trace here, not even a count."""
    with db.write() as session:
        _invited(session, made, opened=False, bid=BidState.SUBMITTED)
    with db.read() as session:
        found = accuracy(session, made.commissioner, made.provider_a)
    assert found.asked == ()
    assert "nothing to compare yet" in found.told[0]


@pytest.mark.bar("P6")
def test_it_asks_as_often_for_many(db: Database, made: World) -> None:
    counts = []
    for number in (1, 6):
        with db.write() as session:
            for _ in range(number):
                _invited(session, made, opened=True, reason="full")
            for row in session.exec(select(Membership).where(Membership.provider_id == made.provider_a)):
                _say(session, row.id, (number, 0), 20 - number, made)
        with statements(db) as sent, db.read() as session:
            assert accuracy(session, made.commissioner, made.provider_a).asked
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 5
