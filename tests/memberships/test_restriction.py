"""The provider's whole machine: who may move it from where; what a restriction does, and who learns what of it."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.applications.commands import (
    choose_lots,
    start_application,
    submit_application,
    withdraw_application,
    write_statement,
)
from app.bids import commands as bids
from app.bids.models import Bid
from app.bids.queries import not_eligible
from app.briefs.models import Brief, BriefInvitation
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.memberships.models import RestrictionNotice
from app.memberships.queries import members
from app.memberships.restriction.commands import (
    agree_lift,
    agree_restriction,
    decline_lift,
    decline_restriction,
    propose_lift,
    propose_restriction,
    read_notice,
)
from app.memberships.restriction.queries import restriction_page, restrictions
from app.memberships.rules import State
from app.organisations.rules import OrganisationKind, Role
from app.providers.commands import archive_provider, pause_provider, return_provider
from app.providers.models import Provider, ProviderRestriction
from app.providers.rules.restriction import STEPS, Stage, Step, why_not_step
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.house.scenario import letter
from tests.sealing import SEAL, publish_brief

GROUNDS = factories.GROUNDS
WHY = "The referral came to nothing."


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


# --- The machine, over every state, actor and event

STATES = ("active", "paused", "proposed", "restricted", "restricted and paused", "lift proposed", "archived")
LIVE = {"active", "paused", "proposed"}
HELD = {"restricted", "restricted and paused"}
"""Proposals, here, are the first lead's; the second lead agreed to the restriction."""

OWN = ("owner", "reader")
DECIDERS = ("lead", "lead two", "administrator")
OUTSIDERS = ("owner of another", "commissioner", "checker", "lead elsewhere", "lead of it and seated in it", "auditor")
EVENTS: dict[str, Callable[[Session, Actor, UUID, UUID], Any]] = {
    "pause": lambda session, actor, provider, _: pause_provider(session, actor, provider),
    "return": lambda session, actor, provider, _: return_provider(session, actor, provider),
    "archive": lambda session, actor, provider, _: archive_provider(session, actor, provider),
    "propose": lambda session, actor, provider, _: propose_restriction(session, actor, provider, GROUNDS),
    "agree": lambda session, actor, _, restriction: agree_restriction(session, actor, restriction),
    "decline": lambda session, actor, _, restriction: decline_restriction(session, actor, restriction),
    "propose lift": lambda session, actor, _, restriction: propose_lift(session, actor, restriction, WHY),
    "agree lift": lambda session, actor, _, restriction: agree_lift(session, actor, restriction),
    "decline lift": lambda session, actor, _, restriction: decline_lift(session, actor, restriction),
}
MOVED, QUIET = "moved", "quiet"


def _expected(state: str, actor: str, event: str) -> str:
    """What the product says, in the order in which it is asked: whose door, then which state, then which person."""
    if event in ("pause", "return", "archive"):
        if actor == "administrator" and event == "archive":
            return QUIET if state == "archived" else MOVED
        if actor in ("reader", "lead of it and seated in it"):
            return "NotAllowed"
        return _of_the_owner(state, event) if actor == "owner" else "NotFound"
    if actor in (*OWN, "lead of it and seated in it") and event == "propose":
        return "NotAllowed"
    if actor not in DECIDERS or (event != "propose" and state in ("active", "paused", "archived")):
        return "NotFound"
    return _of_two(state, actor, event)


def _of_the_owner(state: str, event: str) -> str:
    if event == "archive":
        return QUIET if state == "archived" else MOVED
    if event == "return":
        return {"paused": MOVED, "restricted and paused": "Refused"}.get(state, QUIET)
    return QUIET if state == "paused" else MOVED if state in LIVE else "Refused"


def _of_two(state: str, actor: str, event: str) -> str:
    first, second = actor == "lead", actor == "lead two"
    moves = {
        "propose": state in ("active", "paused"),
        "agree": state == "proposed" and not first,
        "decline": state == "proposed",
        "propose lift": state in HELD,
        "agree lift": state == "lift proposed" and not first,
        "decline lift": state == "lift proposed",
    }
    again = {
        "propose": state == "proposed" and first,
        "agree": state in HELD | {"lift proposed"} and second,
        "propose lift": state == "lift proposed" and first,
    }
    return MOVED if moves[event] else QUIET if again.get(event) else "Refused"


