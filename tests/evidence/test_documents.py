"""A document waits in quarantine for its scan, whatever the store and the scanner do meanwhile."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.blobs import Blobs, StoredBlob, find
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.core.sweeping import bury
from app.evidence import commands, queries, scanning
from app.evidence.models import Document
from app.evidence.rules import ScanState
from app.settings import Settings
from tests import NOON
from tests.conftest import Clock
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.supplying import (
    LIABILITY,
    Learned,
    Set,
    added,
    alder,
    attached,
    events_of,
    mail_queued,
)


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.mark.row("3.2")
@pytest.mark.invariant(6)
def test_a_document_waits_in_quarantine_for_its_scan(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = added(db, made)
    document_id = attached(db, blobs, made, item_id)
    assert attached(db, blobs, made, item_id) == document_id
    assert scanning.scan(db, blobs, None, document_id) is ScanState.QUARANTINED
    assert scanning.scan_waiting(db, blobs, None) == 0
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.submit_item(session, made.owner, item_id)
    assert refused.value.refusal.code == "not_scanned"
    assert scanning.scan_waiting(db, blobs, scanning.scanner_named("development")) == 1
    assert scanning.scan_waiting(db, blobs, scanning.scanner_named("development")) == 0
    with db.read() as session:
        row = session.get_one(Document, document_id)
        assert (row.scan_state, row.scanned_at, row.scanner) == ("clean", NOON, "development scanner")
    assert events_of(db, item_id) == ["evidence.added", "document.uploaded", "document.found_clean"]


@pytest.mark.row("3.2")
def test_a_virus_is_deleted_and_its_uploader_told(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = added(db, made)
    document_id = attached(db, blobs, made, item_id, files.infected_pdf())
    assert len(blobs.keys()) == 1
    assert scanning.scan(db, blobs, scanning.DevelopmentScanner(), document_id) is ScanState.INFECTED
    assert blobs.keys() == []
    assert mail_queued(db) == [("evidence/infected.txt", made.owner.email)]
    assert events_of(db, item_id)[-1] == "document.found_infected"
    with db.write() as session:
        assert commands.record_scan(session, document_id, ScanState.CLEAN, scanner="second") is False
    again = attached(db, blobs, made, item_id, files.infected_pdf())
    assert again != document_id


@pytest.mark.row("3.2")
def test_a_failed_scan_stays_closed_and_is_tried_again(
    db: Database, blobs: Blobs, made: Set, config: Settings, clock: Clock
) -> None:
    item_id = added(db, made)
    document_id = attached(db, blobs, made, item_id)
    [key] = blobs.keys()
    content = blobs.get(key)
    blobs.delete(key)
    for _ in range(2):
        assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 0
        clock.forward(minutes=1)
    assert events_of(db, item_id)[-1:] == ["document.scan_failed"]
    assert events_of(db, item_id).count("document.scan_failed") == 1
    (Path(config.blob_url.removeprefix("file:")) / key).write_bytes(content)
    assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 1
    with db.read() as session:
        assert session.get_one(Document, document_id).scan_state == "clean"


@pytest.mark.row("3.2")
def test_documents_that_cannot_be_scanned_let_the_others_pass(
    db: Database, blobs: Blobs, made: Set, clock: Clock
) -> None:
    item_id = added(db, made)
    lost = [attached(db, blobs, made, item_id, files.pdf(b"lost %d" % number)) for number in range(3)]
    for key in blobs.keys():  # noqa: SIM118 - not a dict
        blobs.delete(key)
    clock.forward(minutes=1)
    fine = attached(db, blobs, made, item_id, files.pdf(b"fine"))
    tried = []
    for _ in range(3):
        clock.forward(minutes=1)
        with db.read() as session:
            tried.append(queries.unscanned(session, 2, clock.moment))
        scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner(), most=2)
    assert tried[0] == lost[:2]
    assert tried[1] == [lost[2], fine]
    assert set(tried[2]) == set(lost[:2])
    clock.forward(minutes=1)
    with db.read() as session:
        assert queries.unscanned(session, 3, clock.moment)[0] == lost[2]
        assert session.get_one(Document, fine).scan_state == "clean"


@pytest.mark.row("3.2")
def test_a_document_waits_in_quarantine_while_the_store_is_away(
    db: Database, blobs: Blobs, made: Set, config: Settings, clock: Clock
) -> None:
    item_id = added(db, made)
    document_id = attached(db, blobs, made, item_id)
    with files.away(config):
        assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 0
    with db.read() as session:
        assert session.get_one(Document, document_id).scan_state == "quarantined"
    assert "document.scan_failed" not in events_of(db, item_id)
    clock.forward(minutes=1)
    assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 1


@pytest.mark.row("3.2")
def test_a_virus_is_told_though_the_store_goes_away_before_its_bytes_are_deleted(
    db: Database, blobs: Blobs, made: Set, config: Settings
) -> None:
    document_id = attached(db, blobs, made, added(db, made), files.infected_pdf())
    with ExitStack() as outage:

        class SlowScanner(scanning.DevelopmentScanner):
            def verdict(self, content: Iterator[bytes]) -> ScanState:
                whole = list(content)
                outage.enter_context(files.away(config))
                return super().verdict(iter(whole))

        assert scanning.scan(db, blobs, SlowScanner(), document_id) is ScanState.INFECTED
    with db.read() as session:
        document = session.get_one(Document, document_id)
        assert document.scan_state == "infected"
        assert session.get_one(StoredBlob, document.blob_key).wrapped_key is None
        with pytest.raises(NotFound):
            find(session, document.blob_key)
    assert len(blobs.keys()) == 1
    assert bury(db, blobs) == 1
    assert blobs.keys() == []
    assert bury(db, blobs) == 0


@pytest.mark.row("3.2")
def test_a_later_verdict_keeps_what_was_found_clean_before(db: Database, blobs: Blobs, made: Set) -> None:
    clean = attached(db, blobs, made, added(db, made))
    scanning.scan(db, blobs, scanning.DevelopmentScanner(), clean)
    twin = attached(db, blobs, made, added(db, made, replace(LIABILITY, kind="ins_motor")))
    assert scanning.scan(db, blobs, Learned(), twin) is ScanState.INFECTED
    assert len(blobs.keys()) == 1
    with db.read() as session:
        assert session.get_one(Document, clean).scan_state == "clean"


@pytest.mark.row("3.2")
def test_a_virus_is_found_in_every_document_of_its_bytes_that_waits(db: Database, blobs: Blobs, made: Set) -> None:
    items = [added(db, made, replace(LIABILITY, reference=f"PL-{number}")) for number in range(2)]
    one, twin = (attached(db, blobs, made, item_id, files.infected_pdf()) for item_id in items)
    assert scanning.scan(db, blobs, scanning.DevelopmentScanner(), one) is ScanState.INFECTED
    assert blobs.keys() == []
    with db.read() as session:
        assert session.get_one(Document, twin).scan_state == "infected"
    assert [events_of(db, item_id)[-1] for item_id in items] == ["document.found_infected"] * 2
    assert mail_queued(db) == [("evidence/infected.txt", made.owner.email)] * 2
