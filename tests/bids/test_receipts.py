"""A receipt is signed, anybody can check it, and what was opened can be held against it."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from app.bids.queries import bid_page
from app.bids.rules import RECEIPT_FIELDS
from app.briefs.cancelling.commands import agree_cancellation, ask_cancellation
from app.core.actor import NOBODY
from app.core.crypto import digest
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.signing import SigningKeys, as_published, check, published, written
from app.operations import receipt as command
from app.settings import Settings
from tests import NOON
from tests.awards.stage import Stage
from tests.bids.pages import soup
from tests.conftest import ClientFor
from tests.sealing import RECEIPTS, SEAL

__all__ = ["furniture", "on"]
from tests.awards.conftest import furniture, on

STATEMENT: dict[str, str | int] = dict.fromkeys(RECEIPT_FIELDS, "x") | {"brief_version": 1}
TEXT = written(STATEMENT, *RECEIPTS.sign(STATEMENT))
OTHERS = SigningKeys({"other": b"o" * 32})


def _changed(**fields: object) -> str:
    return json.dumps(json.loads(TEXT) | fields)


@pytest.mark.row("7.5")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TEXT, "nothing in it was changed"),
        (f"Receipt R-1\n\n{TEXT}\n\nThe bid is sealed.", "nothing in it was changed"),
        (_changed(), "nothing in it was changed"),
        (_changed(brief_version=2), "does not fit"),
        (_changed(received_at="2026-11-23T11:59:59.000000+00:00"), "does not fit"),
        (_changed(signature="AAAA"), "does not fit"),
        (_changed(signature=None), "does not fit"),
        (_changed(key="other"), "does not publish"),
        (_changed(more="x"), "not a whole receipt"),
        (TEXT.replace('"brief":', '"brief": "B-1", "brief":'), "not a whole receipt"),
        (TEXT[:-40], "not a whole receipt"),
        ("[" * 5000, "not a whole receipt"),
        ("", "not a whole receipt"),
        (written(STATEMENT, *OTHERS.sign(STATEMENT)), "does not publish"),
    ],
)
def test_a_check_says_what_is_right_or_wrong(text: str, words: str) -> None:
    found = check(text, RECEIPTS.public, RECEIPT_FIELDS)
    assert words in found.words
    assert (found.said is not None) == ("nothing in it was changed" in words)


def test_an_older_key_still_checks_what_it_signed_and_a_stranger_needs_the_published_ones_alone() -> None:
    both = SigningKeys({"new": b"n" * 32, "other": b"o" * 32})
    old = written(STATEMENT, *OTHERS.sign(STATEMENT))
    keys = as_published(json.dumps(published(both.public)))
    assert both.current == "new" and check(old, keys, RECEIPT_FIELDS).said
    with pytest.raises(ValueError, match="not published keys"):
        as_published('{"keys": 1}')


@pytest.mark.row("7.5")
@pytest.mark.bar("U1")
def test_from_the_receipts_page_to_anybodys_check_and_the_command(
    db: Database, on: Stage, client_for: ClientFor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owner, anybody = client_for(on.made.owner_a), client_for(NOBODY)
    where = f"/bids/{on.bids['a']}/receipt"
    signed = soup(owner.get(where).text).select_one(".portal-signed").text
    saved = owner.get(f"{where}.json")
    assert saved.text == signed and "attachment" in saved.headers["content-disposition"]
    with db.read() as session:
        mails = [row.context["signed"] for row in session.exec(select(OutboxMessage)) if "signed" in row.context]
    assert signed in mails
    assert client_for(on.made.owner_b).get(f"{where}.json").status_code == 404
    assert client_for(on.made.chair).get(f"{where}.json").status_code == 404
    good = anybody.post("/receipts/verify", data={"receipt": signed})
    assert "nothing in it was changed" in good.text and json.loads(signed)["content_sha256"] in good.text
    received = [cell.text.strip() for cell in soup(good.text).select(".govuk-summary-list__value")][1:3]
    assert received == ["Monday 23 November 2026, 12:00:00 London time", json.loads(signed)["received_at"]]
    bad = anybody.post("/receipts/verify", data={"receipt": signed.replace('"brief_version": 1', '"brief_version": 2')})
    assert "does not fit" in bad.text
    assert anybody.post("/receipts/verify", data={}).status_code == 422
    (tmp_path / "receipt.json").write_text(signed)
    (tmp_path / "changed.json").write_text(signed.replace("+00:00", "+01:00"))
    (tmp_path / "keys.json").write_text(anybody.get("/receipts/keys").text)
    files = {name: str(tmp_path / name) for name in ("receipt.json", "changed.json", "keys.json", "none.json")}
    for rest, code in (
        (["verify", files["receipt.json"]], 0),
        (["verify", files["receipt.json"], files["keys.json"]], 0),
        (["verify", files["changed.json"], files["keys.json"]], 1),
        (["verify", files["none.json"]], 2),
        (["verify", files["receipt.json"], files["receipt.json"]], 2),
        ([], 2),
    ):
        assert command(Settings(), rest) == code
    assert "content_sha256" in capsys.readouterr().out


@pytest.mark.row("7.5")
@pytest.mark.invariant(12)
def test_after_the_opening_a_bidder_sees_that_what_was_opened_is_what_was_sealed(
    db: Database, on: Stage, client_for: ClientFor
) -> None:
    where = f"/bids/{on.bids['a']}/receipt"
    before = client_for(on.made.owner_a).get(where).text
    assert "What was opened" not in before
    on.opened()
    assert "What was opened is what you sealed" in client_for(on.made.owner_a).get(where).text
    with db.read() as session:
        bid = bid_page(session, on.made.owner_a, on.bids["a"], NOON, seal=SEAL)
    assert bid.submitted and digest(bid.submitted.canonical()) == json.loads(bid.receipts[0].signed)["content_sha256"]
    with db.write() as session:
        ask_cancellation(session, on.made.chair, on.brief_id, "None met the need described.", no_suitable_bid=True)
        agree_cancellation(session, on.made.approver, on.brief_id)
    ended = client_for(on.made.owner_a).get(where).text
    assert "found no bid suitable" in ended and "was opened before that" in ended and "stays sealed" not in ended
