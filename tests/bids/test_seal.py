"""The seal: before the opening no byte of a bid is anywhere in the database, and no question reaches a letter."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, select
from sqlmodel import Session
from sqlmodel import select as select_rows

from app.bids import queries
from app.bids.commands import save_draft, start_bid, submit_bid
from app.bids.rules import Letter
from app.bids.sealed import BidLetter, LetterKind
from app.briefs.models import Brief
from app.core.crypto import Unreadable, digest, seal
from app.core.database import Database
from app.core.refusals import NotFound
from app.core.sealing import BUCKET
from app.sealing.asking import LettersShut
from app.settings import DEVELOPMENT_SECRET as SECRET
from tests import NOON, ROOT, factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import World, mark_opened
from tests.sealing import SEAL, let_open

CANARIES = ("canary-approach-7f3a", "canary-experience-91bc", "987654321")
SENT = Letter(CANARIES[0], CANARIES[1], "Therapist of Alder Therapy", int(CANARIES[2]))
DRAFTED = Letter("canary-draft-55aa", "canary-draft-66bb", "Therapist of Alder Therapy", 123454321)
CLOSES = NOON + timedelta(days=10)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    """A brief with one bid, submitted, and a newer draft beside it."""
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
        bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
        save_draft(session, made.owner_a, bid_id, SENT, seal=SEAL)
        submit_bid(session, made.owner_a, bid_id, received_at=NOON, seal=SEAL)
        save_draft(session, made.owner_a, bid_id, DRAFTED, seal=SEAL)
    return brief_id


def dump(db: Database) -> bytes:
    """Every value of every row of every table the database has, whatever the models say."""
    found, metadata = [], MetaData()
    with db.engine.connect() as connection:
        metadata.reflect(connection)
        assert len(metadata.tables) > 40
        for table in metadata.tables.values():
            for row in connection.execute(select(table)):
                found += [value if isinstance(value, bytes) else repr(value).encode() for value in row]
    return b"\n".join(found)


@pytest.mark.invariant(1)
@pytest.mark.bar("S1")
@pytest.mark.row("7.3")
def test_no_byte_of_a_letter_is_in_any_row_of_any_table(db: Database, made: World, brief_id: UUID) -> None:
    held = dump(db)
    assert b"Therapy for two siblings" in held and b"Alder Therapy" in held, "the dump sees what is there"
    for canary in (*CANARIES, DRAFTED.approach, DRAFTED.experience, str(DRAFTED.price_pence)):
        assert canary.encode() not in held


@pytest.mark.invariant(1)
def test_before_the_opening_the_bids_do_not_exist(db: Database, made: World, brief_id: UUID) -> None:
    with db.read() as session:
        brief = session.get_one(Brief, brief_id)
        with pytest.raises(NotFound):
            queries.opened_bids(session, brief, secret=SECRET)
    with db.write() as session:
        brief = session.get_one(Brief, brief_id)
        mark_opened(session, brief, CLOSES)
        with pytest.raises(NotFound):  # it was never released
            queries.opened_bids(session, brief, secret=SECRET)
        let_open(session, brief_id)
        session.flush()
        assert [bid.letter for bid in queries.opened_bids(session, brief, secret=SECRET)] == [SENT]


@pytest.mark.row("7.3")
def test_a_letter_opens_only_in_its_own_place_and_under_its_own_key(db: Database, made: World, brief_id: UUID) -> None:
    other = replace(SEAL, token="the token of another session")
    with db.read() as session:
        sealed, draft = _letter(session, LetterKind.SUBMITTED), _letter(session, LetterKind.DRAFT)
    assert (queries.read_letter(sealed, SEAL), queries.read_letter(draft, SEAL)) == (SENT, DRAFTED)
    with pytest.raises(LettersShut):
        queries.read_letter(sealed, other)
    with pytest.raises(Unreadable):
        queries.read_opened(sealed, SECRET)
    keys = {one.id: queries.data_key(one, SEAL) for one in (sealed, draft)}
    assert queries.read_letter(sealed, replace(other, keys=keys)) == SENT
    for changed in (
        {"bid_id": uuid4()},
        {"ciphertext": draft.ciphertext},
        {"ciphertext": sealed.ciphertext[::-1]},
    ):
        moved = BidLetter(**(sealed.model_dump() | changed))
        with pytest.raises((Unreadable, LettersShut)):
            queries.read_letter(moved, SEAL)
        with pytest.raises(Unreadable):
            queries.read_letter(moved, replace(SEAL, keys=keys))


def test_the_length_of_what_is_kept_does_not_tell_how_long_a_letter_is(
    db: Database, made: World, brief_id: UUID
) -> None:
    with db.read() as session:
        lengths = {len(_letter(session, kind).ciphertext) for kind in LetterKind}
    assert lengths == {BUCKET + 28}, "the nonce and the tag beside whole buckets"


def test_a_letter_from_before_the_keyholder_is_read_and_is_sealed_as_it_is_sent(
    db: Database, made: World, brief_id: UUID
) -> None:
    with db.write() as session:
        draft = _letter(session, LetterKind.DRAFT)
        old = seal(DRAFTED.canonical(), secret=SECRET, bound_to=draft.bid_id.bytes + b"draft")
        draft.brief_wrap = draft.own_wrap = draft.session_wrap = None
        draft.wrapped_key, draft.ciphertext = old.wrapped_key, old.ciphertext
    with db.read() as session:
        assert queries.read_letter(_letter(session, LetterKind.DRAFT), SEAL) == DRAFTED
    with db.write() as session:
        submit_bid(session, made.owner_a, draft.bid_id, received_at=NOON, seal=SEAL)
    with db.read() as session:
        sent = _letter(session, LetterKind.SUBMITTED)
        assert sent.wrapped_key is None and queries.read_letter(sent, SEAL) == DRAFTED
        receipt = queries.receipts(session, draft.bid_id, {})[0]
        assert receipt.content_sha256 == digest(queries.read_letter(sent, SEAL).canonical())


def _letter(session: Session, kind: LetterKind) -> BidLetter:
    return session.exec(select_rows(BidLetter).where(BidLetter.kind == kind)).one()


@pytest.mark.bar("S1")
def test_the_import_contract_of_the_seal_is_in_force() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    contract = text.partition('name = "The seal')[2].partition("[[")[0]
    assert 'protected_modules = ["app.bids.sealed"]' in contract
    assert 'allowed_importers = ["app.bids.queries.letters", "app.bids.commands", "app.bids.writing"]' in contract


@pytest.mark.invariant(1)
@pytest.mark.bar("S1")
@pytest.mark.row("7.1")
@pytest.mark.row("7.2")
def test_with_or_without_a_bid_every_other_person_sees_the_same_bytes(
    db: Database, made: World, client_for: ClientFor
) -> None:
    """Two worlds that differ in A's bid alone: absent, then begun, then submitted."""
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)
    before = _seen(client_for, made, brief_id)
    assert all(status in (200, 404) for status, _ in before.values()) and len(before) == 24
    with db.write() as session:
        bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
        save_draft(session, made.owner_a, bid_id, SENT, seal=SEAL)
    assert _seen(client_for, made, brief_id) == before
    with db.write() as session:
        submit_bid(session, made.owner_a, bid_id, received_at=NOON, seal=SEAL)
    assert _seen(client_for, made, brief_id) == before
    for person in (made.commissioner, made.chair, made.owner_b):
        for path in (f"/bids/{bid_id}", f"/bids/{bid_id}/check", f"/bids/{bid_id}/receipt"):
            assert client_for(person).get(path).status_code == 404


def _seen(client_for: ClientFor, made: World, brief_id: UUID) -> dict[tuple[str, str], tuple[int, str]]:
    people = (made.commissioner, made.approver, made.chair, made.owner_b, made.lead, made.other_commissioner)
    paths = ("/briefs", f"/briefs/{brief_id}", "/opportunities", f"/opportunities/{brief_id}")
    found = {}
    for person in people:
        for path in paths:
            answer = client_for(person).get(path)
            found[person.name, path] = (answer.status_code, answer.text.replace(answer.headers["X-Request-Id"], ""))
    return found
