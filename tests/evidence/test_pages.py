"""Evidence pages as each kind of person meets them, and files that mean harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from httpx2 import Response
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blob, Blobs, remember
from app.core.database import Database
from app.evidence import commands, reference
from app.evidence.models import Document, EvidenceItem
from app.evidence.rules import ItemFacts, Reason, ScanState
from app.evidence.scanning import EICAR, DevelopmentScanner, scan
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from app.settings import Settings
from tests import factories
from tests.conftest import ClientFor
from tests.databases import Furniture, statements
from tests.evidence import files

INSURANCE = {
    "issuer": "Example Insurance",
    "reference": "PL-1",
    "cover": "5,000,000",
    "starts_on-day": "1",
    "starts_on-month": "7",
    "starts_on-year": "2026",
    "expires_on-day": "30",
    "expires_on-month": "6",
    "expires_on-year": "2027",
}


def _soup(answer: Response) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def _heading(answer: Response) -> str:
    [heading] = _soup(answer).find_all("h1")
    return heading.get_text(" ", strip=True)


def _errors(answer: Response) -> list[str]:
    return [link.get_text(strip=True) for link in _soup(answer).select(".govuk-error-summary__list a")]


def _refusal(answer: Response) -> str:
    return _soup(answer).select_one(".portal-refusal").get_text(" ", strip=True)


@dataclass
class Set:
    provider_id: UUID
    practitioner_id: UUID
    owner: Actor
    keeper: Actor
    reader: Actor
    other_owner: Actor
    checker: Actor
    commissioner: Actor

    @property
    def here(self) -> str:
        return f"/providers/{self.provider_id}/evidence"


def _set(session: Session) -> Set:
    reference.load(session)
    provider_id, other_id = (
        factories.provider(session, "Alder Therapy"),
        factories.provider(session, "Birch Therapy"),
    )
    hub = factories.organisation(session, OrganisationKind.PLATFORM, "Test hub")
    practitioner = session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider_id)).one()
    return Set(
        provider_id,
        practitioner,
        factories.seated(session, provider_id, Role.OWNER, name="Olive Owner"),
        factories.seated(session, provider_id, Role.DOCUMENTS, name="Dora Documents"),
        factories.seated(session, provider_id, Role.BIDS, name="Rita Reader"),
        factories.seated(session, other_id, Role.OWNER, name="Omar Owner"),
        factories.seated(session, hub, Role.CHECKER, name="Cara Checker"),
        factories.seated(session, factories.raa(session, "Test agency"), Role.COMMISSIONER, name="Colin"),
    )


@pytest.fixture
def furniture() -> Furniture:
    return _set


def _document(
    db: Database,
    blobs: Blobs,
    made: Set,
    *,
    kind: str = "ins_public_liability",
    state: ScanState = ScanState.CLEAN,
    submitted: bool = True,
    content: bytes = b"",
    media_type: str = "application/pdf",
) -> tuple[UUID, UUID]:
    """An item with one document in this state; (item, document)."""
    blob = blobs.put(BytesIO(content or files.pdf()), room="evidence")
    with db.write() as session:
        facts = ItemFacts(
            kind=kind, practitioner_id=made.practitioner_id, issuer="Example", reference="R-1", cover_pence=1
        )
        item_id = commands.add_item(session, made.owner, made.provider_id, facts)
        item = session.get_one(EvidenceItem, item_id)
        item.submitted_at = item.added_at if submitted else None
        row = Document(
            item_id=item_id,
            blob_key=blob.key,
            sha256=blob.sha256,
            size=blob.size,
            media_type=media_type,
            file_name="certificate.pdf",
            uploaded_at=item.added_at,
            uploaded_by=made.owner.known,
            scan_state=state,
        )
        remember(session, blob)
        session.add(row)
        return item_id, row.id


def _new_item(client: TestClient, made: Set) -> str:
    answer = client.post(f"{made.here}/add?kind=ins_public_liability", data=INSURANCE)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def _upload(client: TestClient, item: str, content: bytes, name: str = "policy.pdf") -> Response:
    return client.post(f"{item}/documents", files={"file": (name, content, "application/pdf")})


def _ticked(page: Response) -> dict[str, list[str]]:
    """Every point of the checklist on this page, seen."""
    return {"seen": [box["value"] for box in _soup(page).select("input[name=seen]")]}


@pytest.mark.row("3.1")
@pytest.mark.row("3.12")
def test_from_adding_to_verified_person_by_person(db: Database, made: Set, client_for: ClientFor) -> None:
    owner, checker = client_for(made.owner), client_for(made.checker)
    empty = owner.get(made.here)
    assert _heading(empty) == "Alder Therapy Evidence"
    assert _soup(empty).find("a", href=f"{made.here}/add?kind=ins_public_liability")
    item = _new_item(owner, made)
    assert "Promised" in _heading(owner.get(item))
    early = owner.post(f"{item}/submit")
    assert early.status_code == 409
    assert "Upload the document" in _refusal(early)
    assert _upload(owner, item, files.pdf()).status_code == 303
    assert "by the development scanner" in owner.get(item).text
    for _ in range(2):
        assert owner.post(f"{item}/submit").status_code == 303
    check = item.replace("/evidence/", "/checks/")
    queue = _soup(checker.get("/checks"))
    assert [a["href"] for a in queue.select("main table a")] == [check]
    assert "Alder Therapy" in queue.select_one("main table").get_text()
    shown = checker.get(check)
    assert "frame-src 'self'" in shown.headers["content-security-policy"]
    viewer = _soup(shown).find("iframe")
    assert checker.get(viewer["src"]).content.startswith(b"%PDF-")
    missing = checker.post(f"{check}/verify", data={})
    assert (missing.status_code, _errors(missing)) == (422, ["Enter what you looked at"])
    for _ in range(2):
        assert checker.post(f"{check}/verify", data=_ticked(shown) | {"how": "Saw the schedule"}).status_code == 303
    assert "Verified" in _heading(owner.get(item))
    assert "Verified by Cara Checker, Test hub" in owner.get(item).text
    assert _soup(checker.get("/checks")).select("main table") == []
    with db.read() as session:
        assert list(audit.verify(session)) == []


@pytest.mark.row("3.13")
def test_a_returned_item_says_what_to_do_and_starts_the_corrected_one(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    item_id, _ = _document(db, blobs, made)
    checker, owner = client_for(made.checker), client_for(made.owner)
    bad = checker.post(f"/checks/{item_id}/return", data={"reason": "because", "fix": ""})
    assert bad.status_code == 422
    assert _errors(bad) == ["Select a reason", "Enter exactly what the provider should do"]
    good = {"reason": Reason.UNREADABLE.value, "fix": "Photograph it in daylight"}
    for _ in range(2):
        assert checker.post(f"/checks/{item_id}/return", data=good).status_code == 303
    assert checker.post(f"/checks/{item_id}/verify", data={"how": "x"}).status_code == 409
    page = owner.get(f"/evidence/{item_id}")
    assert "Photograph it in daylight" in _refusal(page)
    again = owner.get(_soup(page).find("a", string="Add a corrected one")["href"])
    assert _soup(again).find(id="reference")["value"] == "R-1"


def test_form_errors_stand_beside_the_fields_and_keep_what_was_typed(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    wrong = INSURANCE | {"cover": "lots", "expires_on-day": "31", "reference": "x" * 81}
    answer = client.post(f"{made.here}/add?kind=ins_public_liability", data=wrong)
    assert answer.status_code == 422
    assert _errors(answer) == [
        "The reference must be 80 characters or fewer",
        "The amount of cover must be an amount of money, like £5,000,000",
        "Expiry date must be a real date, like 27 3 2027",
    ]
    assert _soup(answer).find(id="cover")["value"] == "lots"
    backwards = client.post(f"{made.here}/add?kind=ins_public_liability", data=INSURANCE | {"expires_on-year": "2025"})
    assert _errors(backwards) == ["The expiry date must be on or after the start date"]
    whose = client.post(f"{made.here}/add?kind=dbs_enhanced", data={})
    assert _errors(whose) == ["Select whose evidence this is"]
    assert client.get(f"{made.here}/add?kind=nonsense").status_code == 404
    assert client.get(f"{made.here}/add?kind=").status_code == 303


def test_facts_are_changed_until_they_are_sent(db: Database, blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    item = _new_item(client, made)
    form = _soup(client.get(f"{item}/edit"))
    assert form.find(id="cover")["value"] == "5,000,000"
    assert form.find(id="expires_on-month")["value"] == "6"
    assert client.post(f"{item}/edit", data=INSURANCE | {"reference": "PL-2"}).status_code == 303
    assert "PL-2" in client.get(item).text
    assert client.post(f"{item}/edit", data=INSURANCE | {"expires_on-year": "2025"}).status_code == 422
    sent, _ = _document(db, blobs, made)
    assert client.post(f"/evidence/{sent}/edit", data=INSURANCE).status_code == 409
    assert _upload(client, f"/evidence/{sent}", files.pdf()).status_code == 409


def test_a_strange_reference_is_pointed_out_and_kept(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    answer = client.post(
        f"{made.here}/add?kind=fmc_accreditation",
        data={"practitioner_id": str(made.practitioner_id), "reference": "what"},
    )
    assert "does not look like a FMC URN" in client.get(answer.headers["location"]).text


def test_who_reaches_which_page(db: Database, blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    item_id, _ = _document(db, blobs, made)
    unsent, _ = _document(db, blobs, made, kind="ins_abuse_cover", submitted=False)
    doors = {
        made.here: (made.owner, made.keeper, made.reader),
        f"{made.here}/add?kind=ins_motor": (made.owner, made.keeper),
        f"/evidence/{item_id}": (made.owner, made.keeper, made.reader),
        f"/evidence/{unsent}/edit": (made.owner, made.keeper),
        "/checks": (made.checker,),
        f"/checks/{item_id}": (made.checker,),
    }
    everyone = (made.owner, made.keeper, made.reader, made.other_owner, made.checker, made.commissioner)
    for path, welcome in doors.items():
        assert client_for(NOBODY).get(path).headers["location"].startswith("/sign-in")
        for actor in everyone:
            expected = 200 if actor in welcome else 403 if actor is made.reader and "/checks" not in path else 404
            assert client_for(actor).get(path).status_code == expected, (path, actor.name)
    assert client_for(made.checker).get(f"/checks/{unsent}").status_code == 404
    assert client_for(made.checker).get(f"/checks/{uuid4()}").status_code == 404
    assert client_for(made.other_owner).post(f"/evidence/{item_id}/submit").status_code == 404
    assert client_for(made.reader).post(f"/evidence/{unsent}/submit").status_code == 403
    assert _upload(client_for(made.reader), f"/evidence/{unsent}", files.pdf()).status_code == 403
    assert len(blobs.keys()) == 2  # those of the two items


@pytest.mark.invariant(6)
@pytest.mark.row("3.2")
@pytest.mark.parametrize("state", ScanState)
@pytest.mark.parametrize("kind", ["ins_public_liability", "dbs_enhanced"])
def test_no_way_to_a_file_unless_it_is_clean(
    state: ScanState, kind: str, db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    """Every download route for every state, as each person who might open it."""
    item_id, document_id = _document(db, blobs, made, kind=kind, state=state)
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
    item_id, document_id = _document(db, blobs, made, kind="dbs_enhanced")
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
    _, document_id = _document(db, blobs, made)
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
    _, unsent = _document(db, blobs, made, kind="ins_motor", submitted=False)
    assert client_for(made.checker).get(f"/documents/{unsent}/file").status_code == 404


def test_a_word_file_is_never_shown_in_the_page(db: Database, blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    _, document_id = _document(db, blobs, made, content=files.docx(), media_type=word)
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
        ("big.pdf", b"%PDF-" + bytes(20 * 1024 * 1024), "smaller than 20 MB"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_hostile_file_is_refused_beside_the_field_and_not_stored(
    name: str, content: bytes, words: str, db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item = _new_item(client, made)
    answer = _upload(client, item, content, name)
    assert answer.status_code == 422
    [error] = _errors(answer)
    assert words in error
    assert error in _soup(answer).find(id="file-error").get_text()
    assert blobs.keys() == []
    with db.read() as session:
        assert session.exec(select(Document)).all() == []


def test_a_store_that_is_away_is_said_beside_the_field_and_nothing_is_saved(
    db: Database, made: Set, client_for: ClientFor, config: Settings
) -> None:
    client = client_for(made.owner)
    item = _new_item(client, made)
    with files.away(config):
        answer = _upload(client, item, files.pdf())
    words = "The document store cannot be reached. Nothing was saved. Try again in a minute."
    assert (answer.status_code, _errors(answer)) == (503, [words])
    with db.read() as session:
        assert session.exec(select(Document)).all() == []
    assert _upload(client, item, files.pdf()).status_code == 303


def test_no_connection_is_held_while_the_store_is_read(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor, config: Settings
) -> None:
    _, document_id = _document(db, blobs, made)
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


def test_line_breaks_do_not_get_into_a_line(db: Database, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    typed = INSURANCE | {"issuer": "Example\nInsurance", "reference": "PL\r\n\x0b1"}
    assert client.post(f"{made.here}/add?kind=ins_public_liability", data=typed).status_code == 303
    with db.read() as session:
        item = session.exec(select(EvidenceItem)).one()
    assert (item.issuer, item.reference) == ("Example Insurance", "PL 1")


def test_no_file_and_a_body_over_the_limit_are_said_plainly(blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    item = _new_item(client, made)
    assert _errors(client.post(f"{item}/documents", files={"other": b"x"})) == ["Select a file"]
    client.headers["Referer"] = f"http://testserver{item}"
    answer = _upload(client, item, bytes(22 * 1024 * 1024))
    assert answer.status_code == 413
    assert _heading(answer) == "That is too large"
    assert "A file may be up to 20 MB." in answer.text
    assert f'<a class="govuk-link" href="{item}">Go back and try again</a>' in answer.text
    assert blobs.keys() == []


@pytest.mark.row("3.2")
@pytest.mark.invariant(6)
def test_a_virus_in_a_real_pdf_is_deleted_and_the_page_says_so(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item = _new_item(client, made)
    assert _upload(client, item, files.infected_pdf(), "../../certificate.pdf").status_code == 303
    page = client.get(item)
    assert "We found a virus in certificate.pdf and deleted it" in _refusal(page)
    assert blobs.keys() == []
    with db.read() as session:
        document = session.exec(select(Document)).one()
    assert client.get(f"/documents/{document.id}/file").status_code == 404


@pytest.mark.row("3.2")
def test_a_document_is_scanned_once_the_upload_is_answered_and_the_page_looks_again_until_then(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.owner)
    item_id, document_id = _document(db, blobs, made, state=ScanState.QUARANTINED, submitted=False)

    def looks_again() -> tuple[str | None, bool]:
        shown = _soup(client.get(f"/evidence/{item_id}")).select_one("#documents")
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
    item = _new_item(client, made)
    assert "No virus scanner is connected" in client.get(item).text
    assert _upload(client, item, files.pdf()).status_code == 303
    assert "In quarantine" in client.get(item).text
    assert client.post(f"{item}/submit").status_code == 409


def test_a_checker_of_the_same_provider_is_told_why_not(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    item_id, _ = _document(db, blobs, made)
    both = Actor(made.checker.person_id, "Cara Checker", "", (*made.checker.seats, *made.reader.seats))
    client = client_for(both)
    page = client.get(f"/checks/{item_id}")
    assert "somebody else must check" in _refusal(page)
    assert _soup(page).select("main form") == []
    assert client.post(f"/checks/{item_id}/verify", data={"how": "x"}).status_code == 409
    assert _soup(client.get("/checks")).select("main table") == []


def test_lists_ask_the_database_as_often_for_many_as_for_one(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    owner, checker = client_for(made.owner), client_for(made.checker)
    _document(db, blobs, made)

    def both() -> None:
        assert owner.get(made.here).status_code == checker.get("/checks").status_code == 200

    with statements(db) as few:
        both()
    with db.write() as session:
        for number in range(30):
            facts = ItemFacts(kind="ins_motor", reference=f"M-{number}")
            item_id = commands.add_item(session, made.owner, made.provider_id, facts)
            item = session.get_one(EvidenceItem, item_id)
            item.submitted_at = item.added_at
    with statements(db) as many:
        both()
    assert len(many) == len(few)


@pytest.mark.row("3.10")
def test_what_is_confidential_is_for_those_who_keep_documents_and_for_checkers(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    item_id, document_id = _document(db, blobs, made)
    file = f"/documents/{document_id}/file"
    assert client_for(made.reader).get(file).status_code == 200
    assert "Your organisation’s people" in client_for(made.reader).get(f"/evidence/{item_id}").text
    with db.write() as session:
        session.get_one(EvidenceItem, item_id).confidential_reason = "It names a child"
    answers = {actor.name: client_for(actor).get(file).status_code for actor in (made.owner, made.keeper, made.reader)}
    assert answers == {"Olive Owner": 200, "Dora Documents": 200, "Rita Reader": 404}
    assert client_for(made.checker).get(file).status_code == 200
    page = client_for(made.reader).get(f"/evidence/{item_id}").text
    assert file not in page
    assert "Confidential: It names a child" in page
    assert "It names a child" in client_for(made.checker).get(f"/checks/{item_id}").text


@pytest.mark.row("3.10")
def test_a_provider_says_that_it_is_confidential_and_why(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    asked = client.get(f"{made.here}/add?kind=ins_public_liability")
    assert _soup(asked).find(id="confidential_reason")
    assert _soup(client.get(f"{made.here}/add?kind=dbs_enhanced")).find(id="confidential_reason") is None
    typed = INSURANCE | {"confidential_reason": "It names our other clients"}
    item = client.post(f"{made.here}/add?kind=ins_public_liability", data=typed).headers["location"]
    assert "Confidential: It names our other clients" in client.get(item).text
    edit = _soup(client.get(f"{item}/edit")).find(id="confidential_reason")
    assert edit["value"] == "It names our other clients"


@pytest.mark.row("3.11")
def test_the_four_answers_about_ofsted_ask_only_what_they_need(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    add = f"{made.here}/add?kind=ofsted_asa"
    page = _soup(client.get(add))
    assert [radio["value"] for radio in page.select("input[name=answer]")] == [
        "registered",
        "exempt_agency",
        "exempt_adults",
        "applied",
    ]
    exempt = client.post(add, data={"answer": "exempt_agency", "rating": "inadequate"}).headers["location"]
    assert "Exempt: all work is under contract" in client.get(exempt).text
    assert "Inadequate" not in client.get(exempt).text
    assert client.post(f"{exempt}/submit").status_code == 303
    registered = client.post(add, data={"answer": "registered"}).headers["location"]
    early = client.post(f"{registered}/submit")
    assert early.status_code == 409
    assert "add the URN, the rating and the date of the inspection" in _refusal(early)
    full = {"answer": "registered", "reference": "SC057941", "rating": "good"} | {
        f"inspected_on-{part}": value for part, value in (("day", "3"), ("month", "6"), ("year", "2026"))
    }
    assert client.post(f"{registered}/edit", data=full).status_code == 303
    assert "3 June 2026" in client.get(registered).text
    assert client.post(f"{registered}/submit").status_code == 303
    assert _errors(client.post(add, data={"answer": "perhaps"})) == ["Select the answer that is true today"]
