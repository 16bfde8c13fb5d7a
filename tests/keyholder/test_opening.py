"""Nothing is opened before its hour, by either clock, nor by fewer than two entitled people who were there themselves."""

from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app.accounts.commands import sign_out
from app.accounts.models import Person
from app.awards.commands.opening import approve_opening
from app.awards.models import OpeningApproval
from app.awards.queries.results import compare
from app.bids.commands import withdraw_bid
from app.bids.models import Bid, BidReceipt
from app.bids.sealed import BidLetter
from app.briefs.models import Brief, BriefInvitation
from app.briefs.rules import in_words
from app.core.actor import Actor
from app.core.refusals import NotFound, Refused
from app.keyholder.opening import BIDS
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.sealing.asking import Released
from app.sealing.models import SealingKey
from app.sealing.rules import Holder
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, LETTERS, SECRET
from tests.conftest import ClientFor
from tests.keyholder.conftest import Held

READY = CLOSES + DRAIN
MOMENT = timedelta(milliseconds=1)


def _why(error: pytest.ExceptionInfo[BaseException]) -> str:
    return error.value.refusal.code if isinstance(error.value, Refused) else "not found"


def _approve(on: Held, who: Actor, told: str | Released | None) -> bool:
    with on.db.write() as session:
        return approve_opening(session, who, on.brief_id, drain=DRAIN, told=told, secret=SECRET)


def _first(on: Held) -> None:
    _approve(on, on.made.chair, on.holder.approve_opening(on.token(on.made.chair), on.brief_id))


@pytest.mark.invariant(1)
@pytest.mark.bar("S1")
@pytest.mark.row("7.3")
def test_before_the_deadline_it_refuses_everybody_and_says_so(on: Held) -> None:
    made = on.made
    people = (made.chair, made.commissioner, made.approver, made.assessor, made.lead, made.checker, made.owner_a)
    tokens = [on.token(who) for who in people]
    for moment in (NOON, CLOSES - MOMENT, CLOSES, READY - MOMENT):
        on.move(moment)
        for token in (*tokens, "no session's token", ""):
            for ask in (on.holder.approve_opening, on.holder.open_bids):
                with pytest.raises((Refused, NotFound)):
                    ask(token, on.brief_id)
    told = on.told()
    assert len(told) == 4 * 2 * (len(people) + 2)
    assert (
        "Chloe Chair asked the keyholder to open the bids, and was refused: The bids are sealed until the brief has "
        in told[1]
    )
    assert any(words.startswith("The service asked the keyholder to approve the opening") for words in told)


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
@pytest.mark.parametrize("behind", ["the database's", "its own"])
def test_each_of_the_two_clocks_holds_alone(on: Held, behind: str) -> None:
    token = on.token(on.made.chair)
    on.move(READY)
    if behind == "its own":
        on.own[0] = READY - MOMENT
    else:
        on.clock.set(READY - MOMENT)
    with pytest.raises(Refused) as no:
        on.holder.approve_opening(token, on.brief_id)
    assert _why(no) == ("behind" if behind == "its own" else "draining")
    on.move(READY)
    assert on.holder.approve_opening(token, on.brief_id)


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
def test_two_people_open_and_asking_twice_gives_the_same(on: Held) -> None:
    on.move(READY)
    chair, second = on.token(on.made.chair), on.token(on.made.commissioner)
    with pytest.raises(Refused) as alone:
        on.holder.open_bids(chair, on.brief_id)
    assert _why(alone) == "again"
    with pytest.raises(Refused) as first:
        on.holder.approve_opening(second, on.brief_id)
    assert _why(first) == "chair_first"
    proofs = [on.holder.approve_opening(chair, on.brief_id) for _ in range(2)]
    assert proofs[0] == proofs[1]
    assert _approve(on, on.made.chair, proofs[0]) is False
    with pytest.raises(Refused) as same:
        on.holder.open_bids(chair, on.brief_id)
    assert _why(same) == "same_person"
    released = [on.holder.open_bids(second, on.brief_id) for _ in range(2)]
    assert released[0] == released[1] and len(released[0].keys) == 2
    assert _approve(on, on.made.commissioner, released[0])
    with on.db.read() as session:
        brief = session.get_one(Brief, on.brief_id)
        assert {bid.letter for bid in compare(session, brief, secret=SECRET).bids} or True
        assert session.exec(select(BidLetter.wrapped_key)).all().count(None) == 0
    assert on.told()[-1].endswith("the keyholder released the key of the bids")


