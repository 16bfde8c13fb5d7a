"""Bids in a database: begun once, saved, submitted, replaced, withdrawn, and received at the moment that decides."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.bids import queries
from app.bids.commands import decline_brief, save_draft, start_bid, submit_bid, withdraw_bid
from app.bids.letters.rules import Named
from app.bids.models import Bid, BidReceipt, BidSnapshot
from app.bids.queries import OwnBid
from app.bids.rules import BidState, Letter
from app.briefs.commands import mark_opened
from app.briefs.models import Brief
from app.briefs.queries import lock_brief
from app.briefs.rules import DeclineReason
from app.core import audit
from app.core.actor import Actor
from app.core.audit import AuditEvent, timeline, verify
from app.core.crypto import canonical, digest
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence.events import DOCUMENT_UPLOADED
from app.evidence.models import EvidenceItem
from app.evidence.queries import kinds
from app.evidence.queries.shared import changed_since, shared
from app.frameworks.models import Framework, LotRequirement
from app.organisations.rules import Role
from app.providers.commands import update_profile
from app.providers.models import Practitioner
from app.providers.rules import About
from app.providers.rules.since import Changed
from app.settings import DEVELOPMENT_SECRET as SECRET
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import World
from tests.sealing import SEAL, let_open

LETTER = Letter("We listen first.", "Ten years of it.", "Therapist of Alder Therapy", 250_000)
BETTER = Letter("We listen first, and often.", "Ten years of it.", "Therapist of Alder Therapy", 240_000)
CLOSES = NOON + timedelta(days=10)
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        return factories.brief(session, made, closes_at=CLOSES)


@pytest.fixture
def bid_id(db: Database, made: World, brief_id: UUID) -> UUID:
    """A complete draft of provider A."""
    with db.write() as session:
        started = start_bid(session, made.owner_a, brief_id, made.provider_a)
        save_draft(session, made.owner_a, started, LETTER, seal=SEAL)
        return started


def save(db: Database, actor: Actor, bid_id: UUID, letter: Letter) -> None:
    with db.write() as session:
        save_draft(session, actor, bid_id, letter, seal=SEAL)


def submit(db: Database, actor: Actor, bid_id: UUID, at: datetime = NOON, seen: str | None = None) -> UUID:
    with db.write() as session:
        return submit_bid(session, actor, bid_id, received_at=at, seal=SEAL, seen=seen)


def withdraw(db: Database, actor: Actor, bid_id: UUID, at: datetime = NOON) -> None:
    with db.write() as session:
        withdraw_bid(session, actor, bid_id, received_at=at)


def look(db: Database, actor: Actor, bid_id: UUID, now: datetime = NOON) -> OwnBid:
    with db.read() as session:
        return queries.bid_page(session, actor, bid_id, now, seal=SEAL)


def names(session: Session) -> list[str]:
    return [event.name for event in session.exec(select(AuditEvent).order_by(AuditEvent.position))]


@pytest.mark.row("7.5")
@pytest.mark.invariant(12)
def test_a_receipt_says_when_what_and_for_which_brief(db: Database, made: World, brief_id: UUID, bid_id: UUID) -> None:
    receipt_id = submit(db, made.owner_a, bid_id, NOON + MOMENT)
    bid = look(db, made.owner_a, bid_id)
    (receipt,) = bid.receipts
    assert (receipt.id, receipt.received_at, receipt.brief_version) == (receipt_id, NOON + MOMENT, 1)
    assert bid.submitted and receipt.content_sha256 == digest(bid.submitted.canonical()) != digest(LETTER.canonical())
    assert (bid.state, bid.submitted, bid.draft) == (BidState.SUBMITTED, LETTER, None)
    with db.read() as session:
        (letter,) = session.exec(select(OutboxMessage)).all()
        assert letter.to_address == made.owner_a.email
        assert letter.context["receipt"] == receipt.reference
        assert names(session) == ["bid.started", "bid.saved", "bid.submitted"]
        assert timeline(session, brief_id) == [], "the brief's own record shows no bid"
        assert list(verify(session)) == []


@pytest.mark.row("1.3")
def test_a_receipt_fixes_what_was_shared_with_the_bid(db: Database, made: World, bid_id: UUID) -> None:
    receipt_id = submit(db, made.owner_a, bid_id, NOON + MOMENT)
    with db.write() as session:
        before = _kept(session, receipt_id)
        assert before == shared(session, made.provider_a, NOON.date())
        assert [one["standing"] for one in before["evidence_held"]] == ["verified"]
        update_profile(session, made.owner_a, made.provider_a, About(name="Elder Therapy", summary="Therapy"))
    save(db, made.owner_a, bid_id, replace(LETTER, price_pence=LETTER.price_pence - 1))
    second_id = submit(db, made.owner_a, bid_id, NOON + 2 * MOMENT)
    with db.read() as session:
        assert _kept(session, receipt_id) == before, "fixed, whatever happens afterwards"
        told = Changed("Name", "Alder Therapy", "Elder Therapy")
        assert changed_since(kinds(session), before, _kept(session, second_id)) == (told,)


@pytest.mark.row("1.3")
def test_what_is_shared_is_read_anew_on_another_day_or_when_more_was_recorded(
    db: Database, made: World, bid_id: UUID, clock: Clock
) -> None:
    def taken() -> int:
        with db.read() as session:
            return len(session.exec(select(BidSnapshot)).all())

    assert taken() == 1, "the draft that was saved took one"
    submit(db, made.owner_a, bid_id, NOON + MOMENT)
    assert taken() == 1, "and the bid went with it"
    clock.forward(days=1)
    save(db, made.owner_a, bid_id, replace(LETTER, price_pence=LETTER.price_pence - 1))
    assert taken() == 2
    with db.write() as session:
        update_profile(session, made.owner_a, made.provider_a, About(name="Elder Therapy", summary="Therapy"))
    submit(db, made.owner_a, bid_id, NOON + timedelta(days=1) + MOMENT)
    assert taken() == 3
    with db.write() as session:
        item = session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_a)).first()
        assert item
        audit.record(
            session, DOCUMENT_UPLOADED, actor=made.owner_a, subject=uuid4(), about=item.id, file_name="policy.pdf"
        )
    save(db, made.owner_a, bid_id, LETTER)
    assert taken() == 4, "what happens to a document is recorded about its item"


def _kept(session: Session, receipt_id: UUID) -> dict[str, Any]:
    """What was shared with the bid, of which the receipt holds the digest."""
    receipt = session.get_one(BidReceipt, receipt_id)
    content = session.get_one(BidSnapshot, receipt.snapshot_id).content
    assert receipt.snapshot_sha256 == digest(canonical(content))
    return content


def test_a_second_click_gets_the_same_receipt_even_after_the_close(db: Database, made: World, bid_id: UUID) -> None:
    first = submit(db, made.owner_a, bid_id)
    assert submit(db, made.owner_a, bid_id) == submit(db, made.owner_a, bid_id, CLOSES + MOMENT) == first
    with db.read() as session:
        assert len(session.exec(select(BidReceipt)).all()) == 1
        assert names(session).count("bid.submitted") == 1


@pytest.mark.row("7.6")
def test_the_submitted_bid_stands_until_its_replacement_is_received(
    db: Database, made: World, bid_id: UUID, clock: Clock
) -> None:
    submit(db, made.owner_a, bid_id)
    save(db, made.owner_a, bid_id, BETTER)
    standing = look(db, made.owner_a, bid_id)
    assert (standing.submitted, standing.draft) == (LETTER, BETTER)
    later = NOON + timedelta(hours=1)
    submit(db, made.owner_a, bid_id, later)
    replaced = look(db, made.owner_a, bid_id)
    assert (replaced.submitted, replaced.draft) == (BETTER, None)
    now, before = replaced.receipts
    assert (now.received_at, now.replaced_at) == (later, None)
    assert (before.received_at, before.replaced_at) == (NOON, later)
    assert replaced.submitted and now.content_sha256 == digest(replaced.submitted.canonical()) != before.content_sha256
    with db.read() as session:
        assert names(session)[-1] == "bid.replaced"


def test_nobody_submits_what_they_did_not_read(db: Database, made: World, bid_id: UUID) -> None:
    with db.write() as session:
        colleague = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bids")
    read = look(db, made.owner_a, bid_id).seen
    save(db, colleague, bid_id, replace(LETTER, price_pence=1))
    for _ in range(2):
        with pytest.raises(Refused) as no:
            submit(db, made.owner_a, bid_id, seen=read)
        assert no.value.refusal.code == "changed"
        submit(db, colleague, bid_id, seen=look(db, colleague, bid_id).seen)
    assert look(db, made.owner_a, bid_id).submitted == replace(LETTER, price_pence=1)


def test_a_second_click_on_what_was_read_stays_quiet(db: Database, made: World, bid_id: UUID) -> None:
    read = look(db, made.owner_a, bid_id).seen
    assert submit(db, made.owner_a, bid_id, seen=read) == submit(db, made.owner_a, bid_id, seen=read)


def test_the_lock_on_a_bid_lets_an_award_refer_to_it(db: Database, made: World, bid_id: UUID) -> None:
    """A foreign key's check takes this share; were it to wait for a late submit, the two could wait for each other."""
    refer = select(Bid.id).where(Bid.id == bid_id).with_for_update(read=True, key_share=True, nowait=True)
    with db.write() as submitting:
        queries.own_bid(submitting, made.owner_a, bid_id, lock=True)
        with Session(db.engine) as awarding:
            assert awarding.exec(refer).one() == bid_id


