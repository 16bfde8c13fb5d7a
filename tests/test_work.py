"""The worker delivers and scans, rests when idle, outlives an outage, and stops when asked."""

import signal
import subprocess
import sys
from collections.abc import Callable
from email import message_from_bytes
from io import BytesIO
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select
from structlog.testing import capture_logs

from app.core import mail
from app.core.blobs import Blobs, remember
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.evidence.models import Document, EvidenceItem
from app.settings import Settings
from app.work import rounds, work_once
from tests import NOON, ROOT, factories


def _letter(session: Session, dedupe: str) -> None:
    mail.queue(session, "accounts/already-registered.txt", to="ann@example.org", dedupe=dedupe)


def _document(session: Session, blobs: Blobs, content: bytes) -> UUID:
    made = factories.world(session)
    item = EvidenceItem(
        provider_id=made.provider_a, kind_slug=factories.INSURANCE, added_at=NOON, added_by=made.owner_a.known
    )
    session.add(item)
    session.flush()
    blob = blobs.put(BytesIO(content), room="evidence")
    row = Document(
        item_id=item.id,
        blob_key=blob.key,
        sha256=blob.sha256,
        size=blob.size,
        media_type="application/pdf",
        file_name="certificate.pdf",
        uploaded_at=NOON,
        uploaded_by=made.owner_a.known,
    )
    remember(session, blob)
    session.add(row)
    session.flush()
    return row.id


class Rests(Event):
    """A worker's stop signal that counts its rests instead of resting; it stops the worker at the last of them."""

    def __init__(self, most: int, at_a_rest: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.left, self.at_a_rest = most, at_a_rest

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout
        self.left -= 1
        self.at_a_rest()
        if self.left == 0:
            self.set()
        return self.is_set()


def test_a_round_delivers_what_waits_and_scans_what_waits(
    db: Database, blobs: Blobs, config: Settings, tmp_path: Path
) -> None:
    with db.write() as session:
        _letter(session, "one")
        document_id = _document(session, blobs, b"%PDF- harmless")
    assert work_once(db, blobs, config) == 2
    (letter,) = (tmp_path / "mail").glob("*.eml")
    assert message_from_bytes(letter.read_bytes())["To"] == "ann@example.org"
    with db.read() as session:
        assert session.get_one(Document, document_id).scan_state == "clean"
    assert work_once(db, blobs, config) == 0


def test_without_a_scanner_a_document_stays_in_quarantine(db: Database, blobs: Blobs, config: Settings) -> None:
    with db.write() as session:
        document_id = _document(session, blobs, b"%PDF- unknown")
    assert work_once(db, blobs, config.model_copy(update={"scanner": "none"})) == 0
    with db.read() as session:
        assert session.get_one(Document, document_id).scan_state == "quarantined"


def test_it_rests_only_when_there_was_nothing_to_do(db: Database, blobs: Blobs, config: Settings) -> None:
    with db.write() as session:
        for number in range(60):  # more than one round delivers
            _letter(session, f"letter {number}")
    rounds(db, blobs, config, Rests(1))
    with db.read() as session:
        assert mail.waiting(session) == 0


def test_it_outlives_an_outage_and_catches_up(db: Database, blobs: Blobs, config: Settings) -> None:
    with db.write() as session:
        _letter(session, "during the outage")

    def rename(before: str, after: str) -> None:
        with db.write() as session:
            session.connection().execute(text(f"ALTER TABLE {before} RENAME TO {after}"))

    rename("outbox_message", "outbox_message_away")
    stop = Rests(2, lambda: stop.left == 1 and rename("outbox_message_away", "outbox_message"))
    with capture_logs() as logs:
        rounds(db, blobs, config, stop)
    assert [entry["event"] for entry in logs].count("round failed") == 1
    with db.read() as session:
        assert session.exec(select(OutboxMessage.sent_at)).one() is not None


@pytest.mark.walk
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_asked(number: signal.Signals, database_url: str, config: Settings) -> None:
    environment = config.model_copy(update={"database_url": database_url}).environment_for_children()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "work"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "started" in process.stdout.readline()
        process.send_signal(number)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "stopped" in said
