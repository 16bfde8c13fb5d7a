"""A new version of an agreement: two leads, each member's own answer, and nobody bound before its day."""

from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.accounts.models import Person
from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.rules import Phase
from app.memberships.commands import open_membership
from app.memberships.duties import daily
from app.memberships.models import Membership
from app.memberships.queries import held, membership, memberships
from app.memberships.rules import State
from app.memberships.rules.variations import (
    Change,
    Decliners,
    Silence,
    binding,
    difference,
    to_sign,
    why_not_propose,
)
from app.memberships.signing.commands import sign_agreement
from app.memberships.signing.queries import agreement
from app.memberships.terms import Variation
from app.memberships.variations.commands import (
    answer_variation,
    approve_variation,
    chase_variations,
    settle_variations,
    withdraw_variation,
)
from app.organisations.models import Organisation
from app.organisations.rules import Role
from app.providers.models import Provider
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World

TODAY = NOON.date()
ANSWER_BY, EFFECTIVE, LAST = TODAY + timedelta(days=14), TODAY + timedelta(days=21), TODAY + timedelta(days=51)
OLD, NEW = digest(b"We agree."), digest(b"We agree.\nWe report each quarter.")
ENDS: dict[str, Any] = {"silence": Silence.DECLINES, "decliners": Decliners.END, "ends_on": LAST}


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


# --- Which version binds whom on a day


@pytest.mark.row("2.12")
@pytest.mark.parametrize(("agrees", "silence"), list(product((True, False, None), Silence)))
def test_nobody_is_bound_before_its_day_and_then_who_agrees(agrees: bool | None, silence: Silence) -> None:
    change = Change("2", NEW, ANSWER_BY, EFFECTIVE, silence, agrees)
    agreed = agrees or (agrees is None and silence is Silence.AGREES)
    for days in range(60):
        on = TODAY + timedelta(days=days)
        bound = binding([change], signed_on=TODAY, on=on)
        assert (bound is change) is (agreed and on >= EFFECTIVE), on
        assert change.settled(on) is (agrees if agrees is not None or on <= ANSWER_BY else agreed), on


@pytest.mark.row("2.12")
def test_who_signs_after_the_last_day_to_answer_signs_the_new_version_and_the_newest_agreed_binds() -> None:
    second = Change("2", NEW, ANSWER_BY, EFFECTIVE, Silence.AGREES)
    third = Change("3", OLD, ANSWER_BY + timedelta(days=30), EFFECTIVE + timedelta(days=30), Silence.DECLINES)
    changes, day = [second, third], timedelta(days=1)
    assert (to_sign(changes, ANSWER_BY), to_sign(changes, ANSWER_BY + day)) == (None, second)
    assert to_sign(changes, third.answer_by + day) is third
    late = ANSWER_BY + day
    assert binding(changes, signed_on=late, on=EFFECTIVE) is None, "it is bound by what it signed"
    assert binding(changes, signed_on=TODAY, on=third.effective_on) is second, "who did not agree to the third"


@pytest.mark.row("2.12")
@pytest.mark.parametrize(
    ("different", "code"),
    [
        ({}, None),
        ({"phase": Phase.APPROVED}, "framework"),
        ({"waiting": True}, "waiting"),
        ({"same_text": True}, "text"),
        ({"version_taken": True}, "version"),
        ({"days": (TODAY + timedelta(days=6), EFFECTIVE, None)}, "answer_by"),
        ({"days": (ANSWER_BY, ANSWER_BY, None)}, "effective_on"),
        ({"last_effective": EFFECTIVE}, "effective_on"),
        ({"decliners": Decliners.END}, "ends_on"),
        ({"days": (ANSWER_BY, EFFECTIVE, LAST)}, "ends_on"),
        ({"decliners": Decliners.END, "days": (ANSWER_BY, EFFECTIVE, EFFECTIVE - timedelta(days=1))}, "ends_on"),
        ({"decliners": Decliners.END, "days": (ANSWER_BY, EFFECTIVE, EFFECTIVE)}, None),
    ],
)
def test_what_may_be_proposed(different: dict[str, Any], code: str | None) -> None:
    right: dict[str, Any] = {
        "phase": Phase.LIVE,
        "waiting": False,
        "same_text": False,
        "version_taken": False,
        "days": (ANSWER_BY, EFFECTIVE, None),
        "decliners": Decliners.KEEP,
        "on": TODAY,
        "last_effective": None,
    }
    refusal = why_not_propose(**(right | different))
    assert (refusal and refusal.code) == code


def test_what_changes_is_told_line_by_line() -> None:
    assert list(difference("One\nTwo\nThree", "One\nThird\nThree\nFour")) == [
        ("same", "One"),
        ("removed", "Two"),
        ("added", "Third"),
        ("same", "Three"),
        ("added", "Four"),
    ]


