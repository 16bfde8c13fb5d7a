"""A whole draft that was never sent: its bidder sees it at the close, and is told of it once."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app.bids.commands import tell_of_unsent
from app.bids.duties import every_round
from app.briefs.models import Brief
from app.briefs.outages.commands import make_good
from app.core.audit import AuditEvent
from app.core.beats import Outage
from app.core.database import Database
from app.core.mail import OutboxMessage
from tests.bids.pages import CLOSES, YES, begun, brief_id, furniture, made, practitioner, save, soup, typed
from tests.conftest import ClientFor, Clock
from tests.factories import World

__all__ = ["brief_id", "furniture", "made", "practitioner"]


@pytest.mark.bar("U1")
@pytest.mark.parametrize("submitted_before", [False, True])
def test_a_whole_draft_that_was_never_sent_is_seen_and_said(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock, submitted_before: bool
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    if submitted_before:
        client.post(f"{bid}/submit", data=YES)
        save(client, bid, typed(practitioner, quantity_1="1", rate_1="1"))
    assert "not submitted" not in client.get(bid).text
    clock.set(CLOSES)
    words = " ".join(soup(client.get(bid).text).select_one(".portal-refusal").text.split())
    assert words.startswith(
        "You had a complete draft that was not submitted when this brief closed on Thursday 3 December"
    )
    assert ("The bid you submitted before it stands." in words) == submitted_before
    page = soup(client.get(bid).text)
    shown = page.select_one("main > .portal-table-scroll tr:last-child td:last-child").text.strip()
    assert shown == "£2,500.00", "what was sent, not what was written later"
    assert ("£1.00" in page.select_one("main").text) == submitted_before
    late = client.post(f"{bid}/submit", data=YES)
    assert late.status_code == 409 and "This brief has closed" in late.text
    said = " ".join(soup(late.text).select_one("main").get_text(" ").split())
    assert "The brief closed Thursday 3 December 2026, 12:00 noon London time" in said
    assert "Your bid arrived Thursday 3 December 2026, 12:00:00.000 London time" in said
    assert ("had submitted before stands. See its receipt" in said) == submitted_before
    assert ("Nothing from your organisation was received for this brief." in said) != submitted_before


@pytest.mark.bar("U1")
@pytest.mark.parametrize("submitted_before", [False, True])
def test_a_draft_that_was_never_sent_is_told_by_mail_and_in_the_record_once(
    db: Database,
    made: World,
    brief_id: UUID,
    practitioner: UUID,
    client_for: ClientFor,
    clock: Clock,
    submitted_before: bool,
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    if submitted_before:
        client.post(f"{bid}/submit", data=YES)
        clock.forward(minutes=1)
        save(client, bid, typed(practitioner, rate_1="1"))
    drain = timedelta(seconds=60)
    clock.set(CLOSES + drain - timedelta(seconds=1))
    assert every_round(db, drain=drain) == 0, "one received in time may still wait in line"
    clock.set(CLOSES + drain)
    assert [every_round(db, drain=drain), every_round(db, drain=drain)] == [1, 0]
    clock.set(CLOSES + timedelta(days=8))
    assert every_round(db, drain=drain) == 0
    with db.write() as session:
        assert tell_of_unsent(session, drain=drain) == 0
    with db.read() as session:
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/unsent.txt")).all()
        assert [(one.to_address, bool(one.context["stands"])) for one in mails] == [
            (made.owner_a.email, submitted_before)
        ]
        told = session.exec(select(AuditEvent).where(AuditEvent.name == "bid.unsent")).one()
        assert (str(told.subject_id), told.about_id) == (bid.removeprefix("/bids/"), None)
    assert "was not submitted when it closed" in client.get(bid).text
    clock.set(CLOSES)
    assert "not submitted" not in client_for(made.commissioner).get(f"/briefs/{brief_id}").text


def test_who_was_told_of_a_draft_before_an_outage_was_made_good_is_told_again_at_the_close_that_counts(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock
) -> None:
    client, drain = client_for(made.owner_a), timedelta(seconds=60)
    save(client, begun(client, made, brief_id), typed(practitioner))
    clock.set(CLOSES + drain)
    assert every_round(db, drain=drain) == 1, "the worker lives while the web is away"
    with db.write() as session:
        session.add(Outage(from_at=CLOSES - timedelta(minutes=20), until_at=CLOSES + timedelta(minutes=30)))
    assert make_good(db) == 1
    with db.read() as session:
        later = session.get_one(Brief, brief_id).closes_at
    clock.set(later + drain - timedelta(seconds=1))
    assert every_round(db, drain=drain) == 0
    clock.set(later + drain)
    assert [every_round(db, drain=drain), every_round(db, drain=drain)] == [1, 0]
    with db.read() as session:
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/unsent.txt")).all()
    assert [one.to_address for one in mails] == [made.owner_a.email] * 2