@pytest.fixture
def certificate(db: Database, made: World) -> str:
    """The lot now wants a certificate of the person, and a colleague of the one whom the bid names holds it."""
    with db.write() as session:
        kind = factories.evidence_kind(session, "dbs_enhanced", holder="person")
        session.add(LotRequirement(lot_id=made.lots[0], kind_slug=kind))
        other = Practitioner(
            provider_id=made.provider_a, full_name="Xenia Other", profession="Therapist", added_at=NOON
        )
        session.add(other)
        session.flush()
        factories.verified_evidence(session, made.provider_a, made.checker, kind=kind, practitioner_id=other.id)
        return kind


@pytest.mark.invariant(5)
def test_anothers_certificate_says_nothing_of_the_practitioner_named(
    db: Database, made: World, bid_id: UUID, certificate: str
) -> None:
    with pytest.raises(Refused) as no:
        submit(db, made.owner_a, bid_id)
    assert no.value.refusal.words == "Dbs enhanced of Therapist of Alder Therapy is missing."
    assert no.value.refusal.fix == (f"/providers/{made.provider_a}/evidence", "Add it")
    assert look(db, made.owner_a, bid_id).against_named == no.value.refusal
    save(db, made.owner_a, bid_id, replace(LETTER, practitioner="Xenia Other"))
    submit(db, made.owner_a, bid_id)


