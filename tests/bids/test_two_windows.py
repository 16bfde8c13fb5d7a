"""Two windows, or two colleagues: nobody writes over what they did not read, and nothing typed is lost."""

from uuid import UUID

import pytest

from app.core.database import Database
from tests.bids.pages import YES, begun, brief_id, furniture, made, practitioner, save, soup, typed
from tests.conftest import ClientFor, Clock
from tests.factories import World

__all__ = ["brief_id", "furniture", "made", "practitioner"]


@pytest.mark.row("7.12")
def test_an_older_window_does_not_write_over_a_newer_draft(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)

    def seen(html: str) -> str:
        return soup(html).select_one("input[name=seen]")["value"]  # type: ignore[index,return-value]

    older = seen(client.get(bid).text)
    newer = typed(practitioner, approach="The newer words.", seen=older)
    assert client.post(bid, data=newer).status_code == 303
    stale = client.post(bid, data=typed(practitioner, approach="The older words.", seen=older))
    assert stale.status_code == 409
    page = soup(stale.text)
    assert "saved in another window" in page.select_one(".portal-refusal").get_text()  # type: ignore[union-attr]
    assert page.select_one("textarea[name=approach]").get_text().strip() == "The older words."  # type: ignore[union-attr]
    assert "The newer words." in client.get(f"{bid}/check").text
    again = client.post(bid, data=typed(practitioner, approach="The older words.", seen=seen(stale.text)))
    assert again.status_code == 303
    assert "The older words." in client.get(f"{bid}/check").text


def test_a_double_click_is_no_conflict(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    older = soup(client.get(bid).text).select_one("input[name=seen]")["value"]  # type: ignore[index]
    for _ in range(2):
        assert client.post(bid, data=typed(practitioner, seen=str(older))).status_code == 303


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", "application/x-www-form-urlencoded"), (b"--x\r\n", "multipart/form-data; boundary=x")],
    ids=["nothing", "torn"],
)
def test_a_form_that_did_not_arrive_whole_writes_nothing(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, body: bytes, kind: str
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    seen = str(soup(client.get(bid).text).select_one("input[name=seen]")["value"])  # type: ignore[index]
    assert client.post(bid, data=typed(practitioner, approach="What is kept.", seen=seen)).status_code == 303
    answer = client.post(bid, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert soup(answer.text).select_one("textarea[name=approach]").get_text().strip() == "What is kept."  # type: ignore[union-attr]
    assert "What is kept." in client.get(f"{bid}/check").text


def test_a_bid_never_submitted_is_not_withdrawn_and_the_page_says_so(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    answer = client.post(f"{bid}/withdraw")
    assert answer.status_code == 409
    assert "cannot be withdrawn" in soup(answer.text).select_one(".portal-refusal").get_text()  # type: ignore[union-attr]


@pytest.mark.row("7.12")
def test_an_older_receipt_does_not_take_a_newer_bid_back(
    db: Database, made: World, brief_id: UUID, practitioner: UUID, client_for: ClientFor, clock: Clock
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)

    def sends(approach: str) -> None:
        save(client, bid, typed(practitioner, approach=approach))
        assert client.post(f"{bid}/submit", data=YES).status_code == 303
        clock.forward(minutes=1)

    def receipt(html: str) -> dict[str, str]:
        return {"receipt": str(soup(html).select_one(f"form[action='{bid}/withdraw'] [name=receipt]")["value"])}  # type: ignore[index]

    sends("The first bid.")
    older = receipt(client.get(f"{bid}/receipt").text)
    sends("The second bid.")
    stale = client.post(f"{bid}/withdraw", data=older)
    assert stale.status_code == 409 and "Another bid was sent since" in stale.text
    newer = receipt(stale.text)
    assert newer != older and newer == receipt(client.get(f"{bid}/receipt").text), "it stands"
    for shown in (newer, older):
        assert client.post(f"{bid}/withdraw", data=shown).status_code == 303, "a second click is quiet"
    assert "was withdrawn" in client.get(bid).text