def _facts(session: Session, provider_id: UUID) -> object:
    rows = session.exec(select(ProviderRestriction).where(ProviderRestriction.provider_id == provider_id)).all()
    return session.get_one(Provider, provider_id).model_dump(), sorted(str(row.model_dump()) for row in rows)


def _outcome(session: Session, actor: Actor, event: str, provider_id: UUID, restriction_id: UUID) -> str:
    before = _facts(session, provider_id)
    try:
        EVENTS[event](session, actor, provider_id, restriction_id)
        session.flush()
    except (NotFound, NotAllowed, Refused) as no:
        return type(no).__name__
    return QUIET if _facts(session, provider_id) == before else MOVED


def _in_state(session: Session, made: factories.World, state: str) -> tuple[UUID, UUID]:
    """Provider A brought there by its own commands, and its restriction, or an id that is nowhere."""
    restriction = uuid4()
    if "paused" in state:
        pause_provider(session, made.owner_a, made.provider_a)
    if state == "proposed":
        restriction = propose_restriction(session, made.lead, made.provider_a, GROUNDS)
    if state in HELD | {"lift proposed"}:
        restriction = factories.restricted(session, made, made.provider_a)
    if state == "lift proposed":
        propose_lift(session, made.lead, restriction, WHY)
    if state == "archived":
        archive_provider(session, made.owner_a, made.provider_a)
    return made.provider_a, restriction


def _actors(session: Session, made: factories.World) -> dict[str, Actor]:
    elsewhere = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
    reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    return {
        "owner": made.owner_a,
        "reader": reader,
        "owner of another": made.owner_b,
        "commissioner": made.commissioner,
        "checker": made.checker,
        "lead": made.lead,
        "lead two": made.lead_two,
        "lead elsewhere": factories.seated(session, elsewhere, Role.FRAMEWORK_LEAD),
        "lead of it and seated in it": replace(reader, seats=(*reader.seats, *made.lead.seats)),
        "administrator": factories.seated(session, platform, Role.ADMINISTRATOR, name="Adam Administrator"),
        "auditor": factories.seated(session, platform, Role.AUDITOR, name="Audrey Auditor"),
    }


class _Undo(Exception):
    pass


@pytest.mark.parametrize("state", STATES)
@pytest.mark.row("4.3")
def test_who_may_move_a_provider_from_where(db: Database, made: factories.World, state: str) -> None:
    wrong = []
    with pytest.raises(_Undo), db.write() as session:
        actors = _actors(session, made)
        assert set(actors) == {*OWN, *DECIDERS, *OUTSIDERS}
        provider, restriction = _in_state(session, made, state)
        for actor, event in product(actors, EVENTS):
            with session.begin_nested() as tried:
                found = _outcome(session, actors[actor], event, provider, restriction)
                tried.rollback()
            if found != (expected := _expected(state, actor, event)):
                wrong.append(f"{state}, {actor}, {event}: {found}, and not {expected}")
        raise _Undo
    assert wrong == []


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("now", Stage)
@pytest.mark.parametrize("mine", [True, False])
def test_each_step_has_its_stage_and_agreeing_needs_another_person(step: Step, now: Stage, mine: bool) -> None:
    refusal = why_not_step(step, now, proposed_by_actor=mine)
    code = refusal.code if refusal else None
    if (step, now) not in STEPS:
        assert code == "restriction_moved_on"
    else:
        assert code == ("same_person" if mine and step in (Step.AGREE, Step.AGREE_LIFT) else None)


# --- What the database holds whatever the code does

LEAD, SECOND = "lead", "second"