@pytest.mark.invariant(5)
def test_the_certificate_of_the_practitioner_named_is_in_date_on_the_day(
    db: Database, made: World, bid_id: UUID, certificate: str
) -> None:
    with db.write() as session:
        own = session.exec(select(Practitioner.id).where(Practitioner.full_name == LETTER.practitioner)).one()
        item = factories.verified_evidence(
            session,
            made.provider_a,
            made.checker,
            kind=certificate,
            practitioner_id=own,
            expires_on=date(2026, 11, 23),
        )
        newer = factories.verified_evidence(
            session, made.provider_a, made.checker, kind=certificate, practitioner_id=own
        )
        session.get_one(EvidenceItem, newer).starts_on = date(2026, 11, 25)
        session.get_one(EvidenceItem, item).replaced_by_id = newer
    with pytest.raises(Refused) as no:
        submit(db, made.owner_a, bid_id, NOON + timedelta(days=1))
    assert no.value.refusal.code in ("evidence_expired", "evidence_missing")
    submit(db, made.owner_a, bid_id, NOON)
    withdraw(db, made.owner_a, bid_id, NOON)
    submit(db, made.owner_a, bid_id, NOON + timedelta(days=2))


def test_a_practitioner_who_has_left_is_not_named(db: Database, made: World, bid_id: UUID) -> None:
    with db.write() as session:
        session.exec(select(Practitioner).where(Practitioner.full_name == LETTER.practitioner)).one().left_at = NOON
    with pytest.raises(Refused) as no:
        submit(db, made.owner_a, bid_id)
    assert no.value.refusal.code == "practitioner"
    assert no.value.refusal.fix == (f"/bids/{bid_id}", "Name another practitioner")


