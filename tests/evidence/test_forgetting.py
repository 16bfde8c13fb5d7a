"""Six years after a provider closes its people are named no longer: with proof, never under a hold, and the chain verifies."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, SQLModel, col, select

from app.accounts import commands as accounts
from app.accounts.models import Person
from app.applications.commands import choose_lots, start_application, submit_application, write_statement
from app.applications.models import Application
from app.bids.models import BidSnapshot
from app.core import audit, mail
from app.core.actor import Actor
from app.core.audit import NO_LONGER_NAMED, AuditEvent
from app.core.blobs import Blob, Blobs
from app.core.crypto import canonical, digest
from app.core.database import Database
from app.core.refusals import Refusal
from app.core.rows import new_id
from app.evidence import commands, duties, reference
from app.evidence.models import Anonymisation, Document, EvidenceItem
from app.evidence.queries.forgetting import people_due
from app.evidence.queries.shared import NAMES_TAKEN, shared
from app.evidence.rules import ItemFacts, ScanState
from app.evidence.rules.retention import add_months, reached
from app.frameworks.rules import Known, QuestionFacts
from app.memberships.commands import keep_answer
from app.memberships.models import EligibilityAnswer
from app.memberships.rules import Moment
from app.memberships.rules.answers import Answered
from app.operations import retention
from app.organisations import commands as organisations
from app.organisations.commands import give_seat, invite
from app.organisations.models import OrganisationSeat
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands as providers
from app.providers.models import Provider
from app.providers.rules.practice import Frequency
from app.settings import Settings
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture

pytestmark = pytest.mark.row("3.15")
OVER = date(2032, 11, 23)
Made = tuple[factories.World, Actor]


def _world(session: Session) -> Made:
    """Provider A, its people and practitioners, known by name in many places; it closed at noon."""
    reference.load(session)
    made = factories.world(session, members=False)
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Platform")
    owner, here = made.owner_a, made.provider_a
    session.get_one(Provider, here).telephone = "0113 496 0000"
    person = providers.add_practitioner(
        session, owner, here, full_name="Petra Practitioner", profession="Art therapist", registration_number="AS1234"
    )
    providers.keep_supervision(
        session, owner, person, supervisor="Sue Supervisor", body="", frequency=Frequency.MONTHLY, last_on=None
    )
    facts = ItemFacts(kind="dbs_enhanced", practitioner_id=person, reference="001234567890")
    item = commands.add_item(session, owner, here, facts)
    supervised = ItemFacts(kind="clinical_supervision", practitioner_id=person, issuer="Sue Supervisor")
    other = commands.add_item(session, owner, here, supervised)
    blob = Blob(key="aa/bb", sha256="ab" * 32, size=9, bound_to=new_id())
    name = "Petra supervision.pdf"
    file = commands.attach_document(session, owner, other, blob, media_type="application/pdf", file_name=name)
    commands.record_scan(session, file, ScanState.INFECTED, scanner="test")
    for to in ("petra-before@example.org", "theo@example.org"):
        key = f"evidence.expiry:{item}:30:{new_id()}"
        mail.queue(session, "evidence/expiry.txt", to=to, dedupe=key, practitioner="Petra Practitioner")
    _apply(session, made)
    _answer_award(session, made)
    held = shared(session, here, NOON.date())
    session.add(BidSnapshot(provider_id=here, shared_on=NOON.date(), position=1, content=held, sha256="cd" * 32))
    commands.give_reminder_address(session, owner, here, person, "petra@example.org")
    mail.queue(session, "evidence/expiry_practitioner.txt", to="inge@example.org", dedupe="one", name="Inge Invited")
    invite(session, owner, organisation_id=here, email="inge@example.org", role=Role.BIDS)
    two_homes = factories.seated(session, here, Role.BIDS, name="Theo Twohomes")
    give_seat(session, made.owner_b, person_id=two_homes.known, organisation_id=made.provider_b, role=Role.BIDS)
    session.get_one(Provider, here).archived_at = NOON
    return made, factories.seated(session, platform, Role.ADMINISTRATOR, name="Adam Administrator")


def _apply(session: Session, made: factories.World) -> None:
    who = QuestionFacts(section="You", text="Who are your practitioners?", known_as=Known.PRACTITIONERS)
    factories.questions(session, made, made.round_id, who)
    application = start_application(session, made.owner_a, made.round_id, made.provider_a)
    choose_lots(session, made.owner_a, application, [(made.lots[0], made.regions[0])])
    write_statement(session, made.owner_a, application, "We would be glad to join.")
    submit_application(session, made.owner_a, application)


def _answer_award(session: Session, made: factories.World) -> None:
    """What was answered when provider A's bid was to win, which names Petra."""
    place = {"lot_id": made.lots[0], "region_id": made.regions[0]}
    against = Refusal("practitioner_dbs", "The DBS check of Petra Practitioner has expired.")
    said = Answered(Moment.AWARD, new_id(), made.provider_a, **place, at=NOON, reasons=(against,), practitioner="Petra")
    keep_answer(session, made.commissioner, said)


@pytest.fixture
def furniture() -> Furniture:
    return _world


def _stored(session: Session) -> str:
    """All that every table of this database keeps, the chain's own rows included."""
    return repr([session.execute(table.select()).all() for table in SQLModel.metadata.sorted_tables])


HERS = (
    "Petra",
    "petra-before@",
    "AS1234",
    "Sue Supervisor",
    "001234567890",
    "petra@example.org",
    "0113 496",
    "inge@",
    "Inge",
)


