"""Asking Companies House, against a server on this machine that answers as the documented API does, in good days and bad."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from app.core.database import Database
from app.evidence import queries
from app.evidence.companies_house import CompaniesHouse, Unavailable, compare, live_register
from app.evidence.rules import Found
from app.settings import Settings
from tests import NOON
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.evidence.checking import Hubs, hubs, sent

KEY = "a-key-of-the-demonstration"
PROFILE = {
    "accounts": {
        "accounting_reference_date": {"day": "31", "month": "03"},
        "last_accounts": {"made_up_to": "2026-03-31", "type": "micro-entity"},
        "next_due": "2027-12-31",
        "overdue": False,
    },
    "can_file": True,
    "company_name": "ALDER THERAPY LTD",
    "company_number": "09990001",
    "company_status": "active",
    "confirmation_statement": {"next_due": "2027-05-01", "overdue": False},
    "date_of_creation": "2015-04-17",
    "etag": "0f9a",
    "has_charges": False,
    "has_insolvency_history": False,
    "jurisdiction": "england-wales",
    "links": {"self": "/company/09990001"},
    "registered_office_address": {"address_line_1": "1 Example Street", "postal_code": "ZZ1 1ZZ"},
    "sic_codes": ["86900"],
    "type": "ltd",
}


@dataclass
class Desk:
    """The server's answer to come, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = json.dumps(PROFILE).encode()
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    connections: Callable[[], int] = int  # how many the service holds while it asks
    held: list[int] = field(default_factory=list)

    def answers(
        self, status: int = 200, body: bytes | None = None, headers: dict[str, str] | None = None, **changes: Any
    ) -> None:
        self.status, self.headers = status, headers or {}
        self.body = json.dumps(PROFILE | changes).encode() if body is None else body


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, self.headers["Authorization"]))
            made.held.append(made.connections())
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.mark.row("3.7")
def test_the_profile_is_asked_for_with_the_key_as_user_name(desk: Desk) -> None:
    entry = CompaniesHouse(KEY, desk.url).look_up("0999 0001")
    assert entry is not None
    assert (entry.number, entry.name, entry.status, entry.created_on) == (
        "09990001",
        "ALDER THERAPY LTD",
        "active",
        "2015-04-17",
    )
    assert desk.asked == [("/company/09990001", f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}")]


def test_a_number_is_never_a_path_of_its_own(desk: Desk) -> None:
    CompaniesHouse(KEY, desk.url).look_up("../search?q=x")
    assert desk.asked[0][0] == "/company/..%2FSEARCH%3FQ%3DX"


@pytest.mark.row("3.7")
@pytest.mark.parametrize(
    ("legal_name", "changes", "result", "words"),
    [
        (
            "Alder Therapy Limited",
            {},
            Found.MATCHES,
            "ALDER THERAPY LTD, 09990001: active, on the register since 2015-04-17.",
        ),
        ("Alder & Therapy Ltd", {"company_name": "THE ALDER AND THERAPY LIMITED"}, Found.MATCHES, "active"),
        ("Birch Therapy Ltd", {}, Found.DIFFERS, "The name is ALDER THERAPY LTD, the provider’s is Birch Therapy Ltd."),
        ("Alder Therapy Ltd", {"company_status": "dissolved"}, Found.DIFFERS, "The status is dissolved."),
        (
            "Alder Therapy Ltd",
            {"company_status": "voluntary-arrangement"},
            Found.DIFFERS,
            "status is voluntary arrangement",
        ),
        ("Alder Therapy Ltd", {"company_number": "09990002"}, Found.DIFFERS, "The number is 09990002."),
        ("Alder Therapy Ltd", {"accounts": {"overdue": True}}, Found.DIFFERS, "Overdue: its annual accounts."),
        ("Alder Therapy Ltd", {"has_insolvency_history": True}, Found.DIFFERS, "It has been insolvent."),
        (
            "Birch Therapy Ltd",
            {"previous_company_names": [{"name": "BIRCH THERAPY LIMITED", "ceased_on": "2020-01-01"}]},
            Found.DIFFERS,
            "Its earlier names include the provider’s.",
        ),
        ("Alder Therapy Ltd", {"accounts": None, "date_of_creation": None}, Found.MATCHES, "09990001: active."),
    ],
)
def test_name_number_and_status_are_compared_in_words(
    desk: Desk, legal_name: str, changes: dict[str, Any], result: Found, words: str
) -> None:
    desk.answers(**changes)
    entry = CompaniesHouse(KEY, desk.url).look_up("9990001")
    found, said = compare(entry, number="9990001", legal_name=legal_name)
    assert found is result
    assert words in said


@pytest.mark.row("3.7")
@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (401, {}, "did not accept the key"),
        (429, {"Retry-After": "90"}, "Try again in 2 minutes"),
        (429, {"Retry-After": "5"}, "Try again in a minute"),
        (429, {"Retry-After": "Wed, 25 Nov 2026 12:00:00 GMT"}, "Try again in 5 minutes"),
        (429, {}, "Try again in 5 minutes"),
        (500, {}, "out of order (answer 500)"),
        (503, {}, "out of order (answer 503)"),
        (302, {"Location": "http://127.0.0.1:9/"}, "out of order (answer 302)"),
    ],
)
def test_an_answer_that_is_none_says_what_to_do(desk: Desk, status: int, headers: dict[str, str], words: str) -> None:
    desk.answers(status, b"{}", headers)
    with pytest.raises(Unavailable) as unavailable:
        CompaniesHouse(KEY, desk.url).look_up("09990001")
    assert words in str(unavailable.value)
    assert KEY not in str(unavailable.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"company_number": "1"}', b'"text"', b"\xff\xfe"])
