"""What the restriction of a provider does, and who learns what of it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.applications.commands import start_application
from app.bids import commands as bids
from app.bids.models import Bid
from app.bids.queries import not_eligible
from app.briefs.models import Brief, BriefInvitation
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.memberships.models import RestrictionNotice
from app.memberships.queries import members
from app.memberships.restriction.commands import (
    agree_lift,
    decline_restriction,
    propose_lift,
    propose_restriction,
    read_notice,
)
from app.memberships.restriction.queries import restriction_page, restrictions
from app.memberships.rules import State
from app.providers.rules.restriction import Stage
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import GROUNDS
from tests.house.scenario import letter
from tests.memberships.restriction import WHY, everybody
from tests.sealing import SEAL, publish_brief


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


# --- What it does


def _codes(session: Session, made: factories.World, provider_id: UUID, at: datetime) -> set[tuple[State, str]]:
    """How every membership of the provider stands, with its first reason."""
    return {
        (member.state, member.reasons[0].code if member.reasons else "")
        for lot_id, region_id in product(made.lots, made.regions)
        for member in members(session, lot_id=lot_id, region_id=region_id, at=at, agency_id=None)
        if member.provider_id == provider_id
    }


@pytest.mark.row("4.3", "4.9")
def test_every_membership_is_suspended_and_lifting_weighs_each_afresh(
    db: Database, made: factories.World, clock: Clock
) -> None:
    with db.write() as session:
        restriction = factories.restricted(session, made, made.provider_a)
    clock.forward(days=1)
    with db.read() as session:
        assert _codes(session, made, made.provider_a, clock.moment) == {(State.SUSPENDED, "provider_restricted")}
        assert _codes(session, made, made.provider_b, clock.moment) == {(State.ACTIVE, "")}
        assert _codes(session, made, made.provider_a, NOON - timedelta(seconds=1)) == {(State.ACTIVE, "")}
    with db.write() as session:
        propose_lift(session, made.lead_two, restriction, WHY)
    with db.write() as session:
        agree_lift(session, made.lead, restriction)
    lifted, lapsed = clock.moment, NOON + timedelta(days=400)
    with db.read() as session:
        assert _codes(session, made, made.provider_a, lifted) == {(State.ACTIVE, "")}
        assert _codes(session, made, made.provider_a, lifted - timedelta(seconds=1)) == {
            (State.SUSPENDED, "provider_restricted")
        }
        assert _codes(session, made, made.provider_a, lapsed) == {(State.SUSPENDED, "evidence_expired")}


@pytest.mark.row("4.4")
def test_invitations_stop_and_a_bid_is_kept_but_cannot_win(db: Database, made: factories.World, clock: Clock) -> None:
    with db.write() as session:
        brief = factories.brief(session, made)
        other, half_done = factories.brief(session, made), factories.brief(session, made)
        draft = factories.brief(session, made, published_at=None)
        bid = factories.submitted_bid(session, brief, made.provider_a, made.owner_a, letter(session, made.provider_a))
        begun = bids.start_bid(session, made.owner_a, half_done, made.provider_a)
        words = letter(session, made.provider_a)
        bids.save_draft(session, made.owner_a, begun, words, seal=SEAL)
    with db.read() as session:
        before = session.get_one(Bid, bid).model_dump()
    with db.write() as session:
        factories.restricted(session, made, made.provider_a)
    with db.write() as session:
        publish_brief(session, made.approver, draft)
        invited = session.exec(select(BriefInvitation.provider_id).where(BriefInvitation.brief_id == draft)).all()
        assert list(invited) == [made.provider_b]
    for refused in (
        lambda session: bids.start_bid(session, made.owner_a, other, made.provider_a),
        lambda session: bids.submit_bid(session, made.owner_a, begun, received_at=clock.moment, seal=SEAL),
        lambda session: start_application(session, made.owner_a, made.round_id, made.provider_a),
    ):
        with pytest.raises(Refused, match="provider_restricted"), db.write() as session:
            refused(session)
    with db.read() as session:
        assert session.get_one(Bid, bid).model_dump() == before
        [reason] = not_eligible(session, session.get_one(Brief, brief), made.provider_a, clock.moment)
        assert reason.code == "provider_restricted"


# --- Who learns what


@pytest.mark.row("1.4")
def test_nobody_but_who_decides_knows_of_a_proposal(db: Database, made: factories.World, client_for: ClientFor) -> None:
    with db.write() as session:
        actors = everybody(session, made)
        restriction = propose_restriction(session, made.lead, made.provider_a, GROUNDS)
    path = f"/providers/{made.provider_a}/restriction"
    for name in ("owner", "reader", "commissioner", "checker"):
        page = client_for(actors[name]).get(path)
        assert page.status_code == 200 and "not restricted" in page.text and GROUNDS.contact not in page.text
    with db.read() as session:
        assert audit.timeline(session, made.provider_a) == []
        assert session.exec(select(OutboxMessage.id)).all() == []
        assert session.exec(select(RestrictionNotice.id)).all() == []
    assert [words for words, _ in _todos(client_for, made.lead)] == []
    for actor in (made.lead_two, actors["administrator"]):
        assert _todos(client_for, actor) == [("Decide whether Alder Therapy is restricted", path)]
    with db.write() as session:
        decline_restriction(session, made.lead, restriction)
        [event] = audit.timeline(session, restriction)[:1]
        assert audit.sentence(event) == "Leo Lead proposed to restrict Alder Therapy"
    assert "not restricted" in client_for(made.lead_two).get(path).text


GROUNDS_OF = {  # who reads on the page of a restriction in force: the grounds, what the provider is told, whom to write to
    "owner": (False, True, True),
    "reader": (False, False, True),
    "commissioner": (False, False, True),
    "checker": (False, False, True),
    "lead": (True, True, True),
    "lead two": (True, True, True),
    "administrator": (True, True, True),
    "auditor": (True, True, True),
}


@pytest.mark.row("1.4")
def test_each_reads_what_is_theirs_to_know(db: Database, made: factories.World, client_for: ClientFor) -> None:
    with db.write() as session:
        actors = everybody(session, made)
        factories.restricted(session, made, made.provider_a)
    for name, known in GROUNDS_OF.items():
        text = client_for(actors[name]).get(f"/providers/{made.provider_a}/restriction").text
        assert (GROUNDS.words in text, GROUNDS.told in text, GROUNDS.contact in text) == known, name
        assert ("Safeguarding" in text) is known[0], name
    for name in ("owner of another", "lead elsewhere"):
        answer = client_for(actors[name]).get(f"/providers/{made.provider_a}/restriction")
        assert (name, answer.status_code) in (("owner of another", 404), ("lead elsewhere", 200))
        assert GROUNDS.words not in answer.text and GROUNDS.told not in answer.text
    for name, path in (("owner", f"/providers/{made.provider_a}"), ("commissioner", f"/providers/{made.provider_a}")):
        text = client_for(actors[name]).get(path).text
        assert "Restricted" in text and "Safeguarding" not in text and GROUNDS.told not in text
    assert [words for words, _ in _todos(client_for, made.owner_a)] == [
        "Alder Therapy is restricted: read what this means, and whom to write to"
    ]


@pytest.mark.row("1.4")
def test_owners_agencies_and_leads_are_told_at_once_and_an_agency_says_that_it_has_read(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        restriction = factories.restricted(session, made, made.provider_a)
    people = {made.owner_a.email, made.commissioner.email, made.lead.email, made.lead_two.email}
    with db.read() as session:
        sent = session.exec(select(OutboxMessage)).all()
        assert sorted(message.to_address for message in sent) == sorted(people)
        assert not any(words in str(message.context) for message in sent for words in (GROUNDS.words, GROUNDS.told))
        [sentence] = [audit.sentence(event) for event in audit.timeline(session, made.provider_a)]
        assert sentence == "The service noted that two people restricted Alder Therapy", "not who they are"
        assert "Lena Lead restricted Alder Therapy, as the second of two people" in {
            audit.sentence(event) for event in audit.timeline(session, restriction)
        }
    path = f"/providers/{made.provider_a}/restriction"
    assert _todos(client_for, made.commissioner) == [("Read that Alder Therapy is restricted", path)]
    assert _todos(client_for, made.other_commissioner) == []
    assert "We have read this" in client_for(made.commissioner).get(path).text
    for _ in range(2):
        with db.write() as session:
            read_notice(session, made.commissioner, restriction)
    with pytest.raises(NotFound), db.write() as session:
        read_notice(session, made.other_commissioner, restriction)
    assert "We have read this" not in client_for(made.commissioner).get(path).text
    assert _todos(client_for, made.commissioner) == []
    with db.write() as session:
        propose_lift(session, made.lead, restriction, WHY)
        agree_lift(session, made.lead_two, restriction)
    assert _todos(client_for, made.commissioner) == [("Read that Alder Therapy is no longer restricted", path)]
    with db.read() as session:
        assert len(session.exec(select(OutboxMessage)).all()) == 2 * len(people)
        events = audit.timeline(session, made.provider_a)
        assert [event.person_id for event in events] == [None, None]
        assert audit.sentence(events[1]) == "The service noted that two people lifted the restriction of Alder Therapy"


def test_a_restriction_goes_through_its_pages(db: Database, made: factories.World, client_for: ClientFor) -> None:
    """From finding the provider to freeing it, by forms alone; a wrong form keeps what was typed."""
    first, second = client_for(made.lead), client_for(made.lead_two)
    path = f"/providers/{made.provider_a}/restriction"
    assert path in first.get("/restrictions?known_as=alder therapy").text
    empty = first.post(path, data={"told": GROUNDS.told})
    assert empty.status_code == 422 and GROUNDS.told in empty.text
    assert len(BeautifulSoup(empty.text, "html.parser").select(".govuk-error-summary__list li")) == 3
    assert first.post(path, data=asdict(GROUNDS)).status_code == 303
    assert second.post(path, data=asdict(GROUNDS)).status_code == 409
    with db.read() as session:
        [proposed] = restrictions(session, made.lead)
    steps = f"/restrictions/{proposed.id}"
    assert first.post(f"{steps}/agree").status_code == 409
    assert second.post(f"{steps}/agree").status_code == 303
    assert second.post(f"{steps}/lift", data={}).status_code == 422
    assert second.post(f"{steps}/lift", data={"lift_reason": WHY}).status_code == 303
    assert first.post(f"{steps}/lift/decline").status_code == 303
    assert first.post(f"{steps}/lift", data={"lift_reason": WHY}).status_code == 303
    assert second.post(f"{steps}/lift/agree").status_code == 303
    with db.read() as session:
        page = restriction_page(session, made.lead, made.provider_a)
        assert len(page.timeline) == 6
        assert restriction_page(session, made.owner_a, made.provider_a).timeline == ()
        assert ([one.stage for one in page.restrictions], page.live) == ([Stage.LIFTED], None)
        words = [audit.sentence(event).removeprefix("L") for event in audit.timeline(session, proposed.id)]
        assert [sentence.partition(" Alder")[0] for sentence in words] == [
            "eo Lead proposed to restrict",
            "ena Lead restricted",
            "ena Lead proposed to lift the restriction of",
            "eo Lead declined to lift the restriction of",
            "eo Lead proposed to lift the restriction of",
            "ena Lead lifted the restriction of",
        ]


def _todos(client_for: ClientFor, actor: Actor) -> list[tuple[str, str]]:
    page = BeautifulSoup(client_for(actor).get("/").text, "html.parser")
    return [(link.text, str(link["href"])) for link in page.select(".portal-todos a")]