def test_a_practitioner_of_a_team_stays_who_they_are_by_another_name(db: Database, made: World, bid_id: UUID) -> None:
    with db.write() as session:
        own = session.exec(select(Practitioner).where(Practitioner.full_name == LETTER.practitioner)).one()
        team = (Named(own.id, own.full_name),)
        save_draft(session, made.owner_a, bid_id, replace(LETTER, practitioner="", team=team), seal=SEAL)
        own.full_name = "Therapist of another name"
    assert look(db, made.owner_a, bid_id).against_named is None
    submit(db, made.owner_a, bid_id)


def test_saving_what_is_already_submitted_is_no_draft(db: Database, made: World, bid_id: UUID) -> None:
    submit(db, made.owner_a, bid_id)
    save(db, made.owner_a, bid_id, BETTER)
    save(db, made.owner_a, bid_id, LETTER)
    assert look(db, made.owner_a, bid_id).draft is None


@pytest.mark.row("7.6")
def test_a_withdrawn_bid_comes_back_until_the_deadline(db: Database, made: World, bid_id: UUID) -> None:
    submit(db, made.owner_a, bid_id)
    for _ in range(2):
        withdraw(db, made.owner_a, bid_id)
    assert look(db, made.owner_a, bid_id).state == BidState.WITHDRAWN
    submit(db, made.owner_a, bid_id, CLOSES - MOMENT)
    assert look(db, made.owner_a, bid_id).state == BidState.SUBMITTED
    with pytest.raises(Refused):
        withdraw(db, made.owner_a, bid_id, CLOSES)
    with db.read() as session:
        assert names(session)[2:] == ["bid.submitted", "bid.withdrawn", "bid.submitted"]


@pytest.mark.invariant(3)
@pytest.mark.parametrize(("early", "accepted"), [(MOMENT, True), (timedelta(), False), (-MOMENT, False)])
def test_received_a_moment_before_the_close_counts_and_at_the_close_does_not(
    db: Database, made: World, bid_id: UUID, early: timedelta, accepted: bool
) -> None:
    if accepted:
        submit(db, made.owner_a, bid_id, CLOSES - early)
    else:
        with pytest.raises(Refused, match="closed"):
            submit(db, made.owner_a, bid_id, CLOSES - early)
    assert (look(db, made.owner_a, bid_id).state == BidState.SUBMITTED) == accepted


@pytest.mark.bar("R1")
def test_nothing_is_accepted_once_opened_or_cancelled_however_early_it_was_received(
    db: Database, made: World, brief_id: UUID, bid_id: UUID
) -> None:
    with db.write() as session:
        factories.mark_opened(session, lock_brief(session, brief_id, exclusive=True), CLOSES)
    with pytest.raises(Refused):
        submit(db, made.owner_a, bid_id, CLOSES - MOMENT)
    with db.write() as session:
        other = factories.brief(session, made, closes_at=CLOSES)
        started = start_bid(session, made.owner_a, other, made.provider_a)
        save_draft(session, made.owner_a, started, LETTER, seal=SEAL)
        factories.cancelled(session, made, other, made.commissioner, "The family has moved away.")
    with pytest.raises(Refused) as no:
        submit(db, made.owner_a, started)
    assert no.value.refusal.words == "This brief has been cancelled."


