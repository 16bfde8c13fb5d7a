"""Accounts through a browser's eyes: the real session, the real cookie, and the same answer for every stranger."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlmodel import select

from app.accounts import commands, rules
from app.accounts.models import Person, SignInSession
from app.accounts.rules import Attempt
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.main import create_app
from app.settings import Settings
from app.web.evenly import EVEN
from app.web.pages import plain
from tests.conftest import BROWSER, ClientFor, Clock
from tests.databases import statements
from tests.factories import organisation, seated
from tests.sealing import keyholder

EMAIL, PASSWORD = "ann@example.org", "tea ladder otter"
FORM = {"name": "Ann Example", "email": EMAIL, "password": PASSWORD, "next": "/"}


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


class Browsers:
    """As many browsers as a test wants, each with its own cookies, on the application as it is served."""

    def __init__(self, db: Database, config: Settings, blobs: Blobs, portal: BlockingPortal) -> None:
        self.db, self.config, self.blobs, self.portal = db, config, blobs, portal
        self.opened: list[TestClient] = []

    def open(self, **changes: Any) -> TestClient:
        app = create_app(
            self.db, config=self.config.model_copy(update=changes), blobs=self.blobs, keyholder=keyholder(self.db)
        )
        browser = TestClient(app, follow_redirects=False, headers=BROWSER)
        browser.portal = self.portal
        self.opened.append(browser)
        return browser


@pytest.fixture
def browsers(db: Database, config: Settings, blobs: Blobs, portal: BlockingPortal) -> Iterator[Browsers]:
    made = Browsers(db, config, blobs, portal)
    yield made
    for browser in made.opened:
        browser.close()


def add(db: Database, *, name: str = "Ann Example", email: str = EMAIL, note: str = "", confirmed: bool = True) -> None:
    with db.write() as session:
        commands.add_person(session, name=name, email=email, password=PASSWORD, note=note, confirmed=confirmed)


def sign_in(browser: TestClient, password: str = PASSWORD, onward: str = "/", email: str = EMAIL) -> Any:
    return browser.post("/sign-in", data={"email": email, "password": password, "next": onward})


def newest_mail(db: Database) -> tuple[str, str]:
    with db.read() as session:
        row = session.exec(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert row
        return plain(row.template, {**row.context, "public_url": "https://portal.example"})


def path_in(body: str) -> str:
    found = re.search(r"https://portal\.example(/\S+)", body)
    assert found
    return found[1]


def errors(html: str) -> list[str]:
    return [item.get_text(strip=True) for item in BeautifulSoup(html, "html.parser").select(".govuk-error-summary li")]


def heading(html: str) -> str:
    found = BeautifulSoup(html, "html.parser").find_all("h1")
    assert len(found) == 1
    return found[0].get_text(strip=True)


def refusal(html: str) -> str:
    found = BeautifulSoup(html, "html.parser").select_one(".portal-refusal p")
    return found.get_text(strip=True) if found else ""


def test_register_confirm_sign_in_and_out(db: Database, browsers: Browsers) -> None:
    browser = browsers.open()
    assert heading(browser.get("/register?next=/bids").text) == "Register"
    answer = browser.post("/register", data={**FORM, "email": "Ann@Example.org", "next": "/bids"})
    assert answer.headers["location"] == "/sent/registration"
    assert heading(browser.get("/sent/registration").text) == "Check your e-mail"

    refused = sign_in(browser)
    assert refused.status_code == 409
    assert refusal(refused.text) == rules.UNCONFIRMED.words
    again = BeautifulSoup(refused.text, "html.parser").select_one('form[action="/confirm"]')
    assert again
    assert browser.post("/confirm", data={"email": EMAIL, "next": "/bids"}).headers["location"] == "/sent/confirmation"

    subject, body = newest_mail(db)
    assert subject == "Confirm your e-mail address"
    link = path_in(body)
    shown = browser.get(link)
    assert heading(shown.text) == "Confirm your e-mail address"
    with db.read() as session:
        assert session.exec(select(Person.confirmed_at)).one() is None, "looking does not confirm"
    form = BeautifulSoup(shown.text, "html.parser").select_one('form[action^="/confirm/"]')
    assert form
    onward = form.select_one('input[name="next"]')
    assert onward
    for _ in range(2):
        confirmed = browser.post(form["action"], data={"next": onward["value"]})
        assert confirmed.headers["location"] == "/sign-in?done=confirmed&next=/bids"
    assert browser.get(link).status_code == 404, "it worked once"

    answer = sign_in(browser, onward="/bids")
    assert (answer.status_code, answer.headers["location"]) == (303, "/bids")
    account = browser.get("/account")
    assert heading(account.text) == "Your account"
    assert "Ann Example" in account.text
    assert browser.post("/sign-out").headers["location"] == "/sign-in?done=signed-out"
    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"
    assert browser.post("/sign-out").status_code == 303, "a second click"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Enter your full name"),
        ({"name": "Ann\x07"}, "A name is one line of letters"),
        ({"email": ""}, "Enter your e-mail address"),
        ({"email": "ann"}, "Enter an e-mail address in the right form, like name@example.org"),
        ({"password": "short"}, "The password must be 12 characters or more"),
        ({"password": EMAIL}, "The password must not be your e-mail address"),
        (
            {"password": "password1234"},
            "Choose a password that is harder to guess: three random words work well",
        ),
    ],
)
def test_a_wrong_registration_says_so_beside_the_field_and_keeps_what_was_typed(
    db: Database, browsers: Browsers, changed: dict[str, str], words: str
) -> None:
    answer = browsers.open().post("/register", data={**FORM, "name": "Ann Kept", **changed})
    assert answer.status_code == 422
    assert errors(answer.text) == [words]
    assert "name" in changed or 'value="Ann Kept"' in answer.text
    assert PASSWORD not in answer.text
    with db.read() as session:
        assert session.exec(select(Person)).all() == []


ASKING = pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-in", {"password": "not the password", "next": "/"}),
        ("/forgotten-password", {}),
        ("/register", {"name": "Mallory Example", "password": "rain window fable", "next": "/"}),
        ("/confirm", {"next": "/"}),
    ],
)


@pytest.mark.bar("S10")
@ASKING
def test_a_stranger_learns_nothing_of_who_has_an_account(
    db: Database, browsers: Browsers, path: str, form: dict[str, str]
) -> None:
    """The same status, place and bytes for a known and an unknown address, and the same limit."""
    add(db)
    browser = browsers.open()

    def ask(email: str) -> tuple[int, str, str]:
        answer = browser.post(path, data={**form, "email": email})
        text = re.sub(r"[0-9a-f]{16}", "", answer.text).replace(email, "EMAIL")
        return answer.status_code, answer.headers.get("location", ""), text

    for _ in range(rules.PER_ADDRESS[Attempt.SIGN_IN].tries + 1):
        known, unknown = ask(EMAIL), ask("eve@example.org")
        assert known == unknown
    assert known[0] == 409
    assert "There have been too many tries" in known[2]


@pytest.mark.bar("S10")
@ASKING
@pytest.mark.parametrize("known", [True, False])
def test_the_time_of_an_answer_tells_nothing_either(
    db: Database, browsers: Browsers, path: str, form: dict[str, str], known: bool
) -> None:
    """Nobody's answer comes before the moment at which everybody's does; `make bench` measures that they come together."""
    if known:
        add(db, confirmed=path != "/confirm")
    browser, began = browsers.open(), time.monotonic()
    browser.post(path, data={**form, "email": EMAIL})
    assert time.monotonic() - began >= EVEN


@pytest.mark.bar("S10")
def test_guessing_is_slowed_and_a_right_password_is_refused_too(db: Database, browsers: Browsers, clock: Clock) -> None:
    add(db)
    browser = browsers.open()
    for _ in range(rules.PER_ADDRESS[Attempt.SIGN_IN].tries):
        wrong = sign_in(browser, "not the password")
        assert wrong.status_code == 422
        assert errors(wrong.text) == [rules.WRONG.words]
        assert f'value="{EMAIL}"' in wrong.text
    refused = sign_in(browser)
    assert refused.status_code == 409
    assert refusal(refused.text) == "There have been too many tries. Try again after 12:16."
    clock.forward(minutes=15)
    assert sign_in(browser).status_code == 303


@pytest.mark.parametrize("onward", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"])
def test_the_way_onward_stays_here(db: Database, browsers: Browsers, onward: str) -> None:
    add(db)
    browser = browsers.open()
    assert "evil" not in browser.get("/sign-in", params={"next": onward}).text
    assert sign_in(browser, onward=onward).headers["location"] == "/"
    assert browser.get("/sign-in", params={"next": onward}).headers["location"] == "/"
    assert browser.get("/register", params={"next": onward}).headers["location"] == "/"


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_is_new_at_each_sign_in(
    db: Database, browsers: Browsers
) -> None:
    add(db)
    browser = browsers.open(public_url="https://portal.example")
    first = sign_in(browser).headers["set-cookie"]
    assert first.startswith("__Host-session=")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(first.split("; "))
    assert "Domain" not in first
    plain_browser = browsers.open()
    sign_in(plain_browser)
    before = plain_browser.cookies["session"]
    sign_in(plain_browser)
    assert plain_browser.cookies["session"] != before
    stale = browsers.open()
    stale.cookies.set("session", before)
    assert stale.get("/account").status_code == 303, "signing in again ended the session this browser held"


def test_a_forgotten_password(db: Database, browsers: Browsers) -> None:
    add(db)
    elsewhere, browser = browsers.open(), browsers.open()
    sign_in(elsewhere)
    assert heading(browser.get("/forgotten-password").text) == "Forgotten password"
    assert browser.post("/forgotten-password", data={"email": "x"}).status_code == 422
    assert browser.post("/forgotten-password", data={"email": EMAIL}).headers["location"] == "/sent/reset"
    link = path_in(newest_mail(db)[1])
    assert heading(browser.get(link).text) == "Choose a new password"
    weak = browser.post(link, data={"password": EMAIL})
    assert weak.status_code == 422
    assert errors(weak.text) == ["The password must not be your e-mail address"]
    assert errors(browser.post(link, data={}).text) == ["Enter a new password"]
    done = browser.post(link, data={"password": "rain window fable"})
    assert done.headers["location"] == "/sign-in?done=reset"
    assert "every session has ended" in browser.get(done.headers["location"]).text
    assert elsewhere.get("/account").status_code == 303
    for answer in (browser.get(link), browser.post(link, data={"password": "rain window fable"})):
        assert answer.status_code == 404
        assert heading(answer.text) == "This link does not work"
        assert 'href="/forgotten-password"' in answer.text
    assert newest_mail(db)[0] == "Your password was changed"
    assert sign_in(browser).status_code == 422
    assert sign_in(browser, "rain window fable").status_code == 303


@pytest.mark.parametrize("path", ["/confirm/none", "/reset-password/none"])
def test_a_link_nobody_was_sent(browsers: Browsers, path: str) -> None:
    browser = browsers.open()
    assert browser.get(path).status_code == 404
    assert browser.post(path, data={"password": "rain window fable"}).status_code == 404


def test_the_account_page_lists_sessions_and_ends_them(db: Database, browsers: Browsers) -> None:
    add(db)
    here, there, third = browsers.open(), browsers.open(), browsers.open()
    for browser in (here, there, third):
        sign_in(browser)
    soup = BeautifulSoup(here.get("/account").text, "html.parser")
    rows = soup.select("tbody tr")
    assert len(rows) == 3
    assert [("This one" in row.get_text()) for row in rows].count(True) == 1
    others = [row.select_one("form")["action"] for row in rows if "This one" not in row.get_text()]
    for _ in range(2):
        assert here.post(others[0]).headers["location"] == "/account?done=ended"
    assert sorted([there.get("/account").status_code, third.get("/account").status_code]) == [200, 303]
    assert here.post("/account/sessions/end-others").status_code == 303
    assert [b.get("/account").status_code for b in (here, there, third)] == [200, 303, 303]


def test_another_persons_session_is_not_found(db: Database, browsers: Browsers) -> None:
    add(db)
    add(db, name="Bob Example", email="bob@example.org")
    ann, bob = browsers.open(), browsers.open()
    sign_in(ann)
    sign_in(bob, email="bob@example.org")
    with db.read() as session:
        bobs = session.exec(
            select(SignInSession.id)
            .join(Person, SignInSession.person_id == Person.id)
            .where(Person.name == "Bob Example")
        ).one()
    foreign = ann.post(f"/account/sessions/{bobs}/end")
    missing = ann.post("/account/sessions/01934e6e-0000-7000-8000-000000000000/end")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert bob.get("/account").status_code == 200


def test_changing_the_password_keeps_this_session_alone(db: Database, browsers: Browsers) -> None:
    add(db)
    here, there = browsers.open(), browsers.open()
    sign_in(here)
    sign_in(there)
    wrong = here.post("/account/password", data={"current": "not the password", "password": "rain window fable"})
    assert (wrong.status_code, errors(wrong.text)) == (422, ["This is not your password as it is now"])
    weak = here.post("/account/password", data={"current": PASSWORD, "password": "short"})
    assert (weak.status_code, errors(weak.text)) == (422, ["The password must be 12 characters or more"])
    done = here.post("/account/password", data={"current": PASSWORD, "password": "rain window fable"})
    assert done.headers["location"] == "/account?done=password"
    assert [b.get("/account").status_code for b in (here, there)] == [200, 303]
    assert newest_mail(db)[0] == "Your password was changed"


def test_where_one_belongs_is_on_the_account_page(db: Database, client_for: ClientFor) -> None:
    with db.write() as session:
        actor = seated(session, organisation(session, "provider", "Alder Therapy"), "owner", "bids")
    page = client_for(actor).get("/account").text
    assert "Alder Therapy</a>: owner, bids" in page
    nobodys = client_for(Actor(actor.person_id, "Ann", EMAIL)).get("/account").text
    assert "You do not belong to an organisation yet" in nobodys


def test_the_door_reads_once(db: Database, browsers: Browsers) -> None:
    add(db)
    browser = browsers.open()
    sign_in(browser)
    with statements(db) as sent:
        assert browser.get("/sent/reset").status_code == 200, "a page that reads nothing of its own"
    assert len(sent) == 1, "the person with their seats"


# --- The demonstration


def test_the_demonstration_lets_one_step_into_a_persona(db: Database, browsers: Browsers) -> None:
    add(db, name="Petra Persona", email="petra@example.org", note="Providers: sole therapist in Leeds, about to bid")
    add(db)
    browser = browsers.open(demonstration=True)
    soup = BeautifulSoup(browser.get("/sign-in").text, "html.parser")
    assert [h3.get_text() for h3 in soup.find_all("h3")] == ["Providers"]
    cards = soup.select(".portal-personas li")
    assert [card.get_text(" ", strip=True) for card in cards] == ["Petra Persona Sole therapist in Leeds, about to bid"]
    person_id = cards[0].select_one('input[name="person_id"]')["value"]
    answer = browser.post("/demonstration/step-in", data={"person_id": person_id})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "petra@example.org" in browser.get("/account").text
    assert browser.get("/sign-in").status_code == 200, "one can step on into another's shoes"


def test_stepping_in_is_for_personas_of_a_demonstration_alone(db: Database, browsers: Browsers) -> None:
    add(db, name="Petra Persona", email="petra@example.org", note="Providers: about to bid")
    add(db)
    with db.read() as session:
        ids = {person.name: person.id for person in session.exec(select(Person))}
    real, shown = browsers.open(), browsers.open(demonstration=True)
    assert real.post("/demonstration/step-in", data={"person_id": str(ids["Petra Persona"])}).status_code == 404
    assert "Petra" not in real.get("/sign-in").text
    for wrong in (str(ids["Ann Example"]), "01934e6e-0000-7000-8000-000000000000", "x", ""):
        assert shown.post("/demonstration/step-in", data={"person_id": wrong}).status_code == 404
    assert shown.get("/account").status_code == 303


def test_a_demonstration_cannot_be_switched_on_in_production(tmp_path: Path) -> None:
    safe = {
        "environment": "production",
        "secret_key": "k" * 40,
        "document_keys": "2027:" + "A" * 43 + "=",
        "receipt_keys": "2027:" + "A" * 43 + "=",
        "keyholder_token": "t" * 40,
        "public_url": "https://portal.example",
        "allowed_hosts": "portal.example",
        "mail_url": "smtp://mail.example:25",
    }
    assert Settings(**safe).production
    with pytest.raises(ValidationError, match="PORTAL_DEMONSTRATION is on"):
        Settings(**safe, demonstration=True)


def test_pages_for_strangers_have_one_heading(client_for: ClientFor) -> None:
    client = client_for(NOBODY)
    for path in ("/sign-in", "/register", "/forgotten-password", "/sent/reset", "/sent/confirmation"):
        assert heading(client.get(path).text)
    assert client.get("/sent/elsewhere").status_code == 404
