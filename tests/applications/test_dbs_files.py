"""Each framework says whether it wants the file of a DBS certificate; where none that asks does, the record alone is taken."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.applications import commands as applications
from app.applications.queries.files import files_wanted
from app.core import audit
from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound
from app.evidence import commands as evidence
from app.evidence import reference
from app.evidence.asking import Wanted
from app.evidence.rules import ItemFacts
from app.frameworks.commands import ask_for_dbs_file
from app.memberships.models import Membership
from app.organisations.rules import Role
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence import files

DBS = "dbs_enhanced"


def _world(session: Session) -> factories.World:
    """Its first lot asks for a DBS certificate."""
    reference.load(session)
    made = factories.world(session)
    factories.requirement(session, made.lots[0], {"kind": DBS})
    return made


@pytest.fixture
def furniture() -> Furniture:
    return _world


def _wanted(db: Database, provider_id: UUID) -> bool:
    with db.read() as session:
        asked = files_wanted(session, Wanted(provider_id, DBS))
        return any(asked) or not asked


def _say(db: Database, actor: Actor, framework_id: UUID, *, wanted: bool) -> None:
    with db.write() as session:
        ask_for_dbs_file(session, actor, framework_id, wanted=wanted)


@pytest.mark.row("3.8")
def test_it_is_wanted_while_one_framework_that_asks_wants_it(db: Database, made: factories.World, clock: Clock) -> None:
    with db.write() as session:
        other, lots, regions, round_id = factories.framework(session, made.lead_id, ())
        factories.requirement(session, lots[0], {"kind": DBS})
        stranger = factories.provider(session, "Nobody asks me")
    _say(db, made.lead, made.framework_id, wanted=False)
    assert not _wanted(db, made.provider_a)
    assert _wanted(db, stranger), "nobody asks for anything yet"
    with db.write() as session:
        application = applications.start_application(session, made.owner_a, round_id, made.provider_a)
        applications.choose_lots(session, made.owner_a, application, [(lots[1], regions[0])])
    assert not _wanted(db, made.provider_a), "that lot asks for no certificate"
    with db.write() as session:
        applications.choose_lots(session, made.owner_a, application, [(lots[0], regions[0])])
    assert _wanted(db, made.provider_a)
    _say(db, made.lead, other, wanted=False)
    assert not _wanted(db, made.provider_a)
    _say(db, made.lead, other, wanted=True)
    clock.set(NOON.replace(year=2027))
    assert not _wanted(db, made.provider_a), "the round closed on what was never submitted"
    with db.write() as session:
        for row in session.exec(select(Membership).where(Membership.provider_id == made.provider_a)):
            row.ended_at = NOON
    assert _wanted(db, made.provider_a)


@pytest.mark.row("3.8")
def test_its_lead_decides_and_the_provider_is_asked_for_the_record_alone(
    db: Database, blobs: Blobs, made: factories.World, client_for: ClientFor
) -> None:
    lead, owner, here = client_for(made.lead), client_for(made.owner_a), f"/frameworks/{made.framework_id}"
    with db.write() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        facts = ItemFacts(kind=DBS, practitioner_id=person, reference="001234567890", starts_on=date(2026, 3, 2))
        item_id = evidence.add_item(session, made.owner_a, made.provider_a, facts)
    assert "its file is uploaded as well" in lead.get(here).text
    for _ in range(2):
        assert lead.post(f"{here}/dbs-file").status_code == 303
    for reader in (lead, owner):
        assert "the record alone is asked for" in reader.get(here).text
    assert "Ask for the file as well" not in owner.get(here).text
    shown = owner.get(f"/evidence/{item_id}").text
    assert "wants the record alone" in shown
    assert "Upload a document" not in shown
    upload = {"file": ("dbs.pdf", files.pdf(), "application/pdf")}
    assert owner.post(f"/evidence/{item_id}/documents", files=upload).status_code == 409
    assert blobs.keys() == []
    assert lead.post(f"{here}/dbs-file", data={"wanted": "true"}).status_code == 303
    assert owner.post(f"/evidence/{item_id}/documents", files=upload).status_code == 303
    with db.read() as session:
        names = [event.name for event in audit.timeline(session, made.framework_id)]
    assert names == ["framework.dbs_file_off", "framework.dbs_file_on"]


def test_only_its_leads_decide(db: Database, made: factories.World) -> None:
    with db.write() as session:
        elsewhere = factories.organisation(session, made.lead.seats[0].kind, "Another hub")  # type: ignore[arg-type]
        stranger = factories.seated(session, elsewhere, Role.FRAMEWORK_LEAD)
    for actor, error in ((made.checker, NotAllowed), (made.commissioner, NotFound), (stranger, NotFound)):
        with pytest.raises(error):
            _say(db, actor, made.framework_id, wanted=False)
