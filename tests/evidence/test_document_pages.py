"""Documents on their pages: opened by few, and files that mean harm."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from app.core import audit
from app.core.blobs import Blob, Blobs
from app.core.database import Database
from app.evidence.models import Document
from app.evidence.rules import ScanState
from app.evidence.scanning import EICAR, DevelopmentScanner, scan
from app.settings import Settings
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.meeting import (
    Set,
    alder,
    document_of,
    errors_of,
    heading_of,
    new_item,
    refusal_of,
    soup_of,
    upload,
)


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.mark.invariant(6)
@pytest.mark.row("3.2")
@pytest.mark.parametrize("state", ScanState)
@pytest.mark.parametrize("kind", ["ins_public_liability", "dbs_enhanced"])
def test_no_way_to_a_file_unless_it_is_clean(
    state: ScanState, kind: str, db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    """Every download route for every state, as each person who might open it."""
    item_id, document_id = document_of(db, blobs, made, kind=kind, state=state)
    served = []
    for actor in (made.owner, made.keeper, made.checker):
        client = client_for(actor)
        answers = (
            client.get(f"/documents/{document_id}/file"),
            client.get(f"/documents/{document_id}/file?view"),
            client.post(f"/documents/{document_id}/open"),
        )
        assert {answer.status_code for answer in answers} <= {200, 404}
        served += [b"%PDF" in answer.content for answer in answers]
    assert any(served) is (state is ScanState.CLEAN)
    for page in (
        client_for(made.owner).get(f"/evidence/{item_id}"),
        client_for(made.checker).get(f"/checks/{item_id}"),
    ):
        assert (f"/documents/{document_id}/" in page.text) is (state is ScanState.CLEAN)


@pytest.mark.row("3.8")
def test_a_dbs_file_opens_by_a_form_for_few_and_each_opening_is_told(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    item_id, document_id = document_of(db, blobs, made, kind="dbs_enhanced")
    everyone = (made.owner, made.keeper, made.reader, made.other_owner, made.checker, made.commissioner)
    for actor in everyone:
        assert client_for(actor).get(f"/documents/{document_id}/file").status_code == 404
        assert client_for(actor).get(f"/documents/{document_id}/file?view").status_code == 404
        opened = client_for(actor).post(f"/documents/{document_id}/open")
        assert opened.status_code == (200 if actor in (made.owner, made.keeper, made.checker) else 404), actor.name
    assert "/documents/" not in client_for(made.reader).get(f"/evidence/{item_id}").text
    with db.read() as session:
        told = [audit.sentence(row) for row in audit.timeline(session, item_id) if row.name == "document.opened"]
    assert [words.split(" opened ")[0] for words in told] == ["Olive Owner", "Dora Documents", "Cara Checker"]


@pytest.mark.row("3.2")
def test_others_open_by_a_link_with_careful_headers(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    _, document_id = document_of(db, blobs, made)
    for actor in (made.other_owner, made.commissioner):
        assert client_for(actor).get(f"/documents/{document_id}/file").status_code == 404
        assert client_for(actor).post(f"/documents/{document_id}/open").status_code == 404
    for actor in (made.owner, made.reader, made.checker):
        saved = client_for(actor).get(f"/documents/{document_id}/file")
        assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''certificate.pdf"
        assert "sandbox" in saved.headers["content-security-policy"]
        assert saved.headers["x-content-type-options"] == "nosniff"
        shown = client_for(actor).get(f"/documents/{document_id}/file?view")
        assert shown.headers["content-disposition"].startswith("inline")
        assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    _, unsent = document_of(db, blobs, made, kind="ins_motor", submitted=False)
    assert client_for(made.checker).get(f"/documents/{unsent}/file").status_code == 404


def test_a_word_file_is_never_shown_in_the_page(db: Database, blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    _, document_id = document_of(db, blobs, made, content=files.docx(), media_type=word)
    answer = client_for(made.owner).get(f"/documents/{document_id}/file?view")
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.row("3.3")
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.pdf", files.HTML, "must be a PDF, JPG, PNG, DOCX or ODT"),
        ("setup.pdf", files.EXE, "must be a PDF, JPG, PNG, DOCX or ODT"),
        ("eicar.pdf", EICAR, "must be a PDF, JPG, PNG, DOCX or ODT"),
        ("archive.docx", files.parcel(hello=b"world"), "must be a PDF, JPG, PNG, DOCX or ODT"),
        ("empty.pdf", b"", "is empty"),
        ("locked.pdf", files.pdf(password="secret"), "protected by a password"),
        ("big.pdf", b"%PDF-" + bytes(20 * 1024 * 1024), "no larger than 20 MB"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_hostile_file_is_refused_beside_the_field_and_not_stored(
    name: str, content: bytes, words: str, db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item = new_item(client, made)
    answer = upload(client, item, content, name)
    assert answer.status_code == 422
    [error] = errors_of(answer)
    assert words in error
    assert error in soup_of(answer).find(id="file-error").get_text()
    assert blobs.keys() == []
    with db.read() as session:
        assert session.exec(select(Document)).all() == []


def test_a_store_that_is_away_is_said_beside_the_field_and_nothing_is_saved(
    db: Database, made: Set, client_for: ClientFor, config: Settings
) -> None:
    client = client_for(made.owner)
    item = new_item(client, made)
    with files.away(config):
        answer = upload(client, item, files.pdf())
    words = "The document store cannot be reached. Nothing was saved. Try again in a minute."
    assert (answer.status_code, errors_of(answer)) == (503, [words])
    with db.read() as session:
        assert session.exec(select(Document)).all() == []
    assert upload(client, item, files.pdf()).status_code == 303


def test_no_connection_is_held_while_the_store_is_read(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor, config: Settings
) -> None:
    _, document_id = document_of(db, blobs, made)
    held: list[int] = []

    class Watched(Blobs):
        def read(self, blob: Blob, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
            for piece in super().read(blob, start, stop):
                held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
                yield piece

    client = client_for(made.owner)
    client.app.state.blobs = Watched(config.blob_url, config.document_keys)  # type: ignore[attr-defined]
    assert client.get(f"/documents/{document_id}/file").status_code == 200
    assert held == [0]


def test_no_file_and_a_body_over_the_limit_are_said_plainly(blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    item = new_item(client, made)
    assert errors_of(client.post(f"{item}/documents", files={"other": b"x"})) == ["Select a file"]
    client.headers["Referer"] = f"http://testserver{item}"
    answer = upload(client, item, bytes(22 * 1024 * 1024))
    assert answer.status_code == 413
    assert heading_of(answer) == "That is too large"
    assert "A file may be up to 20 MB." in answer.text
    assert f'<a class="govuk-link" href="{item}">Go back and try again</a>' in answer.text
    assert blobs.keys() == []


@pytest.mark.row("3.2")
@pytest.mark.invariant(6)
def test_a_virus_in_a_real_pdf_is_deleted_and_the_page_says_so(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item = new_item(client, made)
    assert upload(client, item, files.infected_pdf(), "../../certificate.pdf").status_code == 303
    page = client.get(item)
    assert "We found a virus in certificate.pdf and deleted it" in refusal_of(page)
    assert blobs.keys() == []
    with db.read() as session:
        document = session.exec(select(Document)).one()
    assert client.get(f"/documents/{document.id}/file").status_code == 404


@pytest.mark.row("3.2")
def test_a_document_is_scanned_once_the_upload_is_answered_and_the_page_looks_again_until_then(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item_id, document_id = document_of(db, blobs, made, state=ScanState.QUARANTINED, submitted=False)

    def looks_again() -> tuple[str | None, bool]:
        shown = soup_of(client.get(f"/evidence/{item_id}")).select_one("#documents")
        return shown.get("hx-get"), bool(shown.select(f'a[href="/evidence/{item_id}"]'))

    assert looks_again() == (f"/evidence/{item_id}", True)
    scan(db, blobs, DevelopmentScanner(), document_id)
    assert looks_again() == (None, False)


@pytest.mark.row("3.2")
def test_without_a_scanner_the_page_says_it_stays_in_quarantine(
    made: Set, client_for: ClientFor, config: Settings
) -> None:
    client = client_for(made.owner)
    client.app.state.settings = config.model_copy(update={"scanner": "none"})  # type: ignore[attr-defined]
    item = new_item(client, made)
    assert "No virus scanner is connected" in client.get(item).text
    assert upload(client, item, files.pdf()).status_code == 303
    assert "In quarantine" in client.get(item).text
    assert client.post(f"{item}/submit").status_code == 409
