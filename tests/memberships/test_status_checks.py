"""A status check that asks for a new certificate: what ends with it at once, who is told, and the two ways back."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from httpx2 import Response
from sqlmodel import Session, select

from app.core import audit
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.evidence import commands, reference
from app.evidence.queries.dbs import dbs_record, told_of_certificate
from app.evidence.rules import ItemFacts, Standing
from app.evidence.rules.dbs import DbsFacts, Level, StatusResult, Workforce
from app.memberships.queries import members
from app.memberships.queries.changes import unanswered
from app.memberships.queries.pack import pack
from app.memberships.rules import State
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture

TODAY = NOON.date()
FACTS = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD, children_barred=True, update_service=True)
CURRENT = replace(FACTS, status_checked_on=date(2026, 11, 20), status_result=StatusResult.CURRENT)
CHANGED = replace(FACTS, status_checked_on=TODAY, status_result=StatusResult.CHANGED)


def _world(session: Session) -> factories.World:
    reference.load(session)
    made = factories.world(session)
    factories.requirement(session, made.lots[0], {"kind": "dbs_enhanced"})
    return made


@pytest.fixture
def furniture() -> Furniture:
    return _world


def _certificate(db: Database, made: factories.World, number: str = "001234567890") -> UUID:
    """A certificate of A's practitioner, its original seen by the checker today."""
    with db.write() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        facts = ItemFacts(kind="dbs_enhanced", practitioner_id=person, reference=number, starts_on=date(2026, 3, 2))
        item_id = commands.add_item(session, made.owner_a, made.provider_a, facts)
        commands.record_dbs(session, made.owner_a, item_id, CURRENT)
        commands.submit_item(session, made.owner_a, item_id)
    with db.write() as session:
        ticks = factories.ticked(session, item_id)
        commands.verify_item(session, made.checker, item_id, ticks=ticks, how="Saw it", saw_original=True)
    return item_id


def _checked(db: Database, made: factories.World, item_id: UUID, facts: DbsFacts) -> None:
    """The owner adds a status check to the record as it stands."""
    with db.write() as session:
        known = dbs_record(session, item_id)
        assert known
        told = {"status_checked_on": facts.status_checked_on, "status_result": facts.status_result}
        commands.record_dbs(session, made.owner_a, item_id, replace(known, **told))  # type: ignore[arg-type]


def _state(db: Database, made: factories.World, clock: Clock) -> tuple[State, list[str]]:
    """Of A's membership of the lot that asks for the certificate, with the reasons."""
    with db.read() as session:
        found = members(session, lot_id=made.lots[0], region_id=made.regions[0], at=clock.moment, agency_id=None)
    [member] = [member for member in found if member.provider_id == made.provider_a]
    return member.state, [reason.words for reason in member.reasons]


def _told(db: Database, made: factories.World) -> list[str]:
    with db.read() as session:
        return [notice.change for notice in unanswered(session, [made.raa_id])]


def _mailed(db: Database) -> set[tuple[str, str]]:
    with db.read() as session:
        return {(row.template, row.to_address) for row in session.exec(select(OutboxMessage))}


def _words(answer: Response) -> str:
    return str(BeautifulSoup(answer.text, "html.parser").select_one("main").get_text(" ", strip=True))


