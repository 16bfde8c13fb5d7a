"""A partner learns how the bid ended that it was in, and nothing of what was scored or of whom else."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.awards.commands.award import approve_award, propose_award
from app.bids.models import Bid, BidPartner
from app.bids.partnering.commands import tell_partners_of_award
from app.briefs.models import Brief, BriefInvitation
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.organisations.rules import Role
from app.web.pages import plain
from tests import NOON, factories
from tests.awards.stage import CLOSES, SECRET, Stage
from tests.conftest import ClientFor
from tests.databases import statements


def _partner(on: Stage, key: str, name: str, *, agreed: bool = True) -> tuple[UUID, Actor]:
    """A member that has agreed to be a partner in this bid, and its owner."""
    made = on.made
    with on.db.write() as session:
        provider_id = factories.active(session, factories.provider(session, name))
        owner = factories.seated(session, provider_id, Role.OWNER, name=f"Owner of {name}")
        factories.verified_evidence(session, provider_id, made.checker)
        where = (provider_id, made.framework_id, made.lots[0], made.regions[0])
        member = factories.membership(session, *where, made.lead.known)
        session.add(
            BriefInvitation(
                brief_id=on.brief_id, provider_id=provider_id, membership_id=member, invited_at=NOON, why="Member"
            )
        )
        bid = session.get_one(Bid, on.bids[key])
        row = session.get_one(
            BidPartner, factories.partnership(session, on.brief_id, bid.provider_id, provider_id, owner)
        )
        if agreed:
            row.agreed_at, row.agreed_by = NOON, owner.known
    return provider_id, owner


@pytest.mark.row("1.7")
@pytest.mark.parametrize("winner", ["a", "b"])
def test_a_partner_learns_the_end_of_the_bid_it_was_in(
    db: Database, on: Stage, client_for: ClientFor, winner: str
) -> None:
    _, cedar = _partner(on, "a", "Cedar Therapy")
    _, dove = _partner(on, "a", "Dove Therapy", agreed=False)
    client = client_for(cedar)

    def went() -> str:
        return BeautifulSoup(client.get("/partnerships").text, "html.parser").select_one("section").get_text(" ")  # type: ignore[union-attr]

    assert "The bid is submitted with your agreement." in went()
    on.clock.set(CLOSES + timedelta(seconds=1))
    assert "sealed until two people open" in went()
    on.scored()
    assert "opened and are being assessed" in went()
    assert "successful" not in went()
    with db.write() as session:
        reason = "" if winner == "a" else "It can begin earlier, which the children need."
        propose_award(session, on.made.chair, on.brief_id, on.bids[winner], reason=reason, secret=SECRET)
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.write() as session:  # told once, whoever tells it again
        tell_partners_of_award(session, session.get_one(Brief, on.brief_id), on.bids[winner], on.clock.moment)
    words = "was successful" if winner == "a" else "was not successful"
    said = went()
    assert f"The bid {words}" in said and "Alder Therapy has a letter" in said and "Birch" not in said
    with db.read() as session:
        [one] = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/partner_outcome.txt")).all()
        _, body = plain(one.template, {"public_url": "https://x.example"} | one.context)
    assert one.to_address == cedar.email and f"That bid {words}" in body, "nobody who did not agree is told"
    page = client.get(f"/opportunities/{on.brief_id}").text
    assert "You were partner in a bid" in page and "No bid was started" not in page
    other = client_for(dove)
    assert "No bid was started" in other.get(f"/opportunities/{on.brief_id}").text
    assert "successful" not in other.get("/partnerships").text
    with statements(db) as sent:
        went()
    assert len(sent) <= 5


@pytest.mark.row("1.7")
def test_a_partner_learns_that_its_bid_was_put_aside_or_never_sent(
    db: Database, on: Stage, client_for: ClientFor
) -> None:
    (_, cedar), (_, dove) = _partner(on, "a", "Cedar Therapy"), _partner(on, "b", "Dove Therapy")
    with db.write() as session:
        bid = session.get_one(Bid, on.bids["b"])
        bid.state, bid.withdrawn_at = "withdrawn", NOON
        session.get_one(Bid, on.bids["a"]).excluded_reason = "A partner might not act when the brief closed."
        factories.opened(session, on.brief_id, CLOSES)
    on.clock.set(CLOSES + timedelta(minutes=5))
    assert "put aside at the opening, and not read" in client_for(cedar).get("/partnerships").text
    assert "No bid was submitted with your agreement" in client_for(dove).get("/partnerships").text
