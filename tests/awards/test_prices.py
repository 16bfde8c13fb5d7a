"""Row 7.4: of two envelopes, prices stay sealed until quality is assessed for good and two people have opened them."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.awards.commands.assessment import save_scores, submit_scores
from app.awards.commands.award import propose_award
from app.awards.commands.opening import add_assessor
from app.awards.commands.prices import approve_prices as approve
from app.awards.commands.prices import finish_quality as finish
from app.awards.models import PriceApproval, QualityAssessed, Score
from app.awards.queries.quality import marks_sha256
from app.awards.queries.results import compare
from app.awards.rules.prices import why_not_finish, why_not_open_prices, why_not_second_envelope
from app.bids.commands import save_draft, submit_bid
from app.bids.letters.rules import Letter
from app.bids.models import Bid, BidReceipt
from app.bids.pricing.rules import Line, LineKind, Vat
from app.bids.queries import bid_page, own_opened
from app.bids.sealed import BidLetter, LetterKind
from app.briefs.models import Brief
from app.briefs.rules import Phase
from app.core import audit
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import Database, violates
from app.core.refusals import NotFound, Refused
from app.keyholder import prices as keyholder
from app.sealing.asking import Released
from tests import NOON
from tests.awards.stage import CLOSES, DRAIN, LETTERS, SECRET, Begun, Stage, marks, stage, with_bids, written
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.sealing import MASTER, SEAL, approve_prices, finish_quality, sealed_letter

pytestmark = pytest.mark.row("7.4")
MONEY = ("2,400", "2400", "240000", "2,700", "2700", "270000")


@pytest.fixture
def furniture() -> Furniture:
    return _two_envelopes


def _two_envelopes(session: Session) -> Begun:
    return with_bids(session, two_envelopes=True)


@pytest.fixture
def on(db: Database, clock: Clock, made: Begun) -> Stage:
    return stage(db, clock, made)


def _refused(error: pytest.ExceptionInfo[BaseException]) -> str:
    return error.value.refusal.code if isinstance(error.value, Refused) else "not found"


# Rules


@pytest.mark.parametrize(("phase", "two", "opened"), list(product(Phase, (False, True), (False, True))))
def test_which_brief_has_prices_that_wait(phase: Phase, two: bool, opened: bool) -> None:
    found = why_not_second_envelope(phase=phase, two_envelopes=two, prices_open=opened)
    live = phase in (Phase.OPENED, Phase.AWARDED)
    expected = "one_envelope" if not two else "not_open" if not live else "already_open" if opened else None
    assert (found.code if found else None) == expected


@pytest.mark.parametrize(
    ("assessed", "bids", "waiting", "unscored", "chair"),
    list(product((False, True), (0, 2), (0, 1, 3), (0, 1), (False, True))),
)
def test_when_quality_is_assessed_for_good(assessed: bool, bids: int, waiting: int, unscored: int, chair: bool) -> None:
    found = why_not_finish(assessed=assessed, bids=bids, waiting=waiting, unscored=unscored, chair=chair)
    expected = (
        "assessed"
        if assessed
        else "no_bids"
        if not bids
        else "waiting"
        if waiting
        else "unscored"
        if unscored
        else None
        if chair
        else "chair"
    )
    assert (found.code if found else None) == expected
    assert found is None or found.words


def test_two_different_people_open_prices_once_quality_is_assessed() -> None:
    one, other = uuid4(), uuid4()
    for assessed, approvals, expected in (
        (False, (), "not_assessed"),
        (False, (one,), "not_assessed"),
        (True, (), None),
        (True, (other,), None),
        (True, (one,), "same_person"),
    ):
        found = why_not_open_prices(assessed=assessed, approvals=approvals, person=one)
        assert (found.code if found else None) == expected


# The letter in two parts


def test_one_digest_commits_to_both_parts_and_neither_tells_of_the_other() -> None:
    lines = (Line(LineKind.SESSION, 20_00, 120_00), Line(LineKind.OTHER, 1_00, 50_00, "Room"))
    whole = Letter("a", "e", "Tess", 245_000, salt="s", answers=(("q", "w"),), lines=lines, vat=Vat.NONE)
    two = replace(whole, price_salt="p")
    quality, price = two.canonical(), two.price()
    for secret in (b"245000", b"12000", b"Room", b"none"):
        assert secret in price and secret not in quality
    read, shut = Letter.read(quality, price), Letter.read(quality)
    assert read == whole and read.canonical() == quality and read.price() == price
    assert (shut.price_pence, shut.lines, shut.vat, shut.price_salt) == (0, (), None, "")
    assert shut.price_sha256 == digest(price) and shut.canonical() == quality == two.without_price.canonical()
    assert replace(two, price_pence=1).canonical() != quality, "another price has another digest"
    assert replace(two, price_salt="another").canonical() != quality, "nobody finds the price by trying"
    assert b"price_sha256" not in whole.canonical(), "a letter in one part is written as ever"


def test_a_brief_with_one_envelope_seals_as_before(db: Database, clock: Clock) -> None:
    on = written(db, clock)
    with db.read() as session:
        for bid_id in on.bids.values():
            row = session.exec(select(BidLetter).where(BidLetter.bid_id == bid_id)).one()
            assert (row.price_ciphertext, row.price_wrap, row.price_key) == (None, None, None)
    on.proposed()
    with pytest.raises(Refused) as no, db.write() as session:
        assert session.exec(select(QualityAssessed)).all() == []
        finish_quality(session, on.made.chair, on.brief_id)
    assert _refused(no) == "one_envelope"


def test_a_draft_from_before_is_sealed_in_two_on_the_way(db: Database, clock: Clock, on: Stage) -> None:
    """And one that was sent before stays as it is, its price held back from every reader."""
    with db.write() as session:
        bid = session.get_one(Bid, on.bids["a"])
        session.add(sealed_letter(session, bid, replace(LETTERS["a"], approach="Anew"), LetterKind.DRAFT))
        old = session.get_one(Bid, on.bids["b"])
        session.delete(session.exec(select(BidLetter).where(BidLetter.bid_id == old.id)).one())
        session.flush()
        session.add(sealed_letter(session, old, replace(LETTERS["b"], salt="s"), LetterKind.SUBMITTED))
    with db.write() as session:
        submit_bid(session, on.made.owner_a, on.bids["a"], received_at=NOON, seal=SEAL)
    with db.read() as session:
        parts = {row.bid_id: row.price_wrap for row in session.exec(select(BidLetter))}
    assert parts[on.bids["a"]] is not None and parts[on.bids["b"]] is None
    on.scored()
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
    assert table.prices_sealed and {letter.price_pence for letter in table.letters.values()} == {0}
    on.assessed().priced()
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
    assert [bid.price_pence for bid in table.bids] == [240_000, 270_000]


# From the opening of quality to the award


def test_the_opening_opens_quality_alone_and_the_second_the_prices(db: Database, on: Stage) -> None:
    made = on.scored().made
    with db.read() as session:
        brief = session.get_one(Brief, on.brief_id)
        table = compare(session, brief, secret=SECRET)
        rows = session.exec(select(BidLetter)).all()
        assert all(row.wrapped_key and row.price_ciphertext and not row.price_key for row in rows)
        sent = own_opened(session, made.provider_a, secret=SECRET)
    assert table.prices_sealed and not table.ranked and not table.bids and table.lowest_pence == 0
    assert [(one.provider_name, len(one.lines)) for one in table.quality] == [
        ("Alder Therapy", 2),
        ("Birch Therapy", 2),
    ]
    assert all(letter.price_pence == 0 and not letter.lines for letter in table.letters.values())
    assert [one.bid_id for one in sent] == [on.bids["a"]]
    with pytest.raises(Refused) as early, db.write() as session:
        propose_award(session, made.chair, on.brief_id, on.bids["a"], reason="", secret=SECRET)
    assert _refused(early) == "prices"
    with pytest.raises(Refused) as too_soon, db.write() as session:
        approve_prices(session, made.chair, on.brief_id)
    assert _refused(too_soon) == "not_assessed"
    on.assessed()
    with db.read() as session:
        record = session.get_one(QualityAssessed, on.brief_id)
        assert (record.by, record.sha256) == (made.chair.known, marks_sha256(session.exec(select(Score)).all()))
    for who in (made.approver, made.approver):
        with db.write() as session:
            assert approve_prices(session, who, on.brief_id) is False
    with db.read() as session:
        assert compare(session, session.get_one(Brief, on.brief_id), secret=SECRET).prices_sealed, (
            "one alone opens nothing"
        )
    on.clock.forward(milliseconds=-1)
    with pytest.raises(Refused) as back, db.write() as session:
        approve_prices(session, made.commissioner, on.brief_id)
    assert _refused(back) == "clock_put_back"
    on.clock.forward(milliseconds=1)
    with db.write() as session:
        assert approve_prices(session, made.commissioner, on.brief_id) is True
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
        told = [audit.sentence(e) for e in audit.timeline(session, on.brief_id)]
    assert [(bid.price_pence, bid.rank) for bid in table.bids] == [(240_000, 1), (270_000, 2)]
    assert [words for words in told if "prices" in words or "quality" in words][-3:] == [
        "Ada Approver approved the opening of the prices, the first of two people",
        "Colin Commissioner approved the opening of the prices as the second of two, and the keyholder released their keys",
        "Colin Commissioner approved the opening as the second person, and the prices were opened",
    ]
    on.propose()


def test_only_the_chair_records_it_once_all_marks_are_in_and_then_none_changes(db: Database, on: Stage) -> None:
    made = on.opened().made
    for who, expected in ((made.chair, "waiting"), (made.owner_a, "not found"), (made.other_commissioner, "not found")):
        with pytest.raises((Refused, NotFound)) as no, db.write() as session:
            finish_quality(session, who, on.brief_id)
        assert _refused(no) == expected
    on.score(made.assessor, {"a": 4, "b": 3})
    on.score(made.assessor_two, {"a": 5, "b": 4})
    for who in (made.commissioner, made.approver):
        with pytest.raises(Refused) as no, db.write() as session:
            finish_quality(session, who, on.brief_id)
        assert _refused(no) == "chair"
    for _ in range(2):
        on.assessed()
    with db.read() as session:
        assert len(session.exec(select(QualityAssessed)).all()) == 1
        told = [e for e in audit.timeline(session, on.brief_id) if e.name == "assessment.finished"]
    assert len(told) == 1
    with pytest.raises(Refused) as no, db.write() as session:
        add_assessor(session, made.chair, on.brief_id, made.chair.known)
    assert _refused(no) == "assessed"
    with pytest.raises(Refused) as no, db.write() as session:
        given = marks(session, on.brief_id, 5)
        save_scores(session, made.assessor, on.brief_id, on.bids["a"], given, secret=SECRET)
    assert _refused(no) == "locked"
    with db.write() as session:
        submit_scores(session, made.assessor, on.brief_id, secret=SECRET)


def test_the_database_itself_keeps_the_order(db: Database, on: Stage) -> None:
    """No approval without the record, no second by the same person, no price opened by one, no award before the prices."""
    made = on.scored().made
    for position, constraint in ((1, "fk_price_approval"), (1, "brief_id_position")):
        if constraint == "brief_id_position":
            on.assessed()
        with pytest.raises(IntegrityError) as error, db.write() as session:
            for who in (made.chair, made.approver):
                row = {"brief_id": on.brief_id, "person_id": who.known, "at": NOON, "witness": ""}
                session.add(PriceApproval(position=position, **row))
                session.flush()
        assert constraint.startswith("fk") or violates(error.value, "uq_price_approval_brief_id_position")
    for column, moment, constraint in (
        ("awarded_at", CLOSES, "ck_brief_awarded_after_prices"),
        ("prices_opened_at", NOON, "ck_brief_prices_after_quality"),
    ):
        with pytest.raises(IntegrityError) as error, db.write() as session:
            setattr(session.get_one(Brief, on.brief_id), column, moment)
        assert violates(error.value, constraint)
    for approved in (False, True):
        if approved:
            with db.write() as session:
                row = {"brief_id": on.brief_id, "person_id": made.chair.known, "at": NOON, "witness": ""}
                session.add(PriceApproval(position=1, **row))
        with pytest.raises(IntegrityError) as error, db.write() as session:
            session.get_one(Brief, on.brief_id).prices_opened_at = CLOSES + 2 * DRAIN
        assert violates(error.value, "ck_brief_prices_opened_by_two")


def test_a_price_that_was_excluded_at_the_opening_is_never_opened(db: Database, on: Stage) -> None:
    with db.write() as session:
        brief = session.get_one(Brief, on.brief_id)
        brief.version = brief.material_version = 2
        receipt = session.exec(select(BidReceipt).where(BidReceipt.bid_id == on.bids["a"])).one()
        receipt.brief_version = 2
    on.opened()
    for assessor in (on.made.assessor, on.made.assessor_two):
        on.score(assessor, {"a": 4})
    on.assessed().priced()
    with db.read() as session:
        keys = {row.bid_id: row.price_key is not None for row in session.exec(select(BidLetter))}
    assert keys == {on.bids["a"]: True, on.bids["b"]: False}


# What is seen


def _own(db: Database, who: Actor, on: Stage, key: str) -> tuple[bool | None, int, bool]:
    with db.read() as session:
        page = bid_page(session, who, on.bids[key], on.clock.moment, seal=SEAL)
    return page.as_sealed, page.letter.price_pence, page.price_is_sealed


def test_its_bidder_reads_both_parts_at_any_time_and_sees_that_they_are_what_it_sealed(db: Database, on: Stage) -> None:
    owner = on.made.owner_a
    assert _own(db, owner, on, "a") == (None, 240_000, True)
    on.scored()
    assert _own(db, owner, on, "a") == (True, 240_000, True)
    on.assessed().priced()
    assert _own(db, owner, on, "a") == (True, 240_000, False)


def test_another_price_put_in_its_place_is_noticed(db: Database, on: Stage) -> None:
    """By the bidder, and by the second opening, which then opens none."""
    on.scored().assessed()
    with db.write() as session:
        bid = session.get_one(Bid, on.bids["b"])
        row = session.exec(select(BidLetter).where(BidLetter.bid_id == bid.id)).one()
        forged = replace(LETTERS["b"], salt="s", price_salt="p", price_pence=1)
        made = sealed_letter(session, bid, forged, LetterKind.SUBMITTED)
        row.price_ciphertext, row.price_wrap, row.session_wrap = (
            made.price_ciphertext,
            made.price_wrap,
            made.session_wrap,
        )
    with db.write() as session:
        approve_prices(session, on.made.chair, on.brief_id)
    with pytest.raises(Refused) as no, db.write() as session:
        approve_prices(session, on.made.commissioner, on.brief_id)
    assert _refused(no) == "altered"
    with db.read() as session:
        assert session.get_one(Brief, on.brief_id).prices_opened_at is None
        assert {row.price_key for row in session.exec(select(BidLetter))} == {None}


@pytest.mark.walk
def test_no_page_of_the_agency_says_a_price_until_both_have_opened(
    db: Database, client_for: ClientFor, on: Stage
) -> None:
    made = on.scored().made
    people = (made.chair, made.commissioner, made.approver, made.assessor, made.assessor_two)
    base = f"/briefs/{on.brief_id}"
    paths = [base, "/", "/briefs", "/assessments"]
    paths += [
        f"{base}/{one}" for one in ("results", "award", "prices", "opening", "assessment", "reasons", "award/since")
    ]

    browsers = [client_for(who) for who in people]

    def seen() -> str:
        """Without ids and digests, in which any figures may stand by chance."""
        told = " ".join(browser.get(path).text for browser in browsers for path in paths)
        return re.sub(r"\b[0-9a-f]{8}[0-9a-f-]{8,}\b", "", told)

    chair, approver, commissioner = client_for(made.chair), client_for(made.approver), client_for(made.commissioner)
    assert "Put on record: quality is assessed" in chair.get(f"{base}/prices").text
    assert "The chair puts it on record" in approver.get(f"{base}/prices").text
    assert approver.post(f"{base}/prices").status_code == 409
    assert commissioner.post(f"{base}/prices/assessed").status_code == 409
    assert "Put on record that quality is assessed" in chair.get("/").text
    assert not [money for money in MONEY if money in seen()]
    for _ in range(2):
        assert chair.post(f"{base}/prices/assessed").headers["location"] == f"{base}/prices"
    assert "Approve the opening of the prices" in approver.get("/").text
    assert not [money for money in MONEY if money in seen()]
    assert chair.post(f"{base}/prices").status_code == 303
    assert chair.post(f"{base}/prices").status_code == 303
    assert "Open the prices, as the second person" in approver.get("/briefs").text
    assert not [money for money in MONEY if money in seen()]
    assert client_for(made.assessor).get(f"{base}/prices").status_code == 404
    bidder = client_for(made.owner_a)
    assert "Your price is sealed still" in bidder.get(f"/bids/{on.bids['a']}/receipt").text
    assert approver.post(f"{base}/prices").status_code == 303
    assert "2,400.00" in commissioner.get(f"{base}/results").text
    assert "Propose an award" in chair.get("/briefs").text
    receipt = bidder.get(f"/bids/{on.bids['a']}/receipt").text
    assert "Your price has been opened, too" in receipt and "What was opened is what you sealed" in receipt


def test_a_bidder_is_told_when_its_price_is_opened(db: Database, client_for: ClientFor, on: Stage) -> None:
    bidder = client_for(on.made.owner_a)
    assert "Two people open it only after the quality" in bidder.get(f"/bids/{on.bids['a']}").text
    assert "only after the quality of all bids" in bidder.get(f"/bids/{on.bids['a']}/receipt").text
    with db.write() as session:
        save_draft(session, on.made.owner_a, on.bids["a"], replace(LETTERS["a"], approach="Anew"), seal=SEAL)
    assert "Check that no answer says a price" in bidder.get(f"/bids/{on.bids['a']}/check").text
    assert "Sealed apart" in bidder.get(f"/opportunities/{on.brief_id}").text


@pytest.mark.bar("P6")
def test_each_step_asks_no_more_of_the_database_than_any_post_may(db: Database, on: Stage) -> None:
    """Of fifteen: beside these it is asked who that is, and how far it has come, in two or three; the keyholder's are its own."""
    on.scored()
    seal = {"master": MASTER, "own_now": on.clock.moment, "drain": DRAIN}
    steps: tuple[tuple[Actor, Callable[..., str | Released], Callable[..., object]], ...] = (
        (on.made.chair, keyholder.finish, lambda s, who, told: finish(s, who, on.brief_id, witness=told)),
        (on.made.chair, keyholder.approve, lambda s, who, told: approve(s, who, on.brief_id, told=told, secret=SECRET)),
        (
            on.made.approver,
            keyholder.release,
            lambda s, who, told: approve(s, who, on.brief_id, told=told, secret=SECRET),
        ),
    )
    counts = []
    for who, ask, step in steps:
        with db.write() as session:
            told = ask(session, who, on.brief_id, **seal)
        with statements(db) as sent, db.write() as session:
            step(session, who, told)
        counts.append(len(sent))
    print(counts)
    assert counts[0] <= 13 and max(counts[1:]) <= 12