@pytest.mark.row("3.8")
@pytest.mark.row("1.4")
def test_it_ends_the_standing_at_once_and_a_new_certificate_verified_brings_it_back(
    db: Database, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    item_id, owner = _certificate(db, made), client_for(made.owner_a)
    assert _state(db, made, clock) == (State.ACTIVE, [])
    for _ in range(2):
        _checked(db, made, item_id, CHANGED)
    state, [reason] = _state(db, made, clock)
    assert state is State.SUSPENDED
    assert reason.endswith("is not met by what is held: a status check says that a new certificate is needed.")
    assert _told(db, made) == ["unfit"]
    assert {
        ("memberships/changed.txt", made.commissioner.email),
        ("evidence/needs_new.txt", made.owner_a.email),
    } <= _mailed(db)
    assert "no longer counts: supply the new certificate" in owner.get("/").text
    assert "A new certificate is needed." in _words(owner.get(f"/evidence/{item_id}"))
    with db.read() as session:
        names = [event.name for event in audit.timeline(session, item_id)]
    assert names.count("evidence.dbs_needs_new") == 1
    _certificate(db, made, "009876543210")
    assert _state(db, made, clock) == (State.ACTIVE, [])
    assert _told(db, made) == ["unfit", "replaced"]


@pytest.mark.row("3.8")
def test_it_is_not_verified_and_no_later_check_says_otherwise(db: Database, made: factories.World) -> None:
    with db.write() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        facts = ItemFacts(kind="dbs_enhanced", practitioner_id=person, reference="001234567890")
        item_id = commands.add_item(session, made.owner_a, made.provider_a, facts)
        commands.record_dbs(session, made.owner_a, item_id, CURRENT)
        commands.submit_item(session, made.owner_a, item_id)
        commands.record_dbs(session, made.owner_a, item_id, CHANGED)
        ticks = factories.ticked(session, item_id)
    with pytest.raises(Refused, match="needs_new"), db.write() as session:
        commands.verify_item(session, made.checker, item_id, ticks=ticks, how="Saw it", saw_original=True)
    for actor in (made.owner_a, made.checker):
        with pytest.raises(Refused, match="needs_new"), db.write() as session:
            commands.record_dbs(session, actor, item_id, CURRENT)
    assert _told(db, made) == [], "nobody relied on it yet"


@pytest.mark.row("3.8")
def test_what_was_written_down_wrongly_its_checker_corrects_with_a_reason_and_both_stay_in_the_history(
    db: Database, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    item_id, checker = _certificate(db, made), client_for(made.checker)
    page = f"/evidence/{item_id}/dbs"
    assert "Was that written down wrongly?" not in checker.get(page).text
    given = {"result": "current", "reason": "The answer of another person was read"}
    assert checker.post(f"{page}/correct", data=given).status_code == 409
    clock.forward(hours=1)
    _checked(db, made, item_id, CHANGED)
    with db.write() as session:
        hub = factories.organisation(session, OrganisationKind.LEAD, "Second hub")
        other = factories.seated(session, hub, Role.CHECKER, name="Cleo Checker")
    for actor, error in ((made.owner_a, NotAllowed), (other, NotFound), (made.lead, NotFound)):
        with pytest.raises(error), db.write() as session:
            commands.correct_status(session, actor, item_id, StatusResult.CURRENT, "Wrong")
    assert "Was that written down wrongly?" not in client_for(made.owner_a).get(page).text
    assert "Was that written down wrongly?" in checker.get(page).text
    assert checker.post(f"{page}/correct", data={"result": "changed"}).status_code == 422
    for _ in range(2):
        assert checker.post(f"{page}/correct", data=given).status_code == 303
    assert _state(db, made, clock) == (State.ACTIVE, [])
    assert _told(db, made) == ["unfit", "reinstated"]
    assert ("evidence/counts_again.txt", made.owner_a.email) in _mailed(db)
    with db.read() as session:
        found = [
            (check.result, check.on, check.told_by, check.correction)
            for check in told_of_certificate(session, item_id)[1]
        ]
        assert "evidence.dbs_corrected" in [event.name for event in audit.timeline(session, item_id)]
    assert found == [
        (StatusResult.CURRENT, TODAY, "Cara Checker", "The answer of another person was read"),
        (StatusResult.CHANGED, TODAY, "Olive Owner", ""),
        (StatusResult.CURRENT, date(2026, 11, 20), "Olive Owner", ""),
    ]
    shown = _words(client_for(made.owner_a).get(f"/evidence/{item_id}"))
    assert "What is below had been written down wrongly: The answer of another person was read" in shown
    assert "20 November 2026: Current: no new information since the certificate" in shown


@pytest.mark.row("3.14")
def test_the_pack_of_a_past_day_has_the_record_of_that_day(db: Database, made: factories.World, clock: Clock) -> None:
    def told(day: date) -> tuple[Standing, DbsFacts | None]:
        with db.read() as session:
            found = pack(session, made.owner_a, made.provider_a, day)
            [item] = [item for item in found.items if item.kind_slug == "dbs_enhanced"]
            return item.standing, item.record

    item_id = _certificate(db, made)
    seen = {"seen_by": "Cara Checker", "seen_on": TODAY}
    clock.forward(days=1)
    _checked(db, made, item_id, CHANGED)
    clock.forward(days=1)
    with db.write() as session:
        commands.correct_status(session, made.checker, item_id, StatusResult.CLEAR, "Read in the wrong line")
    assert told(TODAY) == (Standing.VERIFIED, replace(CURRENT, **seen))  # type: ignore[arg-type]
    assert told(TODAY + timedelta(days=1)) == (Standing.UNFIT, replace(CHANGED, **seen))  # type: ignore[arg-type]
    cleared = replace(CHANGED, status_result=StatusResult.CLEAR, **seen)  # type: ignore[arg-type]
    assert told(TODAY + timedelta(days=2)) == (Standing.VERIFIED, cleared)
