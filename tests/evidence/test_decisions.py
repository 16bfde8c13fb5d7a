"""Evidence is verified, returned and replaced, by those who may."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.evidence import commands, queries
from app.evidence.models import Document, EvidenceItem, Verification
from app.evidence.rules import ItemFacts, Reason, Standing
from app.organisations.rules import Role
from tests import factories
from tests.conftest import Clock
from tests.databases import Furniture
from tests.evidence.supplying import (
    LIABILITY,
    TODAY,
    Set,
    added,
    alder,
    events_of,
    mail_queued,
    sent_for_check,
    standing_of,
    verified,
)


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.mark.row("3.6")
@pytest.mark.row("3.9")
def test_verifying_replaces_the_older_and_tells_the_keepers(
    db: Database, blobs: Blobs, made: Set, clock: Clock
) -> None:
    older = sent_for_check(db, blobs, made)
    verified(db, made, older)
    assert standing_of(db, made) is Standing.VERIFIED
    clock.forward(days=1)
    newer = sent_for_check(db, blobs, made, replace(LIABILITY, reference="PL-2"))
    for _ in range(2):
        verified(db, made, newer)
    with db.read() as session:
        assert session.get_one(EvidenceItem, older).replaced_by_id == newer
        assert len(session.exec(select(Verification)).all()) == 2
        assert [item.id for item in queries.held(session, made.provider_id, TODAY)] == [newer]
        assert queries.snapshot(session, made.provider_id, TODAY)[0]["standing"] == "verified"
    assert mail_queued(db) == [("evidence/verified.txt", made.owner.email)] * 2
    assert "evidence.replaced" in events_of(db, older)


@pytest.mark.row("3.5")
@pytest.mark.invariant(5)
def test_a_renewal_bought_early_leaves_no_gap(db: Database, blobs: Blobs, made: Set, clock: Clock) -> None:
    last = LIABILITY.expires_on
    assert last
    verified(db, made, sent_for_check(db, blobs, made))
    clock.forward(days=1)
    renewal = replace(LIABILITY, starts_on=last + timedelta(days=1), expires_on=last + timedelta(days=365))
    verified(db, made, sent_for_check(db, blobs, made, renewal))
    for days in (-1, 0, 1, 365):
        assert standing_of(db, made, on=last + timedelta(days=days)) is Standing.VERIFIED
    assert standing_of(db, made, on=last + timedelta(days=366)) is Standing.EXPIRED


@pytest.mark.row("3.13")
def test_returning_says_why_and_a_corrected_one_can_be_verified(
    db: Database, blobs: Blobs, made: Set, clock: Clock
) -> None:
    item_id = sent_for_check(db, blobs, made)
    for _ in range(2):
        with db.write() as session:
            commands.return_item(session, made.checker, item_id, Reason.UNREADABLE, "Photograph it in daylight")
    assert standing_of(db, made) is Standing.RETURNED
    with pytest.raises(Refused) as refused:
        verified(db, made, item_id)
    assert refused.value.refusal.code == "already_decided"
    assert mail_queued(db) == [("evidence/returned.txt", made.owner.email)]
    clock.forward(hours=1)
    verified(db, made, sent_for_check(db, blobs, made, replace(LIABILITY, reference="PL-1 corrected")))
    assert standing_of(db, made) is Standing.VERIFIED


@pytest.mark.row("3.6")
def test_who_may_decide(db: Database, blobs: Blobs, made: Set) -> None:
    item_id, unsent = sent_for_check(db, blobs, made), added(db, made, replace(LIABILITY, kind="ins_abuse_cover"))
    own = Actor(made.checker.person_id, "Cara Checker", "c@example.org", (*made.checker.seats, *made.reader.seats))
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.verify_item(session, own, item_id, ticks=factories.ticked(session, item_id), how="Saw it")
    assert refused.value.refusal.code == "own_organisation"
    with pytest.raises(Refused), db.write() as session:
        commands.return_item(session, own, item_id, Reason.UNREADABLE, "x")
    with pytest.raises(NotFound), db.write() as session:
        commands.verify_item(session, made.owner, item_id, ticks=factories.ticked(session, item_id), how="Mine is fine")
    with pytest.raises(NotFound), db.write() as session:
        commands.verify_item(session, made.checker, unsent, ticks=factories.ticked(session, unsent), how="Too early")
    with db.write() as session:
        false_checker = factories.seated(session, made.provider_id, Role.CHECKER)
    with pytest.raises(NotFound), db.write() as session:
        commands.verify_item(
            session,
            false_checker,
            item_id,
            ticks=factories.ticked(session, item_id),
            how="A provider's seat is no checker's",
        )
    with db.read() as session:
        assert [check.item_id for check in queries.checks(session, made.checker, TODAY)] == [item_id]
        assert queries.checks(session, own, TODAY) == []


@pytest.mark.row("3.8")
def test_a_dbs_check_needs_the_original_and_each_opening_is_told(db: Database, blobs: Blobs, made: Set) -> None:
    facts = ItemFacts(kind="dbs_enhanced", practitioner_id=made.practitioner_id, reference="001234567890")
    item_id = sent_for_check(db, blobs, made, facts)
    with db.read() as session:
        document_id = session.exec(select(Document.id)).one()
    for actor in (made.checker, made.owner):
        with db.write() as session:
            commands.open_narrow_document(session, actor, document_id)
    for stranger in (made.reader, made.other_owner):
        with pytest.raises(NotFound), db.write() as session:
            commands.open_narrow_document(session, stranger, document_id)
    assert events_of(db, item_id).count("document.opened") == 2
    with pytest.raises(Refused):
        verified(db, made, item_id)
    with db.write() as session:
        commands.verify_item(
            session,
            made.checker,
            item_id,
            ticks=factories.ticked(session, item_id),
            how="At the office",
            saw_original=True,
        )
    assert standing_of(db, made, "dbs_enhanced") is Standing.VERIFIED
    for reader in (made.checker, made.owner):
        with db.write() as session:
            commands.open_narrow_document(session, reader, document_id)
    hub = made.checker.seats[0].organisation_id
    with db.write() as session:
        colleague = factories.seated(session, hub, Role.CHECKER, name="Carl Checker")
    with pytest.raises(NotFound), db.write() as session:
        commands.open_narrow_document(session, colleague, document_id)
    with db.read() as session:
        item = queries.item_page(session, item_id, TODAY)
        opens = [queries.documents(session, actor, item)[0].opens for actor in (made.checker, made.owner, colleague)]
    assert opens == [True, True, False]
