"""What a checker meets: the queue and its tabs, the document beside the list, a refusal by two, a register, a second look."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup, Tag
from httpx2 import Response

from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence import commands, queries
from app.evidence.rules import Found, Reason
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.checking import Hubs, hubs, sent


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.fixture
def item_id(db: Database, made: Hubs) -> UUID:
    with db.write() as session:
        return sent(session, made, at=NOON - timedelta(days=20))


def main(answer: Response) -> Tag:
    return BeautifulSoup(answer.text, "html.parser").select_one("main")


def words(answer: Response) -> str:
    return str(main(answer).get_text(" ", strip=True))


def errors(answer: Response) -> list[str]:
    return [link.get_text(strip=True) for link in main(answer).select(".govuk-error-summary__list a")]


@pytest.mark.row("3.12")
def test_the_queue_has_three_tabs_filters_and_says_what_is_overdue(
    db: Database, made: Hubs, item_id: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.cara)
    page = client.get("/checks")
    assert [a.get_text(strip=True) for a in main(page).select(".portal-tabs a")] == [
        "To check (1)",
        "Refusals to confirm (0)",
        "Second looks (0)",
    ]
    assert "14 working days, due 17 November 2026 Overdue" in words(page)
    assert "No refusal waits" in words(client.get("/checks?tab=refusals"))
    assert "No second look is due" in words(client.get("/checks?tab=second-looks"))
    for query, there in (
        ("kind=ins_public_liability", True),
        ("kind=ins_motor", False),
        ("provider=ALDER", True),
        ("provider=birch", False),
        ("mine=yes", False),
        ("provider=%25&mine=", False),
        ("tab=nonsense", True),
    ):
        shown = client.get(f"/checks?{query}")
        assert bool(main(shown).select("table")) is there, query
        assert there or "Nothing here matches these filters" in words(shown)


@pytest.mark.row("3.12")
def test_what_was_typed_and_ticked_is_still_there_after_a_refusal(
    db: Database, made: Hubs, item_id: UUID, client_for: ClientFor
) -> None:
    client, check = client_for(made.cara), f"/checks/{item_id}"
    boxes = [box["value"] for box in main(client.get(check)).select("input[name=seen]")]
    assert boxes == ["holder", "genuine", "dates", "cover", "activity", "policyholder"]
    typed = {"seen": boxes[:3], "unfit_cover": "No single limit", "how": "The schedule"}
    early = client.post(f"{check}/verify", data=typed)
    assert early.status_code == 422
    open_points = ("The activity covered includes work with children and families", "The policyholder")
    for left, point in zip(errors(early), open_points, strict=True):
        assert left.startswith(f"Tick this, or say why it does not apply: {point}")
    again = main(early)
    assert [box["value"] for box in again.select("input[name=seen][checked]")] == boxes[:3]
    assert again.find(id="unfit_cover")["value"] == "No single limit"
    assert again.find(id="how").get_text(strip=True) == "The schedule"
    typed |= {"seen": [*boxes[:3], "activity", "policyholder"]}
    long = client.post(f"{check}/verify", data=typed | {"unfit_cover": "x" * 201})
    assert (long.status_code, errors(long)) == (422, ["Why it does not apply must be 200 characters or fewer"])
    full = client.post(f"{check}/verify", data=typed)
    assert full.status_code == 303
    assert "does not apply, because No single limit" in words(client.get(check))


@pytest.mark.row("3.12")
def test_what_waits_for_a_second_person_is_on_the_first_page_of_everybody_but_the_first(
    db: Database, made: Hubs, item_id: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        again = sent(session, made, "ins_motor", again=True)
        ticks = factories.ticked(session, again)
        commands.verify_item(session, made.cara, again, how="Saw it", ticks=ticks)
        commands.propose_refusal(session, made.cara, item_id, Reason.NOT_GENUINE, "The insurer does not know it.")
    first, second = (words(client_for(who).get("/")) for who in (made.cara, made.cleo))
    for todo in (
        "Confirm or send back the refusal of Public liability insurance",
        "Look again at",
    ):
        assert todo in second
        assert todo not in first


@pytest.mark.row("3.12")
@pytest.mark.row("3.13")
def test_a_refusal_by_two_as_each_of_them_and_the_provider_sees_it(
    db: Database, made: Hubs, item_id: UUID, client_for: ClientFor
) -> None:
    first, second, owner = client_for(made.cara), client_for(made.cleo), client_for(made.owner)
    check = f"/checks/{item_id}"
    assert errors(first.post(f"{check}/refuse", data={})) == ["Select a reason", "Enter why it is refused"]
    given = {"refuse_reason": "not_genuine", "words": "The insurer does not know it."}
    for _ in range(2):
        assert first.post(f"{check}/refuse", data=given).status_code == 303
    assert "Another checker must confirm this" in words(first.get(check))
    assert "The insurer does not know it." not in owner.get(f"/evidence/{item_id}").text
    assert first.post(f"{check}/refusal/confirm").status_code == 409
    assert "Cara Checker" in words(second.get("/checks?tab=refusals"))
    assert errors(second.post(f"{check}/refusal/send-back", data={})) == ["Enter why you do not confirm it"]
    assert second.post(f"{check}/refusal/withdraw").status_code == 409
    for _ in range(2):
        assert second.post(f"{check}/refusal/confirm").status_code == 303
    for page in (second.get(check), owner.get(f"/evidence/{item_id}")):
        assert "Refused: The document does not seem to be genuine." in words(page)
        assert "confirmed by Cleo Checker" in words(page)
        assert "The insurer does not know it." in words(page)
    assert "Refused" in words(owner.get(f"/providers/{made.provider_id}/evidence"))
    shown = words(client_for(made.lead).get("/checks/reasons"))
    assert "The document does not seem to be genuine 0 1 1 Public liability insurance" in shown
    assert client_for(made.commissioner).get("/checks/reasons").status_code == 404


@pytest.mark.row("3.12")
def test_a_check_is_taken_and_taken_over_on_its_page(made: Hubs, item_id: UUID, client_for: ClientFor) -> None:
    first, second, check = client_for(made.cara), client_for(made.cleo), f"/checks/{item_id}"
    assert first.post(f"{check}/take").headers["location"] == check
    assert "You have taken this." in words(first.get(check))
    other = main(second.get(check))
    assert "Cara Checker is working on this." in other.get_text()
    assert other.select(f'form[action="{check}/verify"]') == []
    assert second.post(f"{check}/take").status_code == 409
    assert second.post(f"{check}/take", data={"over": "true"}).status_code == 303
    assert second.post(f"{check}/release").headers["location"] == "/checks"
    assert "Nobody has taken this yet." in words(first.get(check))


@pytest.mark.row("3.12")
def test_the_second_look_is_offered_to_somebody_else(db: Database, made: Hubs, client_for: ClientFor) -> None:
    with db.write() as session:
        item_id = sent(session, made, again=True)
    first, second, check = client_for(made.cara), client_for(made.cleo), f"/checks/{item_id}"
    boxes = [box["value"] for box in main(first.get(check)).select("input[name=seen]")]
    assert first.post(f"{check}/verify", data={"seen": boxes, "how": "The schedule"}).status_code == 303
    assert "Since you verified it, a colleague will." in words(first.get(check))
    assert "Cara Checker" in words(second.get("/checks?tab=second-looks"))
    assert errors(second.post(f"{check}/second-look", data={})) == ["Select whether you agree"]
    assert errors(second.post(f"{check}/second-look", data={"agrees": "no"})) == ["Say what is wrong"]
    no = {"agrees": "no", "disagreement": "The limit is in all"}
    for _ in range(2):
        assert second.post(f"{check}/second-look", data=no).status_code == 303
    shown = words(client_for(made.chris).get(check))
    assert "Cara Checker had verified this" in shown
    assert "Cleo Checker disagreed: The limit is in all" in shown


@pytest.mark.row("3.7")
def test_a_register_page_guides_and_keeps_what_was_captured(
    db: Database, blobs: Blobs, made: Hubs, client_for: ClientFor
) -> None:
    with db.write() as session:
        item_id = sent(session, made, "fmc_accreditation", practitioner_id=made.practitioner_id, reference="1234T")
    client, here = client_for(made.cara), f"/checks/{item_id}/registers/fmc"
    page = client.get(here)
    for told in ("familymediationcouncil.org.uk", "1234T", "T does not count as accredited", "Therapist of Alder"):
        assert told in words(page)
    assert main(page).select('a[href^="https://www.familymediation"]') == []
    assert client.get(f"/checks/{item_id}/registers/ico").status_code == 404
    day = {"looked_on-day": "23", "looked_on-month": "11", "looked_on-year": "2026"}
    assert errors(client.post(here, data=day)) == ["Select what the register shows"]
    silent = client.post(here, data=day | {"result": "not_found"})
    assert (silent.status_code, errors(silent)) == (422, ["Say what differs, or how you searched"])
    late = client.post(here, data=day | {"result": "matches", "looked_on-year": "2027"})
    assert errors(late) == ["The day on which you looked cannot be in the future."]
    bad = client.post(here, data=day | {"result": "matches"}, files={"capture": ("page.html", files.HTML)})
    assert bad.status_code == 422
    assert blobs.keys() == []
    capture = {"capture": ("register.pdf", files.pdf())}
    seen = day | {"result": "differs", "note": "The letter is T"}
    for _ in range(2):
        assert client.post(here, data=seen, files=capture).headers["location"] == f"/checks/{item_id}#registers"
    with db.read() as session:
        (look,) = queries.register_looks(session, item_id, NOON.date())
    assert look.result is Found.DIFFERS
    shown = main(client.get(f"/checks/{item_id}"))
    assert "What was captured: register.pdf" in shown.get_text()
    assert client.get(f"/documents/{look.document_id}/file").content.startswith(b"%PDF-")
    assert client_for(made.owner).get(f"/documents/{look.document_id}/file").status_code == 200
    assert client_for(made.commissioner).get(f"/documents/{look.document_id}/file").status_code == 404