@pytest.mark.invariant(4)
def test_with_no_worker_for_a_day_nothing_can_be_done_late(
    db: Database, made: World, brief_id: UUID, bid_id: UUID, clock: Clock
) -> None:
    """No worker runs here at all: a day after the close the row is untouched, and every verb refuses."""
    submit(db, made.owner_a, bid_id)
    clock.set(CLOSES + timedelta(days=1))
    for act in (
        lambda: save(db, made.owner_a, bid_id, BETTER),
        lambda: withdraw(db, made.owner_a, bid_id, clock.moment),
        lambda: _start(db, made.owner_b, brief_id, made.provider_b),
        lambda: _decline(db, made.owner_b, brief_id, made.provider_b),
    ):
        with pytest.raises(Refused):
            act()
    with db.write() as session:
        factories.mark_opened(session, lock_brief(session, brief_id, exclusive=True), clock.moment)
    with pytest.raises(Refused), db.write() as session:
        mark_opened(session, lock_brief(session, brief_id, exclusive=True), clock.moment)


def _start(db: Database, actor: Actor, brief_id: UUID, provider_id: UUID) -> UUID:
    with db.write() as session:
        return start_bid(session, actor, brief_id, provider_id)


def _decline(db: Database, actor: Actor, brief_id: UUID, provider_id: UUID) -> None:
    with db.write() as session:
        decline_brief(session, actor, brief_id, provider_id, DeclineReason.FULL)


@pytest.mark.row("7.7")
@pytest.mark.invariant(2)
@pytest.mark.bar("R2")
def test_two_colleagues_at_once_begin_one_bid_and_submit_it_once(db: Database, made: World, brief_id: UUID) -> None:
    with db.write() as session:
        colleague = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bids")
    both = (made.owner_a, colleague)
    with ThreadPoolExecutor(8) as pool:
        begun = set(pool.map(lambda n: _start(db, both[n % 2], brief_id, made.provider_a), range(8)))
        (bid_id,) = begun
        save(db, colleague, bid_id, LETTER)
        receipts = set(pool.map(lambda n: submit(db, both[n % 2], bid_id), range(8)))
    assert len(receipts) == 1
    with db.read() as session:
        assert len(session.exec(select(Bid)).all()) == len(session.exec(select(BidReceipt)).all()) == 1
        assert names(session) == ["bid.started", "bid.saved", "bid.submitted"]


@pytest.mark.row("7.7")
@pytest.mark.invariant(2)
def test_the_database_itself_refuses_a_second_bid(db: Database, made: World, brief_id: UUID, bid_id: UUID) -> None:
    with pytest.raises(IntegrityError) as breach, db.write() as session:
        session.add(Bid(brief_id=brief_id, provider_id=made.provider_a, started_at=NOON, started_by=made.owner_a.known))
    assert violates(breach.value, "uq_bid_brief_id_provider_id")


@pytest.mark.invariant(5)
def test_a_lapse_of_evidence_refuses_start_and_submit_with_the_link_that_mends_it(
    db: Database, made: World, brief_id: UUID, bid_id: UUID
) -> None:
    with db.write() as session:
        for item in session.exec(select(EvidenceItem)):
            item.expires_on = date(2026, 11, 22)
    with pytest.raises(Refused) as no:
        submit(db, made.owner_a, bid_id)
    assert no.value.refusal.code == "evidence_expired"
    assert no.value.refusal.fix == (f"/providers/{made.provider_a}/evidence", "Add the new one")
    with pytest.raises(Refused):
        _start(db, made.owner_b, brief_id, made.provider_b)
    with db.write() as session:
        for item in session.exec(select(EvidenceItem)):
            item.expires_on = date(2026, 11, 23)
    submit(db, made.owner_a, bid_id)