def test_what_was_given_to_one_is_of_no_use_to_another_step(on: Held) -> None:
    """A crash, or a colleague at the same moment, leaves it closed, and it can be done again."""
    on.move(READY)
    proof = on.holder.approve_opening(on.token(on.made.chair), on.brief_id)
    for told in (None, Released(proof, {})):
        with pytest.raises(Refused) as no:
            _approve(on, on.made.chair, told)
        assert _why(no) == "again"
    _approve(on, on.made.chair, proof)
    with pytest.raises(Refused) as first_again:
        _approve(on, on.made.approver, proof)
    assert _why(first_again) == "again"
    with pytest.raises(Refused) as lacking:
        _approve(on, on.made.approver, Released(proof, {}))
    assert _why(lacking) == "again"
    with on.db.read() as session:
        assert session.get_one(Brief, on.brief_id).opened_at is None
        assert len(session.exec(select(OpeningApproval)).all()) == 1
    _approve(on, on.made.approver, on.holder.open_bids(on.token(on.made.approver), on.brief_id))


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
@pytest.mark.parametrize("forged", ["", "development:00", "other:00", "another brief's", "another person's"])
def test_an_approval_written_into_the_database_opens_nothing(on: Held, forged: str) -> None:
    on.move(READY)
    genuine = on.holder.approve_opening(on.token(on.made.chair), on.brief_id)
    person = on.made.chair
    if forged == "another person's":
        with on.db.write() as session:
            person = factories.seated(session, on.made.raa_id, Role.CHAIR, name="Cora Chair")
    proof = genuine if forged == "another person's" else forged
    if forged == "another brief's":
        proof = BIDS.witness(on.holder.master, Brief(id=uuid4(), closes_at=CLOSES), on.made.chair.known)
    with on.db.write() as session:
        session.add(OpeningApproval(brief_id=on.brief_id, person_id=person.known, position=1, at=READY, witness=proof))
    with pytest.raises(Refused) as no:
        on.holder.open_bids(on.token(on.made.commissioner), on.brief_id)
    assert _why(no) == "unproven"
    assert "was refused: The first approval was not given to the keyholder" in on.told()[-1]


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
def test_an_approval_that_a_later_close_made_void_is_not_revived_in_the_database(on: Held) -> None:
    on.move(READY)
    _first(on)
    later = CLOSES + timedelta(days=1)
    with on.db.write() as session:
        session.get_one(Brief, on.brief_id).closes_at = later
    on.move(later + DRAIN)
    with on.db.write() as session:
        session.exec(select(OpeningApproval)).one().at = later + DRAIN
    with pytest.raises(Refused) as no:
        on.holder.open_bids(on.token(on.made.commissioner), on.brief_id)
    assert _why(no) == "unproven"


@pytest.mark.row("7.3")
def test_only_a_live_session_of_an_entitled_person_counts(on: Held) -> None:
    on.move(READY)
    _first(on)
    ended = on.token(on.made.commissioner)
    with on.db.write() as session:
        sign_out(session, ended)
    for token in (ended, "made up"):
        with pytest.raises(Refused) as no:
            on.holder.open_bids(token, on.brief_id)
        assert _why(no) == "signed_out"
    for who in (on.made.assessor, on.made.other_commissioner, on.made.owner_a, on.made.lead):
        with pytest.raises(NotFound):
            on.holder.open_bids(on.token(who), on.brief_id)
    late = on.token(on.made.commissioner)
    on.move(READY + timedelta(days=500))
    with pytest.raises(Refused):
        on.holder.open_bids(late, on.brief_id)


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
def test_the_hour_is_bound_into_the_key_and_an_early_close_is_believed_only_when_nobody_could_still_bid(
    on: Held,
) -> None:
    early = CLOSES - timedelta(days=5)
    with on.db.write() as session:
        session.exec(update(Brief).where(col(Brief.id) == on.brief_id).values(closes_at=early))
        waiting = session.exec(select(BriefInvitation).where(BriefInvitation.provider_id == on.made.provider_b)).one()
        withdraw_bid_of_b = session.get_one(Bid, on.bids["b"])
        withdraw_bid_of_b.state, withdraw_bid_of_b.withdrawn_at = "withdrawn", NOON
    on.move(early + DRAIN)
    token = on.token(on.made.chair)
    with pytest.raises(Refused) as no:
        on.holder.approve_opening(token, on.brief_id)
    assert _why(no) == "bound"
    with on.db.write() as session:
        session.exec(update(BriefInvitation).where(col(BriefInvitation.id) == waiting.id).values(declined_at=NOON))
    assert on.holder.approve_opening(token, on.brief_id)
    with on.db.write() as session:
        session.exec(update(SealingKey).where(col(SealingKey.holder) == Holder.BRIEF).values(not_before=early))
    _first(on)
    with pytest.raises(Refused) as altered:
        on.holder.open_bids(on.token(on.made.commissioner), on.brief_id)
    assert _why(altered) == "altered", "the wrap does not open under another hour"


