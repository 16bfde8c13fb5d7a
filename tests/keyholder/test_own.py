"""Its own bidders read a bid in any session; nobody else does, and the keyholder is not needed where it was written."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app.bids import queries
from app.bids.commands import save_draft, submit_bid
from app.bids.models import Bid, BidReceipt
from app.bids.rules import RECEIPT_FIELDS, Letter
from app.bids.sealed import BidLetter
from app.briefs.models import Brief
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.refusals import NotFound, Refused
from app.core.sealing import KeyholderAway, new_pair
from app.core.signing import check
from app.organisations.rules import Role
from app.sealing.asking import LettersShut, Seal, with_keys
from app.sealing.models import SealingKey
from app.sealing.rules import Holder
from tests import NOON, factories
from tests.awards.stage import LETTERS
from tests.conftest import ClientFor
from tests.keyholder.conftest import SENT, Held
from tests.sealing import RECEIPTS, SEAL, keyholder


class Away:
    """Nobody answers."""

    def __getattr__(self, name: str) -> object:
        def ask(*about: object) -> object:
            raise KeyholderAway("nobody there")

        return ask


def _seal(token: str) -> Seal:
    return replace(SEAL, token=token)


def _reads(on: Held) -> Seal:
    """Another session of the owner, which has asked for what was sent."""
    token = on.token(on.made.owner_a)
    return replace(SEAL, token=token, keys=on.holder.read_own(token, on.bids["a"]))


def _look(on: Held, who: Actor, seal: Seal) -> queries.OwnBid:
    with on.db.read() as session:
        return queries.bid_page(session, who, on.bids["a"], NOON, seal=seal)


@pytest.mark.row("7.3")
def test_a_colleague_reads_by_the_keyholder_and_it_is_on_the_bids_own_record(on: Held) -> None:
    with on.db.write() as session:
        colleague = factories.seated(session, on.made.provider_a, Role.BIDS, name="Bea Bids")
    seal = _seal(on.token(colleague))
    with pytest.raises(LettersShut):
        _look(on, colleague, seal)
    bid = with_keys(on.holder, seal, lambda known: _look(on, colleague, known))
    assert bid.submitted == LETTERS["a"]
    assert _look(on, colleague, SEAL).events[-1][1] == "Bea Bids had their own sealed bid opened, to read it"


def test_what_one_person_read_in_a_day_is_one_line_and_each_time_on_the_audit_trail(on: Held) -> None:
    with on.db.write() as session:
        colleague = factories.seated(session, on.made.provider_a, Role.BIDS, name="Bea Bids")
    at_first, read = on.clock.moment, "had their own sealed bid opened, to read it"
    for who, after in ((colleague, 0), (on.made.owner_a, 1), (colleague, 2), (colleague, 3.5), (colleague, 24)):
        on.move(at_first + timedelta(hours=after))
        on.holder.read_own(on.token(who), on.bids["a"])
    assert _look(on, colleague, SEAL).events[-3:] == (
        (at_first, f"Bea Bids {read}, 3 times that day until 15:30"),
        (at_first + timedelta(hours=1), f"Olive Owner {read}"),
        (at_first + timedelta(hours=24), f"Bea Bids {read}"),
    )
    assert sum(read in words for words in on.told()) == 5


@pytest.mark.invariant(1)
@pytest.mark.bar("S1")
def test_nobody_else_reads_by_the_keyholder_whatever_their_role(on: Held) -> None:
    made = on.made
    with on.db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY, name="Rae Reader")
    for who in (made.owner_b, reader, made.chair, made.commissioner, made.lead, made.checker):
        token = on.token(who)
        for bid_id in (on.bids["a"], uuid4()):
            with pytest.raises(NotFound):
                on.holder.read_own(token, bid_id)
    with pytest.raises(Refused):
        on.holder.read_own("no session's token", on.bids["a"])
    assert all(words.endswith("was refused: it is not theirs.") for words in on.told()[:-1])
    with on.db.read() as session:
        seen = session.exec(select(AuditEvent).where(AuditEvent.subject_id == on.brief_id)).all()
        about = session.exec(select(AuditEvent).where(AuditEvent.about_id == on.brief_id)).all()
    assert not [event for event in (*seen, *about) if event.name.startswith("keyholder.")], "no brief tells of a bid"


def test_a_changed_key_of_the_organisation_is_refused(on: Held) -> None:
    with on.db.write() as session:
        changed = update(SealingKey).where(col(SealingKey.holder_id) == on.made.provider_a)
        session.exec(changed.values(public_key=b"\x01" * 32))
    with pytest.raises(Refused) as no:
        on.holder.read_own(on.token(on.made.owner_a), on.bids["a"])
    assert no.value.refusal.code == "altered"


@pytest.mark.row("7.3")
@pytest.mark.bar("S1")
@pytest.mark.parametrize("holder", Holder)
def test_nothing_is_sealed_to_a_public_key_that_somebody_put_into_the_database(on: Held, holder: Holder) -> None:
    whose = {Holder.BRIEF: on.brief_id, Holder.ORGANISATION: on.made.provider_a}[holder]
    seal = _reads(on)

    def save(seal: Seal) -> None:
        with on.db.write() as session:
            save_draft(session, on.made.owner_a, on.bids["a"], replace(SENT, approach="For nobody else."), seal=seal)

    def wraps() -> list[tuple[bytes | None, ...]]:
        with on.db.read() as session:
            return [tuple(row) for row in session.exec(select(BidLetter.brief_wrap, BidLetter.own_wrap))]

    with_keys(on.holder, seal, save)
    before, own_pair = wraps(), new_pair()
    with on.db.write() as session:
        row = session.exec(select(SealingKey).where(SealingKey.holder_id == whose)).one()
        genuine = row.public_key
        row.public_key = own_pair[1]
    with pytest.raises(Refused) as no:
        with_keys(on.holder, seal, save)
    assert no.value.refusal.code == "altered" and "Nothing was saved" in no.value.refusal.words
    assert wraps() == before
    assert on.told()[-1].endswith("Tell the platform’s administrators.")
    with on.db.write() as session:
        session.exec(select(SealingKey).where(SealingKey.holder_id == whose)).one().public_key = genuine
    with_keys(on.holder, seal, save)


@pytest.mark.row("7.3")
def test_where_the_portal_and_the_keyholder_share_a_new_token_it_vouches_anew_for_what_it_made(on: Held) -> None:
    seal = _reads(on)
    changed = replace(seal, voucher="what the two of them share from today")
    holder = keyholder(on.db, voucher=changed.voucher)

    def save(seal: Seal) -> None:
        with on.db.write() as session:
            save_draft(session, on.made.owner_a, on.bids["a"], replace(SENT, approach="As before."), seal=seal)

    with_keys(on.holder, seal, save)
    with pytest.raises(KeyholderAway):
        with_keys(Away(), changed, save)  # type: ignore[arg-type]
    holder.vouch_for_all()
    assert on.told()[-1].endswith("public keys that it had made before")
    with_keys(Away(), changed, save)  # type: ignore[arg-type]


@pytest.mark.row("7.6")
@pytest.mark.bar("R1")
def test_the_session_that_wrote_needs_no_keyholder_to_the_end(on: Held) -> None:
    better = SENT

    def save(seal: Seal) -> None:
        with on.db.write() as session:
            save_draft(session, on.made.owner_a, on.bids["a"], better, seal=seal)

    def submit(seal: Seal) -> UUID:
        with on.db.write() as session:
            return submit_bid(session, on.made.owner_a, on.bids["a"], received_at=NOON, seal=seal)

    with_keys(Away(), SEAL, save)  # type: ignore[arg-type]
    receipt = with_keys(Away(), SEAL, submit)  # type: ignore[arg-type]
    with on.db.read() as session:
        assert session.get_one(BidReceipt, receipt).replaced_at is None
    other = _seal(on.token(on.made.owner_a))
    with pytest.raises(KeyholderAway):
        with_keys(Away(), other, lambda seal: _look(on, on.made.owner_a, seal))  # type: ignore[arg-type]
    assert with_keys(on.holder, other, submit) == receipt


def test_while_it_is_away_an_opening_and_another_session_are_told_to_try_again(on: Held, client_for: ClientFor) -> None:
    chair, owner = client_for(on.made.chair), client_for(on.made.owner_a, "another session's token")
    for client in (chair, owner):
        client.app.state.keyholder = Away()  # type: ignore[attr-defined]
    for answer in (chair.post(f"/briefs/{on.brief_id}/opening"), owner.get(f"/bids/{on.bids['a']}")):
        assert answer.status_code == 503 and "Try again in a minute" in answer.text
    same = client_for(on.made.owner_a)
    same.app.state.keyholder = Away()  # type: ignore[attr-defined]
    assert same.get(f"/bids/{on.bids['a']}").status_code == 200
    assert same.get(f"/bids/{on.bids['a']}/receipt").status_code == 200


@pytest.mark.row("7.3")
def test_pairs_are_made_once_by_those_concerned_and_a_drafts_follows_its_close(on: Held) -> None:
    made = on.made
    with on.db.write() as session:
        draft = factories.brief(session, made, published_at=None)
        new = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, new, Role.OWNER, name="Cyd Cedar")
    approver, holder = on.token(made.approver), keyholder(on.db)

    def public(holder_id: UUID) -> bytes:
        with on.db.read() as session:
            return session.exec(select(SealingKey.public_key).where(SealingKey.holder_id == holder_id)).one()

    before = public(draft)
    holder.make_key(approver, Holder.BRIEF, draft)
    assert public(draft) == before
    with on.db.write() as session:
        session.get_one(Brief, draft).closes_at += timedelta(days=1)
    holder.make_key(approver, Holder.BRIEF, draft)
    assert public(draft) != before
    for who, kind, which in (
        (made.owner_a, Holder.BRIEF, draft),
        (made.other_commissioner, Holder.BRIEF, on.brief_id),
        (made.owner_a, Holder.ORGANISATION, new),
        (owner, Holder.ORGANISATION, made.provider_a),
        (owner, Holder.BRIEF, uuid4()),
    ):
        with pytest.raises(NotFound):
            holder.make_key(on.token(who), kind, which)
    with on.db.write() as session:
        session.delete(session.exec(select(SealingKey).where(SealingKey.holder_id == new)).one())
    holder.make_key(on.token(owner), Holder.ORGANISATION, new)
    assert len(public(new)) == 32
    with on.db.read() as session:
        told = session.exec(select(AuditEvent).where(AuditEvent.name == "keyholder.own_key_made")).one()
        assert (told.about_id, told.subject_id == new) == (None, False), "no organisation's record tells of a bid"


@pytest.mark.row("7.6")
@pytest.mark.row("7.7")
def test_two_windows_that_submit_at_once_leave_one_bid_and_both_receipts(on: Held, client_for: ClientFor) -> None:
    """Each in a session of its own, so that each asks the keyholder for what the other wrote, and sends what it has read."""
    made, bid_id = on.made, on.bids["a"]
    with on.db.write() as session:
        colleague = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bids")
    together = Barrier(2)

    def window(who: Actor, price: int) -> str:
        seal, letter = _seal(on.token(who)), replace(SENT, price_pence=price)
        together.wait()
        for _ in range(50):
            with suppress(Refused):  # the other wrote in between: read it, and write again
                with_keys(on.holder, seal, partial(_save, on, who, bid_id, letter))
                read = with_keys(on.holder, seal, partial(_look, on, who))
                if read.letter == letter:
                    with_keys(on.holder, seal, partial(_submit, on, who, bid_id, read.seen))
                    return read.seen
        raise AssertionError("never had its turn")

    with ThreadPoolExecutor(2) as pool:
        sent = set(pool.map(window, (made.owner_a, colleague), (1_00, 2_00)))
    with on.db.read() as session:
        assert len(session.exec(select(Bid).where(Bid.provider_id == made.provider_a)).all()) == 1
    owner = _seal(on.token(made.owner_a))
    bid = with_keys(on.holder, owner, lambda known: _look(on, made.owner_a, known))
    newest = {one.content_sha256: one for one in bid.receipts}
    assert sent <= newest.keys() and len(sent) == 2
    assert [one.replaced_at is None for one in bid.receipts] == [True, *[False] * (len(bid.receipts) - 1)]
    assert all(check(one.signed, RECEIPTS.public, RECEIPT_FIELDS).said for one in bid.receipts)
    page = client_for(made.owner_a).get(f"/bids/{bid_id}/receipt").text
    assert "Earlier receipts" in page and all(digest in page for digest in sent)


def _save(on: Held, who: Actor, bid_id: UUID, letter: Letter, seal: Seal) -> None:
    with on.db.write() as session:
        save_draft(session, who, bid_id, letter, seal=seal)


def _submit(on: Held, who: Actor, bid_id: UUID, seen: str, seal: Seal) -> UUID:
    with on.db.write() as session:
        return submit_bid(session, who, bid_id, received_at=NOON, seal=seal, seen=seen)


@pytest.mark.row("7.3")
@pytest.mark.bar("R1")
@pytest.mark.parametrize("kind", list(Holder))
def test_a_pair_asked_for_by_many_at_once_is_made_once(on: Held, kind: Holder) -> None:
    """Neither a second one of an organisation, nor of a draft whose close has moved, takes the place of the first."""
    made, rounds = on.made, 4
    with on.db.write() as session:
        draft = factories.brief(session, made, published_at=None)
    of = {Holder.BRIEF: (draft, made.approver), Holder.ORGANISATION: (made.provider_a, made.owner_a)}
    holder_id, who = of[kind]
    tokens, together = [on.token(who) for _ in range(4)], Barrier(4)

    def ask(token: str) -> bytes:
        together.wait()
        on.holder.make_key(token, kind, holder_id)
        with on.db.read() as session:
            return session.exec(select(SealingKey.public_key).where(SealingKey.holder_id == holder_id)).one()

    with ThreadPoolExecutor(4) as pool:
        for _ in range(rounds):
            with on.db.write() as session:
                if kind is Holder.BRIEF:
                    session.get_one(Brief, draft).closes_at += timedelta(days=1)
                else:
                    session.delete(session.exec(select(SealingKey).where(SealingKey.holder_id == holder_id)).one())
            assert len(set(pool.map(ask, tokens))) == 1
    assert sum(words.endswith("for a key that was there already") for words in on.told()) == 3 * rounds


@pytest.mark.row("7.3")
def test_a_colleague_who_saves_while_the_keyholder_is_asked_is_read_all_the_same(on: Held) -> None:
    anew = replace(SENT, approach="Written anew.")
    with on.db.write() as session:
        save_draft(session, on.made.owner_a, on.bids["a"], SENT, seal=SEAL)
        colleague = factories.seated(session, on.made.provider_a, Role.BIDS, name="Bea Bids")

    class Slow:
        """Before its first answer arrives, the owner saves again."""

        letters = iter([anew])

        def read_own(self, token: str, bid_id: UUID) -> Mapping[UUID, bytes]:
            found = on.holder.read_own(token, bid_id)
            for letter in self.letters:
                with on.db.write() as session:
                    save_draft(session, on.made.owner_a, on.bids["a"], letter, seal=SEAL)
            return found

    seal = _seal(on.token(colleague))
    bid = with_keys(Slow(), seal, partial(_look, on, colleague))  # type: ignore[arg-type]
    assert bid.draft == anew