@pytest.mark.parametrize(
    ("different", "constraint"),
    [
        ({"began_by": LEAD}, "ck_provider_restriction_two_people"),
        ({"began_by": None}, "ck_provider_restriction_began_by_somebody"),
        ({"words": ""}, "ck_provider_restriction_says_why"),
        ({"told": ""}, "ck_provider_restriction_says_why"),
        ({"reason": "dislike"}, "ck_provider_restriction_reason"),
        ({"declined_at": NOON, "declined_by": SECOND}, "ck_provider_restriction_one_decision"),
        ({"lift_proposed_at": NOON, "lift_proposed_by": LEAD}, "ck_provider_restriction_lift_says_why"),
        ({"lifted_at": NOON, "lifted_by": LEAD}, "ck_provider_restriction_lifted_by_two_people"),
        (
            {
                "lift_proposed_at": NOON,
                "lift_proposed_by": LEAD,
                "lift_reason": WHY,
                "lifted_at": NOON,
                "lifted_by": LEAD,
            },
            "ck_provider_restriction_lifted_by_two_people",
        ),
    ],
)
def test_the_database_refuses_a_restriction_by_one_person(
    db: Database, made: factories.World, different: dict[str, Any], constraint: str
) -> None:
    people = {LEAD: made.lead.known, SECOND: made.lead_two.known}
    facts: dict[str, Any] = {"began_at": NOON, "began_by": SECOND, **asdict(GROUNDS), **different}
    row = ProviderRestriction(
        provider_id=made.provider_a,
        proposed_at=NOON,
        proposed_by=made.lead.known,
        **{name: people.get(value, value) for name, value in facts.items()},
    )
    with pytest.raises(IntegrityError) as broken, db.write() as session:
        session.add(row)
    assert constraint in str(broken.value)


def test_the_database_refuses_a_second_live_restriction(db: Database, made: factories.World) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        for _ in range(2):
            session.add(
                ProviderRestriction(
                    provider_id=made.provider_a, proposed_at=NOON, proposed_by=made.lead.known, **asdict(GROUNDS)
                )
            )


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
        before = session.get_one(Bid, bid).model_dump()
        begun = bids.start_bid(session, made.owner_a, half_done, made.provider_a)
        words = letter(session, made.provider_a)
        bids.save_draft(session, made.owner_a, begun, words, seal=SEAL)
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
        actors = _actors(session, made)
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
        actors = _actors(session, made)
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


# --- Closing for good


def _closing(client_for: ClientFor, actor: Actor, provider_id: UUID) -> tuple[int, list[str], list[str]]:
    """The answer to the form, and what the page names with its links."""
    path = f"/providers/{provider_id}/close"
    answer = client_for(actor).post(path, data={"sure": "true"})
    page = BeautifulSoup(answer.text, "html.parser")
    items = page.select(".portal-refusal li")
    return (
        answer.status_code,
        [item.text for item in items],
        [str(a["href"]) for item in items for a in item.select("a")],
    )


def test_closing_names_what_must_end_first_with_its_links(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        brief = factories.brief(session, made)
        bid = factories.submitted_bid(session, brief, made.provider_a, made.owner_a, letter(session, made.provider_a))
        newcomer = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, newcomer, Role.OWNER)
        application = start_application(session, owner, made.round_id, newcomer)
        choose_lots(session, owner, application, [(made.lots[0], made.regions[0])])
        write_statement(session, owner, application, "We would be glad to join this lot.")
        submit_application(session, owner, application)
    status, [words], links = _closing(client_for, made.owner_a, made.provider_a)
    assert (status, links) == (409, [f"/bids/{bid}"]) and "not decided yet" in words
    status, [words], links = _closing(client_for, owner, newcomer)
    assert (status, links) == (409, [f"/applications/{application}"]) and "Test framework" in words
    with db.write() as session:
        bids.withdraw_bid(session, made.owner_a, bid, received_at=NOON)
        withdraw_application(session, owner, application)
    for actor, provider_id in ((made.owner_a, made.provider_a), (owner, newcomer)):
        assert _closing(client_for, actor, provider_id) == (303, [], [])
        with db.read() as session:
            assert session.get_one(Provider, provider_id).archived_at == NOON


@pytest.mark.bar("S1")
def test_an_administrator_does_not_learn_by_closing_whether_a_provider_has_bid(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        administrator = _actors(session, made)["administrator"]
        brief = factories.brief(session, made)
    without = _closing(client_for, administrator, made.provider_a)
    with db.write() as session:
        factories.submitted_bid(session, brief, made.provider_a, made.owner_a, letter(session, made.provider_a))
    assert _closing(client_for, administrator, made.provider_a) == without
    assert without[0] == 409 and "invited to 1 brief" in without[1][0]
    with db.write() as session:
        session.get_one(Brief, brief).cancelled_at = NOON
    assert _closing(client_for, administrator, made.provider_a)[0] == 303
