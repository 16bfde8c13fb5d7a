"""Who meets a bid, its brief and its receipt, and who finds nothing; and what its lists say to whom."""

from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.bids.models import Bid
from app.briefs.models import BriefInvitation
from app.core.actor import NOBODY
from app.core.database import Database
from app.organisations.rules import Role
from tests import NOON, factories
from tests.bids.pages import YES, begun, brief_id, furniture, made, practitioner, save, soup, typed
from tests.conftest import ClientFor
from tests.factories import World

__all__ = ["brief_id", "furniture", "made", "practitioner"]


@pytest.mark.row("5.10")
def test_not_this_time_is_one_tap(db: Database, made: World, brief_id: UUID, client_for: ClientFor) -> None:
    client, where = client_for(made.owner_a), f"/opportunities/{brief_id}"
    taps = soup(client.get(where).text).select("button[name=reason]")
    assert len(taps) == 5
    for _ in range(2):
        answer = client.post(f"{where}/decline", data={"provider": str(made.provider_a), "reason": "full"})
        assert answer.status_code == 303
    assert "You said “not this time”" in client.get(where).text
    assert client.post(f"{where}/decline", data={"provider": str(made.provider_a)}).status_code == 422
    assert client.post(f"{where}/decline", data={"provider": str(made.provider_b), "reason": "full"}).status_code == 404
    before = client_for(made.commissioner).get(f"/briefs/{brief_id}").text
    assert "not this time" not in before.lower() and "full" not in before.lower().replace("full referral", "")
    with db.read() as session:
        assert len([row for row in session.exec(select(BriefInvitation)) if row.declined_at]) == 1


def test_a_member_who_may_not_act_sees_every_reason_and_its_mend(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        late = factories.provider(session, "Cedar Therapy")
        cyd = factories.seated(session, late, Role.OWNER, name="Cyd Cedar")
        member = factories.membership(session, late, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
        session.add(
            BriefInvitation(brief_id=brief_id, provider_id=late, membership_id=member, invited_at=NOON, why="Test")
        )
    client = client_for(cyd)
    page = soup(client.get(f"/opportunities/{brief_id}").text)
    assert page.select_one(f"a[href='/providers/{late}/evidence']") and not page.find("button", string="Start bid")
    refused = client.post(f"/opportunities/{brief_id}/bid", data={"provider": str(late)})
    assert refused.status_code == 409


@pytest.mark.invariant(1)
@pytest.mark.invariant(10)
def test_strangers_sign_in_and_everybody_else_finds_nothing(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    owner = client_for(made.owner_a)
    bid = begun(owner, made, brief_id)
    save(owner, bid, typed(practitioner))
    owner.post(f"{bid}/submit", data=YES)
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY, name="Rae Reader")
        uninvited = factories.seated(session, factories.provider(session, "Cedar"), Role.OWNER, name="Cyd Cedar")
    missing = f"/bids/{uuid4()}"
    for person in (reader, uninvited, made.owner_b, made.commissioner, made.chair, made.assessor, made.lead):
        client = client_for(person)
        for path in ("", "/check", "/receipt"):
            foreign, absent = client.get(bid + path), client.get(missing + path)
            assert foreign.status_code == absent.status_code == 404 and len(foreign.text) == len(absent.text)
        for path, data in (("", typed(practitioner)), ("/submit", YES), ("/withdraw", {})):
            assert client.post(bid + path, data=data).status_code == 404
    assert client_for(uninvited).get(f"/opportunities/{brief_id}").status_code == 404
    assert client_for(reader).get(f"/opportunities/{brief_id}").status_code == 200
    for path in ("/bids", bid, f"/opportunities/{brief_id}"):
        assert client_for(NOBODY).get(path).headers["location"].startswith("/sign-in")
    with db.read() as session:
        assert [row.state for row in session.exec(select(Bid))] == ["submitted"]


def test_the_list_shows_a_persons_own_bids_alone(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    owner = client_for(made.owner_a)
    assert "See your opportunities" in owner.get("/bids").text
    begun(owner, made, brief_id)
    assert len(soup(owner.get("/bids").text).select("tbody tr")) == 1
    assert "Therapy for two siblings" not in client_for(made.owner_b).get("/bids").text


def test_what_was_changed_since_a_bid_was_sent_is_said_wherever_it_is_listed(
    made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    owner = client_for(made.owner_a)
    bid = begun(owner, made, brief_id)
    save(owner, bid, typed(practitioner))
    owner.post(f"{bid}/submit", data=YES)
    assert "Changes not sent" not in owner.get("/bids").text + owner.get("/board").text
    save(owner, bid, typed(practitioner, rate_1="120"))
    for page in ("/bids", "/board", bid, f"{bid}/receipt"):
        assert "Changes not sent" in owner.get(page).text
        assert "Changes not sent" not in client_for(made.owner_b).get(page).text


def test_a_receipt_before_any_is_not_there(made: World, brief_id: UUID, client_for: ClientFor) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    assert client.get(f"{bid}/receipt").status_code == 404