def test_an_answer_that_cannot_be_read_is_no_answer(desk: Desk, body: bytes) -> None:
    desk.answers(200, body)
    with pytest.raises(Unavailable, match="could not be read"):
        CompaniesHouse(KEY, desk.url).look_up("09990001")


def test_no_server_is_no_answer(desk: Desk) -> None:
    with pytest.raises(Unavailable, match="did not answer"):
        CompaniesHouse(KEY, "http://127.0.0.1:9").look_up("09990001")


def test_no_such_company_is_an_answer(desk: Desk) -> None:
    desk.answers(404, b'{"errors": [{"type": "ch:service", "error": "company-profile-not-found"}]}')
    entry = CompaniesHouse(KEY, desk.url).look_up("00000000")
    assert entry is None
    words = "No company has the number 00000000."
    assert compare(entry, number="00000000", legal_name="x") == (Found.NOT_FOUND, words)


def test_without_a_key_it_is_off(config: Settings) -> None:
    assert live_register(config) is None
    assert live_register(config.model_copy(update={"companies_house_key": KEY})) is not None


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.fixture
def item_id(db: Database, made: Hubs) -> UUID:
    with db.write() as session:
        return sent(session, made, "company_registration", reference="09990001")


@pytest.mark.row("3.7")
def test_a_checker_asks_and_the_answer_is_written_down_with_no_connection_held(
    db: Database, made: Hubs, item_id: UUID, desk: Desk, client_for: ClientFor, config: Settings
) -> None:
    client = client_for(made.cara)
    ask = f"/checks/{item_id}/registers/companies_house"
    assert client.post(f"{ask}/ask").status_code == 404, "off without a key"
    assert "Ask Companies House" not in client.get(ask).text
    live = config.model_copy(update={"companies_house_key": KEY, "companies_house_url": desk.url})
    client.app.state.settings = live  # type: ignore[attr-defined]
    assert "Ask Companies House" in client.get(ask).text
    desk.connections = db.engine.pool.checkedout  # type: ignore[attr-defined]
    desk.answers(429, b"{}", {"Retry-After": "60"})
    late = client.post(f"{ask}/ask")
    assert late.status_code == 409
    assert "asked too often" in late.text
    desk.answers(company_name="ALDER THERAPY")
    for _ in range(2):
        assert client.post(f"{ask}/ask").headers["location"] == f"/checks/{item_id}#registers"
    assert desk.held == [0, 0, 0]
    with db.read() as session:
        (look,) = queries.register_looks(session, item_id, NOON.date())
    assert (look.result, look.live, look.note.partition(":")[0]) == (Found.MATCHES, True, "ALDER THERAPY, 09990001")
    assert "Answered by the register itself" in client.get(f"/checks/{item_id}").text
    assert client.post(f"/checks/{item_id}/registers/ico/ask").status_code == 404
