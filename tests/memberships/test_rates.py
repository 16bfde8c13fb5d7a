"""A member's prices: taken over from its application, changed by both sides, within the lot's ceiling, kept with their days."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.applications.commands import accept_part, submit_application
from app.applications.models import ApplicationRate
from app.applications.queries import parts_of
from app.core import clock as core_clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.rules import PriceUnit
from app.memberships.commands import end_membership
from app.memberships.models import Membership
from app.memberships.rates.commands import agree_rate, decline_rate, propose_rate, take_over_rates
from app.memberships.rates.queries import card
from app.memberships.rates.rules import Rate, coming, holding, why_not_propose
from app.memberships.terms import MemberRate
from app.organisations.rules import Role
from tests import NOON, factories
from tests.applications.applying import draft
from tests.applications.asking import rate_card
from tests.conftest import ClientFor, Clock, Live
from tests.databases import Furniture, statements
from tests.factories import World

TODAY = NOON.date()
NEXT, LATER = TODAY + timedelta(days=1), TODAY + timedelta(days=30)
SESSION, HOUR, MILE = PriceUnit.SESSION, PriceUnit.HOUR, PriceUnit.MILE


def _world(session: Session) -> World:
    """The first lot has a rate card: A charges £120 a session and £60 an hour, since yesterday."""
    made = factories.world(session)
    rate_card(session, made.lots[0])
    for unit, pence in ((SESSION, 12_000), (HOUR, 6_000)):
        session.add(
            MemberRate(
                provider_id=made.provider_a,
                lot_id=made.lots[0],
                unit=unit,
                pence=pence,
                from_on=TODAY - timedelta(days=1),
                proposed_at=NOON - timedelta(days=1),
                proposed_by=made.owner_a.known,
                agreed_at=NOON - timedelta(days=1),
                agreed_by=made.lead.known,
            )
        )
    return made


class _Undo(Exception):
    pass


@pytest.fixture
def furniture() -> Furniture:
    return _world


@pytest.fixture
def first(db: Database, made: World) -> UUID:
    with db.read() as session:
        wanted = select(Membership.id).where(
            Membership.provider_id == made.provider_a, Membership.lot_id == made.lots[0]
        )
        return min(session.exec(wanted))


def _holds(db: Database, actor: Actor, membership_id: UUID) -> dict[PriceUnit, int | None]:
    with db.read() as session:
        found = card(session, actor, membership_id).prices
        return {one.unit: one.holds.pence if one.holds else None for one in found}


def _told(db: Database, what: str) -> list[str]:
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/rate.txt"))
        return sorted(row.to_address for row in rows if row.context["what"] == what)


def _address(db: Database, *actors: Actor) -> list[str]:
    with db.read() as session:
        return sorted(session.get_one(Person, actor.known).email for actor in actors)


@pytest.mark.row("4.5")
def test_the_newest_that_was_agreed_holds_from_its_day_or_from_the_day_of_the_agreement() -> None:
    early = Rate(100, from_on=TODAY, agreed_on=TODAY)
    late = Rate(200, from_on=TODAY + timedelta(days=5), agreed_on=TODAY + timedelta(days=9))
    same_day = Rate(300, from_on=TODAY + timedelta(days=9), agreed_on=TODAY + timedelta(days=9))
    held = [holding([early, late, same_day], TODAY + timedelta(days=days)) for days in (-1, 0, 8, 9)]
    assert held == [None, early, early, same_day]
    assert coming([early, late, same_day], TODAY - timedelta(days=1)) == (early, same_day)
    assert coming([early, late, same_day], TODAY + timedelta(days=9)) == ()


@pytest.mark.row("4.5")
@pytest.mark.parametrize(
    ("different", "code"),
    [
        ({}, None),
        ({"ended": True}, "membership_ended"),
        ({"own": False}, "not_own"),
        ({"waiting": True}, "waiting"),
        ({"pence": 15_001}, "pence"),
        ({"from_on": TODAY}, "from_on"),
    ],
)
def test_what_may_be_proposed(different: dict[str, Any], code: str | None) -> None:
    right: dict[str, Any] = {"unit": SESSION, "own": True, "most_pence": 15_000, "pence": 15_000, "waiting": False}
    refusal = why_not_propose(**(right | {"ended": False, "from_on": NEXT, "on": TODAY} | different))
    assert (refusal and refusal.code) == code


@pytest.mark.row("4.5")
def test_one_side_proposes_and_the_other_agrees_for_every_region_of_the_lot(
    db: Database, made: World, first: UUID, clock: Clock
) -> None:
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
        for _ in range(2):
            asked = propose_rate(session, made.owner_a, first, SESSION, 14_000, LATER, "Rent has risen.")
    assert _told(db, "proposed") == _address(db, made.lead, made.lead_two)
    for wrong, no in ((made.owner_a, NotFound), (made.owner_b, NotFound), (made.checker, NotFound), (reader, NotFound)):
        with pytest.raises(no), db.write() as session:
            agree_rate(session, wrong, asked)
    with pytest.raises(NotAllowed), db.write() as session:
        propose_rate(session, reader, first, HOUR, 7_000, LATER, "Why not")
    for unit, code in ((SESSION, "waiting"), (MILE, "not_own")):
        with pytest.raises(Refused) as refused, db.write() as session:
            propose_rate(session, made.lead, first, unit, 40, LATER, "Other")
        assert refused.value.refusal.code == code
    for _ in range(2):
        with db.write() as session:
            agree_rate(session, made.lead, asked)
    with pytest.raises(Refused), db.write() as session:
        decline_rate(session, made.owner_a, asked)
    assert _told(db, "agreed") == _address(db, made.owner_a)
    assert _holds(db, made.lead, first) == {SESSION: 12_000, HOUR: 6_000, MILE: None}
    clock.set(NOON + timedelta(days=30))
    with db.read() as session:
        everywhere = session.exec(
            select(Membership.id).where(Membership.provider_id == made.provider_a, Membership.lot_id == made.lots[0])
        ).all()
    assert [_holds(db, made.owner_a, one)[SESSION] for one in everywhere] == [14_000, 14_000]
    with db.write() as session:
        by_lead = propose_rate(session, made.lead, first, HOUR, 5_500, LATER + timedelta(days=9), "All members")
    with pytest.raises(_Undo), db.write() as session:
        for one in everywhere:
            end_membership(session, made.owner_a, one, "We leave.")
        with pytest.raises(Refused) as refused:
            agree_rate(session, made.owner_a, by_lead)
        raise _Undo
    assert refused.value.refusal.code == "membership_ended"
    with db.write() as session:
        decline_rate(session, made.owner_a, by_lead)
    assert _told(db, "declined") == _address(db, made.lead, made.lead_two)
    with db.read() as session:
        history = card(session, made.owner_a, first).price(SESSION)
        assert history and [(one.pence, one.since) for one in history.said] == [
            (14_000, LATER),
            (12_000, TODAY - timedelta(days=1)),
        ]


@pytest.mark.row("4.5")
def test_the_database_itself_wants_two_people_and_one_proposal_at_a_time(
    db: Database, made: World, first: UUID
) -> None:
    with db.write() as session:
        asked = propose_rate(session, made.owner_a, first, SESSION, 14_000, LATER, "Rent has risen.")
    with pytest.raises(IntegrityError), db.write() as session:
        row = session.get_one(MemberRate, asked)
        row.agreed_at, row.agreed_by = NOON, row.proposed_by
    with pytest.raises(IntegrityError), db.write() as session:
        again = session.get_one(MemberRate, asked).model_dump(exclude={"id"})
        session.add(MemberRate(**again))


def _day(name: str, day: date) -> dict[str, str]:
    return {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


@pytest.mark.row("4.5")
def test_prices_are_read_proposed_and_agreed_on_their_page(client_for: ClientFor, made: World, first: UUID) -> None:
    owner, lead, path = client_for(made.owner_a), client_for(made.lead), f"/memberships/{first}/rates"
    for outsider in (made.owner_b, made.commissioner):
        assert client_for(outsider).get(path).status_code == 404
    rows = BeautifulSoup(owner.get(path).text, "html.parser").select("tbody tr")[:3]
    assert [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in rows] == [
        ["Session", "£120.00", "22 November 2026", "£150.00"],
        ["Hour", "£60.00", "22 November 2026", "£80.00"],
        ["Mile of travel", "£0.45", "Set by the framework", "£0.45"],
    ]
    typed = {"unit": "session", "pence": "150.01", "reason": "Rent has risen.", **_day("from_on", LATER)}
    above = owner.post(path, data=typed)
    assert (above.status_code, "The most for each session in this lot is £150.00" in above.text) == (422, True)
    assert owner.post(path, data=typed | {"pence": "140"}).status_code == 303
    [form] = BeautifulSoup(lead.get(path).text, "html.parser").select('form[action$="/agree"]')
    assert form.get_text(strip=True) == "Agree to £140.00 for each session"
    assert client_for(made.checker).post(str(form["action"])).status_code == 404
    assert lead.post(str(form["action"])).status_code == 303
    assert lead.post(str(form["action"])).status_code == 303, "a second click"
    shown = owner.get(path).text
    assert "Holds from 23 December 2026, agreed by Leo Lead" in shown
    today = BeautifulSoup(shown, "html.parser").select_one("tbody tr td")
    assert today and today.get_text(" ", strip=True) == "£120.00 £140.00 from 23 December 2026"


def _take_over(session: Session, made: World, provider_id: UUID, owner: Actor, pence: int) -> None:
    take_over_rates(
        session,
        made.lead,
        provider_id=provider_id,
        lot_id=made.lots[0],
        asked={SESSION: pence},
        asked_at=core_clock.now(session),
        asked_by=owner.known,
    )


@pytest.mark.row("4.5")
def test_who_left_the_lot_and_is_accepted_again_has_the_price_it_asks_anew(
    db: Database, made: World, first: UUID, clock: Clock
) -> None:
    with db.write() as session:
        for row in session.exec(select(Membership).where(Membership.provider_id == made.provider_a)).all():
            end_membership(session, made.owner_a, row.id, "We leave.")
    clock.set(NOON + timedelta(days=800))
    with db.write() as session:
        _take_over(session, made, made.provider_a, made.owner_a, 13_500)
    assert _holds(db, made.owner_a, first)[SESSION] == 13_500


@pytest.mark.row("4.5")
def test_a_declined_proposal_is_no_price_that_holds(db: Database, made: World) -> None:
    with db.read() as session:
        wanted = select(Membership.id).where(Membership.provider_id == made.provider_b)
        one = min(session.exec(wanted.where(Membership.lot_id == made.lots[0])))
    with db.write() as session:
        asked = propose_rate(session, made.owner_b, one, SESSION, 14_000, NEXT, "Rent has risen.")
        decline_rate(session, made.lead, asked)
        _take_over(session, made, made.provider_b, made.owner_b, 13_500)
    assert _holds(db, made.owner_b, one)[SESSION] == 13_500


@pytest.mark.row("4.5")
def test_a_price_is_agreed_though_the_newest_membership_of_the_lot_has_ended(
    db: Database, made: World, first: UUID
) -> None:
    with db.write() as session:
        here = select(Membership).where(Membership.provider_id == made.provider_a, Membership.lot_id == made.lots[0])
        (newest,) = (row for row in session.exec(here) if row.id != first)
        newest.opened_at = NOON
        end_membership(session, made.owner_a, newest.id, "We leave the South.")
        asked = propose_rate(session, made.owner_a, first, SESSION, 14_000, LATER, "Rent has risen.")
    with db.write() as session:
        agree_rate(session, made.lead, asked)
    assert _told(db, "agreed") == _address(db, made.owner_a)


@pytest.mark.row("4.5")
def test_an_accepted_application_brings_its_prices_and_what_holds_already_stays(db: Database, made: World) -> None:
    with db.write() as session:
        newcomer = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, newcomer, Role.OWNER)
        factories.verified_evidence(session, newcomer, made.checker)
        application_id = draft(session, made, owner, newcomer)
        for unit, pence in ((SESSION, 13_000), (HOUR, 7_500)):
            session.add(ApplicationRate(application_id=application_id, lot_id=made.lots[0], unit=unit, pence=pence))
        submit_application(session, owner, application_id)
    with db.write() as session:
        parts = [part for part in parts_of(session, application_id) if part.lot_id == made.lots[0]]
        for part in parts:
            accept_part(session, made.lead, application_id, part.id)
        _take_over(session, made, newcomer, owner, 1)
        one = session.exec(select(Membership.id).where(Membership.provider_id == newcomer)).first()
    assert one and _holds(db, owner, one) == {SESSION: 13_000, HOUR: 7_500, MILE: None}


@pytest.mark.bar("P6")
def test_a_price_is_proposed_and_answered_in_few_statements(
    db: Database, made: World, first: UUID, client_for: ClientFor, live: Live
) -> None:
    """In life: the look-up of the session and the clock count."""
    owner, lead, counts = client_for(made.owner_a), client_for(made.lead, "another token"), dict[str, int]()
    live(owner, made.owner_a)
    live(lead, made.lead, "another token")
    asked = {"unit": "session", "pence": "110", "reason": "We pay less rent."} | {
        f"from_on-{part}": str(getattr(NEXT, part)) for part in ("day", "month", "year")
    }

    def post(name: str, client: TestClient, path: str, status: int = 303, data: dict[str, str] | None = None) -> None:
        with statements(db) as sent:
            assert client.post(path, data=data or {}).status_code == status
        counts[name] = len(sent)

    post("propose", owner, f"/memberships/{first}/rates", data=asked)
    post("propose another meanwhile", owner, f"/memberships/{first}/rates", 409, asked | {"pence": "100"})
    post("propose nothing", owner, f"/memberships/{first}/rates", 422)
    with db.read() as session:
        rate_id = session.exec(select(MemberRate.id).where(col(MemberRate.agreed_at).is_(None))).one()
    post("agree", lead, f"/rate-changes/{rate_id}/agree")
    post("decline what is agreed", lead, f"/rate-changes/{rate_id}/decline", 409)
    assert {name: count for name, count in counts.items() if count > 15} == {}, counts
