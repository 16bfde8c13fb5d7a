"""What the letters of an award out of rank say, as their readers see them."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from sqlmodel import select

from app.awards.commands.award import approve_award, propose_award, reject_award
from app.awards.models import Award, OutcomeLetter
from app.awards.rules.award import why_not_tell
from app.awards.rules.scoring import Ranked
from app.core.refusals import Refused
from app.organisations.models import Organisation
from tests.awards.stage import SECRET, Stage, refused
from tests.conftest import ClientFor, hidden

WHY = "The family can walk to its rooms, and to no others."
BEST = "It met the need best"


@pytest.mark.row("9.5")
@pytest.mark.parametrize("out_of_rank", [True, False])
def test_a_letter_says_best_only_of_the_best_and_else_why(on: Stage, client_for: ClientFor, out_of_rank: bool) -> None:
    on.scored()
    won, lost = (on.made.owner_b, on.made.owner_a) if out_of_rank else (on.made.owner_a, on.made.owner_b)
    with on.db.write() as session:
        bid_id = on.bids["b" if out_of_rank else "a"]
        propose_award(session, on.made.chair, on.brief_id, bid_id, reason=WHY, secret=SECRET)
    deciding = client_for(on.made.approver).get(f"/briefs/{on.brief_id}/award").text
    assert ("reads the reason above in its letter" in deciding) == out_of_rank
    with on.db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with on.db.read() as session:
        letters = {row.provider_id: row.id for row in session.exec(select(OutcomeLetter))}
    for reader, words in (
        (won, "Your bid was not ranked first, and was"),
        (lost, "Its bid was not ranked first, and was"),
    ):
        seat = reader.seats[0].organisation_id
        shown = " ".join(client_for(reader).get(f"/letters/{letters[seat]}").text.split())
        assert (words in shown, WHY in shown) == (out_of_rank, out_of_rank)
        assert (BEST in shown) == (reader is won and not out_of_rank)


def _proposed_before_letters_gave_reasons(on: Stage) -> None:
    with on.db.write() as session:
        session.exec(select(Award)).one().reason_is_told = False


def _a_rival_is_renamed(on: Stage) -> None:
    with on.db.write() as session:
        session.get_one(Organisation, on.made.provider_a).name = "Family Can"


@pytest.mark.row("9.5")
@pytest.mark.parametrize(
    ("happens", "code", "words"),
    [
        (_proposed_before_letters_gave_reasons, "not_told", "Reject it, and have it proposed anew."),
        (_a_rival_is_renamed, "names", "it may not name Family Can."),
    ],
)
def test_no_letter_gives_a_reason_that_its_reader_may_not_read(
    on: Stage, client_for: ClientFor, happens: Callable[[Stage], None], code: str, words: str
) -> None:
    def propose(reason: str) -> None:
        with on.db.write() as session:
            propose_award(session, on.made.chair, on.brief_id, on.bids["b"], reason=reason, secret=SECRET)

    on.scored()
    propose(WHY)
    approver, path = client_for(on.made.approver), f"/briefs/{on.brief_id}/award"
    older = hidden(approver.get(path).text)
    happens(on)
    stale = approver.post(f"{path}/approve", data=older)
    assert (stale.status_code, words in stale.text) == (409, True)
    page = approver.get(path).text
    assert words in page and "Approve and send" not in page and "Reject this award" in page
    with pytest.raises(Refused) as no, on.db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    assert refused(no) == code
    with on.db.write() as session:
        reject_award(session, on.made.approver, on.brief_id, reason="Not in these words.", secret=SECRET)
    propose("Its rooms are near, and no others are.")
    with on.db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)


@pytest.mark.parametrize(
    ("rank", "reason", "code"),
    [
        (2, "We hear that BIRCH  therapy has lost its people.", "names"),
        (2, "We heard of Birch Therapy's rooms.", "names"),
        (2, "It is more suitable, and more capable, than Able.", "names"),
        (2, "Able people were suitable and capable, and able to begin.", None),
        (2, "Birch Therapy Leeds is the nearest.", None),
        (2, "Birch Therapy Leeds North is further away.", "names"),
        (2, "One who ranked above has lost its people.", None),
        (1, "Stronger than Birch Therapy in every answer.", None),
    ],
)
def test_a_reason_that_several_read_names_no_other_bidder(rank: int, reason: str, code: str | None) -> None:
    bid, others = Ranked(uuid4(), rank, False, {}, Decimal(90)), ("Birch Therapy", "Able", "Birch Therapy Leeds North")
    told = partial(why_not_tell, bid, reason=reason, winner="Birch Therapy Leeds", others=others)
    codes = [no.code if no else None for no in (told(is_told=True), told(is_told=False))]
    assert codes == [code, "not_told" if rank > 1 else None]
