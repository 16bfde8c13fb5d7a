"""The operator's commands for documents, and documents from before they were encrypted."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from app import operations
from app.core.blobs import Blobs, StoredBlob, condemn, find
from app.core.database import Database
from app.evidence.keeping import encrypt_plain
from app.evidence.models import Document
from app.settings import Settings
from tests.conftest import ClientFor
from tests.databases import Furniture, migrate
from tests.evidence import files
from tests.evidence.meeting import Set, alder, document_of

NEW = "2027:" + "A" * 43 + "="


@pytest.fixture
def furniture() -> Furniture:
    return alder


def _plain(db: Database, blobs: Blobs, config: Settings, document_id: UUID) -> str:
    """As it was stored before documents were encrypted: under its content's name, with no key."""
    with db.write() as session:
        document = session.get_one(Document, document_id)
        blobs.delete(document.blob_key)
        session.delete(session.get_one(StoredBlob, document.blob_key))
        document.blob_key = f"evidence/{document.sha256[:2]}/{document.sha256}"
        session.add(
            StoredBlob(
                key=document.blob_key, sha256=document.sha256, size=document.size, stored_at=document.uploaded_at
            )
        )
        target = Path(config.blob_url.removeprefix("file:")) / document.blob_key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.pdf())
        return document.blob_key


@pytest.mark.row("3.2")
def test_a_document_from_before_opens_and_is_encrypted_by_the_command(
    db: Database, blobs: Blobs, config: Settings, made: Set, client_for: ClientFor
) -> None:
    _, document_id = document_of(db, blobs, made)
    old = _plain(db, blobs, config, document_id)
    client = client_for(made.owner)
    assert client.get(f"/documents/{document_id}/file").content == files.pdf()
    assert encrypt_plain(db, blobs) == (1, [])
    assert encrypt_plain(db, blobs) == (0, [])
    assert old not in blobs.keys()  # noqa: SIM118 - not a dict
    assert b"%PDF" not in b"".join(blobs.get(key) for key in blobs.keys())  # noqa: SIM118 - not a dict
    assert client.get(f"/documents/{document_id}/file").content == files.pdf()


@pytest.mark.row("3.2")
def test_the_commands_say_what_they_did(
    db: Database, blobs: Blobs, config: Settings, made: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    document_of(db, blobs, made)
    _, lost = document_of(db, blobs, made, kind="ins_motor")
    config = config.model_copy(update={"database_url": db.url, "document_keys": f"{NEW},{config.document_keys}"})
    assert operations.documents(config, ["rotate"]) == 0
    assert "key 2027: 2 keys wrapped anew, 0 plain files encrypted, 0 missing" in capsys.readouterr().out
    assert operations.documents(config, ["rotate"]) == 0
    assert "key 2027: 0 keys wrapped anew" in capsys.readouterr().out
    assert operations.documents(config, ["sweep"]) == 0
    assert "2 files stored, 0 that no row names deleted, 0 infected ones buried, 0 missing" in capsys.readouterr().out
    with db.write() as session:
        condemn(session, session.get_one(Document, lost).blob_key)
    assert operations.documents(config, ["sweep"]) == 0
    assert "1 infected ones buried" in capsys.readouterr().out
    assert operations.documents(config, []) == 2
    only_new = config.model_copy(update={"document_keys": "2028:" + "B" * 43 + "="})
    assert operations.documents(only_new, ["rotate"]) == 1
    assert "the key 2027 is not among the documents' keys" in capsys.readouterr().err


@pytest.mark.walk
@pytest.mark.row("3.2")
def test_the_migration_names_what_was_stored_before_and_refuses_to_lose_keys(
    db: Database, blobs: Blobs, config: Settings, made: Set
) -> None:
    _, document_id = document_of(db, blobs, made)
    with pytest.raises(RuntimeError, match="1 documents would be lost"):
        migrate(db.url, "0002")
    migrate(db.url)
    _plain(db, blobs, config, document_id)
    db.close()
    migrate(db.url, "0002")
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM document")).scalar_one() == 1
    db.close()
    migrate(db.url)
    with db.read() as session:
        [row] = session.exec(select(StoredBlob)).all()
        assert b"".join(blobs.read(find(session, row.key))) == files.pdf()
        assert _key(session, document_id) == row.key


def _key(session: Session, document_id: UUID) -> str:
    return session.get_one(Document, document_id).blob_key