@pytest.mark.invariant(1)
def test_a_letter_changed_in_the_database_is_noticed_before_anything_is_opened(on: Held) -> None:
    with on.db.write() as session:
        letter = session.exec(select(BidLetter).where(BidLetter.bid_id == on.bids["a"])).one()
        letter.ciphertext = letter.ciphertext[:-1] + bytes([letter.ciphertext[-1] ^ 1])
    on.move(READY)
    _first(on)
    with pytest.raises(Refused) as no:
        _approve(on, on.made.commissioner, on.holder.open_bids(on.token(on.made.commissioner), on.brief_id))
    assert _why(no) == "altered"
    with on.db.read() as session:
        assert session.get_one(Brief, on.brief_id).opened_at is None


@pytest.mark.invariant(1)
def test_only_the_letters_that_stand_are_released(on: Held) -> None:
    with on.db.write() as session:
        withdraw_bid(session, on.made.owner_b, on.bids["b"], received_at=NOON)
    on.move(READY)
    _first(on)
    released = on.holder.open_bids(on.token(on.made.commissioner), on.brief_id)
    with on.db.read() as session:
        standing = session.exec(select(BidLetter.id).where(BidLetter.bid_id == on.bids["a"])).all()
    assert list(released.keys) == list(standing)
    assert LETTERS["a"]


@pytest.mark.invariant(1)
@pytest.mark.row("6.6")
def test_no_letter_that_a_material_change_left_unconfirmed_is_released(on: Held) -> None:
    with on.db.write() as session:
        session.exec(update(Brief).where(col(Brief.id) == on.brief_id).values(version=2, material_version=2))
        session.exec(update(BidReceipt).where(col(BidReceipt.bid_id) == on.bids["a"]).values(brief_version=2))
    on.move(READY)
    _first(on)
    released = on.holder.open_bids(on.token(on.made.commissioner), on.brief_id)
    with on.db.read() as session:
        confirmed = session.exec(select(BidLetter.id).where(BidLetter.bid_id == on.bids["a"])).all()
    assert list(released.keys) == list(confirmed)
    assert _approve(on, on.made.commissioner, released)
    with on.db.read() as session:
        shut = session.exec(select(BidLetter).where(BidLetter.bid_id == on.bids["b"])).one()
        assert shut.wrapped_key is None


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
def test_an_approval_given_before_an_outage_moved_the_close_does_not_count(on: Held) -> None:
    on.move(READY)
    _first(on)
    later = CLOSES + timedelta(hours=4)
    with on.db.write() as session:
        session.exec(update(Brief).where(col(Brief.id) == on.brief_id).values(closes_at=later))
    on.move(later + DRAIN)
    second = on.token(on.made.commissioner)
    for ask in (on.holder.open_bids, on.holder.approve_opening):
        with pytest.raises(Refused) as alone:
            ask(second, on.brief_id)
        assert _why(alone) == "chair_first"
    _first(on)
    assert _approve(on, on.made.commissioner, on.holder.open_bids(second, on.brief_id))


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
@pytest.mark.parametrize("since", ["a rival", "no chair", "off"])
def test_an_approval_of_somebody_who_may_no_longer_give_it_does_not_count(on: Held, since: str) -> None:
    """Neither to the keyholder nor to the portal; somebody else may give it in its place."""
    on.move(READY)
    second = on.token(on.made.commissioner)
    early = on.holder.approve_opening(on.token(on.made.chair), on.brief_id)
    _approve(on, on.made.chair, early)
    released = on.holder.open_bids(second, on.brief_id)
    with on.db.write() as session:
        other = factories.seated(session, on.made.raa_id, Role.CHAIR, name="Cora Chair")
        if since == "a rival":
            held = {"organisation_id": on.made.provider_b, "person_id": on.made.chair.known, "given_at": READY}
            session.add(OrganisationSeat(**held, role=Role.OWNER))
        elif since == "no chair":
            of_chair = col(OrganisationSeat.person_id) == on.made.chair.known
            session.exec(update(OrganisationSeat).where(of_chair).values(ended_at=READY))
        else:
            session.get_one(Person, on.made.chair.known).disabled_at = READY
    for ask in (
        partial(on.holder.open_bids, second, on.brief_id),
        partial(_approve, on, on.made.commissioner, released),
    ):
        with pytest.raises(Refused) as no:
            ask()
        assert _why(no) == "chair_first"
    _approve(on, other, on.holder.approve_opening(on.token(other), on.brief_id))
    assert _approve(on, on.made.commissioner, on.holder.open_bids(second, on.brief_id))


