"""Evidence is told, mended until it is sent, and sent once."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import BigInteger
from sqlmodel import SQLModel

from app.core.blobs import Blobs
from app.core.database import Database
from app.core.money import MOST_PENCE
from app.core.refusals import NotAllowed, NotFound, Refused
from app.evidence import commands
from app.evidence.models import EvidenceItem
from app.evidence.rules import ItemFacts, Standing
from app.organisations.rules import OrganisationKind
from tests import factories
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.supplying import DBS, LIABILITY, Set, added, alder, attached, events_of, sent_for_check, standing_of


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.mark.row("3.1")
@pytest.mark.row("3.16")
def test_an_item_is_added_once_and_counts_as_promised(db: Database, made: Set) -> None:
    assert standing_of(db, made) is Standing.MISSING
    assert added(db, made) == added(db, made)
    assert standing_of(db, made) is Standing.PROMISED
    assert events_of(db, made.provider_id) == ["evidence.added"]


def test_every_column_of_money_holds_the_most_a_form_takes(db: Database, made: Set) -> None:
    item_id = added(db, made, replace(LIABILITY, cover_pence=MOST_PENCE))
    with db.read() as session:
        assert session.get_one(EvidenceItem, item_id).cover_pence == MOST_PENCE
    money = [c for table in SQLModel.metadata.tables.values() for c in table.columns if c.name.endswith("_pence")]
    assert money
    assert [str(column) for column in money if not isinstance(column.type, BigInteger)] == []


def test_what_may_not_be_promised_is_missing_until_it_is_sent(db: Database, made: Set) -> None:
    facts = ItemFacts(kind="dbs_enhanced", practitioner_id=made.practitioner_id, reference="001234567890")
    item_id = added(db, made, facts)
    assert standing_of(db, made, "dbs_enhanced") is Standing.MISSING
    with pytest.raises(Refused, match="record_missing"), db.write() as session:
        commands.submit_item(session, made.owner, item_id)
    with db.write() as session:
        commands.record_dbs(session, made.owner, item_id, DBS)
        commands.submit_item(session, made.owner, item_id)
    assert standing_of(db, made, "dbs_enhanced") is Standing.AWAITING_CHECK


def test_what_somebody_else_states_is_a_promise_until_anything_is_told(db: Database, made: Set) -> None:
    stated = commands.Stated(made.provider_id, LIABILITY.kind, date(2027, 3, 31))
    with db.write() as session:
        lead_id = factories.organisation(session, OrganisationKind.LEAD, "Test hub")
        assert commands.state_expiries(session, made.owner, lead_id, [stated]) == 1
        assert commands.state_expiries(session, made.owner, lead_id, [stated]) == 0
    assert standing_of(db, made, LIABILITY.kind) is Standing.PROMISED


def test_impossible_or_foreign_facts_are_refused(db: Database, made: Set) -> None:
    for facts, error in (
        (ItemFacts(kind="nonsense"), NotFound),
        (ItemFacts(kind="dbs_enhanced"), Refused),
        (ItemFacts(kind="dbs_enhanced", practitioner_id=made.other_practitioner_id), NotFound),
        (ItemFacts(kind="dbs_enhanced", practitioner_id=uuid4()), NotFound),
        (replace(LIABILITY, expires_on=date(2026, 1, 1)), Refused),
    ):
        with pytest.raises(error), db.write() as session:
            commands.add_item(session, made.owner, made.provider_id, facts)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.add_item(session, made.reader, made.provider_id, LIABILITY)
    with pytest.raises(NotFound), db.write() as session:
        commands.add_item(session, made.other_owner, made.provider_id, LIABILITY)


def test_facts_change_until_they_are_sent(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = added(db, made)
    better = replace(LIABILITY, reference="PL-2")
    for _ in range(2):
        with db.write() as session:
            commands.change_item(session, made.owner, item_id, better)
    with pytest.raises(NotFound), db.write() as session:
        commands.change_item(session, made.owner, item_id, replace(better, kind="accounts"))
    with pytest.raises(NotFound), db.write() as session:
        commands.change_item(session, made.other_owner, item_id, better)
    assert events_of(db, item_id) == ["evidence.added", "evidence.changed"]
    sent = sent_for_check(db, blobs, made)
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.change_item(session, made.owner, sent, better)
    assert refused.value.refusal.code == "already_sent"


def test_sending_happens_once_and_closes_the_item(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = sent_for_check(db, blobs, made)
    with db.write() as session:
        commands.submit_item(session, made.owner, item_id)
    assert events_of(db, item_id).count("evidence.submitted") == 1
    assert standing_of(db, made) is Standing.AWAITING_CHECK
    with pytest.raises(Refused):
        attached(db, blobs, made, item_id, files.pdf(b"another"))
    with pytest.raises(NotFound), db.write() as session:
        commands.submit_item(session, made.other_owner, item_id)