def test_a_bid_is_submitted_though_the_framework_ended_after_publication(
    db: Database, clock: Clock, made: World, brief_id: UUID, bid_id: UUID
) -> None:
    with db.write() as session:
        framework = session.get_one(Framework, made.framework_id)
        framework.ends_on = session.get_one(Brief, brief_id).published_at.date()  # type: ignore[union-attr]
    submit(db, made.owner_a, bid_id)


def test_an_incomplete_bid_and_a_stranger_practitioner_are_refused(db: Database, made: World, bid_id: UUID) -> None:
    save(db, made.owner_a, bid_id, Letter("We listen."))
    with pytest.raises(Refused) as no:
        submit(db, made.owner_a, bid_id)
    assert no.value.refusal.code == "missing"
    with pytest.raises(Refused) as no:
        save(db, made.owner_a, bid_id, Letter("We listen.", practitioner="Therapist of Birch Therapy"))
    assert no.value.refusal.code == "practitioner"


@pytest.mark.row("5.10")
def test_a_submitted_bid_is_withdrawn_before_it_is_not_this_time(
    db: Database, made: World, brief_id: UUID, bid_id: UUID
) -> None:
    submit(db, made.owner_a, bid_id)
    with pytest.raises(Refused) as no:
        _decline(db, made.owner_a, brief_id, made.provider_a)
    assert no.value.refusal.fix == (f"/bids/{bid_id}", "Go to your bid")
    withdraw(db, made.owner_a, bid_id)
    _decline(db, made.owner_a, brief_id, made.provider_a)


@pytest.mark.invariant(1)
@pytest.mark.invariant(10)
def test_nobody_else_can_touch_a_bid_and_the_uninvited_cannot_begin_one(
    db: Database, made: World, bid_id: UUID, brief_id: UUID
) -> None:
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY, name="Rae Reader")
        uninvited = factories.provider(session, "Cedar Therapy")
        cyd = factories.seated(session, uninvited, Role.OWNER, name="Cyd Cedar")
    for stranger in (made.owner_b, reader, cyd, made.commissioner, made.chair, made.lead):
        for act in (
            lambda who: look(db, who, bid_id),
            lambda who: save(db, who, bid_id, BETTER),
            lambda who: submit(db, who, bid_id),
            lambda who: withdraw(db, who, bid_id),
            lambda who: _start(db, who, brief_id, made.provider_a),
            lambda who: _decline(db, who, brief_id, made.provider_a),
        ):
            with pytest.raises(NotFound):
                act(stranger)
        with db.read() as session:
            assert bid_id not in {line.id for line in queries.own_bids(session, stranger, NOON)}
    with pytest.raises(NotFound):
        _start(db, cyd, brief_id, uninvited)


def test_the_opened_bids_are_those_that_stand(db: Database, made: World, brief_id: UUID, bid_id: UUID) -> None:
    submit(db, made.owner_a, bid_id)
    save(db, made.owner_a, bid_id, BETTER)
    with db.write() as session:
        theirs = Letter("B's way.", "B's years.", "Therapist of Birch Therapy", 1)
        withdrawn = factories.submitted_bid(session, brief_id, made.provider_b, made.owner_b, theirs)
    withdraw(db, made.owner_b, withdrawn)
    with db.write() as session:
        factories.mark_opened(session, lock_brief(session, brief_id, exclusive=True), CLOSES)
        let_open(session, brief_id)
    with db.read() as session:
        (opened,) = queries.opened_bids(session, session.get_one(Brief, brief_id), secret=SECRET)
    assert (opened.bid_id, opened.provider_name, opened.letter) == (bid_id, "Alder Therapy", LETTER)
    assert (opened.received_at, opened.content_sha256) == (NOON, digest(opened.letter.canonical()))
