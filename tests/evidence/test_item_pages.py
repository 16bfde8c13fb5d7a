"""The pages of an item as each kind of person meets them."""

from uuid import uuid4

import pytest
from sqlmodel import select

from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence import commands
from app.evidence.models import EvidenceItem
from app.evidence.rules import ItemFacts, Reason
from tests.conftest import ClientFor
from tests.databases import Furniture, statements
from tests.evidence import files
from tests.evidence.meeting import (
    INSURANCE,
    Set,
    alder,
    document_of,
    errors_of,
    heading_of,
    new_item,
    refusal_of,
    soup_of,
    ticked_on,
    upload,
)


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.mark.row("3.1")
@pytest.mark.row("3.12")
def test_from_adding_to_verified_person_by_person(db: Database, made: Set, client_for: ClientFor) -> None:
    owner, checker = client_for(made.owner), client_for(made.checker)
    empty = owner.get(made.here)
    assert heading_of(empty) == "Alder Therapy Evidence"
    assert soup_of(empty).find("a", href=f"{made.here}/add?kind=ins_public_liability")
    item = new_item(owner, made)
    assert "Promised" in heading_of(owner.get(item))
    early = owner.post(f"{item}/submit")
    assert early.status_code == 409
    assert "Upload the document" in refusal_of(early)
    assert upload(owner, item, files.pdf()).status_code == 303
    assert "by the development scanner" in owner.get(item).text
    for _ in range(2):
        assert owner.post(f"{item}/submit").status_code == 303
    check = item.replace("/evidence/", "/checks/")
    queue = soup_of(checker.get("/checks"))
    assert [a["href"] for a in queue.select("main table a")] == [check]
    assert "Alder Therapy" in queue.select_one("main table").get_text()
    shown = checker.get(check)
    assert "frame-src 'self'" in shown.headers["content-security-policy"]
    viewer = soup_of(shown).find("iframe")
    assert checker.get(viewer["src"]).content.startswith(b"%PDF-")
    missing = checker.post(f"{check}/verify", data={})
    assert (missing.status_code, errors_of(missing)[-1]) == (422, "Enter what you looked at")
    for _ in range(2):
        assert checker.post(f"{check}/verify", data=ticked_on(shown) | {"how": "Saw the schedule"}).status_code == 303
    assert "Verified" in heading_of(owner.get(item))
    assert "Verified by Cara Checker, Test hub" in owner.get(item).text
    assert soup_of(checker.get("/checks")).select("main table") == []
    with db.read() as session:
        assert list(audit.verify(session)) == []