def test_names_go_on_the_day_references_stay_and_the_chain_verifies(
    db: Database, blobs: Blobs, made: Made, clock: Clock, client_for: ClientFor
) -> None:
    world, administrator = made
    with db.read() as session:
        assert all(name in _stored(session) for name in (*HERS, "Olive Owner"))
        before = list(session.exec(select(AuditEvent.digest).order_by(col(AuditEvent.position))))
    clock.set(NOON + (OVER - NOON.date() - timedelta(days=1)))
    duties.daily(db, blobs)
    with db.read() as session:
        assert people_due(session, OVER - timedelta(days=1)) == []
        assert "Petra" in _stored(session), "one day is left"
    clock.forward(days=1)
    assert "Named no longer, by the worker today" in client_for(administrator).get("/retention").text
    duties.daily(db, blobs)
    with db.read() as session:
        kept = _stored(session)
        assert [name for name in HERS if name in kept] == []
        assert not session.exec(select(Person).where(Person.name == "Olive Owner")).all()
        assert list(audit.verify(session)) == []
        assert list(session.exec(select(AuditEvent.digest).order_by(col(AuditEvent.position))))[: len(before)] == before
        told = " ".join(audit.sentence(event) for event in audit.timeline(session, world.provider_a))
        assert f"added the practitioner {NO_LONGER_NAMED}" in told
        assert "took the names of 2 practitioners and of 1 person with an account from the record" in told
        [proof] = session.exec(select(Anonymisation)).all()
        assert (proof.practitioners, proof.people, proof.at) == (2, 1, clock.moment)
        owner = session.get_one(Person, world.owner_a.known)
        assert (owner.name[:12], owner.password_hash, owner.disabled_at) == ("Former user ", "", clock.moment)
        assert None not in session.exec(select(EvidenceItem.practitioner_id)).all()
        sent = session.exec(select(Application)).one()
        assert [one["answer"] for one in sent.snapshot["answers"]] == [""], "which the portal gave, with their names"
        assert sent.snapshot[NAMES_TAKEN] and sent.snapshot_sha256 != digest(canonical(sent.snapshot))
        assert session.exec(select(BidSnapshot)).one().sha256 == "cd" * 32, "the digest stays"
        answer = session.exec(select(EligibilityAnswer)).one()
        assert (answer.practitioner, answer.reasons) == (NO_LONGER_NAMED, [["practitioner_dbs", ""]])
        [file] = session.exec(select(Document.id)).all()
        told = [audit.sentence(event) for event in audit.timeline(session, file)]
        assert "Olive Owner uploaded a file no longer named" in told
        assert {row.ended_at is None for row in _seats(session, world.provider_a)} == {False}
        assert session.exec(select(Person).where(Person.name == "Theo Twohomes")).one().disabled_at is None
        assert people_due(session, OVER) == []
    shown = client_for(administrator).get("/retention").text
    assert "Alder Therapy: 2 practitioners and 1 person with an account" in shown


def _seats(session: Session, provider_id: UUID) -> list[OrganisationSeat]:
    return list(session.exec(select(OrganisationSeat).where(OrganisationSeat.organisation_id == provider_id)))


def test_a_hold_keeps_them_and_the_operator_sees_first(
    db: Database, made: Made, clock: Clock, config: Settings, capsys: pytest.CaptureFixture[str], client_for: ClientFor
) -> None:
    world, administrator = made
    here = config.model_copy(update={"database_url": db.url})
    with db.write() as session:
        hold = commands.set_legal_hold(session, administrator, world.provider_a, "A claim before the court")
    clock.set(NOON + (OVER - NOON.date()))
    assert retention(here, ["--apply"]) == 0
    assert (
        "kept by a legal hold: 2 practitioners and 2 people of Alder Therapy, due 2032-11-23" in capsys.readouterr().out
    )
    assert "Kept by a legal hold" in client_for(administrator).get("/retention").text
    with db.write() as session:
        commands.lift_legal_hold(session, administrator, hold, "Settled")
    assert retention(here, ["--dry-run"]) == 0
    assert "named no longer: 2 practitioners" in capsys.readouterr().out
    with db.read() as session:
        assert "Petra" in _stored(session), "a dry run changes nothing"
    assert retention(here, ["--apply"]) == 0
    with db.read() as session:
        assert "Petra" not in _stored(session)


def test_each_part_goes_once_and_a_second_time_is_quiet(db: Database, made: Made, clock: Clock) -> None:
    world, _ = made
    with db.write() as session:
        assert len(providers.forget_practitioners(session, world.provider_a)) == 2
        assert organisations.forget_people(session, world.provider_a) == 1
        accounts.forget_people(session, [world.owner_a.known])
        first = _stored(session)
        accounts.forget_people(session, [world.owner_a.known])
        providers.forget_practitioners(session, world.provider_a)
        assert organisations.forget_people(session, world.provider_a) == 1
        assert _stored(session) == first
    clock.set(NOON + (OVER - NOON.date()))
    with db.write() as session:
        assert len(commands.forget_due_people(session, OVER)) == 1
        assert commands.forget_due_people(session, OVER) == []


def test_months_turned_round() -> None:
    """The last day from which so many months are over: exactly, over ten years of month ends and leap days."""
    for number in range(3653):
        on = date(2023, 1, 1) + timedelta(days=number)
        for months in (6, 7, 12, 72):
            day = reached(on, months)
            assert add_months(day, months) <= on < add_months(day + timedelta(days=1), months)
