"""The master key is changed, and lost: rehearsed."""

import pytest
from sqlmodel import select

from app.awards.commands.opening import approve_opening
from app.awards.models import OpeningApproval
from app.bids.queries import bid_page
from app.bids.sealed import BidLetter
from app.core.crypto import Keyring
from app.core.refusals import Refused
from app.keyholder.command import keyholder as command
from app.keyholder.rotating import rotate
from app.sealing.models import SealingKey
from app.settings import DEVELOPMENT_MASTER_KEYS, KeyholderSettings
from tests.awards.stage import CLOSES, DRAIN, LETTERS, SECRET
from tests.keyholder.conftest import Held
from tests.sealing import SEAL, keyholder

NEW = "2028:" + "B" * 43 + "="
ALONE = Keyring.parse(NEW, "master")
BOTH = Keyring.parse(f"{NEW},{DEVELOPMENT_MASTER_KEYS}", "master")


@pytest.mark.row("7.3")
@pytest.mark.bar("S3")
def test_a_changed_master_key_opens_what_the_old_one_sealed_and_an_opening_under_way_goes_on(on: Held) -> None:
    with on.db.read() as session:
        letters = {row.id: row.ciphertext for row in session.exec(select(BidLetter))}
    on.move(CLOSES + DRAIN)
    proof = on.holder.approve_opening(on.token(on.made.chair), on.brief_id)
    with on.db.write() as session:
        approve_opening(session, on.made.chair, on.brief_id, drain=DRAIN, told=proof, secret=SECRET)
    first, second = rotate(on.db, BOTH), rotate(on.db, BOTH)
    assert (first.keys > 0, first.approvals, first.lost) == (True, 1, []) and second == (0, 0, [])
    with on.db.read() as session:
        assert set(session.exec(select(SealingKey.master_key_id))) == {"2028"}
        assert {row.id: row.ciphertext for row in session.exec(select(BidLetter))} == letters
        assert session.exec(select(OpeningApproval.witness)).one() != proof
    alone = keyholder(on.db, own_now=lambda: on.own[0])
    alone.master = ALONE
    released = alone.open_bids(on.token(on.made.commissioner), on.brief_id)
    assert released.keys.keys() == letters.keys()
    assert f"wrapped {first.keys} keys anew under the master key 2028" in " ".join(on.told())


@pytest.mark.row("7.3")
def test_with_a_lost_master_key_nothing_is_opened_all_of_it_is_named_and_the_record_stays(
    on: Held, capsys: pytest.CaptureFixture[str]
) -> None:
    on.move(CLOSES + DRAIN)
    lost = keyholder(on.db, own_now=lambda: on.own[0])
    lost.master = ALONE
    proof = lost.approve_opening(on.token(on.made.chair), on.brief_id)
    with on.db.write() as session:
        approve_opening(session, on.made.chair, on.brief_id, drain=DRAIN, told=proof, secret=SECRET)
    for ask in (
        lambda: lost.open_bids(on.token(on.made.commissioner), on.brief_id),
        lambda: lost.read_own(on.token(on.made.owner_a), on.bids["a"]),
    ):
        with pytest.raises(Refused) as no:
            ask()
        assert no.value.refusal.code == "altered"
    config = KeyholderSettings(database_url=on.db.url, master_keys=NEW)
    assert command(config, ["rotate"]) == 1
    named = capsys.readouterr().out
    with on.db.read() as session:
        keys = session.exec(select(SealingKey)).all()
        bid = bid_page(session, on.made.owner_a, on.bids["a"], on.clock.moment, seal=SEAL)
    assert keys and all(f"the key of {key.holder} {key.holder_id}" in named for key in keys)
    assert {key.master_key_id for key in keys} == {"development"}, "left for the day on which the old one is found"
    assert bid.submitted == LETTERS["a"] and bid.receipts[0].signed
    found = KeyholderSettings(database_url=on.db.url, master_keys=f"{NEW},{DEVELOPMENT_MASTER_KEYS}")
    assert command(found, ["rotate"]) == 0
    assert command(found, ["nonsense"]) == 2