@pytest.mark.row("3.13")
def test_a_returned_item_says_what_to_do_and_starts_the_corrected_one(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    item_id, _ = document_of(db, blobs, made)
    checker, owner = client_for(made.checker), client_for(made.owner)
    bad = checker.post(f"/checks/{item_id}/return", data={"reason": "because", "fix": ""})
    assert bad.status_code == 422
    assert errors_of(bad) == ["Select a reason", "Enter exactly what the provider should do"]
    good = {"reason": Reason.UNREADABLE.value, "fix": "Photograph it in daylight"}
    for _ in range(2):
        assert checker.post(f"/checks/{item_id}/return", data=good).status_code == 303
    assert checker.post(f"/checks/{item_id}/verify", data={"how": "x"}).status_code == 409
    page = owner.get(f"/evidence/{item_id}")
    assert "Photograph it in daylight" in refusal_of(page)
    again = owner.get(soup_of(page).find("a", string="Add a corrected one")["href"])
    assert soup_of(again).find(id="reference")["value"] == "R-1"


def test_form_errors_stand_beside_the_fields_and_keep_what_was_typed(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    wrong = INSURANCE | {"cover": "lots", "expires_on-day": "31", "reference": "x" * 81}
    answer = client.post(f"{made.here}/add?kind=ins_public_liability", data=wrong)
    assert answer.status_code == 422
    assert errors_of(answer) == [
        "The reference must be 80 characters or fewer",
        "The amount of cover must be an amount of money, like £5,000,000",
        "Expiry date must be a real date, like 27 3 2027",
    ]
    assert soup_of(answer).find(id="cover")["value"] == "lots"
    backwards = client.post(f"{made.here}/add?kind=ins_public_liability", data=INSURANCE | {"expires_on-year": "2025"})
    assert errors_of(backwards) == ["The expiry date must be on or after the start date"]
    whose = client.post(f"{made.here}/add?kind=dbs_enhanced", data={})
    assert errors_of(whose) == ["Select whose evidence this is"]
    assert client.get(f"{made.here}/add?kind=nonsense").status_code == 404
    assert client.get(f"{made.here}/add?kind=").status_code == 303


def test_facts_are_changed_until_they_are_sent(db: Database, blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    item = new_item(client, made)
    form = soup_of(client.get(f"{item}/edit"))
    assert form.find(id="cover")["value"] == "5,000,000"
    assert form.find(id="expires_on-month")["value"] == "6"
    assert client.post(f"{item}/edit", data=INSURANCE | {"reference": "PL-2"}).status_code == 303
    assert "PL-2" in client.get(item).text
    assert client.post(f"{item}/edit", data=INSURANCE | {"expires_on-year": "2025"}).status_code == 422
    sent, _ = document_of(db, blobs, made)
    assert client.post(f"/evidence/{sent}/edit", data=INSURANCE).status_code == 409
    assert upload(client, f"/evidence/{sent}", files.pdf()).status_code == 409


def test_a_strange_reference_is_pointed_out_and_kept(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    answer = client.post(
        f"{made.here}/add?kind=fmc_accreditation",
        data={"practitioner_id": str(made.practitioner_id), "reference": "what"},
    )
    assert "does not look like a FMC URN" in client.get(answer.headers["location"]).text


def test_who_reaches_which_page(db: Database, blobs: Blobs, made: Set, client_for: ClientFor) -> None:
    item_id, _ = document_of(db, blobs, made)
    unsent, _ = document_of(db, blobs, made, kind="ins_abuse_cover", submitted=False)
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
    assert upload(client_for(made.reader), f"/evidence/{unsent}", files.pdf()).status_code == 403
    assert len(blobs.keys()) == 2  # those of the two items


def test_line_breaks_do_not_get_into_a_line(db: Database, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    typed = INSURANCE | {"issuer": "Example\nInsurance", "reference": "PL\r\n\x0b1"}
    assert client.post(f"{made.here}/add?kind=ins_public_liability", data=typed).status_code == 303
    with db.read() as session:
        item = session.exec(select(EvidenceItem)).one()
    assert (item.issuer, item.reference) == ("Example Insurance", "PL 1")


def test_a_checker_of_the_same_provider_is_told_why_not(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    item_id, _ = document_of(db, blobs, made)
    both = Actor(made.checker.person_id, "Cara Checker", "", (*made.checker.seats, *made.reader.seats))
    client = client_for(both)
    page = client.get(f"/checks/{item_id}")
    assert "somebody else must check" in refusal_of(page)
    assert soup_of(page).select("main form") == []
    assert client.post(f"/checks/{item_id}/verify", data={"how": "x"}).status_code == 409
    assert soup_of(client.get("/checks")).select("main table") == []


def test_lists_ask_the_database_as_often_for_many_as_for_one(
    db: Database, blobs: Blobs, made: Set, client_for: ClientFor
) -> None:
    owner, checker = client_for(made.owner), client_for(made.checker)
    document_of(db, blobs, made)

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
    item_id, document_id = document_of(db, blobs, made)
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
    assert soup_of(asked).find(id="confidential_reason")
    assert soup_of(client.get(f"{made.here}/add?kind=dbs_enhanced")).find(id="confidential_reason") is None
    typed = INSURANCE | {"confidential_reason": "It names our other clients"}
    item = client.post(f"{made.here}/add?kind=ins_public_liability", data=typed).headers["location"]
    assert "Confidential: It names our other clients" in client.get(item).text
    edit = soup_of(client.get(f"{item}/edit")).find(id="confidential_reason")
    assert edit["value"] == "It names our other clients"


@pytest.mark.row("3.11")
def test_the_four_answers_about_ofsted_ask_only_what_they_need(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.owner)
    add = f"{made.here}/add?kind=ofsted_asa"
    page = soup_of(client.get(add))
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
    assert "add the URN, the rating and the date of the inspection" in refusal_of(early)
    full = {"answer": "registered", "reference": "SC057941", "rating": "good"} | {
        f"inspected_on-{part}": value for part, value in (("day", "3"), ("month", "6"), ("year", "2026"))
    }
    assert client.post(f"{registered}/edit", data=full).status_code == 303
    assert "3 June 2026" in client.get(registered).text
    assert client.post(f"{registered}/submit").status_code == 303
    assert errors_of(client.post(add, data={"answer": "perhaps"})) == ["Select the answer that is true today"]