@pytest.mark.invariant(1)
@pytest.mark.row("7.3")
def test_a_key_follows_a_later_close_and_never_comes_back(on: Held) -> None:
    later = CLOSES + timedelta(days=7)

    def close(moment: datetime) -> SealingKey:
        with on.db.write() as session:
            session.get_one(Brief, on.brief_id).closes_at = moment
        for _ in range(2):
            on.holder.follow_closes()
        with on.db.read() as session:
            return session.exec(select(SealingKey).where(SealingKey.holder_id == on.brief_id)).one()

    before = close(CLOSES)
    assert [close(moment).not_before for moment in (later, CLOSES)] == [later, later]
    after = close(CLOSES)
    assert (before.not_before, before.public_key) == (CLOSES, after.public_key)
    assert [words for words in on.told() if "bound to the later close" in words] == [
        "The service had the key of the bids bound to the later close of this brief"
    ]
    with on.db.write() as session:  # taken back, so that not everybody has answered
        withdraw_bid(session, on.made.owner_b, on.bids["b"], received_at=NOON)
    on.move(READY)
    with pytest.raises(Refused) as no:
        on.holder.approve_opening(on.token(on.made.chair), on.brief_id)
    assert _why(no) == "bound"
    on.move(later + DRAIN)
    _first(on)
    assert on.holder.open_bids(on.token(on.made.commissioner), on.brief_id).keys


@pytest.mark.row("7.3")
def test_the_key_follows_at_the_latest_when_the_opening_is_asked_for(on: Held) -> None:
    later = CLOSES + timedelta(hours=4)
    with on.db.write() as session:
        session.get_one(Brief, on.brief_id).closes_at = later
    on.move(later + DRAIN)
    _first(on)
    with on.db.read() as session:
        key = session.exec(select(SealingKey).where(SealingKey.holder_id == on.brief_id)).one()
    assert key.not_before == later
    assert len(on.holder.open_bids(on.token(on.made.commissioner), on.brief_id).keys) == 2


@pytest.mark.row("7.3")
def test_the_page_of_the_opening_says_until_when_a_key_stays_shut(on: Held, client_for: ClientFor) -> None:
    """A bid taken back in the notice of an early close holds the opening until the hour in the key, and the page says so."""
    early = NOON + timedelta(days=2)
    with on.db.write() as session:
        session.get_one(Brief, on.brief_id).closes_at = early
        withdraw_bid(session, on.made.owner_b, on.bids["b"], received_at=NOON)
    on.move(early + DRAIN)
    page = client_for(on.made.chair).get(f"/briefs/{on.brief_id}/opening").text
    assert f"it opens from {in_words(READY)}" in page
    assert "Approve the opening" not in page
    on.move(READY)
    assert "it opens from" not in client_for(on.made.chair).get(f"/briefs/{on.brief_id}/opening").text
