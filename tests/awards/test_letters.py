"""What the letters of an award out of rank say, as their readers see them."""

import pytest
from sqlmodel import select

from app.awards.commands.award import approve_award, propose_award
from app.awards.models import OutcomeLetter
from tests.awards.stage import SECRET, Stage
from tests.conftest import ClientFor

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