# --- The walk


def _mail(db: Database, what: str) -> list[str]:
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/variation.txt"))
        return sorted(row.to_address for row in rows if row.context["what"] == what)


def _address(db: Database, *actors: Actor) -> list[str]:
    with db.read() as session:
        return sorted(session.get_one(Person, actor.known).email for actor in actors)


def _first(session: Session, made: World, provider_id: UUID) -> UUID:
    return min(session.exec(select(Membership.id).where(Membership.provider_id == provider_id)))


def _binds(db: Database, owner: Actor, membership_id: UUID) -> str:
    with db.read() as session:
        found = membership(session, owner, membership_id).versions
        assert agreement(session, owner, membership_id).versions == found
        return found.binds.version


def _answer(db: Database, actor: Actor, variation_id: UUID, provider_id: UUID, agrees: bool, sha256: str = NEW) -> str:
    try:
        with db.write() as session:
            answer_variation(session, actor, variation_id, provider_id, agrees=agrees, sha256=sha256)
    except Refused as refused:
        return refused.refusal.code
    except (NotAllowed, NotFound) as no:
        return type(no).__name__
    return ""


@pytest.mark.row("2.12")
def test_two_leads_ask_the_members_and_each_answers_for_itself(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        variation_id = factories.variation(session, made, approved=False)
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    with pytest.raises(Refused) as refused, db.write() as session:
        approve_variation(session, made.lead, variation_id)
    assert refused.value.refusal.code == "second_person"
    assert _answer(db, made.owner_a, variation_id, made.provider_a, True) == "NotFound", "nobody was asked yet"
    for _ in range(2):
        with db.write() as session:
            approve_variation(session, made.lead_two, variation_id)
    assert _mail(db, "asked") == _address(db, made.owner_a, made.owner_b)
    with pytest.raises(Refused), db.write() as session:
        withdraw_variation(session, made.lead, variation_id)
    assert _answer(db, made.owner_a, variation_id, made.provider_b, True) == "NotFound"
    assert _answer(db, reader, variation_id, made.provider_a, True) == "NotAllowed"
    assert _answer(db, made.owner_a, variation_id, made.provider_a, True, OLD) == "other_text"
    for agrees in (False, True, True):
        assert _answer(db, made.owner_a, variation_id, made.provider_a, agrees) == "", "a decline that keeps may change"
    assert _answer(db, made.owner_a, variation_id, made.provider_a, False) == "agreed"
    assert _answer(db, made.owner_b, variation_id, made.provider_b, False) == ""
    with db.read() as session:
        ids = _first(session, made, made.provider_a), _first(session, made, made.provider_b)
        told = [audit.sentence(event) for event in audit.timeline(session, ids[0])]
    assert told == [
        f"Olive Owner {said} version 2 of the agreement, SHA-256 {NEW[:12]}…" for said in ("declined", "agreed to")
    ]
    clock.set(NOON + timedelta(days=20))
    assert (_binds(db, made.owner_a, ids[0]), _binds(db, made.owner_b, ids[1])) == ("1", "1"), "not before its day"
    clock.set(NOON + timedelta(days=21))
    assert (_binds(db, made.owner_a, ids[0]), _binds(db, made.owner_b, ids[1])) == ("2", "1")
    assert _answer(db, made.owner_b, variation_id, made.provider_b, True) == "not_asked"
    with db.read() as session:
        assert {one.state for one in memberships(session, made.owner_b, clock.moment)} == {State.ACTIVE}


@pytest.mark.row("2.12")
def test_the_last_of_more_members_than_a_page_shows_is_asked_and_answers(db: Database, made: World) -> None:
    with db.write() as session:
        ids = [uuid4() for _ in range(501)]
        session.add_all(Organisation(id=one, kind="provider", name="Acorn Therapy", created_at=NOON) for one in ids)
        session.flush()
        one_more = {"kind": "company", "summary": "", "registered_at": NOON, "terms_version": "1"}
        session.add_all(Provider(id=one, share_code=one.hex[:8], **one_more) for one in ids)
        session.flush()
        place = {"framework_id": made.framework_id, "lot_id": made.lots[0], "region_id": made.regions[0]}
        signed = {"opened_at": NOON, "opened_by": made.lead.known, "signed_at": NOON, "signed_by": made.lead.known}
        session.add_all(Membership(provider_id=one, **place, **signed) for one in ids)
        session.flush()
        variation_id = factories.variation(session, made)
    assert _mail(db, "asked") == _address(db, made.owner_a, made.owner_b)
    assert _answer(db, made.owner_b, variation_id, made.provider_b, True) == ""


@pytest.mark.row("2.12")
def test_who_is_silent_is_reminded_twice_and_bound_where_silence_agrees(
    db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        variation_id = factories.variation(session, made)
        one = _first(session, made, made.provider_b)
    assert _answer(db, made.owner_a, variation_id, made.provider_a, True) == ""
    reminded = []
    for days in range(16):
        clock.set(NOON + timedelta(days=days))
        if days != 7:  # the worker is stopped on the day of the first reminder
            daily(db)
        with db.write() as session:
            assert days == 7 or chase_variations(session, clock.moment.date()) == (1 if 7 < days <= 14 else 0)
        reminded.append(len(_mail(db, "chased")))
    assert reminded == [0] * 8 + [1] * 4 + [2] * 4
    assert set(_mail(db, "chased")) == set(_address(db, made.owner_b))
    assert _binds(db, made.owner_b, one) == "1"
    clock.set(NOON + timedelta(days=21))
    assert _binds(db, made.owner_b, one) == "2"


@pytest.mark.row("2.12")
@pytest.mark.invariant(4)
def test_where_decliners_end_they_work_until_their_last_day(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        variation_id = factories.variation(session, made, **ENDS)
    assert _answer(db, made.owner_a, variation_id, made.provider_a, False) == ""
    assert _answer(db, made.owner_a, variation_id, made.provider_a, True) == "declined", "notice stands"
    assert _mail(db, "ends") == _address(db, made.owner_a)

    def stand(owner: Actor) -> tuple[set[State], set[date | None]]:
        with db.read() as session:
            found = memberships(session, owner, clock.moment)
            return {one.state for one in found}, {one.ends_on for one in found}

    assert (stand(made.owner_a), stand(made.owner_b)) == (({State.ACTIVE}, {LAST}), ({State.ACTIVE}, {None}))
    clock.set(NOON + timedelta(days=14))
    daily(db)
    assert stand(made.owner_b) == ({State.ACTIVE}, {None}), "it may answer until tonight"
    clock.set(NOON + timedelta(days=15))
    daily(db)
    assert stand(made.owner_b) == ({State.ACTIVE}, {LAST}), "its silence declined"
    with db.write() as session:
        assert settle_variations(session, clock.moment.date()) == 0, "once"
    assert _mail(db, "ends") == _address(db, made.owner_a, made.owner_b)
    clock.set(NOON + timedelta(days=51))
    assert stand(made.owner_a)[0] == stand(made.owner_b)[0] == {State.ACTIVE}
    clock.set(NOON + timedelta(days=52))
    assert stand(made.owner_a)[0] == stand(made.owner_b)[0] == {State.ENDED}, "with the worker stopped"


@pytest.mark.row("2.12")
@pytest.mark.invariant(4)
@pytest.mark.parametrize("settled", [False, True], ids=["no worker", "a worker"])
def test_silence_that_declines_ends_on_its_day_whether_a_worker_runs_or_not(
    settled: bool, db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        variation_id = factories.variation(session, made, **ENDS)
        newcomer = factories.provider(session, "Cedar Therapy")
        owner = factories.seated(session, newcomer, Role.OWNER)
        place = {"framework_id": made.framework_id, "lot_id": made.lots[0], "region_id": made.regions[0]}
        late = open_membership(session, made.lead, provider_id=newcomer, **place)
    assert _answer(db, made.owner_a, variation_id, made.provider_a, True) == ""
    clock.set(NOON + timedelta(days=15))
    with db.write() as session:
        sign_agreement(session, owner, late, NEW)
    if settled:
        daily(db)

    def stand(who: Actor) -> list[tuple[bool, date | None]]:
        with db.read() as session:
            return sorted({(one.ended, one.ends_on) for one in memberships(session, who, clock.moment)}, key=str)

    for days, over in ((15, False), (51, False), (52, True), (60, True)):
        clock.set(NOON + timedelta(days=days))
        assert stand(made.owner_b) == [(over, LAST)], days
        assert stand(made.owner_a) == stand(owner) == [(False, None)], days
        with db.read() as session:
            assert bool(held(session, made.provider_b, made.framework_id, clock.moment.date())) is not over, days
            assert agreement(session, made.owner_b, _first(session, made, made.provider_b)).ended is over, days
    with db.write() as session:
        again = open_membership(session, made.lead, provider_id=made.provider_b, **place)
        assert session.get_one(Membership, again).opened_at == clock.moment, "the place of the old one is free"
    daily(db)
    with db.read() as session:
        ended = session.exec(select(Membership.ended_at).where(Membership.provider_id == made.provider_b)).all()
    assert sorted({str(at.date()) if at else "" for at in ended}) == ["", str(LAST + timedelta(days=1))]


@pytest.mark.row("2.12")
def test_a_newcomer_signs_the_version_of_its_day(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        factories.variation(session, made)
        newcomer = factories.provider(session, "Cedar Therapy")
        owner = factories.seated(session, newcomer, Role.OWNER)
        place = {"framework_id": made.framework_id, "lot_id": made.lots[0], "region_id": made.regions[0]}
        one = open_membership(session, made.lead, provider_id=newcomer, **place)
    with db.read() as session:
        assert agreement(session, owner, one).sha256 == OLD
    clock.set(NOON + timedelta(days=15))
    with pytest.raises(Refused) as refused, db.write() as session:
        sign_agreement(session, owner, one, OLD)
    assert refused.value.refusal.code == "other_text"
    with db.write() as session:
        sign_agreement(session, owner, one, NEW)
    clock.set(NOON + timedelta(days=30))
    with db.read() as session:
        found = agreement(session, owner, one)
    assert (found.version, found.sha256, found.versions.binds.version, found.versions.later) == ("2", NEW, "2", ())
    assert found.text.endswith("We report each quarter.")


# --- The pages


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def _day(name: str, day: date) -> dict[str, str]:
    return {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


@pytest.mark.row("2.12")
def test_a_version_is_proposed_approved_and_answered_on_its_pages(
    client_for: ClientFor, db: Database, made: World, clock: Clock
) -> None:
    lead, second, owner = client_for(made.lead), client_for(made.lead_two), client_for(made.owner_a)
    listed = f"/frameworks/{made.framework_id}/variations"
    for outsider in (made.commissioner, made.other_commissioner):
        assert client_for(outsider).get(listed).status_code == 404
    assert client_for(NOBODY).get(listed).headers["location"].startswith("/sign-in")
    data = {"version": "1", "text": "We agree.\r\nWe report.", "reason": "For the agencies", "silence": "declines"}
    data |= {"decliners": "end", **_day("answer_by", ANSWER_BY), **_day("effective_on", EFFECTIVE)}
    data |= _day("ends_on", LAST)
    taken = lead.post(listed, data=data)
    assert (taken.status_code, "already" in _soup(taken.text).select_one(".govuk-error-summary").get_text()) == (
        422,
        True,
    )
    here = lead.post(listed, data=data | {"version": "2"}).headers["location"]
    with db.read() as session:
        second_person = select(OutboxMessage).where(OutboxMessage.template == "memberships/variation_second.txt")
        assert [row.to_address for row in session.exec(second_person)] == _address(db, made.lead_two)
    assert owner.get(here).status_code == 404, "what is only proposed is not for members"
    assert "Approve or withdraw version 2" in second.get("/").text
    page = _soup(second.get(here).text)
    assert [p.get_text() for p in page.select(".portal-difference p")] == ["We agree.", "Added: We report."]
    assert _soup(lead.get(here).text).select('form[action$="/approve"]') == []
    assert second.post(f"{here}/approve").status_code == 303
    assert "Answer the new version of the agreement: Test framework" in owner.get("/").text
    [form] = _soup(owner.get(here).text).select('form[action$="/answer"]')
    assert "Your memberships then end after" in form.get_text()
    hidden = {box["name"]: box["value"] for box in form.select("input[type=hidden]")}
    missed = owner.post(f"{here}/answer", data=hidden)
    assert missed.status_code == 422
    assert len(_soup(missed.text).select(".govuk-error-summary a")) == 2
    for _ in range(2):
        answered = owner.post(f"{here}/answer", data=hidden | {"answer": "agree", "declaration": "true"})
        assert answered.status_code == 303
    assert _soup(owner.get(here).text).select('form[action$="/answer"]') == []
    assert "Answer the new version" not in owner.get("/").text
    told = [[td.get_text(strip=True) for td in tr.select("td")] for tr in _soup(lead.get(here).text).select("tbody tr")]
    assert [(name, words.split(" on ")[0]) for name, words in told] == [
        ("Alder Therapy", "Agreed"),
        ("Birch Therapy", "Not answered yet"),
    ]
    assert [tr.td.get_text(strip=True) for tr in _soup(owner.get(here).text).select("tbody tr")] == ["Alder Therapy"]
    clock.set(NOON + timedelta(days=21))
    with db.read() as session:
        one = _first(session, made, made.provider_a)
    assert "Today version 2 binds both, since 14 December 2026" in owner.get(f"/memberships/{one}/agreement").text
    assert "2, since 14 December 2026" in owner.get(f"/memberships/{one}").text


@pytest.mark.row("2.12")
def test_the_database_itself_wants_two_people(db: Database, made: World) -> None:
    with db.write() as session:
        variation_id = factories.variation(session, made, approved=False)
    with pytest.raises(IntegrityError), db.write() as session:
        row = session.get_one(Variation, variation_id)
        row.approved_at, row.approved_by = NOON, row.proposed_by
